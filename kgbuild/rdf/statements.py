"""Statements: what they say, and what the documents make of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import pyoxigraph as ox

from kgbuild.iris import KGB, WIKIBASE, Iris, entity_iri
from kgbuild.rdf.properties import property_forms
from kgbuild.rdf.terms import BEST_RANK, TYPE, Pairs, node, score
from kgbuild.rdf.values import simple_value, value_pairs
from kgbuild.records import DocumentFacts, Evidence, Statement

_STATEMENT = node(WIKIBASE + "Statement")
_CLAIM, _CONFIDENCE, _WITNESSES = (node(KGB + name) for name in ("claim", "confidence", "witnesses"))
_RANK, _PREFERRED, _NORMAL = (node(WIKIBASE + name) for name in ("rank", "PreferredRank", "NormalRank"))


class Said(NamedTuple):
    """A statement with its claim key."""

    claim: str
    statement: Statement


def statement_iri(statement: Statement, iris: Iris) -> str:
    """The IRI of a statement."""
    return iris.statement(statement.subject, statement.property, statement.value, statement.qualifiers)


def statements_by_iri(facts: DocumentFacts, iris: Iris) -> dict[str, Said]:
    """The statements of a document, each once, with one evidence for each span that says it.

    Of several extractors' evidence in one span the surest is kept. ValueError, which names the
    document, for a statement that no sentence says.
    """
    found: dict[str, Said] = {}
    for statement in facts.statements:
        claim = iris.claim(statement.subject, statement.property, statement.value)
        iri = iris.qualified(claim, statement.qualifiers)
        earlier = found[iri].statement.evidence if iri in found else ()
        evidence = _best_each((*earlier, *statement.evidence))
        if not evidence:
            raise ValueError(f"{facts.document.uri}: no evidence for {statement}")
        same = evidence == statement.evidence
        found[iri] = Said(claim, statement if same else replace(statement, evidence=evidence))
    return found


def statement_quads(iri: str, said: Said, iris: Iris) -> Iterator[ox.Quad]:
    """What a statement says, whoever supports it; confidence and rank come from `support_pairs`."""
    statement = said.statement
    graph = node(iris.graph("statements"))
    forms = property_forms(statement.property, iris)
    subject = node(iri)
    yield ox.Quad(node(entity_iri(statement.subject)), forms.claim, subject, graph)
    yield ox.Quad(subject, TYPE, _STATEMENT, graph)
    yield ox.Quad(subject, _CLAIM, ox.Literal(said.claim), graph)
    values = [(forms.statement, forms.statement_value, statement.value)]
    for pid, value in statement.qualifiers:
        qualifier = property_forms(pid, iris)
        values.append((qualifier.qualifier, qualifier.qualifier_value, value))
    for simple, full, value in values:
        yield ox.Quad(subject, simple, simple_value(value), graph)
        pairs = value_pairs(value)
        if pairs:
            value_node = node(iris.value(value))
            yield ox.Quad(subject, full, value_node, graph)
            yield from (ox.Quad(value_node, predicate, term, graph) for predicate, term in pairs)


def support_pairs(confidence: float, witnesses: int, *, preferred: bool, best: bool) -> Pairs:
    """What the documents together make of a statement: confidence, independent documents, and rank."""
    pairs: Pairs = [
        (_CONFIDENCE, score(confidence)),
        (_WITNESSES, ox.Literal(witnesses)),
        (_RANK, _PREFERRED if preferred else _NORMAL),
    ]
    return [*pairs, (TYPE, BEST_RANK)] if best else pairs


def _best_each(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """One evidence for each span: the surest, whichever extractor read it."""
    chosen: dict[tuple[int, int], Evidence] = {}
    evidence = tuple(evidence)
    if len(evidence) == 1:
        return evidence
    for each in sorted(evidence, key=lambda each: (-each.score, each.extractor)):
        chosen.setdefault((each.start, each.end), each)
    return tuple(chosen.values())

"""Statements: what they say, and what the documents make of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pyoxigraph as ox

from kgbuild.iris import KGB, WIKIBASE, Iris, entity_iri
from kgbuild.rdf.properties import property_forms
from kgbuild.rdf.terms import BEST_RANK, TYPE, Pairs, node, score
from kgbuild.rdf.values import simple_value, value_pairs
from kgbuild.records import DocumentFacts, Evidence, Statement


def statement_iri(statement: Statement, iris: Iris) -> str:
    """The IRI of a statement."""
    return iris.statement(statement.subject, statement.property, statement.value, statement.qualifiers)


def statements_by_iri(facts: DocumentFacts, iris: Iris) -> dict[str, Statement]:
    """The statements of a document, each once, with one evidence for each span that says it.

    Of several extractors' evidence in one span the surest is kept. ValueError, which names the
    document, for a statement that no sentence says.
    """
    found: dict[str, Statement] = {}
    for statement in facts.statements:
        iri = statement_iri(statement, iris)
        earlier = found[iri].evidence if iri in found else ()
        evidence = _best_each((*earlier, *statement.evidence))
        if not evidence:
            raise ValueError(f"{facts.document.uri}: no evidence for {statement}")
        found[iri] = replace(statement, evidence=evidence)
    return found


def statement_quads(statement: Statement, iris: Iris) -> Iterator[ox.Quad]:
    """What a statement says, whoever supports it; confidence and rank come from `support_pairs`."""
    graph = node(iris.graph("statements"))
    forms = property_forms(statement.property, iris)
    subject = node(statement_iri(statement, iris))
    yield ox.Quad(node(entity_iri(statement.subject)), forms.claim, subject, graph)
    yield ox.Quad(subject, TYPE, node(WIKIBASE + "Statement"), graph)
    claim = iris.claim(statement.subject, statement.property, statement.value)
    yield ox.Quad(subject, node(KGB + "claim"), ox.Literal(claim), graph)
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
    rank = "PreferredRank" if preferred else "NormalRank"
    pairs: Pairs = [
        (node(KGB + "confidence"), score(confidence)),
        (node(KGB + "witnesses"), ox.Literal(witnesses)),
        (node(WIKIBASE + "rank"), node(WIKIBASE + rank)),
    ]
    return [*pairs, (TYPE, BEST_RANK)] if best else pairs


def _best_each(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """One evidence for each span: the surest, whichever extractor read it."""
    chosen: dict[tuple[int, int], Evidence] = {}
    for each in sorted(evidence, key=lambda each: (-each.score, each.extractor)):
        chosen.setdefault((each.start, each.end), each)
    return tuple(chosen.values())

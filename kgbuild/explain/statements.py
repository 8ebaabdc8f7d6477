"""Statements with each sentence that says them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kgbuild.explain.names import Named, labels
from kgbuild.graph.rows import rows
from kgbuild.iris import DCTERMS, KGB, OA, WD, WIKIBASE, Iris, entity_id
from kgbuild.protocols import Store
from kgbuild.stores.update import values

_UNITLESS = WD + "Q199"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that says a statement, with its place in the document and the extractor's score.

    Where a knowledge base had its say, `read` is the score without it, and `told` what it tells: "the
    same" value, or "others".
    """

    document: str
    title: str
    start: int
    end: int
    quote: str
    score: float
    extractor: str
    read: float | None = None
    told: str = ""


@dataclass(frozen=True, slots=True)
class ExplainedStatement:
    """A statement, how sure the documents make it, and the sentences that say it, surest first."""

    iri: str
    subject: Named
    property: Named
    value: Named
    confidence: float
    rank: str
    evidence: tuple[Sentence, ...]


def explain_statements(
    store: Store, statements: Iterable[str], *, iris: Iris
) -> dict[str, ExplainedStatement]:
    """These statements by IRI, each with the sentences that say it; those that are not there left out."""
    listed = sorted(set(statements))
    found = matching(store, values("?statement", listed), iris) if listed else ()
    return {each.iri: each for each in found}


def matching(store: Store, pattern: str, iris: Iris) -> Iterator[ExplainedStatement]:
    """The statements that a pattern finds, surest first."""
    claims, told = f"<{iris.graph('statements')}>", f"<{iris.graph('entities')}>"
    query = f"""SELECT DISTINCT ?statement ?subject ?property ?value ?confidence ?rank
        ?precision ?date ?unit {{
      GRAPH {claims} {{ {pattern} ?statement <{KGB}confidence> ?confidence ; <{WIKIBASE}rank> ?rank .
        ?subject ?claim ?statement }}
      GRAPH {told} {{ ?property <{WIKIBASE}claim> ?claim ; <{WIKIBASE}statementProperty> ?simple ;
        <{WIKIBASE}statementValue> ?full }}
      GRAPH {claims} {{ ?statement ?simple ?value }}
      OPTIONAL {{ GRAPH {claims} {{ ?statement ?full ?node }}
        OPTIONAL {{ GRAPH {claims} {{ ?node <{WIKIBASE}timePrecision> ?precision }} }}
        OPTIONAL {{ GRAPH {claims} {{ ?node <{KGB}date> ?date }} }}
        OPTIONAL {{ GRAPH {claims} {{ ?node <{WIKIBASE}quantityUnit> ?unit }} }} }} }}"""
    found = sorted(rows(store, query), key=lambda row: (-float(row[4]), row[0]))
    names = labels(store, {iri for row in found for iri in (row[1], row[2], row[3], row[8])})
    sentences = _sentences(store, [row[0] for row in found])
    for statement, subject, property_iri, value, confidence, rank, precision, date, unit in found:
        if precision:
            shown = Named("", date or _vague(value, int(precision)))
        elif unit:
            shown = Named("", value if unit == _UNITLESS else f"{value} {names[unit]}")
        else:
            shown = Named(entity_id(value) if value in names else "", names.get(value, value))
        yield ExplainedStatement(
            iri=statement,
            subject=Named(entity_id(subject), names[subject]),
            property=Named(entity_id(property_iri), names[property_iri]),
            value=shown,
            confidence=float(confidence),
            rank=rank.removeprefix(WIKIBASE).removesuffix("Rank").lower(),
            evidence=tuple(sentences[statement]),
        )


def _sentences(store: Store, statements: Iterable[str]) -> defaultdict[str, list[Sentence]]:
    """The evidence for statements, surest first."""
    query = f"""SELECT ?statement ?document ?title ?start ?end ?quote ?score ?extractor ?read ?told {{
      {values("?statement", statements)}
      GRAPH ?document {{ ?evidence <{KGB}supports> ?statement ; <{OA}hasSource> ?document ;
        <{KGB}score> ?score ; <{KGB}extractor> ?extractor ; <{OA}hasSelector> ?selector .
        ?selector <{OA}start> ?start ; <{OA}end> ?end ; <{OA}exact> ?quote .
        OPTIONAL {{ ?document <{DCTERMS}title> ?title }}
        OPTIONAL {{ ?evidence <{KGB}readScore> ?read ; <{KGB}knowledge> ?told }} }} }}"""
    found: defaultdict[str, list[Sentence]] = defaultdict(list)
    for statement, document, title, start, end, quote, score, extractor, read, told in rows(store, query):
        alone = float(read) if read else None
        found[statement].append(
            Sentence(document, title, int(start), int(end), quote, float(score), extractor, alone, told)
        )
    for each in found.values():
        each.sort(key=lambda sentence: (-sentence.score, sentence.document, sentence.start))
    return found


def _vague(moment: str, precision: int) -> str:
    """A date of which not even the year is known, by Wikidata's precision.

    >>> _vague("1910-01-01T00:00:00Z", 8), _vague("1900-01-01T00:00:00Z", 7)
    ('1910s', '19th century')
    """
    year = int(re.match(r"-?\d+", moment)[0])  # type: ignore[index]
    if precision >= 8:
        return f"{year // 10 * 10}s"
    number = -(-year // 100) if year > 0 else -(year // 100)
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")
    return f"{number}{ending} century{'' if year > 0 else ' BCE'}"

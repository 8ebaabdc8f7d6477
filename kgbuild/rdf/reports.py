"""Validation reports as SHACL has them, and the statements that they keep out of the graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pyoxigraph as ox

from kgbuild.iris import KGB, OA, RDF, SH, Iris, digest, entity_iri
from kgbuild.rdf.properties import property_forms
from kgbuild.rdf.statements import statement_iri
from kgbuild.rdf.terms import TYPE, Pairs, Term, node, score, text
from kgbuild.rdf.values import simple_value
from kgbuild.records import Quarantined, ShapeResult

_POSITION, _QUOTE, _START, _END, _EXACT = (
    node(OA + name) for name in ("TextPositionSelector", "TextQuoteSelector", "start", "end", "exact")
)


def report_quads(results: Sequence[ShapeResult], *, about: str, graph: str, iris: Iris) -> Iterator[ox.Quad]:
    """A `sh:ValidationReport` on a document, or on whatever else has the IRI `about`."""
    name, report = node(graph), node(iris.report(about))
    yield ox.Quad(report, TYPE, node(SH + "ValidationReport"), name)
    yield ox.Quad(report, node(SH + "conforms"), ox.Literal(not results), name)
    for each in results:
        subject = _result(each, about, iris)
        yield ox.Quad(report, node(SH + "result"), subject, name)
        yield from (ox.Quad(subject, predicate, term, name) for predicate, term in _result_pairs(each))


def quarantine_quads(uri: str, kept: Sequence[Quarantined], iris: Iris) -> Iterator[ox.Quad]:
    """What a document says that shapes forbid: each statement with its sentences, and the report."""
    if not kept:
        return
    graph = node(uri)
    results = sorted({result for each in kept for result in each.results})
    yield from report_quads(results, about=uri, graph=uri, iris=iris)
    for each in kept:
        statement = each.statement
        about = statement_iri(statement, iris)
        subject = node(iris.quarantined(uri, about))
        pairs: Pairs = [
            (TYPE, node(KGB + "QuarantinedStatement")),
            (node(KGB + "statement"), node(about)),
            (node(RDF + "subject"), node(entity_iri(statement.subject))),
            (node(RDF + "predicate"), property_forms(statement.property, iris).direct),
            (node(RDF + "object"), simple_value(statement.value)),
            (node(KGB + "score"), score(max(evidence.score for evidence in statement.evidence))),
            (node(OA + "hasSource"), graph),
        ]
        pairs += [(node(KGB + "violates"), _result(result, uri, iris)) for result in each.results]
        for evidence in statement.evidence:
            selector = node(iris.mention(uri, evidence.start, evidence.end))
            pairs.append((node(OA + "hasSelector"), selector))
            yield from selector_quads(selector, evidence.start, evidence.end, evidence.quote, graph=graph)
        yield from (ox.Quad(subject, predicate, term, graph) for predicate, term in pairs)


def selector_quads(
    selector: ox.NamedNode, start: int, end: int, quote: str, *, graph: ox.NamedNode
) -> Iterable[ox.Quad]:
    """Where a quote stands in a document, as Web Annotation has it."""
    return (
        ox.Quad(selector, TYPE, _POSITION, graph),
        ox.Quad(selector, TYPE, _QUOTE, graph),
        ox.Quad(selector, _START, ox.Literal(start), graph),
        ox.Quad(selector, _END, ox.Literal(end), graph),
        ox.Quad(selector, _EXACT, text(quote), graph),
    )


def _result(result: ShapeResult, about: str, iris: Iris) -> ox.NamedNode:
    parts = (result.focus, result.path, result.value, result.shape, result.component, result.message)
    return node(f"{iris.report(about)}/{digest(*parts)}")


def _result_pairs(result: ShapeResult) -> Pairs:
    pairs: Pairs = [
        (TYPE, node(SH + "ValidationResult")),
        (node(SH + "focusNode"), node(result.focus)),
        (node(SH + "resultSeverity"), node(SH + result.severity)),
        (node(SH + "sourceConstraintComponent"), node(result.component)),
        (node(SH + "sourceShape"), node(result.shape)),
    ]
    if result.path:
        pairs.append((node(SH + "resultPath"), node(result.path)))
    if result.value:
        pairs.append((node(SH + "value"), read_term(result.value)))
    if result.message:
        pairs.append((node(SH + "resultMessage"), text(result.message)))
    return pairs


def read_term(written: str) -> Term:
    """An IRI or literal that is written in N-Triples.

    >>> print(read_term('"Ulm"@de'))
    "Ulm"@de
    """
    [quad] = ox.parse(f"<urn:x> <urn:x> {written} .", format=ox.RdfFormat.N_TRIPLES)
    if not isinstance(quad.object, ox.NamedNode | ox.Literal):
        raise ValueError(f"{written} is neither an IRI nor a literal")
    return quad.object

"""What a document says, and what a store holds, set against shapes.

A document is checked on its own, before it is merged: whether one of its statements is kept out must
not depend on which other documents were read before. What documents say together is checked over
the whole store, when a person asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from itertools import islice

import pyoxigraph as ox

from kgbuild.graph.merge import recomputed
from kgbuild.graph.rows import graph_quads, rows
from kgbuild.graph.scope import Scope
from kgbuild.graph.versions import Earlier, Turn, version_of
from kgbuild.iris import KGB, WDT, WIKIBASE, Iris, entity_iri
from kgbuild.ontology import Ontology
from kgbuild.protocols import Store
from kgbuild.rdf import (
    INSTANCE_OF,
    node,
    property_forms,
    simple_value,
    statement_iri,
    value_pairs,
)
from kgbuild.records import DocumentFacts, Quarantined, Rejection, ShapeResult, Statement
from kgbuild.shapes import Shapes
from kgbuild.stores.oxigraph import OxigraphStore
from kgbuild.stores.update import values

STAGE = "quarantine"
VIOLATION = "Violation"
_SUBJECTS = 500
"""Subjects of which the statements are checked at once."""
_AT_ONCE = 1000
"""Nodes that one query asks about."""


def check(facts: DocumentFacts, shapes: Shapes, *, ontology: Ontology, iris: Iris) -> DocumentFacts:
    """The document without the statements that violate a shape; those are quarantined, and counted.

    A result about a statement, or about a value node, keeps that statement out; one about an entity
    keeps out its statements with the property and value that the result names, or all of them.
    """
    if not facts.statements:
        return facts
    try:
        data = list(_data(facts, ontology, iris))
    except ValueError:  # the facts are inconsistent: merging refuses the document, and says why
        return facts
    broken: defaultdict[Statement, list[ShapeResult]] = defaultdict(list)
    for result in shapes.results(data):
        if result.severity == VIOLATION:
            for statement in _meant(result, facts.statements, iris):
                broken[statement].append(result)
    kept = tuple(Quarantined(each, tuple(broken[each])) for each in facts.statements if each in broken)
    return replace(
        facts,
        statements=tuple(each for each in facts.statements if each not in broken),
        quarantined=(*facts.quarantined, *kept),
        rejections=(*facts.rejections, *(_rejection(facts, each) for each in kept)),
    )


def validate(store: Store, shapes: Shapes, iris: Iris) -> Iterator[ShapeResult]:
    """What is wrong in a whole store, some hundred subjects at a time, sorted by subject.

    Shapes see the subjects' statements, and those of the items that these name.
    """
    query = f"""SELECT DISTINCT ?subject {{ GRAPH {node(iris.graph("statements"))} {{
      ?subject ?claim ?statement . ?statement a <{WIKIBASE}Statement> }} }} ORDER BY STR(?subject)"""
    subjects = (iri for (iri,) in list(rows(store, query)))
    while some := set(islice(subjects, _SUBJECTS)):
        quads = _about(store, some, iris)
        objects = {
            quad.object.value
            for quad in quads
            if quad.predicate.value.startswith(WDT) and isinstance(quad.object, ox.NamedNode)
        }
        own = some | {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}
        found = shapes.results(quads | _about(store, objects - some, iris))
        yield from (result for result in found if result.focus in own)


def _data(facts: DocumentFacts, ontology: Ontology, iris: Iris) -> Iterator[ox.Quad]:
    """What would be in a store that had read this document only, ranks included."""
    scope = Scope(OxigraphStore(), replace(ontology, rules=()), iris)
    turn = Turn(facts.document.uri, Earlier(), version_of(facts, "en", iris))
    whole = (scope.graph("statements"), scope.graph("truthy"))
    for quad in recomputed(scope, [turn]).add:
        if quad.graph_name in whole or quad.predicate == INSTANCE_OF:
            yield quad


def _meant(result: ShapeResult, statements: Sequence[Statement], iris: Iris) -> Iterator[Statement]:
    """The statements of a document that a result is about."""
    exact = [each for each in statements if statement_iri(each, iris) == result.focus]
    exact = exact or [each for each in statements if result.focus in _nodes(each, iris)]
    of = [each for each in statements if entity_iri(each.subject) == result.focus]
    path = [
        each
        for each in of
        if result.path
        in (property_forms(each.property, iris).direct.value, property_forms(each.property, iris).claim.value)
    ]
    value = [each for each in path if str(simple_value(each.value)) == result.value]
    yield from exact or value or path or of


def _nodes(statement: Statement, iris: Iris) -> set[str]:
    """The value nodes of a statement and of its qualifiers."""
    every = (statement.value, *(value for _, value in statement.qualifiers))
    return {iris.value(value) for value in every if value_pairs(value)}


def _rejection(facts: DocumentFacts, kept: Quarantined) -> Rejection:
    """What the build report counts."""
    statement, result = kept.statement, kept.results[0]
    value = simple_value(statement.value).value
    told = f"{statement.subject} · {statement.property} · {value}: {result.message}"
    return Rejection(STAGE, facts.document.id, f"shape {result.shape.removeprefix(KGB)}", told)


def _about(store: Store, subjects: Set[str], iris: Iris) -> set[ox.Quad]:
    """Statements, value nodes, direct triples and types of these subjects."""
    graph, truthy, told = (iris.graph(name) for name in ("statements", "truthy", "entities"))
    claims = _told(store, subjects, graph)
    statements = _told(store, _objects(claims), graph)
    nodes = {iri for iri in _objects(statements) if iri.startswith(f"{iris.base}value/")}
    found = claims | statements | _told(store, nodes, graph) | _told(store, subjects, truthy)
    return found | {quad for quad in _told(store, subjects, told) if quad.predicate == INSTANCE_OF}


def _told(store: Store, subjects: Set[str], graph: str) -> set[ox.Quad]:
    """What a graph says of these subjects."""
    found: set[ox.Quad] = set()
    listed, name = sorted(subjects), node(graph)
    for start in range(0, len(listed), _AT_ONCE):
        some = values("?subject", listed[start : start + _AT_ONCE])
        query = f"SELECT ?subject ?predicate ?term {{ {some} GRAPH {name} {{ ?subject ?predicate ?term }} }}"
        found |= graph_quads(store, query, name)
    return found


def _objects(quads: Set[ox.Quad]) -> set[str]:
    return {quad.object.value for quad in quads if isinstance(quad.object, ox.NamedNode)}

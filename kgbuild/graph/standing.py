"""Statements as the store has them: read for those that a document touches, never for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from kgbuild.facts.merge import NOT_SAID, Belief, Support
from kgbuild.graph.rows import graph_quads, rows
from kgbuild.graph.scope import Scope
from kgbuild.iris import KGB, OA, WIKIBASE, XSD, Iris, entity_id
from kgbuild.protocols import Pattern, Store
from kgbuild.rdf import BEST_RANK, TYPE, Term, node, property_forms, read_moment
from kgbuild.records import TimeValue
from kgbuild.stores.update import values

_MOMENT, _NUMBER = (node(XSD + name) for name in ("dateTime", "decimal"))
_CLAIM, _CONFIDENCE, _WITNESSES, _SUPPORTS, _SCORE, _SKETCH = (
    node(KGB + name) for name in ("claim", "confidence", "witnesses", "supports", "score", "sketch")
)
_RANK, _PREFERRED, _PRECISION = (node(WIKIBASE + name) for name in ("rank", "PreferredRank", "timePrecision"))
_SOURCE, _SELECTOR, _EXACT = (node(OA + name) for name in ("hasSource", "hasSelector", "exact"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement belongs: its claim key, its subject's IRI and its property's id.

    `has_node` says that its simple value does not tell it from every other claim: a dateTime may
    stand for a year, and a number lacks its unit.
    """

    claim: str
    subject: str
    property: str
    has_node: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A statement's place and simple value, and what the documents together make of it.

    `moment` is the value of a date, which the simple value alone does not tell.
    """

    place: Place
    value: Term
    moment: TimeValue | None = None
    belief: Belief = NOT_SAID
    preferred: bool = False
    best: bool = True


def place(claim: str, subject: str, pid: str, value: Term) -> Place:
    """The place of a statement with this simple value."""
    has_node = isinstance(value, ox.Literal) and value.datatype in (_MOMENT, _NUMBER)
    return Place(claim, subject, pid, has_node)


def standing(scope: Scope, places: Iterable[Place], slots: Iterable[tuple[str, str]]) -> dict[str, Standing]:
    """The statements of the claims at these places, and of these subjects and properties, by IRI."""
    graph, match = scope.graph("statements"), scope.match
    at = {each.claim: (each.subject, each.property) for each in places}
    found: dict[Any, tuple[str, str]] = {}
    for quad in match(Pattern(None, _CLAIM, ox.Literal(claim), graph) for claim in at):
        found[quad.subject] = at[quad.object.value]
    listed = {
        (node(subject), property_forms(pid, scope.iris).claim): (subject, pid) for subject, pid in slots
    }
    for quad in match(Pattern(subject, claim, None, graph) for subject, claim in listed):
        found[quad.object] = listed[quad.subject, quad.predicate]
    about = scope.about(found, graph)
    dates = _precisions(scope, about.values())
    read = {
        statement.value: _read(quads, *found[statement], dates, scope.iris)
        for statement, quads in about.items()
    }
    return {iri: each for iri, each in read.items() if each is not None}


def supports(scope: Scope, statements: Iterable[str], but: Set[str]) -> defaultdict[str, list[Support]]:
    """The evidence for these statements in every document `but` some.

    Evidence names its document: a copy of it in a graph of somebody else's counts for nothing.
    """
    match = scope.match
    found: defaultdict[str, list[Support]] = defaultdict(list)
    naming = [
        quad
        for quad in match(Pattern(None, _SUPPORTS, node(each)) for each in statements)
        if quad.graph_name.value not in but
    ]
    evidence = {(quad.subject, quad.graph_name): quad.object.value for quad in naming}
    told: defaultdict[tuple[Any, Any], dict[Any, Any]] = defaultdict(dict)
    for quad in match(Pattern(subject, None, None, graph) for subject, graph in evidence):
        told[quad.subject, quad.graph_name][quad.predicate] = quad.object
    ours = {key: each for key, each in told.items() if each.get(_SOURCE) == key[1] and _SELECTOR in each}
    selectors = {Pattern(each[_SELECTOR], _EXACT, None, graph) for (_, graph), each in ours.items()}
    quotes = {(quad.subject, quad.graph_name): quad.object.value for quad in match(selectors)}
    for (subject, graph), each in ours.items():
        quote = quotes[each[_SELECTOR], graph]
        support = Support(graph.value, quote, float(each[_SCORE].value))
        found[evidence[subject, graph]].append(support)
    return found


def sketches(scope: Scope, documents: Iterable[str]) -> dict[str, str]:
    """The sketch of each of these documents that has one."""
    asked = (Pattern(node(each), _SKETCH, None, node(each)) for each in documents)
    return {quad.subject.value: quad.object.value for quad in scope.match(asked)}


def content(store: Store, statements: Set[str], iris: Iris) -> set[ox.Quad]:
    """All that the store holds of these statements, and the value nodes that they alone name."""
    graph = node(iris.graph("statements"))
    listed = sorted(statements)
    query = f"""SELECT ?subject ?predicate ?term {{
      {{ {values("?subject", listed)} GRAPH {graph} {{ ?subject ?predicate ?term }} }}
      UNION {{ {values("?term", listed)} GRAPH {graph} {{ ?subject ?predicate ?term }} }} }}"""
    found = graph_quads(store, query, graph)
    prefix = f"{iris.base}value/"
    objects = {quad.object.value for quad in found if isinstance(quad.object, ox.NamedNode)}
    nodes = sorted(iri for iri in objects if iri.startswith(prefix))
    if nodes:
        alone = f"""SELECT ?node ?predicate ?term {{ {values("?node", nodes)}
          FILTER NOT EXISTS {{ GRAPH {graph} {{ ?other ?form ?node }}
            FILTER(?other NOT IN ({_list(listed)})) }}
          GRAPH {graph} {{ ?node ?predicate ?term }} }}"""
        found |= graph_quads(store, alone, graph)
    return found


def properties_of(store: Store, quads: Iterable[ox.Quad], but: Set[str], iris: Iris) -> set[str]:
    """Ids of the properties that these quads name, and no statement `but` those given does."""
    forms = sorted({quad.predicate.value for quad in quads})
    graph, declared = node(iris.graph("statements")), node(iris.graph("entities"))
    use = f"<{WIKIBASE}claim>|<{WIKIBASE}qualifier>"
    listed = _list(sorted(but))
    query = f"""SELECT DISTINCT ?property {{ {values("?form", forms)}
      GRAPH {declared} {{ ?property {use} ?form }}
      FILTER NOT EXISTS {{ GRAPH {declared} {{ ?property {use} ?other }}
        GRAPH {graph} {{ ?subject ?other ?object }}
        FILTER(?subject NOT IN ({listed}) && ?object NOT IN ({listed})) }} }}"""
    return {entity_id(iri) for (iri,) in rows(store, query)}


def _read(
    quads: Sequence[Any], subject: str, pid: str, precisions: Mapping[Any, int], iris: Iris
) -> Standing | None:
    """A statement from what the graph says of it; None where something that it must have is gone."""
    forms = property_forms(pid, iris)
    told = {quad.predicate: quad.object for quad in quads}
    if not {_CLAIM, _CONFIDENCE, _RANK, forms.statement} <= told.keys():
        return None
    value = told[forms.statement]
    precision = precisions.get(told.get(forms.statement_value))
    return Standing(
        place=place(told[_CLAIM].value, subject, pid, value),
        value=value,
        moment=None if precision is None else read_moment(value, precision),
        belief=Belief(
            float(told[_CONFIDENCE].value), int(told[_WITNESSES].value) if _WITNESSES in told else 0
        ),
        preferred=told[_RANK] == _PREFERRED,
        best=any(quad.predicate == TYPE and quad.object == BEST_RANK for quad in quads),
    )


def _precisions(scope: Scope, statements: Iterable[Sequence[Any]]) -> dict[Any, int]:
    """The precisions of the dates that statements have as values, by value node."""
    prefix = f"{scope.iris.base}value/"
    nodes = {
        quad.object
        for quads in statements
        if any(isinstance(quad.object, ox.Literal) and quad.object.datatype == _MOMENT for quad in quads)
        for quad in quads
        if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(prefix)
    }
    asked = (Pattern(each, _PRECISION, None, scope.graph("statements")) for each in nodes)
    return {quad.subject: int(quad.object.value) for quad in scope.match(asked)}


def _list(iris: Iterable[str]) -> str:
    return ", ".join(str(node(iri)) for iri in iris)

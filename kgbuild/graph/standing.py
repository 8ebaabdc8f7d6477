"""Statements as the store has them: read for those that a document touches, never for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass

import pyoxigraph as ox

from kgbuild.facts.merge import NOT_SAID, Belief, Support
from kgbuild.graph.rows import graph_quads, rows, solutions
from kgbuild.iris import KGB, OA, WIKIBASE, XSD, Iris, entity_id
from kgbuild.protocols import Store
from kgbuild.rdf import BEST_RANK, TYPE, node, property_forms, read_moment
from kgbuild.records import TimeValue
from kgbuild.stores.update import values

_NODE_DATATYPES = (XSD + "dateTime", XSD + "decimal")


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
    value: ox.NamedNode | ox.Literal
    moment: TimeValue | None = None
    belief: Belief = NOT_SAID
    preferred: bool = False
    best: bool = True


def place(claim: str, subject: str, pid: str, value: ox.NamedNode | ox.Literal) -> Place:
    """The place of a statement with this simple value."""
    has_node = isinstance(value, ox.Literal) and value.datatype.value in _NODE_DATATYPES
    return Place(claim, subject, pid, has_node)


def standing(
    store: Store, claims: Iterable[str], slots: Iterable[tuple[str, str]], iris: Iris
) -> dict[str, Standing]:
    """The statements of these claims, and of these subjects and properties, by IRI."""
    keys = " ".join(f'"{claim}"' for claim in sorted(claims))
    forms = " ".join(f"({node(subject)} {property_forms(pid, iris).claim})" for subject, pid in sorted(slots))
    graph, declared = node(iris.graph("statements")), node(iris.graph("entities"))
    rest = f"""GRAPH {graph} {{ ?statement <{KGB}claim> ?claim ; <{KGB}confidence> ?confidence ;
        <{WIKIBASE}rank> ?rank . ?subject ?form ?statement }}
      GRAPH {declared} {{ ?property <{WIKIBASE}claim> ?form ; <{WIKIBASE}statementProperty> ?value_form }}
      GRAPH {graph} {{ ?statement ?value_form ?value }}
      OPTIONAL {{ GRAPH {graph} {{ ?statement <{KGB}witnesses> ?witnesses }} }}
      OPTIONAL {{ GRAPH {declared} {{ ?property <{WIKIBASE}statementValue> ?full_form }}
        GRAPH {graph} {{ ?statement ?full_form ?node . ?node <{WIKIBASE}timePrecision> ?precision }} }}
      BIND(EXISTS {{ GRAPH {graph} {{ ?statement {TYPE} {BEST_RANK} }} }} AS ?best)"""
    query = f"""SELECT ?statement ?claim ?subject ?property ?value ?precision ?confidence ?witnesses
        ?rank ?best {{
      {{ VALUES ?claim {{ {keys} }} {rest} }} UNION {{ VALUES (?subject ?form) {{ {forms} }} {rest} }} }}"""
    found: dict[str, Standing] = {}
    for row in solutions(store, query):
        statement, claim, subject, pid, value, precision, confidence, witnesses, rank, best = row
        found[statement.value] = Standing(
            place=place(claim.value, subject.value, entity_id(pid.value), value),
            value=value,
            moment=read_moment(value, int(precision.value)) if precision else None,
            belief=Belief(float(confidence.value), int(witnesses.value) if witnesses else 0),
            preferred=rank.value == WIKIBASE + "PreferredRank",
            best=best.value == "true",
        )
    return found


def supports(store: Store, statements: Iterable[str], but: str) -> defaultdict[str, list[Support]]:
    """The evidence for these statements in every document `but` one.

    Evidence names its document: a copy of it in a graph of somebody else's counts for nothing.
    """
    found: defaultdict[str, list[Support]] = defaultdict(list)
    listed = sorted(statements)
    if listed:
        query = f"""SELECT ?statement ?document ?quote ?score {{ {values("?statement", listed)}
          GRAPH ?document {{ ?evidence <{KGB}supports> ?statement ; <{KGB}score> ?score ;
            <{OA}hasSource> ?document ; <{OA}hasSelector> ?selector . ?selector <{OA}exact> ?quote }}
          FILTER(?document != {node(but)}) }}"""
        for statement, document, quote, score in rows(store, query):
            found[statement].append(Support(document, quote, float(score)))
    return found


def sketches(store: Store, documents: Iterable[str]) -> dict[str, str]:
    """The sketch of each of these documents that has one."""
    query = f"""SELECT ?document ?sketch {{ {values("?document", sorted(documents))}
      GRAPH ?document {{ ?document <{KGB}sketch> ?sketch }} }}"""
    return {row[0]: row[1] for row in rows(store, query)}


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


def _list(iris: Iterable[str]) -> str:
    return ", ".join(str(node(iri)) for iri in iris)

"""Recompute the entities of which a document told, or tells, something, and the declared properties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from kgbuild.graph.rows import graph_quads, rows, solutions
from kgbuild.graph.statements import Change, Recomputed, Scope
from kgbuild.iris import KGB, entity_iri
from kgbuild.rdf import (
    BEST_RANK,
    ENTITY_PREDICATES,
    INSTANCE_OF,
    TYPE,
    Description,
    Pairs,
    Term,
    description_pairs,
    entity_pairs,
    node,
    property_forms,
    property_pairs,
    read_description,
)
from kgbuild.stores.update import values


def recompute(
    scope: Scope, uri: str, before: Mapping[str, str], now: Mapping[str, Description], claims: Recomputed
) -> Change:
    """What changes in `entities` when a document's descriptions become those of `now`.

    `before` gives the entity of each description of the earlier version. An entity changes when a
    description of it comes up for the first time or is held by no document any longer.
    """
    gone, come = before.keys() - now.keys(), now.keys() - before.keys()
    known, kept = _held(scope, uri, gone, come)
    dead = {iri: before[iri] for iri in gone - kept}
    new = {iri: now[iri] for iri in come - known}
    held, holds = claims.instances
    changed = {*dead.values(), *(each.entity for each in new.values())}
    changed |= {_subject(triple) for triple in held ^ holds}
    properties = {entity_iri(pid): pid for pid in claims.used | claims.unused}
    told = _told(scope, changed)
    change = Change(remove=_present(scope, changed | properties.keys()))
    graph = node(scope.iris.graph("entities"))
    for iri in dead:
        change.remove |= _quads(iri, description_pairs(told.pop(iri)), graph)
    for iri, each in new.items():
        change.add |= _quads(iri, description_pairs(each), graph)
    alive: defaultdict[str, list[Description]] = defaultdict(list)
    for each in (told | new).values():
        alive[each.entity].append(each)
    classes = _instances(scope, changed) - held | {each for each in holds if _subject(each) in changed}
    for iri in changed:
        change.add |= _quads(iri, entity_pairs(alive[iri]), graph)
    change.add |= {ox.Quad(each.subject, each.predicate, each.object, graph) for each in classes}
    for iri, pid in properties.items():
        if pid in claims.used:
            change.add |= _quads(iri, property_pairs(pid, scope.ontology, scope.iris), graph)
    return change


def _subject(triple: ox.Triple) -> str:
    return triple.subject.value if isinstance(triple.subject, ox.NamedNode) else ""


def _quads(iri: str, pairs: Iterable[tuple[ox.NamedNode, Term]], graph: ox.NamedNode) -> set[ox.Quad]:
    return {ox.Quad(node(iri), *pair, graph) for pair in pairs}


def _held(scope: Scope, uri: str, gone: Iterable[str], come: Iterable[str]) -> tuple[set[str], set[str]]:
    """Which descriptions that come are in the store, and which that go some other document holds."""
    gone, come = sorted(gone), sorted(come)
    if not gone and not come:
        return set(), set()
    graph = node(scope.iris.graph("entities"))
    query = f"""SELECT ?come ?gone {{
      {{ {values("?come", come)} GRAPH {graph} {{ ?come <{KGB}describes> ?entity }} }}
      UNION {{ {values("?gone", gone)} FILTER EXISTS {{
        GRAPH ?document {{ ?document <{KGB}usesDescription> ?gone }}
        FILTER(?document != {node(uri)}) }} }} }}"""
    found = list(rows(scope.store, query))
    return {one for one, _ in found if one}, {one for _, one in found if one}


def _told(scope: Scope, entities: Iterable[str]) -> dict[str, Description]:
    """The descriptions of these entities that the store has, by IRI."""
    pairs: defaultdict[str, Pairs] = defaultdict(list)
    listed = sorted(entities)
    if listed:
        query = f"""SELECT ?description ?predicate ?term {{ {values("?entity", listed)}
          GRAPH <{scope.iris.graph("entities")}> {{
            ?description <{KGB}describes> ?entity ; ?predicate ?term }} }}"""
        for description, predicate, term in solutions(scope.store, query):
            pairs[description.value].append((predicate, term))
    return {iri: read_description(iri, each) for iri, each in pairs.items()}


def _present(scope: Scope, subjects: Iterable[str]) -> set[ox.Quad]:
    """What kgbuild says of entities and properties; identity links and the like are not looked at."""
    listed = sorted(subjects)
    if not listed:
        return set()
    graph = node(scope.iris.graph("entities"))
    query = f"""SELECT ?subject ?predicate ?term {{ {values("?subject", listed)}
      GRAPH {graph} {{ ?subject ?predicate ?term }} }}"""
    quads = graph_quads(scope.store, query, graph)
    return {quad for quad in quads if quad.predicate.value in ENTITY_PREDICATES}


def _instances(scope: Scope, entities: Iterable[str]) -> set[ox.Triple]:
    """The "instance of" triples that statements of best rank make for these entities."""
    listed = sorted(entities)
    if not listed or "P31" not in scope.ontology.properties:
        return set()
    forms = property_forms("P31", scope.iris)
    query = f"""SELECT ?entity ?class {{ {values("?entity", listed)}
      GRAPH <{scope.iris.graph("statements")}> {{ ?entity {forms.claim} ?statement .
        ?statement {TYPE} {BEST_RANK} ; {forms.statement} ?class }} }}"""
    return {ox.Triple(entity, INSTANCE_OF, type_) for entity, type_ in solutions(scope.store, query)}

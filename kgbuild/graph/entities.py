"""Recompute the entities of which a document told, or tells, something, and the declared properties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from kgbuild.graph.rows import rows, solutions
from kgbuild.graph.statements import Recomputed
from kgbuild.iris import KGB, Iris, entity_iri
from kgbuild.ontology import Ontology
from kgbuild.protocols import Store
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


@dataclass(slots=True)
class Change:
    """Quads to remove and to add."""

    remove: set[ox.Quad] = field(default_factory=set)
    add: set[ox.Quad] = field(default_factory=set)


def recompute(
    store: Store,
    uri: str,
    before: Mapping[str, str],
    now: Mapping[str, Description],
    claims: Recomputed,
    *,
    ontology: Ontology,
    iris: Iris,
) -> Change:
    """What changes in `entities` when a document's descriptions become those of `now`.

    `before` gives the entity of each description of the earlier version. An entity changes when a
    description of it comes up for the first time or is held by no document any longer.
    """
    held, kept = _held(
        store, uri, [iri for iri in before if iri not in now], now.keys() - before.keys(), iris
    )
    dead = {iri for iri in before if iri not in now and iri not in kept}
    new = {iri: each for iri, each in now.items() if iri not in before and iri not in held}
    instances_before, instances_now = claims.instances
    changed = {before[iri] for iri in dead} | {each.entity for each in new.values()}
    changed |= {str(triple.subject.value) for triple in instances_before ^ instances_now}
    properties = {entity_iri(id): id for id in claims.used | claims.unused}
    told = _told(store, changed, iris) if changed else {}
    present = _present(store, [*changed, *properties], iris)
    change = Change()
    graph = node(iris.graph("entities"))
    for iri in dead:
        change.remove |= _quads(iri, description_pairs(told[iri]), graph)
    for iri, each in new.items():
        change.add |= _quads(iri, description_pairs(each), graph)
    alive: defaultdict[str, list[Description]] = defaultdict(list)
    for each in ({iri: one for iri, one in told.items() if iri not in dead} | new).values():
        alive[each.entity].append(each)
    instances = (_instances(store, changed, iris) if changed else set()) - instances_before | instances_now
    for iri in changed:
        change.remove |= _quads(iri, present[iri], graph)
        change.add |= _quads(iri, entity_pairs(alive[iri]), graph)
    change.add |= {ox.Quad(*triple, graph) for triple in instances if triple.subject.value in changed}
    for iri, id in properties.items():
        change.remove |= _quads(iri, present[iri], graph)
        if id in claims.used:
            change.add |= _quads(iri, property_pairs(id, ontology, iris), graph)
    return change


def _quads(iri: str, pairs: Iterable[tuple[ox.NamedNode, Term]], graph: ox.NamedNode) -> set[ox.Quad]:
    return {ox.Quad(node(iri), *pair, graph) for pair in pairs}


def _held(
    store: Store, uri: str, gone: Iterable[str], come: Iterable[str], iris: Iris
) -> tuple[set[str], set[str]]:
    """Which descriptions that come are in the store, and which that go some other document holds."""
    gone, come = sorted(gone), sorted(come)
    if not gone and not come:
        return set(), set()
    graph = node(iris.graph("entities"))
    query = f"""SELECT ?come ?gone {{
      {{ {values("?come", come)} GRAPH {graph} {{ ?come <{KGB}describes> ?entity }} }}
      UNION {{ {values("?gone", gone)} FILTER EXISTS {{
        GRAPH ?document {{ ?document <{KGB}usesDescription> ?gone }} FILTER(?document != {node(uri)}) }} }} }}"""
    found = list(rows(store, query))
    return {one for one, _ in found if one}, {one for _, one in found if one}


def _told(store: Store, entities: Iterable[str], iris: Iris) -> dict[str, Description]:
    """The descriptions of these entities that the store has, by IRI."""
    query = f"""SELECT ?description ?predicate ?term {{ {values("?entity", sorted(entities))}
      GRAPH <{iris.graph("entities")}> {{ ?description <{KGB}describes> ?entity ; ?predicate ?term }} }}"""
    pairs: defaultdict[str, Pairs] = defaultdict(list)
    for description, predicate, term in solutions(store, query):
        pairs[description.value].append((predicate, term))
    return {iri: read_description(iri, each) for iri, each in pairs.items()}


def _present(store: Store, iris_: Iterable[str], iris: Iris) -> defaultdict[str, Pairs]:
    """What kgbuild says of entities and properties; identity links and the like are not looked at."""
    found: defaultdict[str, Pairs] = defaultdict(list)
    listed = sorted(iris_)
    if listed:
        query = f"""SELECT ?entity ?predicate ?term {{ {values("?entity", listed)}
          GRAPH <{iris.graph("entities")}> {{ ?entity ?predicate ?term }} }}"""
        for entity, predicate, term in solutions(store, query):
            if predicate.value in ENTITY_PREDICATES:
                found[entity.value].append((predicate, term))
    return found


def _instances(store: Store, entities: Iterable[str], iris: Iris) -> set[ox.Triple]:
    """The "instance of" triples that statements of best rank make for these entities."""
    forms = property_forms("P31", iris)
    query = f"""SELECT ?entity ?class {{ {values("?entity", sorted(entities))}
      GRAPH <{iris.graph("statements")}> {{ ?entity {forms.claim} ?statement .
        ?statement {TYPE} {BEST_RANK} ; {forms.statement} ?class }} }}"""
    return {ox.Triple(entity, INSTANCE_OF, cls) for entity, cls in solutions(store, query)}

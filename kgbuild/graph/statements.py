"""Recompute the statements that a document supported before or supports now, and their truthy triples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import pyoxigraph as ox

from kgbuild.facts.duplicates import near_duplicates
from kgbuild.facts.merge import Claim, Support, believe, preferred
from kgbuild.graph.standing import (
    Place,
    Standing,
    content,
    place,
    properties_of,
    sketches,
    standing,
    supports,
)
from kgbuild.iris import Iris, entity_iri
from kgbuild.ontology import Ontology
from kgbuild.protocols import Store
from kgbuild.rdf import (
    DERIVED,
    INSTANCE_OF,
    node,
    property_forms,
    rounded,
    simple_value,
    statement_quads,
    support_pairs,
)
from kgbuild.records import Statement, TimeValue, Value


@dataclass(slots=True)
class Change:
    """Quads to remove and to add."""

    remove: set[ox.Quad] = field(default_factory=set)
    add: set[ox.Quad] = field(default_factory=set)


@dataclass(slots=True)
class Recomputed(Change):
    """A change of statements, and what the entities must know of it.

    `instances` are the "instance of" triples before and after, which the entities' graph keeps;
    `used` are the ids of properties that the document names, `unused` of those that nothing names.
    """

    instances: tuple[frozenset[ox.Triple], frozenset[ox.Triple]] = (frozenset(), frozenset())
    used: frozenset[str] = frozenset()
    unused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """The store, the names and the rules that a recomputation works with."""

    store: Store
    ontology: Ontology
    iris: Iris


def recompute(
    scope: Scope, uri: str, before: Mapping[str, Place], now: Mapping[str, Statement], sketch: str = ""
) -> Recomputed:
    """What changes in `statements` and `truthy` when a document's statements become those of `now`.

    `sketch` is that of the document now: near-duplicates are no witnesses for one another.
    Touched are the claims of both versions; where a property has one value, or its simple values do
    not tell claims apart (dates, quantities), also the other claims of the same subject and property.
    """
    if not before and not now:
        return Recomputed()
    store, iris = scope.store, scope.iris
    placed = {iri: _place(statement, iris) for iri, statement in now.items()}
    claims = {each.claim for each in (*before.values(), *placed.values())}
    slots = _slots((*before.values(), *placed.values()), scope.ontology)
    old = standing(store, claims, slots, iris)
    touched = {iri for iri, each in old.items() if each.place.claim in claims}
    said = supports(store, touched, but=uri)
    for iri, statement in now.items():
        said[iri] += [Support(uri, each.quote, rounded(each.score)) for each in statement.evidence]
    new = {iri: each for iri, each in old.items() if iri not in touched}
    fresh = {iri: _fresh(each, now[iri].value) for iri, each in placed.items()}
    spoken = {iri: each for iri, each in (fresh | old).items() if iri in said}
    new |= _believed(store, spoken, said, (uri, sketch))
    new = _ranked(new, scope.ontology)
    result = _difference(old, new, iris)
    for iri in now.keys() - old.keys():
        result.add.update(statement_quads(now[iri], iris))
    _refer(
        result, uri, gone=before.keys() & new.keys() - now.keys(), come=now.keys() - before.keys(), iris=iris
    )
    used = {name for each in now.values() for name in (each.property, *(pid for pid, _ in each.qualifiers))}
    result.used = frozenset(used)
    dead = old.keys() - new.keys()
    if dead:
        quads = content(store, dead, iris)
        result.remove |= quads
        result.unused = frozenset(properties_of(store, quads, dead, iris) - used)
    return result


def _place(statement: Statement, iris: Iris) -> Place:
    claim = iris.claim(statement.subject, statement.property, statement.value)
    return place(claim, entity_iri(statement.subject), statement.property, simple_value(statement.value))


def _slots(places: Iterable[Place], ontology: Ontology) -> set[tuple[str, str]]:
    """The subjects and properties of which all claims must be looked at: never those with many values."""
    return {
        (each.subject, each.property)
        for each in places
        if each.has_node
        or ((definition := ontology.properties.get(each.property)) is not None and definition.functional)
    }


def _fresh(place: Place, value: Value) -> Standing:
    """A statement that no document has supported before."""
    return Standing(place, simple_value(value), value if isinstance(value, TimeValue) else None)


def _believed(
    store: Store, statements: Mapping[str, Standing], said: Mapping[str, list[Support]], own: tuple[str, str]
) -> dict[str, Standing]:
    """The statements with what the documents make of their claims; `own` is a document and its sketch."""
    by_claim: defaultdict[str, list[Support]] = defaultdict(list)
    for iri, each in statements.items():
        by_claim[each.place.claim] += said[iri]
    documents = {claim: {each.document for each in found} for claim, found in by_claim.items()}
    together = set[str]().union(*(found for found in documents.values() if len(found) > 1))
    drawn = sketches(store, together - {own[0]}) | dict([own]) if together else {}
    beliefs = {
        claim: believe(found, near_duplicates({name: drawn.get(name, "") for name in documents[claim]}))
        for claim, found in by_claim.items()
    }
    return {iri: replace(each, belief=beliefs[each.place.claim]) for iri, each in statements.items()}


def _ranked(statements: Mapping[str, Standing], ontology: Ontology) -> dict[str, Standing]:
    """The statements with their ranks: of several values of a functional property one is preferred."""
    rivals: defaultdict[tuple[str, str], list[Claim]] = defaultdict(list)
    for each in statements.values():
        definition = ontology.properties.get(each.place.property)
        if definition is not None and definition.functional:
            slot = (each.place.subject, each.place.property)
            rivals[slot].append(Claim(each.place.claim, str(each.value), each.belief, each.moment))
    winners = {slot: preferred(claims) for slot, claims in rivals.items()}
    ranked = {}
    for iri, each in statements.items():
        winner = winners.get((each.place.subject, each.place.property))
        wins = winner == each.place.claim
        ranked[iri] = replace(each, preferred=wins, best=winner is None or wins)
    return ranked


def _difference(old: Mapping[str, Standing], new: Mapping[str, Standing], iris: Iris) -> Recomputed:
    """Confidence, rank and truthy triples that go and come."""
    result = Recomputed()
    graph, truthy = node(iris.graph("statements")), node(iris.graph("truthy"))
    for quads, statements in ((result.remove, old), (result.add, new)):
        for iri, each in statements.items():
            if old.get(iri) != new.get(iri):
                pairs = support_pairs(*each.belief, preferred=each.preferred, best=each.best)
                quads.update(ox.Quad(node(iri), predicate, term, graph) for predicate, term in pairs)
    held, holds = _truthy(old.values(), iris), _truthy(new.values(), iris)
    for quads, triples in ((result.remove, held - holds), (result.add, holds - held)):
        for triple in triples:
            if triple.predicate != INSTANCE_OF:
                quads.add(ox.Quad(triple.subject, triple.predicate, triple.object, truthy))
    result.instances = (_instances(held), _instances(holds))
    return result


def _truthy(statements: Iterable[Standing], iris: Iris) -> set[ox.Triple]:
    """The direct triples of the statements of best rank."""
    return {
        ox.Triple(node(each.place.subject), property_forms(each.place.property, iris).direct, each.value)
        for each in statements
        if each.best
    }


def _instances(triples: Iterable[ox.Triple]) -> frozenset[ox.Triple]:
    return frozenset(triple for triple in triples if triple.predicate == INSTANCE_OF)


def _refer(result: Recomputed, uri: str, *, gone: Iterable[str], come: Iterable[str], iris: Iris) -> None:
    """References to the document of the statements that it no longer supports, and newly supports."""
    graph, reference = node(iris.graph("statements")), node(iris.reference(uri))
    result.remove.update(ox.Quad(node(iri), DERIVED, reference, graph) for iri in gone)
    result.add.update(ox.Quad(node(iri), DERIVED, reference, graph) for iri in come)

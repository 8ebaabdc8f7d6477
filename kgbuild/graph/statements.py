"""Recompute the statements that documents supported before or support now, and their truthy triples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

import pyoxigraph as ox

from kgbuild.facts.duplicates import near_duplicates
from kgbuild.facts.merge import Claim, Support, believe, preferred
from kgbuild.graph.scope import Change, Scope
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
from kgbuild.graph.versions import Turn
from kgbuild.iris import Iris, entity_iri
from kgbuild.ontology import Ontology
from kgbuild.rdf import (
    DERIVED,
    INSTANCE_OF,
    Said,
    node,
    property_forms,
    rounded,
    simple_value,
    statement_quads,
    support_pairs,
)
from kgbuild.records import TimeValue


@dataclass(slots=True)
class Recomputed(Change):
    """A change of statements, and what the entities must know of it.

    `believed` are the touched direct triples before and after, with their confidences; those of
    "instance of" are kept in the entities' graph. `used` are the ids of properties that the documents
    name, `unused` of those that nothing names.
    """

    believed: tuple[Mapping[ox.Triple, float], Mapping[ox.Triple, float]] = field(
        default_factory=lambda: ({}, {})
    )
    used: frozenset[str] = frozenset()
    unused: frozenset[str] = frozenset()


def recompute(scope: Scope, turns: Sequence[Turn]) -> Recomputed:
    """What changes in `statements` and `truthy` when documents turn from one version to another.

    Touched are the claims of both versions; where a property has one value, or its simple values do
    not tell claims apart (dates, quantities), also the other claims of the same subject and property.
    Near-duplicates are no witnesses for one another.
    """
    now = {iri: said for turn in turns for iri, said in turn.now.statements.items()}
    fresh = {iri: _fresh(said) for iri, said in now.items()}
    before = {iri: each for turn in turns for iri, each in turn.before.statements.items()}
    places = {each.claim: each for each in (*before.values(), *(each.place for each in fresh.values()))}
    if not places:
        return Recomputed()
    old = standing(scope, places.values(), _slots(places.values(), scope.ontology))
    touched = {iri for iri, each in old.items() if each.place.claim in places}
    said = supports(scope, touched, but={turn.uri for turn in turns})
    for turn in turns:
        for iri, (_, statement) in turn.now.statements.items():
            said[iri] += [Support(turn.uri, each.quote, rounded(each.score)) for each in statement.evidence]
    spoken = {iri: each for iri, each in (fresh | old).items() if iri in said}
    new = {iri: each for iri, each in old.items() if iri not in touched}
    new |= _believed(scope, spoken, said, {turn.uri: turn.now.sketch for turn in turns})
    new = _ranked(new, scope.ontology)
    result = _difference(old, new, scope.iris)
    for iri in now.keys() - old.keys():
        result.add += statement_quads(iri, now[iri], scope.iris)
    for turn in turns:
        _refer(result, turn, new.keys(), scope.iris)
    result.used = _used(now.values())
    dead = old.keys() - new.keys()
    if dead:
        quads = content(scope.store, dead, scope.iris)
        result.remove |= quads
        result.unused = frozenset(properties_of(scope.store, quads, dead, scope.iris)) - result.used
    return result


def _used(statements: Iterable[Said]) -> frozenset[str]:
    """The properties that statements name."""
    every = (each.statement for each in statements)
    return frozenset(name for each in every for name in (each.property, *(pid for pid, _ in each.qualifiers)))


def _slots(places: Iterable[Place], ontology: Ontology) -> set[tuple[str, str]]:
    """The subjects and properties of which all claims must be looked at: never those with many values."""
    return {
        (each.subject, each.property)
        for each in places
        if each.has_node
        or ((definition := ontology.properties.get(each.property)) is not None and definition.functional)
    }


def _fresh(said: Said) -> Standing:
    """A statement that no document has supported before."""
    statement = said.statement
    simple = simple_value(statement.value)
    moment = statement.value if isinstance(statement.value, TimeValue) else None
    at = place(said.claim, entity_iri(statement.subject), statement.property, simple)
    return Standing(at, simple, moment)


def _believed(
    scope: Scope,
    statements: Mapping[str, Standing],
    said: Mapping[str, list[Support]],
    own: Mapping[str, str],
) -> dict[str, Standing]:
    """The statements with what the documents make of their claims; `own` are the sketches of those now."""
    by_claim: defaultdict[str, list[Support]] = defaultdict(list)
    for iri, each in statements.items():
        by_claim[each.place.claim] += said[iri]
    documents = {claim: {each.document for each in found} for claim, found in by_claim.items()}
    together = set[str]().union(*(found for found in documents.values() if len(found) > 1))
    drawn = {**own, **sketches(scope, together - own.keys())}
    copies = {
        claim: near_duplicates({name: drawn.get(name, "") for name in names}) if len(names) > 1 else []
        for claim, names in documents.items()
    }
    beliefs = {claim: believe(found, copies[claim]) for claim, found in by_claim.items()}
    return {
        iri: Standing(
            each.place, each.value, each.moment, beliefs[each.place.claim], each.preferred, each.best
        )
        for iri, each in statements.items()
    }


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
        best = winner is None or wins
        same = (wins, best) == (each.preferred, each.best)
        ranked[iri] = each if same else replace(each, preferred=wins, best=best)
    return ranked


def _difference(old: Mapping[str, Standing], new: Mapping[str, Standing], iris: Iris) -> Recomputed:
    """Confidence, rank and truthy triples that go and come."""
    result = Recomputed()
    graph, truthy = node(iris.graph("statements")), node(iris.graph("truthy"))
    changed = [iri for iri in old.keys() | new.keys() if old.get(iri) != new.get(iri)]
    result.remove.update(_support_quads(old, changed, graph))
    result.add += _support_quads(new, changed, graph)
    held, holds = _truthy(old.values(), iris), _truthy(new.values(), iris)
    result.remove.update(_direct_quads(held.keys() - holds.keys(), truthy))
    result.add += _direct_quads(holds.keys() - held.keys(), truthy)
    result.believed = (held, holds)
    return result


def _support_quads(
    statements: Mapping[str, Standing], some: Iterable[str], graph: ox.NamedNode
) -> Iterator[ox.Quad]:
    """Confidence and rank of some of these statements."""
    for iri in some:
        if each := statements.get(iri):
            subject = node(iri)
            pairs = support_pairs(*each.belief, preferred=each.preferred, best=each.best)
            yield from (ox.Quad(subject, predicate, term, graph) for predicate, term in pairs)


def _direct_quads(triples: Iterable[ox.Triple], graph: ox.NamedNode) -> Iterator[ox.Quad]:
    """Direct triples in their graph; what is an instance of what lies elsewhere."""
    for triple in triples:
        if triple.predicate != INSTANCE_OF:
            yield ox.Quad(triple.subject, triple.predicate, triple.object, graph)


def _truthy(statements: Iterable[Standing], iris: Iris) -> dict[ox.Triple, float]:
    """The direct triples of the statements of best rank, each with the best of their confidences."""
    found: dict[ox.Triple, float] = {}
    for each in statements:
        if each.best:
            direct = property_forms(each.place.property, iris).direct
            triple = ox.Triple(node(each.place.subject), direct, each.value)
            found[triple] = max(each.belief.confidence, found.get(triple, 0.0))
    return found


def _refer(result: Recomputed, turn: Turn, standing: Set[str], iris: Iris) -> None:
    """References to a document of the statements that it no longer supports, and newly supports."""
    graph, reference = node(iris.graph("statements")), node(iris.reference(turn.uri))
    before, now = turn.before.statements.keys(), turn.now.statements.keys()
    gone = (before - now) & standing if before else ()
    come = now - before if before else now
    result.remove.update(ox.Quad(node(iri), DERIVED, reference, graph) for iri in gone)
    result.add += (ox.Quad(node(iri), DERIVED, reference, graph) for iri in come)

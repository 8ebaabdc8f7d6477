"""Recompute the statements that a document supported before or supports now, and their truthy triples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from kgbuild.facts.merge import Claim, Support, confidence, preferred
from kgbuild.graph.rows import rows, solutions
from kgbuild.iris import KGB, OA, WIKIBASE, Iris, entity_id, entity_iri
from kgbuild.ontology import Ontology, ValueKind
from kgbuild.protocols import Store
from kgbuild.rdf import (
    BEST_RANK,
    CONFIDENCE,
    DERIVED,
    INSTANCE_OF,
    RANK,
    TYPE,
    Term,
    node,
    property_forms,
    statement_quads,
    support_pairs,
)
from kgbuild.records import QuantityValue, Statement, TimeValue
from kgbuild.stores.update import values


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement belongs: its claim key, its subject's IRI and its property's id."""

    claim: str
    subject: str
    property: str


@dataclass(slots=True)
class Recomputed:
    """Quads to remove and to add, and what entities must know of them.

    `instances` are the "instance of" triples before and after, which the entities' graph keeps;
    `used` and `unused` are ids of properties that statements name, or may not name any longer.
    """

    remove: set[ox.Quad] = field(default_factory=set)
    add: set[ox.Quad] = field(default_factory=set)
    instances: tuple[set[ox.Triple], set[ox.Triple]] = field(default_factory=lambda: (set(), set()))
    used: set[str] = field(default_factory=set)
    unused: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Standing:
    """A statement in the store: its place and all that it says."""

    place: Place
    pairs: set[tuple[ox.NamedNode, Term]] = field(default_factory=set)

    @property
    def confidence(self) -> float:
        return next((float(term.value) for predicate, term in self.pairs if predicate == CONFIDENCE), 0.0)

    @property
    def content(self) -> set[tuple[ox.NamedNode, Term]]:
        """What does not depend on the documents that support it."""
        return {
            (predicate, term)
            for predicate, term in self.pairs
            if predicate not in (CONFIDENCE, RANK, DERIVED) and term != BEST_RANK
        }


def recompute(
    store: Store,
    uri: str,
    before: Mapping[str, Place],
    now: Mapping[str, Statement],
    *,
    ontology: Ontology,
    iris: Iris,
) -> Recomputed:
    """What changes in `statements` and `truthy` when a document's statements become those of `now`.

    Touched are the claims of both versions; where a property has one value or its simple values do
    not tell claims apart (dates, quantities), also the other claims of the same subject and property.
    """
    places = {iri: _place(statement, iris) for iri, statement in now.items()}
    if not before and not places:
        return Recomputed()
    claims = {place.claim for place in (*before.values(), *places.values())}
    slots = _slots(before, now, places, ontology)
    standing = _standing(store, claims, slots, iris)
    touched = [iri for iri, each in standing.items() if each.place.claim in claims]
    supports = _supports(store, touched, uri) if touched else defaultdict(list)
    for iri, statement in now.items():
        supports[iri] += [Support(uri, each.quote, round(each.score, 6)) for each in statement.evidence]
    places = {iri: each.place for iri, each in standing.items()} | places
    alive = {iri: place for iri, place in places.items() if iri in supports or place.claim not in claims}
    wanted = _wanted(alive, supports, standing, now, claims=claims, ontology=ontology, iris=iris)
    return _difference(store, standing, wanted, alive, now, iris)


def _place(statement: Statement, iris: Iris) -> Place:
    claim = iris.claim(statement.subject, statement.property, statement.value)
    return Place(claim, entity_iri(statement.subject), statement.property)


def _slots(
    before: Mapping[str, Place],
    now: Mapping[str, Statement],
    places: Mapping[str, Place],
    ontology: Ontology,
) -> set[tuple[str, str]]:
    """The subjects and properties of which all claims must be looked at, never those with many values."""
    slots = {
        (place.subject, place.property)
        for place in (*before.values(), *places.values())
        if (definition := ontology.properties.get(place.property)) is None
        or definition.functional
        or definition.kind in (ValueKind.TIME, ValueKind.QUANTITY)
    }
    for iri, statement in now.items():
        if isinstance(statement.value, TimeValue | QuantityValue):
            slots.add((places[iri].subject, statement.property))
    return slots


def _standing(
    store: Store, claims: Iterable[str], slots: Iterable[tuple[str, str]], iris: Iris
) -> dict[str, _Standing]:
    """The statements of these claims and slots as the store has them."""
    keys = " ".join(f'"{claim}"' for claim in sorted(claims))
    forms = " ".join(
        f"({node(subject)} {property_forms(property, iris).claim})" for subject, property in sorted(slots)
    )
    graph, declared = iris.graph("statements"), iris.graph("entities")
    rest = f"""?statement <{KGB}claim> ?claim . ?subject ?form ?statement . ?statement ?predicate ?term }}
      GRAPH <{declared}> {{ ?property <{WIKIBASE}claim> ?form }}"""
    query = f"""SELECT ?statement ?claim ?subject ?property ?predicate ?term {{
      {{ VALUES ?claim {{ {keys} }} GRAPH <{graph}> {{ {rest} }}
      UNION {{ VALUES (?subject ?form) {{ {forms} }} GRAPH <{graph}> {{ {rest} }} }}"""
    found: dict[str, _Standing] = {}
    for statement, claim, subject, property, predicate, term in solutions(store, query):
        assert statement and claim and subject and property and term, "every variable is bound"
        each = found.get(statement.value)
        if each is None:
            place = Place(claim.value, subject.value, entity_id(property.value))
            each = found[statement.value] = _Standing(place)
        assert isinstance(predicate, ox.NamedNode), "a predicate is an IRI"
        each.pairs.add((predicate, term))
    return found


def _supports(store: Store, statements: Iterable[str], uri: str) -> defaultdict[str, list[Support]]:
    """The evidence that other documents hold for these statements."""
    query = f"""SELECT ?statement ?document ?quote ?score {{ {values("?statement", statements)}
      GRAPH ?document {{ ?evidence <{KGB}supports> ?statement ; <{KGB}score> ?score ;
        <{OA}hasSelector> ?selector . ?selector <{OA}exact> ?quote }}
      FILTER(?document != {node(uri)}) }}"""
    found: defaultdict[str, list[Support]] = defaultdict(list)
    for statement, document, quote, number in rows(store, query):
        found[statement].append(Support(document, quote, float(number)))
    return found


def _wanted(
    alive: Mapping[str, Place],
    supports: Mapping[str, list[Support]],
    standing: Mapping[str, _Standing],
    now: Mapping[str, Statement],
    *,
    claims: set[str],
    ontology: Ontology,
    iris: Iris,
) -> dict[str, set[tuple[ox.NamedNode, Term]]]:
    """All that each living statement shall say, but for its value nodes."""
    by_claim: defaultdict[str, list[Support]] = defaultdict(list)
    for iri, place in alive.items():
        by_claim[place.claim] += supports.get(iri, [])
    sure = {
        iri: confidence(by_claim[place.claim]) if place.claim in claims else standing[iri].confidence
        for iri, place in alive.items()
    }
    rivals: defaultdict[tuple[str, str], list[Claim]] = defaultdict(list)
    for iri, place in alive.items():
        definition = ontology.properties.get(place.property)
        if definition is not None and definition.functional:
            rivals[place.subject, place.property].append(Claim(place.claim, iri, sure[iri]))
    winners = {slot: preferred(each) for slot, each in rivals.items()}
    wanted = {}
    for iri, place in alive.items():
        winner = winners.get((place.subject, place.property))
        content = standing[iri].content if iri in standing else _content(iri, now[iri], iris)
        if place.claim in claims:
            references = [node(iris.reference(each)) for each in {one.document for one in supports[iri]}]
        else:
            references = [term for predicate, term in standing[iri].pairs if predicate == DERIVED]
        wanted[iri] = content | set(
            support_pairs(
                sure[iri],
                references=references,
                preferred=winner == place.claim,
                best=winner in (None, place.claim),
            )
        )
    return wanted


def _content(iri: str, statement: Statement, iris: Iris) -> set[tuple[ox.NamedNode, Term]]:
    return {
        (quad.predicate, quad.object)
        for quad in statement_quads(statement, iris)
        if quad.subject.value == iri
    }


def _difference(
    store: Store,
    standing: Mapping[str, _Standing],
    wanted: Mapping[str, set[tuple[ox.NamedNode, Term]]],
    alive: Mapping[str, Place],
    now: Mapping[str, Statement],
    iris: Iris,
) -> Recomputed:
    """From what stands and what is wanted to quads that go and quads that come."""
    result = Recomputed()
    graph, truthy = node(iris.graph("statements")), node(iris.graph("truthy"))
    for iri, each in standing.items():
        result.remove |= {ox.Quad(node(iri), *pair, graph) for pair in each.pairs}
        if iri not in wanted:
            form = property_forms(each.place.property, iris).claim
            result.remove.add(ox.Quad(node(each.place.subject), form, node(iri), graph))
    for iri, pairs in wanted.items():
        result.add |= {ox.Quad(node(iri), *pair, graph) for pair in pairs}
        if iri not in standing:
            result.add.update(statement_quads(now[iri], iris))
    dead = {iri: each for iri, each in standing.items() if iri not in wanted}
    if dead:
        result.remove |= _orphans(store, dead, iris)
        result.unused = _unused(store, dead, iris)
    held = _truthy(((each.place, each.pairs) for each in standing.values()), iris)
    holds = _truthy(((alive[iri], pairs) for iri, pairs in wanted.items()), iris)
    result.remove |= {ox.Quad(*triple, truthy) for triple in held if triple.predicate != INSTANCE_OF}
    result.add |= {ox.Quad(*triple, truthy) for triple in holds if triple.predicate != INSTANCE_OF}
    result.instances = (
        {triple for triple in held if triple.predicate == INSTANCE_OF},
        {triple for triple in holds if triple.predicate == INSTANCE_OF},
    )
    for statement in now.values():
        result.used |= {statement.property, *(name for name, _ in statement.qualifiers)}
    result.unused -= result.used
    return result


def _truthy(
    statements: Iterable[tuple[Place, Iterable[tuple[ox.NamedNode, Term]]]], iris: Iris
) -> set[ox.Triple]:
    """The direct triples of the statements of best rank."""
    found = set()
    for place, pairs in statements:
        listed = set(pairs)
        if (TYPE, BEST_RANK) in listed:
            forms = property_forms(place.property, iris)
            found |= {
                ox.Triple(node(place.subject), forms.direct, term)
                for predicate, term in listed
                if predicate == forms.statement
            }
    return found


def _orphans(store: Store, dead: Mapping[str, _Standing], iris: Iris) -> set[ox.Quad]:
    """The value nodes that only dead statements name."""
    prefix = f"{iris.base}value/"
    terms = {term.value for each in dead.values() for _, term in each.pairs if isinstance(term, ox.NamedNode)}
    nodes = sorted(iri for iri in terms if iri.startswith(prefix))
    if not nodes:
        return set()
    graph = node(iris.graph("statements"))
    query = f"""SELECT ?node ?predicate ?term {{ {values("?node", nodes)}
      FILTER NOT EXISTS {{ GRAPH {graph} {{ ?other ?form ?node }} FILTER(?other NOT IN ({_listed(dead)})) }}
      GRAPH {graph} {{ ?node ?predicate ?term }} }}"""
    return {ox.Quad(*triple, graph) for triple in solutions(store, query)}


def _unused(store: Store, dead: Mapping[str, _Standing], iris: Iris) -> set[str]:
    """Ids of the properties that only dead statements name."""
    forms = {predicate.value for each in dead.values() for predicate, _ in each.pairs}
    forms |= {property_forms(each.place.property, iris).claim.value for each in dead.values()}
    graph, declared = node(iris.graph("statements")), node(iris.graph("entities"))
    use = f"<{WIKIBASE}claim>|<{WIKIBASE}qualifier>"
    query = f"""SELECT DISTINCT ?property {{ {values("?form", sorted(forms))}
      GRAPH {declared} {{ ?property {use} ?form }}
      FILTER NOT EXISTS {{ GRAPH {declared} {{ ?property {use} ?other }}
        GRAPH {graph} {{ ?subject ?other ?object }}
        FILTER(?subject NOT IN ({_listed(dead)}) && ?object NOT IN ({_listed(dead)})) }} }}"""
    return {entity_id(iri) for (iri,) in rows(store, query)}


def _listed(iris: Iterable[str]) -> str:
    return ", ".join(str(node(iri)) for iri in sorted(iris))

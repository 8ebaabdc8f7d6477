"""Which entities are one: links that a person decides, and those between local entities of one name.

In goes a store; its `entities` graph afterwards holds `owl:sameAs` from a local entity to the item that
it was promoted to, and from each local entity to the canonical one of its cluster. Nothing else
changes: statements stay with the entity that their document names, so that a link can be taken back.

Local entities of two documents are one where they have the same name of two words or more and the
same types, and their facts do not disagree. Where some of a name disagree, only those are joined that
also share a fact. The canonical member is the one with the smallest IRI.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

import networkx as nx
import pyoxigraph as ox

from kgbuild.errors import UsageError
from kgbuild.graph.rows import rows
from kgbuild.iris import OWL, RDFS, WD, WDT, WIKIBASE, Iris, entity_iri
from kgbuild.ontology import Ontology
from kgbuild.protocols import Store
from kgbuild.rdf import node, property_forms
from kgbuild.stores.update import values

SAME = OWL + "sameAs"
_QID = re.compile(r"Q[1-9]\d*")
_FIRST_OF_JANUARY = "-01-01T00:00:00Z"
_LARGEST = 50
"""Local entities of one name that are compared pair by pair; more are left apart."""


@dataclass(slots=True)
class Local:
    """A local entity: its names and types, and the values of its properties that have one value."""

    iri: str
    names: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    facts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def promote(store: Store, local: str, qid: str, *, iris: Iris) -> None:
    """Say that a local entity is Wikidata's item; `demote` takes it back.

    UsageError where the store has no such local entity, where `qid` is none, or where the entity was
    promoted to another item already.
    """
    if not _QID.fullmatch(qid):
        raise UsageError(f"{qid!r} is no QID; give one such as Q42")
    known = _promoted(store, _local(store, local, iris), iris)
    others = known - {entity_iri(qid)}
    if others:
        other = min(others).removeprefix(WD)
        raise UsageError(f"{local} is {other} already; run `kgbuild link demote {local}` first")
    store.change((), [_link(local, entity_iri(qid), iris)])


def demote(store: Store, local: str, *, iris: Iris) -> None:
    """Take back what `promote` said; UsageError where it said nothing."""
    known = _promoted(store, _local(store, local, iris), iris)
    if not known:
        raise UsageError(f"{local} was not promoted to an item, so there is nothing to take back")
    store.change([_link(local, item, iris) for item in known], ())


def refresh_identities(store: Store, *, ontology: Ontology, iris: Iris) -> int:
    """Bring the links between local entities up to date and return how many there are."""
    wanted = {
        _link(member, canonical, iris)
        for members in clusters(_locals(store, ontology, iris))
        for canonical in [min(members)]
        for member in members - {canonical}
    }
    query = f"""SELECT ?one ?other {{ GRAPH <{iris.graph("entities")}> {{ ?one <{SAME}> ?other }}
      FILTER(STRSTARTS(STR(?one), "{_base(iris)}") && STRSTARTS(STR(?other), "{_base(iris)}")) }}"""
    held = {_link(one, other, iris) for one, other in rows(store, query)}
    store.change(held - wanted, wanted - held)
    return len(wanted)


def clusters(found: Iterable[Local]) -> list[set[str]]:
    """The IRIs of local entities that are one, in whatever order they come; lone ones left out.

    >>> one, other = Local("urn:a", {"ann lee"}, {"Q5"}), Local("urn:b", {"ann lee"}, {"Q5"})
    >>> [sorted(each) for each in clusters([one, other])]
    [['urn:a', 'urn:b']]
    >>> one.facts["P569"], other.facts["P569"] = {"1901-01-01T00:00:00Z"}, {"1950-05-05T00:00:00Z"}
    >>> clusters([one, other])
    []
    """
    by_name: defaultdict[tuple[str, frozenset[str]], list[Local]] = defaultdict(list)
    for each in found:
        for name in each.names:
            if len(name.split()) > 1:
                by_name[name, frozenset(each.types)].append(each)
    joined: nx.Graph[str] = nx.Graph()
    for held in by_name.values():
        if 1 < len(held) <= _LARGEST:
            joined.add_edges_from(_same(held))
    apart = {each.iri: each for held in by_name.values() for each in held}
    whole = (set(part) for part in nx.connected_components(joined))
    return sorted((part for part in whole if _agree([apart[iri] for iri in part])), key=min)


def _same(held: list[Local]) -> list[tuple[str, str]]:
    """The pairs of one name that are the same."""
    pairs = list(combinations(held, 2))
    disagree = {(one.iri, other.iri) for one, other in pairs if _disagree(one, other)}
    return [
        (one.iri, other.iri)
        for one, other in pairs
        if (one.iri, other.iri) not in disagree and (not disagree or _share(one, other))
    ]


def _agree(members: list[Local]) -> bool:
    """Whether no two members of a cluster disagree, also those that are joined through a third."""
    return not any(_disagree(one, other) for one, other in combinations(members[:_LARGEST], 2))


def _disagree(one: Local, other: Local) -> bool:
    """Whether a property that has one value has different ones; a year agrees with a day in it."""
    return any(
        not any(_alike(a, b) for a in one.facts[name] for b in other.facts[name])
        for name in one.facts.keys() & other.facts.keys()
    )


def _share(one: Local, other: Local) -> bool:
    return any(one.facts[name] & other.facts[name] for name in one.facts.keys() & other.facts.keys())


def _alike(one: str, other: str) -> bool:
    """Whether two values may be the same.

    >>> _alike("1912-01-01T00:00:00Z", "1912-06-23T00:00:00Z"), _alike("urn:a", "urn:b")
    (True, False)
    """
    if one == other:
        return True
    vague = one.endswith(_FIRST_OF_JANUARY) or other.endswith(_FIRST_OF_JANUARY)
    return vague and _year(one) == _year(other)


def _year(moment: str) -> str:
    return moment[:1] + moment[1:].partition("-")[0]


def _locals(store: Store, ontology: Ontology, iris: Iris) -> list[Local]:
    """The local entities of a store, with their facts of functional properties."""
    told = f"""SELECT ?entity ?name ?class {{ GRAPH <{iris.graph("entities")}> {{
        ?entity a <{WIKIBASE}Item> ; <{RDFS}label> ?name OPTIONAL {{ ?entity <{WDT}P31> ?class }} }}
      FILTER(STRSTARTS(STR(?entity), "{_base(iris)}")) }}"""
    found: dict[str, Local] = {}
    for iri, name, class_ in rows(store, told):
        each = found.setdefault(iri, Local(iri))
        each.names.add(" ".join(name.casefold().split()))
        each.types |= {class_} if class_ else set()
    single = [pid for pid, each in ontology.properties.items() if each.functional]
    forms = sorted(property_forms(pid, iris).direct.value for pid in single)
    if found and forms:
        said = f"""SELECT ?entity ?form ?value {{ {values("?form", forms)}
          GRAPH <{iris.graph("truthy")}> {{ ?entity ?form ?value }}
          FILTER(STRSTARTS(STR(?entity), "{_base(iris)}")) }}"""
        for iri, form, value in rows(store, said):
            if iri in found:
                found[iri].facts[form].add(value)
    return [found[iri] for iri in sorted(found)]


def _local(store: Store, local: str, iris: Iris) -> str:
    """The IRI, where the store has that local entity."""
    if not local.startswith(_base(iris)):
        raise UsageError(f"{local} is no local entity; their IRIs begin with {_base(iris)}")
    query = f"SELECT ?p {{ GRAPH <{iris.graph('entities')}> {{ {node(local)} ?p ?o }} }} LIMIT 1"
    if not any(rows(store, query)):
        raise UsageError(f"the store has no entity {local}; `kgbuild explain NAME` shows the IRIs of a name")
    return local


def _promoted(store: Store, local: str, iris: Iris) -> set[str]:
    """The items that a local entity was promoted to."""
    query = f"SELECT ?item {{ GRAPH <{iris.graph('entities')}> {{ {node(local)} <{SAME}> ?item }} }}"
    return {item for (item,) in rows(store, query) if item.startswith(WD)}


def _link(one: str, other: str, iris: Iris) -> ox.Quad:
    return ox.Quad(node(one), node(SAME), node(other), node(iris.graph("entities")))


def _base(iris: Iris) -> str:
    return f"{iris.base}entity/"


def same_as(store: Store, entities: Iterable[str], *, iris: Iris) -> Mapping[str, frozenset[str]]:
    """What each of these entities is the same as, directly."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    query = f"""SELECT ?one ?other {{ {values("?one", sorted(set(entities)))}
      GRAPH <{iris.graph("entities")}> {{ ?one <{SAME}> ?other }} }}"""
    for one, other in rows(store, query):
        found[one].add(other)
    return {one: frozenset(others) for one, others in found.items()}

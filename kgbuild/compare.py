"""The built graph set against a knowledge base: what that knows, lacks, and says otherwise.

In go a store and a `KnowledgeBase` (the linking index, or a SPARQL endpoint in Wikidata's statement
model); out come `Compared` statements in order of their IRIs, read and asked for in batches.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox

from kgbuild.errors import UsageError
from kgbuild.facts.known import Told, Verdict, judge, told_of
from kgbuild.graph.rows import rows, solutions
from kgbuild.iris import KGB, PREFIXES, RDFS, SKOS, WD, WIKIBASE, Iris, entity_id, entity_iri
from kgbuild.ontology import Ontology
from kgbuild.protocols import CandidateIndex, Store
from kgbuild.rdf import Term, comparison_triples, node, property_forms, read_moment
from kgbuild.records import ItemValue, QuantityValue, TextValue, Value
from kgbuild.stores.update import values

BATCH = 200
"""Subjects that are asked for at once."""

Slot = tuple[str, str]
"""Subject (QID) and property (PID)."""


class KnowledgeBase(Protocol):
    """What is known already."""

    def told(self, slots: Sequence[Slot]) -> Mapping[Slot, Sequence[Told]]:
        """What it has for these subjects and properties; nothing for those that it lacks."""
        ...


@dataclass(frozen=True, slots=True)
class Compared:
    """A statement (IRI), what the knowledge base makes of it, and what that says instead.

    `told` is empty unless the verdict is a contradiction.
    """

    statement: str
    subject: str
    property: str
    value: Value
    verdict: Verdict
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """The facts of the linking index, which tells items by their labels."""

    index: CandidateIndex

    def told(self, slots: Sequence[Slot]) -> Mapping[Slot, Sequence[Told]]:
        """What the index has for these subjects and properties."""
        return {slot: told_of(self.index.entity(slot[0]), slot[1]) for slot in slots}


@dataclass(frozen=True, slots=True)
class EndpointFacts:
    """The statements of a store or endpoint that speaks Wikidata's model; deprecated ones left out."""

    store: Store
    iris: Iris

    def told(self, slots: Sequence[Slot]) -> Mapping[Slot, Sequence[Told]]:
        """What the endpoint has for these subjects and properties."""
        forms = {pid: property_forms(pid, self.iris) for _, pid in slots}
        listed = " ".join(
            f"({node(entity_iri(subject))} {ox.Literal(pid)} {forms[pid].claim} {forms[pid].statement} "
            f"{forms[pid].statement_value})"
            for subject, pid in sorted(set(slots))
        )
        query = f"""SELECT ?subject ?pid ?value ?precision ?unit {{
          VALUES (?subject ?pid ?claim ?simple ?full) {{ {listed} }}
          ?subject ?claim ?statement . ?statement ?simple ?value ; <{WIKIBASE}rank> ?rank
          FILTER(?rank != <{WIKIBASE}DeprecatedRank>)
          OPTIONAL {{ ?statement ?full ?node . ?node <{WIKIBASE}timePrecision> ?precision }}
          OPTIONAL {{ ?statement ?full ?node . ?node <{WIKIBASE}quantityUnit> ?unit }} }}"""
        found: defaultdict[Slot, list[Told]] = defaultdict(list)
        for subject, pid, value, precision, unit in solutions(self.store, query):
            if not isinstance(value, ox.BlankNode):  # Wikidata's "unknown value"
                found[entity_id(subject.value), pid.value].append(_value(value, precision, unit))
        return found


def compare(
    store: Store, known: KnowledgeBase, *, ontology: Ontology, iris: Iris, batch: int = BATCH
) -> Iterator[Compared]:
    """Each statement of the graph with what a knowledge base makes of it.

    Statements of entities that the knowledge base lacks, local ones among them, are new. StoreError
    where an endpoint does not answer.
    """
    statements = _statements(store, iris)
    while group := list(islice(statements, batch)):
        own = {pid: _pid(pid, ontology) for _, _, pid, _ in group}
        asked = [(subject, own[pid]) for _, subject, pid, _ in group if ":" not in subject]
        told = known.told(asked) if asked else {}
        names = _names(store, (value.entity for *_, value in group if isinstance(value, ItemValue)))
        for statement, subject, pid, value in group:
            definition = ontology.properties.get(pid)
            there = told.get((subject, own[pid]), ())
            verdict = judge(
                value,
                there,
                names=names.get(value.entity, ()) if isinstance(value, ItemValue) else (),
                functional=definition is not None and definition.functional,
            )
            instead = tuple(there) if verdict is Verdict.CONTRADICTING else ()
            yield Compared(statement, subject, pid, value, verdict, instead)


def _pid(property_id: str, ontology: Ontology) -> str:
    """The PID of a property of another vocabulary that is equivalent to just one of Wikidata's."""
    definition = ontology.properties.get(property_id)
    found = [iri for iri in definition.equivalents if iri.startswith(WD)] if definition else []
    return entity_id(found[0]) if ":" in property_id and len(found) == 1 else property_id


def count(compared: Iterable[Compared]) -> dict[str, Counter[Verdict]]:
    """Verdicts by property, the property with most statements first."""
    counts: defaultdict[str, Counter[Verdict]] = defaultdict(Counter)
    for each in compared:
        counts[each.property][each.verdict] += 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1].total(), item[0])))


def write(compared: Iterable[Compared], path: Path, *, iris: Iris) -> None:
    """Write verdicts to a Turtle file, the same bytes for the same comparison.

    UsageError where the file cannot be written.
    """
    triples = [
        triple
        for each in sorted(compared, key=lambda each: each.statement)
        for triple in comparison_triples(
            each.statement, (each.subject, each.property, each.value), each.verdict, each.told, iris
        )
    ]
    try:
        ox.serialize(triples, str(path), ox.RdfFormat.TURTLE, prefixes=PREFIXES)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error


def _statements(store: Store, iris: Iris) -> Iterator[tuple[str, str, str, Value]]:
    """Each statement: IRI, subject, property and value."""
    claims, told = node(iris.graph("statements")), node(iris.graph("entities"))
    query = f"""SELECT ?statement ?subject ?property ?value ?precision ?unit {{
      GRAPH {told} {{ ?property <{WIKIBASE}claim> ?claim ; <{WIKIBASE}statementProperty> ?simple ;
        <{WIKIBASE}statementValue> ?full }}
      GRAPH {claims} {{ ?subject ?claim ?statement . ?statement <{KGB}claim> ?key ; ?simple ?value }}
      OPTIONAL {{ GRAPH {claims} {{ ?statement ?full ?node . ?node <{WIKIBASE}timePrecision> ?precision }} }}
      OPTIONAL {{ GRAPH {claims} {{ ?statement ?full ?node . ?node <{WIKIBASE}quantityUnit> ?unit }} }}
      }} ORDER BY ?statement"""
    for statement, subject, property_iri, value, precision, unit in solutions(store, query):
        read = _value(value, precision, unit)
        yield statement.value, entity_id(subject.value), entity_id(property_iri.value), read


def _value(term: Term, precision: ox.Literal | None, unit: ox.NamedNode | None) -> Value:
    """A value from its simple term and what its value node says."""
    if isinstance(term, ox.NamedNode):
        return ItemValue(entity_id(term.value))
    if precision is not None:
        return read_moment(term, int(precision.value))
    if unit is not None:
        return QuantityValue(
            Decimal(term.value), None if unit.value == WD + "Q199" else entity_id(unit.value)
        )
    return TextValue(term.value, term.language)


def _names(store: Store, entities: Iterable[str]) -> dict[str, set[str]]:
    """The labels and aliases of entities in the graph."""
    listed = sorted({entity_iri(each) for each in entities})
    found: defaultdict[str, set[str]] = defaultdict(set)
    if listed:
        query = f"""SELECT ?entity ?name {{ {values("?entity", listed)}
          ?entity <{RDFS}label>|<{SKOS}altLabel> ?name }}"""
        for entity, name in rows(store, query):
            found[entity_id(entity)].add(name)
    return found

"""The statements of a store, read back as records, property after property."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyoxigraph as ox

from kgbuild.graph.rows import rows, solutions
from kgbuild.iris import KGB, OA, RDFS, WIKIBASE, XSD, Iris, entity_id
from kgbuild.protocols import Store
from kgbuild.rdf import BEST_RANK, TYPE, Term, simple_value
from kgbuild.records import ItemValue, QuantityValue, TextValue, TimeValue, Value

_UNITLESS = "Q199"
_PARTS = "?time ?precision ?amount ?unit"


@dataclass(frozen=True, slots=True)
class StoredStatement:
    """A statement as the store has it.

    `rank` is Wikidata's, in lower case: preferred, normal or deprecated; `best` says that nothing
    ranks above it, so that it is truthy. `documents` are the URIs of those that support it.
    """

    iri: str
    subject: str
    property: str
    value: Value
    qualifiers: tuple[tuple[str, Value], ...]
    confidence: float
    rank: str
    best: bool
    documents: tuple[str, ...]


def statements(store: Store, *, iris: Iris) -> Iterator[StoredStatement]:
    """Every statement, sorted by property, subject and IRI; those of one property are in memory."""
    query = f"""SELECT ?property ?claim ?simple ?full {{ GRAPH <{iris.graph("entities")}> {{
      ?property <{WIKIBASE}claim> ?claim ; <{WIKIBASE}statementProperty> ?simple ;
        <{WIKIBASE}statementValue> ?full }} }} ORDER BY ?property"""
    for pid, claim, simple, full in rows(store, query):
        yield from _Property(store, iris, entity_id(pid), f"<{claim}>").statements(f"<{simple}>", f"<{full}>")


def labels(store: Store, *, iris: Iris) -> dict[str, str]:
    """The label of each entity and property that has one, by QID, PID or IRI."""
    query = f"""SELECT ?entity ?label {{ GRAPH <{iris.graph("entities")}> {{
      ?entity <{RDFS}label> ?label }} }} ORDER BY DESC(?label)"""
    return {entity_id(iri): label for iri, label in rows(store, query)}


@dataclass(frozen=True, slots=True)
class _Property:
    """The statements of one property; `claim` is the predicate that leads to them."""

    store: Store
    iris: Iris
    id: str
    claim: str

    def statements(self, simple: str, full: str) -> Iterator[StoredStatement]:
        """The statements, by subject and IRI."""
        nodes = self._nodes(full)
        qualifiers, documents = self._qualifiers(), self._documents()
        found = self._rows(
            f"""?subject ?value ?confidence ?rank (EXISTS {{ GRAPH {self._graph}
              {{ ?statement {TYPE} {BEST_RANK} }} }} AS ?best)""",
            f"?statement {simple} ?value ; <{KGB}confidence> ?confidence ; <{WIKIBASE}rank> ?rank",
        )
        for iri, subject, value, confidence, rank, best in sorted(found, key=_place):
            yield StoredStatement(
                iri=iri.value,
                subject=entity_id(subject.value),
                property=self.id,
                value=nodes.get(iri.value) or _value(value),
                qualifiers=tuple(sorted(qualifiers[iri.value], key=str)),
                confidence=float(confidence.value),
                rank=rank.value.removeprefix(WIKIBASE).removesuffix("Rank").lower(),
                best=best.value == "true",
                documents=tuple(sorted(documents[iri.value])),
            )

    def _nodes(self, full: str) -> dict[str, Value]:
        """The full value of each statement that has a value node."""
        found = self._rows(_PARTS, f"?statement {full} ?node", self._parts)
        return {statement.value: _full_value(*parts) for statement, *parts in found}

    def _qualifiers(self) -> defaultdict[str, set[tuple[str, Value]]]:
        """The qualifiers of each statement; those with a value node are as that node says."""
        forms = f"""GRAPH <{self.iris.graph("entities")}> {{
          ?qualifier <{WIKIBASE}qualifier> ?simple ; <{WIKIBASE}qualifierValue> ?full }}"""
        found: defaultdict[str, set[tuple[str, Value]]] = defaultdict(set)
        covered: set[tuple[str, str, Term]] = set()
        nodes = self._rows(f"?qualifier {_PARTS}", "?statement ?full ?node", f"{forms} {self._parts}")
        for statement, pid, *parts in nodes:
            full = _full_value(*parts)
            found[statement.value].add((entity_id(pid.value), full))
            covered.add((statement.value, pid.value, simple_value(full)))
        for statement, pid, value in self._rows("?qualifier ?value", "?statement ?simple ?value", forms):
            if (statement.value, pid.value, value) not in covered:
                found[statement.value].add((entity_id(pid.value), _value(value)))
        return found

    def _documents(self) -> defaultdict[str, set[str]]:
        """The documents that support each statement."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        evidence = f"GRAPH ?document {{ ?evidence <{KGB}supports> ?statement ; <{OA}hasSource> ?document }}"
        for statement, document in self._rows("?document", "", evidence):
            found[statement.value].add(document.value)
        return found

    @property
    def _parts(self) -> str:
        """What a value node says, looked up for the nodes that are asked for and no others."""
        return f"""
          OPTIONAL {{ GRAPH {self._graph} {{
            ?node <{WIKIBASE}timeValue> ?time ; <{WIKIBASE}timePrecision> ?precision }} }}
          OPTIONAL {{ GRAPH {self._graph} {{
            ?node <{WIKIBASE}quantityAmount> ?amount ; <{WIKIBASE}quantityUnit> ?unit }} }}"""

    @property
    def _graph(self) -> str:
        return f"<{self.iris.graph('statements')}>"

    def _rows(self, variables: str, pattern: str, others: str = "") -> Iterator[tuple[Any, ...]]:
        """What a pattern in the graph of statements, and others beside it, give for each statement."""
        query = f"""SELECT DISTINCT ?statement {variables} {{
          GRAPH {self._graph} {{ ?subject {self.claim} ?statement . {pattern} }} {others} }}"""
        return solutions(self.store, query)


def _place(row: tuple[Any, ...]) -> tuple[str, str]:
    return row[1].value, row[0].value


def _full_value(
    time: Term | None, precision: Term | None, amount: Term | None, unit: Term | None
) -> TimeValue | QuantityValue:
    """A value node as the record that it was written from."""
    if time is not None and precision is not None:
        year, month, day = _date(time.value)
        level = int(precision.value)
        return TimeValue(year, month if level >= 10 else None, day if level >= 11 else None, level)
    if amount is not None and unit is not None:
        name = entity_id(unit.value)
        return QuantityValue(Decimal(amount.value), None if name == _UNITLESS else name)
    raise ValueError("a value node of the store has neither a time nor an amount; build the store again")


def _value(term: Term) -> Value:
    """A simple value as a record; what has no value node is an item, a text or a number."""
    if isinstance(term, ox.NamedNode):
        return ItemValue(entity_id(term.value))
    if term.datatype.value == XSD + "decimal":
        return QuantityValue(Decimal(term.value))
    return TextValue(term.value, term.language)


def _date(lexical: str) -> tuple[int, int, int]:
    """Astronomical year, month and day of an xsd:dateTime.

    >>> _date("-0043-03-15T00:00:00Z")
    (-43, 3, 15)
    """
    year, month, day = lexical.removeprefix("-").partition("T")[0].split("-")
    return (-int(year) if lexical.startswith("-") else int(year)), int(month), int(day)

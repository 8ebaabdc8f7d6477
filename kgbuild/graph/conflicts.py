"""Statements of the graph that cannot all be right.

In go a store and its ontology, out come `Conflict`s: which rule is broken, and the statements that
break it together. Nothing is written; which of the statements is right is for a person to say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, product
from typing import Any

import pyoxigraph as ox

from kgbuild.facts.timeline import compatible, surely_after
from kgbuild.graph.rows import rows, solutions
from kgbuild.iris import PQV, WDT, WIKIBASE, Iris, entity_id
from kgbuild.ontology import Ontology
from kgbuild.protocols import Store
from kgbuild.rdf import BEST_RANK, TYPE, Term, node, property_forms, read_moment
from kgbuild.records import TimeValue

IN_ORDER = (("P569", "P570"), ("P571", "P576"), ("P580", "P582"), ("P2031", "P2032"), ("P569", "P2031"))
"""Properties of one subject; a conflict is where all values of the second come before all of the first."""

PARENTS = ("P22", "P25")
STRICT = ("P22", "P25", "P40", "P131", "P150", "P361", "P527", "P749", "P355", "P155", "P156")
"""Properties that no two things can have to each other."""

_WITHIN = " | ".join(f"<{WDT}{pid}>" for pid in ("P131", "P17", "P361"))


_Moments = dict[str, TimeValue]
"""Points in time by statement."""


class ConflictKind(StrEnum):
    """The rules that statements may break together."""

    VALUES = "values"
    """A property that has one value at a time has several that exclude one another."""
    ORDER = "order"
    """Something ends before it begins, or a child is born before a parent."""
    INVERSE = "inverse"
    """A property of one value, told from the other side, has another value."""
    PARENTS = "parents"
    """Somebody has a parent beside a father and a mother."""
    RING = "ring"
    """Two things are each the parent of, part of or follower of the other."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Statements (IRIs) that exclude one another, and the rule in words; `subject` is a QID or IRI."""

    kind: ConflictKind
    subject: str
    rule: str
    statements: tuple[str, ...]


def find_conflicts(store: Store, *, ontology: Ontology, iris: Iris) -> tuple[Conflict, ...]:
    """The contradictions in a store, by kind, subject and rule.

    Only statements of best rank break rules together, but for the rivals of a preferred one: those
    are a conflict of their own.
    """
    reader = _Reader(store, ontology, iris)
    found = {
        *reader.values(),
        *reader.order(),
        *reader.generations(),
        *reader.inverse(),
        *reader.parents(),
        *reader.rings(),
    }
    return tuple(sorted(found, key=lambda each: (each.kind, each.subject, each.rule, each.statements)))


class _Reader:
    """The queries that find what each rule forbids."""

    def __init__(self, store: Store, ontology: Ontology, iris: Iris) -> None:
        self._store = store
        self._ontology = ontology
        self._iris = iris
        self._claims = node(iris.graph("statements"))
        self._told = node(iris.graph("entities"))

    def values(self) -> Iterator[Conflict]:
        """Slots of which one statement is preferred and another is not compatible with some other."""
        query = f"""SELECT DISTINCT ?statement ?subject ?property ?value ?precision {{
          GRAPH {self._claims} {{ ?preferred <{WIKIBASE}rank> <{WIKIBASE}PreferredRank> .
            ?subject ?form ?preferred, ?statement }}
          GRAPH {self._told} {{ ?property <{WIKIBASE}claim> ?form ;
            <{WIKIBASE}statementProperty> ?simple ; <{WIKIBASE}statementValue> ?full }}
          GRAPH {self._claims} {{ ?statement ?simple ?value }}
          OPTIONAL {{ GRAPH {self._claims} {{ ?statement ?full ?node .
            ?node <{WIKIBASE}timePrecision> ?precision }} }} }}"""
        slots: defaultdict[tuple[str, str], dict[str, Term | TimeValue]] = defaultdict(dict)
        for statement, subject, property_iri, value, precision in solutions(self._store, query):
            moment = read_moment(value, int(precision.value)) if precision else None
            slots[subject.value, entity_id(property_iri.value)][statement.value] = moment or value
        within = self._within(slots.values())
        for (subject, pid), said in slots.items():
            if any(not _agree(one, other, within) for one, other in combinations(said.values(), 2)):
                rule = f"{self._label(pid)} has one value at a time"
                yield self._conflict(ConflictKind.VALUES, subject, rule, said)

    def order(self) -> Iterator[Conflict]:
        """One subject, or one statement's qualifiers, with an end before its beginning."""
        for first, last in IN_ORDER:
            rule = f"{self._label(last)} cannot come before {self._label(first)}"
            told: defaultdict[str, tuple[_Moments, _Moments]] = defaultdict(lambda: ({}, {}))
            for place, pid in enumerate((first, last)):
                pattern = self._moment("?one", pid, "a")
                for row in self._rows(f"?one ?a ?aValue ?aPrecision {{ {pattern} }}"):
                    told[row[0].value][place][row[1].value] = read_moment(row[2], _int(row[3]))
            for subject, (begins, ends) in told.items():
                pairs = [*product(begins.values(), ends.values())]
                if pairs and all(surely_after(begin, end) for begin, end in pairs):
                    yield self._conflict(ConflictKind.ORDER, subject, rule, {**begins, **ends})
        spans = f"""GRAPH {self._claims} {{ ?subject ?form ?a . ?a <{PQV}P580> ?start ; <{PQV}P582> ?end .
          {_node("?start", "a")} {_node("?end", "b")} }}
          GRAPH {self._told} {{ ?property <{WIKIBASE}claim> ?form }}"""
        for row in self._rows(f"?subject ?a ?aValue ?aPrecision ?bValue ?bPrecision {{ {spans} }}"):
            if surely_after(read_moment(row[2], _int(row[3])), read_moment(row[4], _int(row[5]))):
                rule = "a statement cannot end before it starts"
                yield self._conflict(ConflictKind.ORDER, row[0].value, rule, (row[1].value,))

    def generations(self) -> Iterator[Conflict]:
        """Children who are born before a parent."""
        rule = f"{self._label('P569')} of a child cannot come before that of a parent"
        sides = (("P22", "?one", "?two"), ("P25", "?one", "?two"), ("P40", "?two", "?one"))
        for pid, subject, value in sides:
            pattern = f"""{self._item(subject, pid, value, "s")}
              {self._moment("?one", "P569", "a")} {self._moment("?two", "P569", "b")}"""
            for row in self._rows(f"?one ?s ?a ?b ?aValue ?aPrecision ?bValue ?bPrecision {{ {pattern} }}"):
                if surely_after(read_moment(row[6], _int(row[7])), read_moment(row[4], _int(row[5]))):
                    broken = [each.value for each in row[1:4]]
                    yield self._conflict(ConflictKind.ORDER, row[0].value, rule, broken)

    def inverse(self) -> Iterator[Conflict]:
        """A value of a property of one value that its inverse, or itself where symmetric, contradicts."""
        for pid, definition in self._ontology.properties.items():
            if not definition.functional:
                continue
            others = {pid} if definition.symmetric else set()
            others |= {definition.inverse} if definition.inverse else set()
            others |= {name for name, each in self._ontology.properties.items() if each.inverse == pid}
            for other in sorted(others):
                pattern = f"""{self._item("?one", pid, "?said", "a")}
                  {self._item("?told", other, "?one", "b")}
                  FILTER(?said != ?told)"""
                rule = f"{self._label(pid)} has one value at a time, and {self._label(other)} gives another"
                for row in self._rows(f"?one ?a ?b {{ {pattern} }}"):
                    broken = (row[1].value, row[2].value)
                    yield self._conflict(ConflictKind.INVERSE, row[0].value, rule, broken)

    def parents(self) -> Iterator[Conflict]:
        """Parents of somebody whose father and mother are others."""
        father, mother = PARENTS
        pattern = f"""{self._item("?one", father, "?father", "a")}
          {self._item("?one", mother, "?mother", "b")}
          {self._item("?parent", "P40", "?one", "c")} FILTER(?parent NOT IN (?father, ?mother))"""
        rule = f"there are no more parents than {self._label(father)} and {self._label(mother)}"
        broken: defaultdict[str, set[str]] = defaultdict(set)
        for row in self._rows(f"?one ?a ?b ?c {{ {pattern} }}"):
            broken[row[0].value].update(each.value for each in row[1:4])
        for child, statements in broken.items():
            yield self._conflict(ConflictKind.PARENTS, child, rule, statements)

    def rings(self) -> Iterator[Conflict]:
        """Pairs that have a strict property to each other."""
        for pid in STRICT:
            pattern = f"""{self._item("?one", pid, "?two", "a")} {self._item("?two", pid, "?one", "b")}
              FILTER(STR(?one) < STR(?two))"""
            rule = f"no two can be each other's {self._label(pid)}"
            for row in self._rows(f"?one ?a ?b {{ {pattern} }}"):
                yield self._conflict(ConflictKind.RING, row[0].value, rule, (row[1].value, row[2].value))

    def _rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        return solutions(self._store, f"SELECT DISTINCT {query}")

    def _conflict(self, kind: ConflictKind, subject: str, rule: str, said: Iterable[str]) -> Conflict:
        return Conflict(kind, entity_id(subject), rule, tuple(sorted(said)))

    def _label(self, pid: str) -> str:
        definition = self._ontology.properties.get(pid)
        return f"{definition.label} ({pid})" if definition else pid

    def _item(self, subject: str, pid: str, value: str, name: str) -> str:
        """Matches a statement `?name` of best rank with an item as its value."""
        forms = property_forms(pid, self._iris)
        return f"""GRAPH {self._claims} {{ {subject} {forms.claim} ?{name} .
          ?{name} {TYPE} {BEST_RANK} ; {forms.statement} {value} }}"""

    def _moment(self, subject: str, pid: str, name: str) -> str:
        """Matches a statement `?name` of best rank with a date, and the date's value and precision."""
        forms = property_forms(pid, self._iris)
        return f"""GRAPH {self._claims} {{ {subject} {forms.claim} ?{name} .
          ?{name} {TYPE} {BEST_RANK} ; {forms.statement_value} ?{name}Node .
          {_node(f"?{name}Node", name)} }}"""

    def _within(self, slots: Iterable[Mapping[str, Term | TimeValue]]) -> frozenset[tuple[str, str]]:
        """The pairs of rivals of which the graph says that one lies in the other."""
        pairs = {
            (one.value, other.value)
            for said in slots
            for one in said.values()
            for other in said.values()
            if isinstance(one, ox.NamedNode) and isinstance(other, ox.NamedNode) and one != other
        }
        if not pairs:
            return frozenset()
        listed = " ".join(f"({node(one)} {node(other)})" for one, other in sorted(pairs))
        query = f"SELECT ?one ?other {{ VALUES (?one ?other) {{ {listed} }} ?one ({_WITHIN})+ ?other }}"
        return frozenset((one, other) for one, other in rows(self._store, query))


def _agree(one: Term | TimeValue, other: Term | TimeValue, within: frozenset[tuple[str, str]]) -> bool:
    """Whether both values may be right: a vaguer date, or the country that a city lies in."""
    if isinstance(one, TimeValue) and isinstance(other, TimeValue):
        return compatible(one, other)
    if isinstance(one, ox.NamedNode) and isinstance(other, ox.NamedNode):
        return one == other or not within.isdisjoint({(one.value, other.value), (other.value, one.value)})
    return one == other


def _node(variable: str, name: str) -> str:
    """Matches the moment and the precision of a value node."""
    return f"""{variable} <{WIKIBASE}timeValue> ?{name}Value ; <{WIKIBASE}timePrecision> ?{name}Precision ."""


def _int(term: ox.Literal) -> int:
    return int(term.value)

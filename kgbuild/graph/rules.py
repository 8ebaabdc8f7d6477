"""Rules as SPARQL: where a rule applies, given some of the facts that it needs or gives.

The engine is the store's own; what leaves are applications, each a conclusion with its premises.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain

import pyoxigraph as ox

from kgbuild.axioms import Rule, Step
from kgbuild.graph.rows import solutions
from kgbuild.iris import Iris
from kgbuild.protocols import Store
from kgbuild.rdf import Fact, Term, node, property_forms

_MOST = 500
"""Facts that one query asks about."""


@dataclass(frozen=True, slots=True)
class Application:
    """A rule with the fact that it gives and those that it needs, in the order of its steps."""

    conclusion: Fact
    rule: Rule
    premises: tuple[Fact, ...]


@dataclass(frozen=True)
class RuleBook:
    """Rules, asked from the facts that they need or give."""

    rules: tuple[Rule, ...]
    iris: Iris

    @cached_property
    def predicates(self) -> frozenset[ox.NamedNode]:
        """The predicates that any rule names."""
        return frozenset(self._properties)

    @cached_property
    def _properties(self) -> dict[ox.NamedNode, str]:
        """The properties that any rule names, by predicate."""
        steps = chain.from_iterable(rule.body for rule in self.rules)
        named = {*(rule.head for rule in self.rules), *(step.property for step in steps)}
        return {self.direct(each): each for each in named}

    @cached_property
    def _needing(self) -> defaultdict[ox.NamedNode, list[tuple[Rule, int]]]:
        """The rules that have a predicate as a step, and at which place."""
        found: defaultdict[ox.NamedNode, list[tuple[Rule, int]]] = defaultdict(list)
        for rule in self.rules:
            for place, step in enumerate(rule.body):
                found[self.direct(step.property)].append((rule, place))
        return found

    @cached_property
    def _giving(self) -> defaultdict[ox.NamedNode, list[Rule]]:
        """The rules that have a predicate as their conclusion's."""
        found: defaultdict[ox.NamedNode, list[Rule]] = defaultdict(list)
        for rule in self.rules:
            found[self.direct(rule.head)].append(rule)
        return found

    def joins(self, predicate: ox.NamedNode) -> bool:
        """Whether a rule of two steps has this predicate as one of them."""
        return any(len(rule.body) > 1 for rule, _ in self._needing[predicate])

    def property_of(self, predicate: ox.NamedNode) -> str:
        """The id of the property that has this predicate for its direct triples, one that a rule names."""
        return self._properties[predicate]

    def direct(self, property_id: str) -> ox.NamedNode:
        """The predicate of a property's direct triples."""
        return property_forms(property_id, self.iris).direct

    def onwards(self, facts: Iterable[Fact], stores: Sequence[Store]) -> set[Application]:
        """The applications that need one of these facts; what else they need is in one of the stores."""
        found: set[Application] = set()
        joins: list[_Join] = []
        for predicate, alike in _by_predicate(facts).items():
            for rule, place in self._needing[predicate]:
                ends = [_ends(fact, rule.body[place]) for fact in alike]
                if len(rule.body) == 1:
                    found |= {each for pair in ends if (each := self._application(rule, pair)) is not None}
                else:
                    joins += [_Join(rule, place, ends[i : i + _MOST]) for i in range(0, len(ends), _MOST)]
        for store in stores:
            found |= self._joined(store, joins)
        return found

    def backwards(self, facts: Iterable[Fact], store: Store) -> set[Application]:
        """The applications that give one of these facts, and need nothing but what is in a store.

        Whether the store holds the one premise of a rule with one step is not looked up.
        """
        found: set[Application] = set()
        joins: list[_Join] = []
        for predicate, alike in _by_predicate(facts).items():
            ends = [(fact.subject, fact.object) for fact in alike]
            for rule in self._giving[predicate]:
                if len(rule.body) == 1:
                    found |= {each for pair in ends if (each := self._application(rule, pair)) is not None}
                else:
                    joins += [_Join(rule, None, ends[i : i + _MOST]) for i in range(0, len(ends), _MOST)]
        return found | self._joined(store, joins)

    def _joined(self, store: Store, joins: Sequence[_Join]) -> set[Application]:
        """The applications of rules with two steps."""
        found = set()
        for start in range(0, len(joins), _MOST):
            some = joins[start : start + _MOST]
            blocks = [f"{{ {self._pattern(join)} BIND({i} AS ?join) }}" for i, join in enumerate(some)]
            query = f"SELECT ?join ?x ?y ?z {{ {' UNION '.join(blocks)} }}"
            for number, *ends in solutions(store, query):
                application = self._application(some[int(number.value)].rule, ends)
                if application is not None:
                    found.add(application)
        return found

    def _pattern(self, join: _Join) -> str:
        """The steps of a rule that are not given, after what is given."""
        names = [("?x", "?y"), ("?y", "?z")]
        given = ("?x", "?z") if join.place is None else names[join.place]
        rows = " ".join(f"({start} {end})" for start, end in join.ends)
        steps = [
            self._step(step, *names[place], number=place)
            for place, step in enumerate(join.rule.body)
            if place != join.place
        ]
        return f"VALUES ({' '.join(given)}) {{ {rows} }} {' '.join(steps)}"

    def _step(self, step: Step, start: str, end: str, *, number: int) -> str:
        """A step over what documents say or rules gave; curated graphs are left alone."""
        predicate = self.direct(step.property)
        subject, object_ = (end, start) if step.backwards else (start, end)
        graphs = " ".join(str(node(self.iris.graph(name))) for name in ("truthy", "inferred", "entities"))
        return f"GRAPH ?g{number} {{ {subject} {predicate} {object_} }} VALUES ?g{number} {{ {graphs} }}"

    def _application(self, rule: Rule, ends: Sequence[Term]) -> Application | None:
        """A rule applied along a path; None where it would say something of a literal, or of x and x."""
        first, last = ends[0], ends[-1]
        if not isinstance(first, ox.NamedNode) or first == last:
            return None
        conclusion = Fact(first, self.direct(rule.head), last)
        premises = []
        for step, start, end in zip(rule.body, ends, ends[1:], strict=False):
            subject, object_ = (end, start) if step.backwards else (start, end)
            if not isinstance(subject, ox.NamedNode):
                return None
            premises.append(Fact(subject, self.direct(step.property), object_))
        return Application(conclusion, rule, tuple(premises))


@dataclass(frozen=True, slots=True)
class _Join:
    """A rule of two steps, of which the one at `place` is given by its ends, or else the conclusion."""

    rule: Rule
    place: int | None
    ends: Sequence[tuple[Term, Term]]


@lru_cache(maxsize=8)
def rule_book(rules: tuple[Rule, ...], iris: Iris) -> RuleBook:
    """The rules of an ontology, made ready once."""
    return RuleBook(rules, iris)


def _by_predicate(facts: Iterable[Fact]) -> defaultdict[ox.NamedNode, list[Fact]]:
    found: defaultdict[ox.NamedNode, list[Fact]] = defaultdict(list)
    for fact in facts:
        found[fact.predicate].append(fact)
    return found


def _ends(fact: Fact, step: Step) -> tuple[Term, Term]:
    """Where a step over this fact starts and ends."""
    return (fact.object, fact.subject) if step.backwards else (fact.subject, fact.object)

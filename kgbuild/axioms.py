"""The axioms of an ontology from which triples follow, as rules of one shape.

In go the triples of an ontology file, out come rules: one property leads from x to y wherever one
or two steps over properties do. The profile is the part of OWL 2 RL that makes such triples
(https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules: prp-inv,
prp-symp, prp-trp, prp-spo1, prp-spo2, prp-eqp).
"""

from __future__ import annotations

import graphlib
import itertools
import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import pyoxigraph as ox

from kgbuild.errors import OntologyError
from kgbuild.iris import OWL, RDF, RDFS, entity_id

logger = logging.getLogger(__name__)

_Node = ox.NamedNode | ox.BlankNode
_Term = _Node | ox.Literal | ox.Triple


class RuleKind(StrEnum):
    """The axiom that a rule comes from."""

    SYMMETRIC = "symmetric"
    INVERSE = "inverse"
    SUBPROPERTY = "subproperty"
    TRANSITIVE = "transitive"
    CHAIN = "chain"


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """A step over one property: from its subject to its object, or `backwards`."""

    property: str
    backwards: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """The property `head` leads from x to y wherever the one or two steps of the `body` do.

    >>> print(Rule("P40", (Step("P22", backwards=True),), RuleKind.SUBPROPERTY))
    x P40 y if y P22 x
    >>> print(Rule("P131", (Step("P131"), Step("P131")), RuleKind.TRANSITIVE))
    x P131 z if x P131 y and y P131 z
    """

    head: str
    body: tuple[Step, ...]
    kind: RuleKind

    def __str__(self) -> str:
        names = "xyz"[: len(self.body) + 1]
        steps = []
        for step, ends in zip(self.body, itertools.pairwise(names), strict=True):
            start, end = reversed(ends) if step.backwards else ends
            steps.append(f"{start} {step.property} {end}")
        return f"{names[0]} {self.head} {names[-1]} if {' and '.join(steps)}"


def read_rules(triples: Iterable[ox.Triple], properties: Iterable[str], name: str) -> tuple[Rule, ...]:
    """The rules that the axioms about these property ids make, sorted; `name` is the file's.

    Subproperties and equivalents that are not declared belong to another schema, and are left
    alone. OntologyError for a chain that cannot be read; a cycle is told in the log.
    """
    reader = _AxiomReader(triples, frozenset(properties), name)
    rules = tuple(sorted(set(reader.rules())))
    cycle = _cycle(rules)
    if cycle:
        logger.warning(
            "%s: %s is a cycle of subproperties or chains, so each of them holds where another does; "
            "take an axiom out if that is not meant",
            name,
            " → ".join(cycle),
        )
    return rules


def renamed_rules(rules: Iterable[Rule], names: Mapping[str, str]) -> Iterator[Rule]:
    """The rules of which every property has another name, in those names.

    A name that several properties share gets none of their rules: what follows from one of them need
    not follow from the others.

    >>> rule = Rule("P26", (Step("P26", backwards=True),), RuleKind.SYMMETRIC)
    >>> [str(each) for each in renamed_rules([rule], {"P26": "spouse", "P27": "nationality"})]
    ['x spouse y if y spouse x']
    """
    shared = Counter(names.values())
    own = {name: other for name, other in names.items() if shared[other] == 1}
    for rule in rules:
        if rule.head in own and all(step.property in own for step in rule.body):
            body = tuple(Step(own[step.property], step.backwards) for step in rule.body)
            yield Rule(own[rule.head], body, rule.kind)


def _cycle(rules: Iterable[Rule]) -> Sequence[str]:
    """Properties that follow from one another by subproperties and chains; none where there is no cycle."""
    above: defaultdict[str, set[str]] = defaultdict(set)
    for rule in rules:
        if rule.kind in (RuleKind.SUBPROPERTY, RuleKind.CHAIN):
            above[rule.head] |= {step.property for step in rule.body} - {rule.head}
    try:
        graphlib.TopologicalSorter({head: sorted(above[head]) for head in sorted(above)}).prepare()
    except graphlib.CycleError as error:
        found: list[str] = error.args[1]
        return found
    return ()


class _AxiomReader:
    """The triples of an ontology by subject and predicate, blank nodes among them."""

    def __init__(self, triples: Iterable[ox.Triple], properties: frozenset[str], name: str) -> None:
        self._properties = properties
        self._name = name
        self._objects: defaultdict[tuple[_Term, str], list[_Term]] = defaultdict(list)
        for triple in triples:
            self._objects[triple.subject, triple.predicate.value].append(triple.object)
        self._nodes = [
            (entity_id(subject.value), subject)
            for subject in {subject for subject, _ in self._objects}
            if isinstance(subject, ox.NamedNode) and entity_id(subject.value) in properties
        ]

    def rules(self) -> Iterator[Rule]:
        """Every rule, some more than once."""
        for pid, node in self._nodes:
            types = self._objects[node, RDF + "type"]
            if ox.NamedNode(OWL + "SymmetricProperty") in types:
                yield Rule(pid, (Step(pid, backwards=True),), RuleKind.SYMMETRIC)
            if ox.NamedNode(OWL + "TransitiveProperty") in types:
                yield Rule(pid, (Step(pid), Step(pid)), RuleKind.TRANSITIVE)
            for other in self._steps(node, OWL + "inverseOf"):
                yield from _inverse(pid, other.property)
            for other in self._steps(node, OWL + "equivalentProperty"):
                yield Rule(other.property, (Step(pid),), RuleKind.SUBPROPERTY)
                yield Rule(pid, (Step(other.property),), RuleKind.SUBPROPERTY)
            for other in self._steps(node, RDFS + "subPropertyOf"):
                if other.property != pid:
                    body = (Step(pid, backwards=other.backwards),)
                    yield Rule(other.property, body, RuleKind.SUBPROPERTY)
            for chain in self._objects[node, OWL + "propertyChainAxiom"]:
                yield Rule(pid, self._chain(pid, chain), RuleKind.CHAIN)

    def _steps(self, node: _Node, predicate: str) -> Iterator[Step]:
        """The declared properties that a property is related to."""
        for term in self._objects[node, predicate]:
            step = self._step(term)
            if step is not None:
                yield step

    def _step(self, term: _Term) -> Step | None:
        """A declared property, or `[ owl:inverseOf … ]` of one."""
        if isinstance(term, ox.NamedNode) and entity_id(term.value) in self._properties:
            return Step(entity_id(term.value))
        if isinstance(term, ox.BlankNode):
            for other in self._objects[term, OWL + "inverseOf"]:
                if isinstance(other, ox.NamedNode) and entity_id(other.value) in self._properties:
                    return Step(entity_id(other.value), backwards=True)
        return None

    def _chain(self, pid: str, head: _Term) -> tuple[Step, ...]:
        """The steps of an `owl:propertyChainAxiom`, which is a list."""
        steps: list[Step] = []
        nodes: set[_Term] = set()
        while head != ox.NamedNode(RDF + "nil"):
            first, rest = self._objects[head, RDF + "first"], self._objects[head, RDF + "rest"]
            step = self._step(first[0]) if len(first) == len(rest) == 1 else None
            if step is None or head in nodes:
                raise OntologyError(
                    f"{self._name}: the owl:propertyChainAxiom of {pid} is not a list of declared properties"
                )
            nodes.add(head)
            steps.append(step)
            head = rest[0]
        if len(steps) != 2:
            raise OntologyError(
                f"{self._name}: an owl:propertyChainAxiom of {pid} has {len(steps)} properties, and two are "
                "read; declare a property for the first two of a longer chain, and chain that with the rest"
            )
        return tuple(steps)


def _inverse(one: str, other: str) -> Iterator[Rule]:
    kind = RuleKind.SYMMETRIC if one == other else RuleKind.INVERSE
    yield Rule(one, (Step(other, backwards=True),), kind)
    yield Rule(other, (Step(one, backwards=True),), kind)

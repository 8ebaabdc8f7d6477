"""What the store holds of facts that rules may need: which documents say, how surely, and inferences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyoxigraph as ox

from kgbuild.graph.rules import RuleBook
from kgbuild.graph.scope import Scope
from kgbuild.iris import KGB, Iris, entity_id
from kgbuild.protocols import Pattern
from kgbuild.rdf import (
    BEST_RANK,
    CONFIDENCE,
    DEPTH,
    INSTANCE_OF,
    PREMISE,
    TYPE,
    Fact,
    inference_iri,
    node,
    property_forms,
)
from kgbuild.records import ItemValue

_CLAIM = node(KGB + "claim")


class Strength(NamedTuple):
    """How a fact stands: the confidence in it, and how deep its proof is (0 where documents say it)."""

    confidence: float
    depth: int


@dataclass(frozen=True, slots=True)
class Held:
    """Facts that documents say, with their confidences, and inferences by what they infer.

    `nodes` are all quads of an inference.
    """

    said: Mapping[Fact, float]
    inferred: Mapping[Fact, Strength]
    nodes: Mapping[Fact, set[Any]]


def held(scope: Scope, facts: Iterable[Fact], book: RuleBook) -> Held:
    """What the store holds of these facts."""
    listed = list(facts)
    entities, truthy = scope.graph("entities"), scope.graph("truthy")
    quads = scope.match(
        Pattern(*fact, entities if fact.predicate == INSTANCE_OF else truthy) for fact in listed
    )
    said = confidences(scope, {Fact(quad.subject, quad.predicate, quad.object) for quad in quads}, book)
    return Held(said, *_inferences(scope, listed))


def confidences(scope: Scope, facts: Iterable[Fact], book: RuleBook) -> dict[Fact, float]:
    """How sure each of these is, which are said: as the statements of best rank, or 1.

    No statement says what only the knowledge base tells, such as what an entity is an instance of.
    """
    found = dict.fromkeys(facts, 0.0)
    for fact, quad in _confidence_quads(scope, found, book):
        found[fact] = max(found[fact], float(quad.object.value))
    return {fact: sure or 1.0 for fact, sure in found.items()}


def _confidence_quads(scope: Scope, facts: Iterable[Fact], book: RuleBook) -> Iterator[tuple[Fact, Any]]:
    """What tells the confidence of each statement of best rank that says one of these facts.

    A statement of an item is found by its claim key: a subject or value may have thousands.
    """
    graph = scope.graph("statements")
    keys: dict[str, Fact] = {}
    literals: list[Fact] = []
    for fact in facts:
        if isinstance(fact.object, ox.NamedNode):
            keys[_claim_key(fact, book.property_of(fact.predicate), scope.iris)] = fact
        else:
            literals.append(fact)
    claims = scope.match(Pattern(None, _CLAIM, ox.Literal(key), graph) for key in keys)
    owners = {quad.subject: keys[quad.object.value] for quad in claims}
    for quad in scope.match(Pattern(each, CONFIDENCE, None, graph) for each in owners):
        yield owners[quad.subject], quad
    for fact in literals:
        forms = property_forms(book.property_of(fact.predicate), scope.iris)
        claims = scope.match([Pattern(fact.subject, forms.claim, None, graph)])
        for quads in scope.about([quad.object for quad in claims], graph).values():
            told = {(quad.predicate, quad.object) for quad in quads}
            if {(forms.statement, fact.object), (TYPE, BEST_RANK)} <= told:
                yield from ((fact, quad) for quad in quads if quad.predicate == CONFIDENCE)


def _claim_key(fact: Fact, property_id: str, iris: Iris) -> str:
    subject, value = entity_id(fact.subject.value), entity_id(fact.object.value)
    return iris.claim(subject, property_id, ItemValue(value))


def _inferences(scope: Scope, facts: Iterable[Fact]) -> tuple[dict[Fact, Strength], dict[Fact, set[Any]]]:
    """How strong the inferences of these facts are, and all quads of each."""
    graph = scope.graph("inferred")
    named = {node(inference_iri(fact, scope.iris)): fact for fact in facts}
    about = {named[inference]: quads for inference, quads in scope.about(named, graph).items()}
    nodes = {fact: {*quads, fact.quad(graph)} for fact, quads in about.items()}
    strengths = {}
    owners: dict[Any, Fact] = {}
    for fact, quads in about.items():
        told = {quad.predicate: quad.object for quad in quads}
        strengths[fact] = Strength(float(told[CONFIDENCE].value), int(told[DEPTH].value))
        owners |= {quad.object: fact for quad in quads if quad.predicate == PREMISE}
    for premise, quads in scope.about(owners, graph).items():
        nodes[owners[premise]].update(quads)
    return strengths, nodes

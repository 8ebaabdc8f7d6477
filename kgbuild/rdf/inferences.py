"""Inferences: triples that rules add, each with the rule and the premises that it follows from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import pyoxigraph as ox

from kgbuild.axioms import Rule
from kgbuild.iris import KGB, RDF, Iris, digest
from kgbuild.rdf.terms import TYPE, Term, node, score, text

_ENDS = tuple(node(RDF + name) for name in ("subject", "predicate", "object"))
DEPTH = node(KGB + "depth")
CONFIDENCE = node(KGB + "confidence")
PREMISE = node(KGB + "premise")
_INFERENCE, _RULE = node(KGB + "Inference"), node(KGB + "rule")
RULES_VERSION = node(KGB + "rulesVersion")


class Fact(NamedTuple):
    """A direct triple, whichever graph it is in."""

    subject: ox.NamedNode
    predicate: ox.NamedNode
    object: Term

    def quad(self, graph: ox.NamedNode) -> ox.Quad:
        """The triple in a graph."""
        return ox.Quad(self.subject, self.predicate, self.object, graph)


@dataclass(frozen=True, slots=True)
class Inference:
    """A fact, the rule that gives it and the facts that the rule needs, in the rule's order.

    `depth` is 1 where all premises are what documents say, else one more than the deepest premise's.
    `confidence`, in [0, 1], is the product of the premises' confidences.
    """

    conclusion: Fact
    rule: Rule
    premises: tuple[Fact, ...]
    depth: int
    confidence: float


def inference_iri(conclusion: Fact, iris: Iris) -> str:
    """The IRI of the node that tells how a triple was inferred."""
    return iris.inference(*map(str, conclusion))


def inference_quads(inference: Inference, iris: Iris) -> Iterator[ox.Quad]:
    """The inferred triple, and where it comes from; premises are reified triples."""
    graph = node(iris.graph("inferred"))
    subject = node(inference_iri(inference.conclusion, iris))
    yield inference.conclusion.quad(graph)
    yield ox.Quad(subject, TYPE, _INFERENCE, graph)
    yield ox.Quad(subject, _RULE, text(inference.rule.kind), graph)
    yield ox.Quad(subject, DEPTH, ox.Literal(inference.depth), graph)
    yield ox.Quad(subject, CONFIDENCE, score(inference.confidence), graph)
    yield from _reified(subject, inference.conclusion, graph)
    for number, premise in enumerate(inference.premises, start=1):
        each = node(f"{subject.value}/{number}")
        yield ox.Quad(subject, PREMISE, each, graph)
        yield from _reified(each, premise, graph)


def rules_version_quad(rules: tuple[Rule, ...], least: float, iris: Iris) -> ox.Quad:
    """What says which rules, from which least confidence on, the graph of inferences was made with."""
    graph = node(iris.graph("inferred"))
    version = digest(f"from {least}", *(f"{rule.kind}: {rule}" for rule in rules))
    return ox.Quad(graph, RULES_VERSION, text(version), graph)


def _reified(subject: ox.NamedNode, fact: Fact, graph: ox.NamedNode) -> Iterator[ox.Quad]:
    for predicate, end in zip(_ENDS, fact, strict=True):
        yield ox.Quad(subject, predicate, end, graph)

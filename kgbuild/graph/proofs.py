"""Read back how triples were inferred: the rule, its premises, and what stands behind each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from kgbuild.graph.rows import rows, solutions
from kgbuild.iris import KGB, RDF, WIKIBASE, Iris
from kgbuild.protocols import Store
from kgbuild.rdf import BEST_RANK, CONFIDENCE, PREMISE, TYPE, Fact, inference_iri, node
from kgbuild.stores.update import values


@dataclass(frozen=True, slots=True)
class Premise:
    """A premise: the IRIs of the statements that say it, or else how it was inferred in its turn.

    It has neither where only the knowledge base tells it.
    """

    fact: Fact
    statements: tuple[str, ...] = ()
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """How a fact was inferred; `rule` is the kind of axiom, `confidence` in [0, 1]."""

    iri: str
    fact: Fact
    rule: str
    confidence: float
    premises: tuple[Premise, ...]


def proofs(store: Store, term: str, iris: Iris) -> tuple[Proof, ...]:
    """What was inferred of an entity as the subject, or the inference of this IRI, surest first."""
    asked = node(term)
    graph = node(iris.graph("inferred"))
    query = f"""SELECT ?inference ?confidence {{ GRAPH {graph} {{
      {{ ?inference <{RDF}subject> {asked} }} UNION {{ VALUES ?inference {{ {asked} }} }}
      ?inference {TYPE} <{KGB}Inference> ; {CONFIDENCE} ?confidence }} }}"""
    found = sorted({(-float(confidence), iri) for iri, confidence in rows(store, query)})
    return tuple(_read(store, [iri for _, iri in found], iris).values())


def _read(store: Store, wanted: Iterable[str], iris: Iris) -> dict[str, Proof]:
    """These proofs by IRI, with the proofs of their premises; a proof is as deep as its `kgb:depth`."""
    listed = list(wanted)
    if not listed:
        return {}
    graph = node(iris.graph("inferred"))
    query = f"""SELECT ?inference ?rule ?confidence ?number ?s ?p ?o {{
      {values("?inference", listed)} GRAPH {graph} {{
      ?inference <{KGB}rule> ?rule ; {CONFIDENCE} ?confidence ; {PREMISE}? ?number .
      ?number <{RDF}subject> ?s ; <{RDF}predicate> ?p ; <{RDF}object> ?o }} }}"""
    heads: dict[str, tuple[Fact, str, float]] = {}
    bodies: defaultdict[str, list[tuple[str, Fact]]] = defaultdict(list)
    for inference, rule, confidence, number, *ends in solutions(store, query):
        if number == inference:
            heads[inference.value] = (Fact(*ends), rule.value, float(confidence.value))
        else:
            bodies[inference.value].append((number.value, Fact(*ends)))
    facts = {fact for body in bodies.values() for _, fact in body}
    said = _statements(store, facts, iris)
    inferred = {inference_iri(fact, iris): fact for fact in facts if fact not in said}
    known = _read(store, _existing(store, inferred, iris), iris)
    premises = {
        fact: Premise(fact, said.get(fact, ()), known.get(inference_iri(fact, iris))) for fact in facts
    }
    return {
        iri: Proof(iri, *heads[iri], tuple(premises[each] for _, each in sorted(bodies[iri])))
        for iri in listed
        if iri in heads
    }


def _statements(store: Store, facts: Iterable[Fact], iris: Iris) -> dict[Fact, tuple[str, ...]]:
    """The statements of best rank that say each of these facts."""
    claims, told = node(iris.graph("statements")), node(iris.graph("entities"))
    listed = " ".join(f"({' '.join(map(str, fact))})" for fact in sorted(facts, key=str))
    query = f"""SELECT ?s ?p ?o ?statement {{ VALUES (?s ?p ?o) {{ {listed} }}
      GRAPH {told} {{ ?property <{WIKIBASE}directClaim> ?p ; <{WIKIBASE}claim> ?claim ;
        <{WIKIBASE}statementProperty> ?simple }}
      GRAPH {claims} {{ ?s ?claim ?statement . ?statement ?simple ?o ; {TYPE} {BEST_RANK} }} }}"""
    found: defaultdict[Fact, list[str]] = defaultdict(list)
    for subject, predicate, term, statement in solutions(store, query):
        found[Fact(subject, predicate, term)].append(statement.value)
    return {fact: tuple(sorted(statements)) for fact, statements in found.items()}


def _existing(store: Store, inferences: Iterable[str], iris: Iris) -> list[str]:
    graph = node(iris.graph("inferred"))
    query = f"""SELECT ?inference {{ {values("?inference", sorted(inferences))}
      GRAPH {graph} {{ ?inference {TYPE} <{KGB}Inference> }} }}"""
    return [iri for (iri,) in rows(store, query)]

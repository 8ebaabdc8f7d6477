"""What is inferred, with the statements that it comes down to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from kgbuild.explain.names import IRI, Named, labels
from kgbuild.explain.statements import ExplainedStatement, explain_statements
from kgbuild.graph.proofs import Premise, Proof
from kgbuild.graph.rows import rows
from kgbuild.iris import WD, WDT, WIKIBASE, Iris, entity_id, entity_iri
from kgbuild.ontology import Ontology
from kgbuild.protocols import Store
from kgbuild.rdf import Fact
from kgbuild.stores.update import values


@dataclass(frozen=True, slots=True)
class ExplainedPremise:
    """What a rule needs: the statements that say it, or how it was inferred itself.

    It has neither where only the knowledge base tells it.
    """

    subject: Named
    property: Named
    value: Named
    statements: tuple[ExplainedStatement, ...]
    inference: ExplainedInference | None


@dataclass(frozen=True, slots=True)
class ExplainedInference:
    """What follows by a rule, which is the kind of an axiom, from its premises; confidence in [0, 1]."""

    iri: str
    subject: Named
    property: Named
    value: Named
    rule: str
    confidence: float
    premises: tuple[ExplainedPremise, ...]


def in_words(
    store: Store, found: Sequence[Proof], iris: Iris, ontology: Ontology | None
) -> tuple[ExplainedInference, ...]:
    """Proofs in words, with the statements that they come down to."""
    premises = list(chain.from_iterable(map(_premises, found)))
    statements = explain_statements(store, [iri for each in premises for iri in each.statements], iris=iris)
    facts = {*(each.fact for each in premises), *(each.fact for each in found)}
    direct = _properties(store, {fact.predicate.value for fact in facts}, iris)
    known = ontology.properties if ontology else {}
    names = {entity_iri(pid): definition.label for pid, definition in known.items()}
    terms = {end.value for fact in facts for end in (fact.subject, fact.object)} | set(direct.values())
    names |= {iri: label for iri, label in labels(store, terms).items() if label != entity_id(iri)}

    def named(iri: str) -> Named:
        return Named(entity_id(iri) if IRI.fullmatch(iri) else "", names.get(iri, entity_id(iri)))

    def ends(fact: Fact) -> tuple[Named, Named, Named]:
        return named(fact.subject.value), named(direct[fact.predicate.value]), named(fact.object.value)

    def inference(proof: Proof) -> ExplainedInference:
        return ExplainedInference(
            proof.iri,
            *ends(proof.fact),
            proof.rule,
            proof.confidence,
            tuple(map(premise, proof.premises)),
        )

    def premise(each: Premise) -> ExplainedPremise:
        said = tuple(statements[iri] for iri in each.statements)
        return ExplainedPremise(*ends(each.fact), said, inference(each.proof) if each.proof else None)

    return tuple(map(inference, found))


def _premises(proof: Proof) -> Iterator[Premise]:
    """The premises of a proof, and those of their own proofs."""
    for each in proof.premises:
        yield each
        if each.proof:
            yield from _premises(each.proof)


def _properties(store: Store, predicates: Iterable[str], iris: Iris) -> dict[str, str]:
    """The property of each direct predicate: as declared, or by Wikidata's naming."""
    found = {iri: WD + iri.removeprefix(WDT) if iri.startswith(WDT) else iri for iri in predicates}
    query = f"""SELECT ?direct ?property {{ {values("?direct", sorted(found))}
      GRAPH <{iris.graph("entities")}> {{ ?property <{WIKIBASE}directClaim> ?direct }} }}"""
    return found | {row[0]: row[1] for row in rows(store, query)}

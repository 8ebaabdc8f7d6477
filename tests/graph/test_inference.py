"""What rules infer follows from the documents, goes with them, and does not depend on their order."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgbuild.axioms import Rule, RuleKind, Step
from kgbuild.graph import merge, refresh_inferences, retract
from kgbuild.graph.inference import prove
from kgbuild.graph.premises import Strength
from kgbuild.graph.rules import Application
from kgbuild.iris import KGB, PS, RDF, WD, WDT, Iris, P
from kgbuild.ontology import Ontology, Property, ValueKind
from kgbuild.rdf import Fact
from kgbuild.records import (
    Document,
    DocumentFacts,
    Entity,
    Evidence,
    ItemValue,
    Revision,
    Statement,
    TimeValue,
    Value,
)
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()
IN, CHILD, FATHER, SPOUSE, ADVISOR, STUDENT, COUNTRY = "P131", "P40", "P22", "P26", "P184", "P1066", "P17"
RULES = (
    Rule(IN, (Step(IN), Step(IN)), RuleKind.TRANSITIVE),
    Rule(SPOUSE, (Step(SPOUSE, backwards=True),), RuleKind.SYMMETRIC),
    Rule(CHILD, (Step(FATHER, backwards=True),), RuleKind.SUBPROPERTY),
    Rule(STUDENT, (Step(ADVISOR),), RuleKind.SUBPROPERTY),
    Rule(ADVISOR, (Step(STUDENT),), RuleKind.SUBPROPERTY),
    Rule(COUNTRY, (Step(IN), Step(COUNTRY)), RuleKind.CHAIN),
    Rule("P31", (Step("P31"), Step("P279")), RuleKind.CHAIN),
    Rule("P279", (Step("P279"), Step("P279")), RuleKind.TRANSITIVE),
)


def schema(rules: Sequence[Rule] = RULES) -> Ontology:
    names = (IN, CHILD, FATHER, SPOUSE, ADVISOR, STUDENT, COUNTRY, "P31", "P279", "P569")
    functional = {FATHER}
    properties = {
        pid: Property(pid, WD + pid, pid, pid, (), ValueKind.ITEM, (), (), None, False, pid in functional, ())
        for pid in names
    }
    return Ontology(properties, {}, "rules", tuple(rules))


def says(
    name: str,
    *claims: tuple[str, str, str | Value],
    score: float = 0.9,
    types: Sequence[str] = (),
    word: str = "Text",
) -> DocumentFacts:
    evidence = Evidence(name, 0, len(word), word, score, "x")
    values = [(s, p, ItemValue(o) if isinstance(o, str) else o) for s, p, o in claims]
    return DocumentFacts(
        Document(name, f"urn:doc:{name}", f"{word} of {name}."),
        Revision("h", "r", "e", "l", "o"),
        entities=tuple(Entity("Q1", "One", types=(each,)) for each in types),
        statements=tuple(Statement(*claim, (), 0.0, (evidence,)) for claim in values),
    )


def inferred(store: OxigraphStore) -> set[tuple[str, str, str]]:
    """The direct triples in the inferred graph."""
    return {
        (quad.subject.value[len(WD) :], quad.predicate.value[len(WDT) :], quad.object.value[len(WD) :])
        for quad in store.quads(IRIS.graph("inferred"))
        if quad.predicate.value.startswith(WDT)
    }


def dump(store: OxigraphStore) -> list[str]:
    return sorted(map(str, store.quads()))


def built(*documents: DocumentFacts, rules: Sequence[Rule] = RULES) -> OxigraphStore:
    store = OxigraphStore()
    merge(store, documents, ontology=schema(rules), iris=IRIS)
    return store


CASES = {
    "symmetric": ([("Q1", SPOUSE, "Q2")], {("Q2", SPOUSE, "Q1")}),
    "inverse": ([("Q1", FATHER, "Q2")], {("Q2", CHILD, "Q1")}),
    "a cycle of subproperties": ([("Q1", ADVISOR, "Q2")], {("Q1", STUDENT, "Q2")}),
    "transitive": (
        [("Q1", IN, "Q2"), ("Q2", IN, "Q3"), ("Q3", IN, "Q4")],
        {("Q1", IN, "Q3"), ("Q1", IN, "Q4"), ("Q2", IN, "Q4")},
    ),
    "a circle, and nothing in itself": (
        [("Q1", IN, "Q2"), ("Q2", IN, "Q3"), ("Q3", IN, "Q1")],
        {("Q1", IN, "Q3"), ("Q2", IN, "Q1"), ("Q3", IN, "Q2")},
    ),
    "a chain over an inference": (
        [("Q1", IN, "Q2"), ("Q2", IN, "Q3"), ("Q3", COUNTRY, "Q4")],
        {("Q1", IN, "Q3"), ("Q1", COUNTRY, "Q4"), ("Q2", COUNTRY, "Q4")},
    ),
    "said already": ([("Q1", SPOUSE, "Q2"), ("Q2", SPOUSE, "Q1")], set()),
    "of itself": ([("Q1", SPOUSE, "Q1")], set()),
    "no item": ([("Q1", SPOUSE, TimeValue(1900)), ("Q1", IN, TimeValue(1900))], set()),
    "classes": ([("Q1", "P31", "Q5"), ("Q5", "P279", "Q6")], {("Q1", "P31", "Q6")}),
}


@pytest.mark.parametrize("case", CASES)
def test_what_follows_and_what_does_not(case: str) -> None:
    claims, expected = CASES[case]
    together = built(says("all", *claims))
    assert inferred(together) == expected
    apart = built(*(says(str(number), claim) for number, claim in enumerate(claims)))
    assert inferred(apart) == expected


def test_what_the_knowledge_base_says_an_entity_is_counts_as_said() -> None:
    store = built(says("one", ("Q5", "P279", "Q6")), says("two", types=["Q5"]))
    assert inferred(store) == {("Q1", "P31", "Q6")}
    retract(store, "urn:doc:two", ontology=schema(), iris=IRIS)
    assert inferred(store) == set()


def test_an_inference_goes_with_its_premise_and_stays_with_another_proof() -> None:
    store = built(
        says("one", ("Q1", IN, "Q2"), ("Q2", IN, "Q4")), says("two", ("Q1", IN, "Q3"), ("Q3", IN, "Q4"))
    )
    assert inferred(store) == {("Q1", IN, "Q4")}
    assert premises(store) == [("Q1", "Q2"), ("Q2", "Q4")]
    retract(store, "urn:doc:one", ontology=schema(), iris=IRIS)
    assert premises(store) == [("Q1", "Q3"), ("Q3", "Q4")]
    retract(store, "urn:doc:two", ontology=schema(), iris=IRIS)
    assert dump(store) == []


def premises(store: OxigraphStore) -> list[tuple[str, str]]:
    query = f"""SELECT ?s ?o {{ ?inference a <{KGB}Inference> ; <{KGB}premise> ?premise .
      ?premise <{RDF}subject> ?s ; <{RDF}object> ?o }} ORDER BY ?premise"""
    return [(row[0].value[len(WD) :], row[1].value[len(WD) :]) for row in store.select(query)]


def test_what_a_document_says_is_not_inferred_too() -> None:
    said, saying = says("one", ("Q1", SPOUSE, "Q2")), says("two", ("Q2", SPOUSE, "Q1"))
    store = built(said)
    alone = dump(store)
    merge(store, [saying], ontology=schema(), iris=IRIS)
    assert inferred(store) == set()
    retract(store, "urn:doc:two", ontology=schema(), iris=IRIS)
    assert dump(store) == alone


def test_only_the_preferred_value_has_consequences() -> None:
    store = built(says("one", ("Q1", FATHER, "Q2")))
    merge(store, [says("two", ("Q1", FATHER, "Q3"), score=0.95)], ontology=schema(), iris=IRIS)
    assert inferred(store) == {("Q3", CHILD, "Q1")}


def test_curated_graphs_are_no_premises_and_are_left_alone() -> None:
    store = OxigraphStore()
    store.update(f"INSERT DATA {{ GRAPH <urn:mine> {{ <{WD}Q2> <{WDT}{IN}> <{WD}Q3> }} }}")
    merge(store, [says("one", ("Q1", IN, "Q2"))], ontology=schema(), iris=IRIS)
    assert inferred(store) == set()
    assert len(list(store.quads("urn:mine"))) == 1


ids = st.sampled_from(["Q1", "Q2", "Q3", "Q4"])
claims = st.tuples(ids, st.sampled_from([IN, FATHER, SPOUSE, ADVISOR, STUDENT, COUNTRY, "P279", "P31"]), ids)
documents = st.builds(
    lambda name, claims, score, types: says(name, *dict.fromkeys(claims), score=score, types=types),
    st.sampled_from("abcd"),
    st.lists(claims, max_size=5),
    st.sampled_from([0.3, 0.6, 0.75, 0.9]),
    st.lists(ids, max_size=1),
)
steps = st.lists(st.one_of(documents, st.sampled_from([f"urn:doc:{name}" for name in "abcd"])), max_size=8)


@settings(max_examples=150, deadline=None)
@given(history=steps, data=st.data())
def test_any_history_infers_what_the_documents_left_infer(
    history: Sequence[DocumentFacts | str], data: st.DataObject
) -> None:
    store = OxigraphStore()
    left: dict[str, DocumentFacts] = {}
    for step in history:
        if isinstance(step, DocumentFacts):
            merge(store, [step], ontology=schema(), iris=IRIS)
            left[step.document.uri] = step
        else:
            retract(store, step, ontology=schema(), iris=IRIS)
            left.pop(step, None)
    kept = [left[uri] for uri in data.draw(st.permutations(sorted(left)))]
    assert dump(store) == dump(built(*kept))
    assert sureness(store) == closure(store)
    triples = [quad.triple for quad in store.quads()]
    assert len(triples) == len(set(triples)), "a triple is in two graphs"
    later = built(*kept, rules=())
    assert refresh_inferences(later, ontology=schema(), iris=IRIS)
    assert not refresh_inferences(later, ontology=schema(), iris=IRIS)
    assert [line for line in dump(later) if "rulesVersion" not in line] == dump(store)


def sureness(store: OxigraphStore) -> dict[tuple[str, str, str], float]:
    """What is inferred, and how sure it is."""
    query = f"""SELECT ?s ?p ?o ?sure {{ ?inference a <{KGB}Inference> ; <{KGB}confidence> ?sure ;
      <{RDF}subject> ?s ; <{RDF}predicate> ?p ; <{RDF}object> ?o }}"""
    found = {
        (s.value[len(WD) :], p.value[len(WDT) :], o.value[len(WD) :]): float(sure.value)
        for s, p, o, sure in store.select(query)
    }
    assert found.keys() == inferred(store)
    return found


def said(store: OxigraphStore) -> dict[tuple[str, str, str], float]:
    """What documents and the knowledge base say, as sure as its statements, or 1."""
    truthy = [quad for name in ("truthy", "entities") for quad in store.quads(IRIS.graph(name))]
    direct = [quad for quad in truthy if quad.predicate.value.startswith(WDT)]
    facts = {
        (quad.subject.value[len(WD) :], quad.predicate.value[len(WDT) :], quad.object.value[len(WD) :]): 1.0
        for quad in direct
    }
    for subject, name, value in facts:
        query = f"""SELECT ?sure {{ <{WD}{subject}> <{P}{name}> ?statement .
          ?statement <{PS}{name}> <{WD}{value}> ; <{KGB}confidence> ?sure }}"""
        for (sure,) in store.select(query):
            facts[subject, name, value] = float(sure.value)
    return facts


def closure(store: OxigraphStore) -> dict[tuple[str, str, str], float]:
    """What follows and how surely, by going round until nothing is surer."""
    stated = said(store)
    known = dict(stated)
    while True:
        better = {}
        for rule in RULES:
            paths = [(x, x, 1.0) for x in {end for s, _, o in known for end in (s, o)}]
            for step in rule.body:
                edges = [
                    (o, s, sure) if step.backwards else (s, o, sure)
                    for (s, p, o), sure in known.items()
                    if p == step.property
                ]
                paths = [(x, z, a * b) for x, y, a in paths for start, z, b in edges if start == y]
            for x, z, product in paths:
                fact, sure = (x, rule.head, z), round(product, 6)
                if x != z and fact not in stated and sure >= 0.5 and sure > known.get(fact, 0.0):
                    better[fact] = max(sure, better.get(fact, 0.0))
        if not better:
            return {fact: sure for fact, sure in known.items() if fact not in stated}
        known |= better


def test_an_inference_is_as_sure_as_its_premises_together_and_more_likely_right_than_wrong() -> None:
    surer, there = says("one", ("Q1", IN, "Q2"), score=0.9), says("two", ("Q2", IN, "Q3"), score=0.6)
    store = built(surer, there)
    assert sureness(store) == {("Q1", IN, "Q3"): 0.54}
    less_sure = says("one", ("Q1", IN, "Q2"), score=0.8)
    merge(store, [less_sure], ontology=schema(), iris=IRIS)
    assert sureness(store) == {}
    again = says("three", ("Q2", IN, "Q3"), score=0.6, word="Word")
    merge(store, [again], ontology=schema(), iris=IRIS)
    assert sureness(store) == {("Q1", IN, "Q3"): 0.672}, "a second witness makes what follows surer"
    retract(store, "urn:doc:three", ontology=schema(), iris=IRIS)
    assert dump(store) == dump(built(less_sure, there))


def test_the_surest_proof_is_kept_even_where_it_is_deeper() -> None:
    flat = says("one", ("Q1", IN, "Q2"), ("Q2", IN, "Q4"), score=0.75)
    deep = says("two", ("Q1", IN, "Q3"), ("Q3", IN, "Q5"), ("Q5", IN, "Q4"), score=0.99)
    store = built(flat, deep)
    assert sureness(store)["Q1", IN, "Q4"] == round(0.99**3, 6)
    retract(store, "urn:doc:two", ontology=schema(), iris=IRIS)
    assert sureness(store) == {("Q1", IN, "Q4"): 0.5625}


def test_of_literals_the_statements_of_best_rank_count() -> None:
    born = Rule("P1000", (Step("P569"),), RuleKind.SUBPROPERTY)
    year, day = TimeValue(1879), TimeValue(1879, 1, 1, 11)
    store = built(says("one", ("Q1", "P569", year), ("Q1", "P569", day), score=0.7), rules=[born])
    [(value, sure)] = store.select(
        f"SELECT ?o ?sure {{ ?i a <{KGB}Inference> ; <{RDF}object> ?o ; <{KGB}confidence> ?sure }}"
    )
    assert (value.value[:10], float(sure.value)) == ("1879-01-01", 0.7)


def test_rules_that_change_make_the_graph_anew() -> None:
    store = built(says("one", ("Q1", SPOUSE, "Q2"), ("Q1", FATHER, "Q3")), rules=RULES[:2])
    assert refresh_inferences(store, ontology=schema(RULES[2:]), iris=IRIS)
    assert inferred(store) == {("Q3", CHILD, "Q1")}
    assert refresh_inferences(store, ontology=schema(()), iris=IRIS)
    assert list(store.quads(IRIS.graph("inferred"))) == []


def test_a_proof_does_not_rest_on_itself() -> None:
    there, back = (
        Fact(ox.NamedNode(f"urn:{a}"), ox.NamedNode("urn:p"), ox.NamedNode(f"urn:{b}"))
        for a, b in ("xy", "yx")
    )
    rule = RULES[1]
    applications = [Application(there, rule, (back,)), Application(back, rule, (there,))]
    assert list(prove(applications, {})) == []
    assert [each.conclusion for each in prove(applications, {there: Strength(1.0, 0)})] == [back]

"""Explaining what rules infer, down to the sentences."""

from __future__ import annotations

import dataclasses

import pytest

from kgbuild.axioms import Rule, RuleKind, Step
from kgbuild.cli import show
from kgbuild.explain import Explanation, explain
from kgbuild.graph import merge, retract
from kgbuild.iris import WD, Iris
from kgbuild.ontology import Ontology, Property, ValueKind
from kgbuild.records import DocumentFacts, ItemValue, Statement
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()
IN, COUNTRY = "P131", "P17"


@pytest.fixture(scope="module")
def rules(schema: Ontology) -> Ontology:
    """Places lie in places, and in their countries; only the ontology knows what the country is called."""
    labels = {IN: "located in", COUNTRY: "country", "P1000": "within"}
    added = {
        pid: Property(pid, WD + pid, label, "", (), ValueKind.ITEM, (), (), None, False, False, ())
        for pid, label in labels.items()
    }
    made = (
        Rule(IN, (Step(IN), Step(IN)), RuleKind.TRANSITIVE),
        Rule("P1000", (Step(IN),), RuleKind.SUBPROPERTY),
        Rule("P31", (Step("P31"), Step(IN)), RuleKind.CHAIN),
    )
    return dataclasses.replace(schema, properties={**schema.properties, **added}, rules=made)


def says(facts: DocumentFacts, *claims: tuple[str, str, str]) -> DocumentFacts:
    evidence = tuple(dataclasses.replace(each, score=0.9) for each in facts.statements[0].evidence)
    return dataclasses.replace(
        facts, statements=tuple(Statement(s, p, ItemValue(o), (), 0.0, evidence) for s, p, o in claims)
    )


@pytest.fixture
def graph(store: OxigraphStore, corpus: tuple[DocumentFacts, ...], rules: Ontology) -> OxigraphStore:
    documents = [says(corpus[0], ("Q3012", IN, "Q985")), says(corpus[1], ("Q985", IN, "Q183"))]
    merge(store, [*documents, says(corpus[2], ("Q183", IN, "Q46"))], ontology=rules, iris=IRIS)
    return store


def followed(explanation: Explanation) -> dict[tuple[str, str], str]:
    return {(each.property.label, each.value.label): each.rule for each in explanation.inferences}


def test_an_inference_comes_down_to_sentences(graph: OxigraphStore, rules: Ontology) -> None:
    (ulm,) = explain(graph, "Q3012", iris=IRIS, ontology=rules)
    assert followed(ulm) == {
        ("located in", "Q183"): "transitive",
        ("located in", "Q46"): "transitive",
        ("within", "Q985"): "subproperty",
        ("within", "Q183"): "subproperty",
        ("within", "Q46"): "subproperty",
    }
    near = next(each for each in ulm.inferences if (each.property.id, each.value.id) == (IN, "Q183"))
    assert [(each.subject.label, each.value.label) for each in near.premises] == [
        ("Ulm", "Q985"),
        ("Q985", "Q183"),
    ]
    quotes = [each.statements[0].evidence[0].quote for each in near.premises]
    assert quotes == [
        "Albert Einstein was born in Ulm in 1879.",
        "Ulm is where Albert Einstein came into the world.",
    ]
    (alone,) = explain(graph, near.iri, iris=IRIS, ontology=rules)
    assert alone.inferences == (near,)
    assert alone.statements == ()


def test_a_premise_that_was_inferred_is_explained_too(graph: OxigraphStore, rules: Ontology) -> None:
    (ulm,) = explain(graph, "Q3012", iris=IRIS, ontology=rules)
    far = next(each for each in ulm.inferences if (each.property.id, each.value.id) == (IN, "Q46"))
    (inferred,) = [each for each in far.premises if each.inference]
    assert inferred.statements == ()
    assert len(inferred.inference.premises) == 2


def test_what_is_taken_back_is_explained_no_longer(
    graph: OxigraphStore, corpus: tuple[DocumentFacts, ...], rules: Ontology
) -> None:
    retract(graph, corpus[1].document.uri, ontology=rules, iris=IRIS)
    (ulm,) = explain(graph, "Q3012", iris=IRIS, ontology=rules)
    assert followed(ulm) == {("within", "Q985"): "subproperty"}


def test_what_only_the_knowledge_base_tells_and_how_it_is_shown(
    graph: OxigraphStore,
    corpus: tuple[DocumentFacts, ...],
    rules: Ontology,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Ulm is a city (Q515) by its description; were cities within places, Ulm would be one of those."""
    merge(graph, [says(corpus[3], ("Q515", IN, "Q1"))], ontology=rules, iris=IRIS)
    (ulm,) = explain(graph, "Q3012", iris=IRIS, ontology=rules)
    kind = next(each for each in ulm.inferences if each.property.id == "P31")
    assert [(len(each.statements), each.inference) for each in kind.premises] == [(0, None), (1, None)]
    show.explanation(ulm)
    shown = capsys.readouterr().out
    assert "\nUlm (Q3012) · located in (P131) · Q46\n  confidence 0.729, inferred (transitive)  " in shown
    assert "as the knowledge base has it" in shown
    assert "      0.90  “Albert Einstein was born in Ulm in 1879.”" in shown

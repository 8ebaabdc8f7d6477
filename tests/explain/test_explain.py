"""Explaining an entity, a statement and a label."""

from __future__ import annotations

from dataclasses import replace

import pyoxigraph as ox
import pytest

from kgbuild.errors import UsageError
from kgbuild.explain import Named, explain
from kgbuild.graph import merge
from kgbuild.graph.identity import SAME
from kgbuild.info import summary
from kgbuild.iris import Iris, entity_iri
from kgbuild.records import Candidate, DocumentFacts, Weighing
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()


@pytest.fixture
def graph(store: OxigraphStore, corpus, schema) -> OxigraphStore:
    merge(store, corpus, ontology=schema, iris=IRIS)
    return store


def test_an_entity_with_every_sentence(graph: OxigraphStore, corpus: tuple[DocumentFacts, ...]) -> None:
    (einstein,) = explain(graph, "Q937", iris=IRIS)
    assert (einstein.name, einstein.description, einstein.mentions) == (
        Named("Q937", "Albert Einstein"),
        "physicist",
        6,
    )
    said = {(each.property.label, each.value.label): each for each in einstein.statements}
    assert set(said) == {
        ("place of birth", "Ulm"),
        ("place of birth", "Zürich"),
        ("date of birth", "1879"),
        ("employer", "ETH Zürich"),
        ("instance of", "Q5"),
    }
    born = said["place of birth", "Ulm"]
    assert (born.confidence, born.rank, born.value.id) == (0.92, "preferred", "Q3012")
    assert [sentence.score for sentence in born.evidence] == [0.8, 0.8, 0.6]
    texts = {facts.document.uri: facts.document.text for facts in corpus}
    for statement in einstein.statements:
        for sentence in statement.evidence:
            assert texts[sentence.document][sentence.start : sentence.end] == sentence.quote
            assert sentence.title
            assert sentence.extractor == "pattern 1"


def test_a_copy_in_a_graph_of_somebody_else_says_nothing(graph: OxigraphStore) -> None:
    told, counted = explain(graph, "Q937", iris=IRIS), summary(graph, iris=IRIS)
    copies = [
        ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode("urn:mine")) for quad in graph.quads()
    ]
    graph.change((), copies)
    assert explain(graph, "Q937", iris=IRIS) == told
    again = summary(graph, iris=IRIS)
    assert replace(again.counts, quads=0) == replace(counted.counts, quads=0)
    assert (again.documents, again.rejections) == (counted.documents, counted.rejections)


def test_what_a_knowledge_base_told_is_told(store: OxigraphStore, corpus, schema) -> None:
    first, *others = corpus
    (born, *rest) = first.statements
    evidence = replace(born.evidence[0], score=0.7, weighed=Weighing(0.3, "the same"))
    weighed = replace(first, statements=(replace(born, evidence=(evidence,)), *rest))
    merge(store, [weighed, *others], ontology=schema, iris=IRIS)
    sentences = [
        sentence
        for statement in explain(store, born.subject, iris=IRIS)[0].statements
        for sentence in statement.evidence
    ]
    assert [(each.score, each.read, each.told) for each in sentences if each.told] == [(0.7, 0.3, "the same")]
    assert {each.read for each in sentences if not each.told} == {None}


def test_a_statement_alone(graph: OxigraphStore) -> None:
    (ulm,) = explain(graph, "http://www.wikidata.org/entity/Q3012", iris=IRIS)
    population = next(each for each in ulm.statements if each.property.id == "P1082")
    assert population.value == Named("", "128928")
    (alone,) = explain(graph, population.iri, iris=IRIS)
    assert alone.statements == (population,)


def test_statements_about_an_entity_come_before_those_that_name_it(graph: OxigraphStore) -> None:
    (ulm,) = explain(graph, "Q3012", iris=IRIS)
    assert [each.subject.label for each in ulm.statements] == ["Ulm", "Albert Einstein"]


def test_labels_come_before_aliases_and_case_does_not_matter(graph: OxigraphStore) -> None:
    assert [each.name.id for each in explain(graph, "ulm", iris=IRIS)] == ["Q3012"]
    assert [each.name.id for each in explain(graph, " Einstein", iris=IRIS)] == ["Q937"]
    assert [each.name.id for each in explain(graph, "eth", iris=IRIS)] == ["Q11942"]


@pytest.mark.parametrize(
    "term", ["Q404404", "nobody", "", "urn:x", "http://a b", 'quote " and \\', "urn:<x>"]
)
def test_nothing_of_that_name(graph: OxigraphStore, term: str) -> None:
    with pytest.raises(UsageError, match="give a QID, an IRI or the exact label"):
        explain(graph, term, iris=IRIS)


def test_an_item_with_the_local_entities_that_are_it(graph: OxigraphStore) -> None:
    entities = ox.NamedNode(IRIS.graph("entities"))
    same, item = ox.NamedNode(SAME), ox.NamedNode(entity_iri("Q937"))
    near, far = (ox.NamedNode(f"{IRIS.base}entity/{name}") for name in "ba")
    graph.change((), [ox.Quad(near, same, item, entities), ox.Quad(far, same, near, entities)])
    found = explain(graph, "Q937", iris=IRIS)
    assert [each.name.id for each in found] == ["Q937", far.value, near.value]
    assert [each.name.id for each in explain(graph, "Albert Einstein", iris=IRIS)] == ["Q937"]


def test_an_entity_with_the_candidates_of_its_name(store: OxigraphStore, corpus, schema) -> None:
    weighed = (
        Candidate("Q937", "Albert Einstein", 0.9312, (("prior", 0.7), ("label_match", 1.0))),
        Candidate("Q4357787", "Hans Albert Einstein", 0.02),
    )
    first = next(each for each in corpus[0].mentions if each.entity == "Q937")
    mentions = tuple(
        replace(each, candidates=weighed) if each is first else each for each in corpus[0].mentions
    )
    merge(store, [replace(corpus[0], mentions=mentions)], ontology=schema, iris=IRIS)
    (einstein,) = explain(store, "Q937", iris=IRIS)
    (link,) = einstein.links
    assert (link.name, link.start, link.score) == (first.mention.text, first.mention.start, first.score)
    assert link.candidates.splitlines() == [
        "Q937 0.931 Albert Einstein (prior 0.7, label_match 1)",
        "Q4357787 0.020 Hans Albert Einstein",
    ]

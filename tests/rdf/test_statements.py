"""Statements, values, properties and entities as quads."""

from __future__ import annotations

import dataclasses
import random
from decimal import Decimal

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.iris import XSD, Iris
from kgbuild.ontology import Ontology
from kgbuild.rdf import (
    Description,
    Said,
    describe,
    description_pairs,
    document_quads,
    entity_pairs,
    honest_date,
    node,
    property_forms,
    property_pairs,
    read_description,
    rejected_document_quads,
    simple_value,
    statement_iri,
    statement_quads,
    statements_by_iri,
    value_pairs,
)
from kgbuild.records import (
    DocumentFacts,
    Entity,
    ItemValue,
    QuantityValue,
    Rejection,
    Statement,
    TextValue,
    TimeValue,
)
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()


def quads_of(statement: Statement) -> list[ox.Quad]:
    claim = IRIS.claim(statement.subject, statement.property, statement.value)
    return list(statement_quads(statement_iri(statement, IRIS), Said(claim, statement), IRIS))


def short(term: object) -> str:
    return (
        str(term)
        .replace("http://www.wikidata.org/", "")
        .replace("http://wikiba.se/ontology#", "")
        .replace(XSD, "")
    )


@pytest.mark.parametrize(
    ("value", "simple", "honest"),
    [
        (TimeValue(1912, 6, 23, 11), "1912-06-23T00:00:00Z", '"1912-06-23"^^<date>'),
        (TimeValue(1912, 6, None, 10), "1912-06-01T00:00:00Z", '"1912-06"^^<gYearMonth>'),
        (TimeValue(1912), "1912-01-01T00:00:00Z", '"1912"^^<gYear>'),
        (TimeValue(-43, 3, 15, 11), "-0043-03-15T00:00:00Z", '"-0043-03-15"^^<date>'),
        (TimeValue(0), "0000-01-01T00:00:00Z", '"0000"^^<gYear>'),
        (TimeValue(1910, precision=8), "1910-01-01T00:00:00Z", None),
        (TimeValue(1900, precision=7), "1900-01-01T00:00:00Z", None),
        (TimeValue(1912, precision=11), "1912-01-01T00:00:00Z", '"1912"^^<gYear>'),
    ],
)
def test_dates_as_wikidata_has_them_and_as_they_were_said(
    value: TimeValue, simple: str, honest: str | None
) -> None:
    assert short(simple_value(value)) == f'"{simple}"^^<dateTime>'
    found = honest_date(value)
    assert (None if found is None else short(found)) == honest


@given(
    value=st.one_of(
        st.builds(
            TimeValue, st.integers(-4000, 9999), st.integers(1, 12), st.integers(1, 28), st.integers(7, 11)
        ),
        st.builds(QuantityValue, st.decimals(allow_nan=False, allow_infinity=False, places=3), st.none()),
        st.builds(TextValue, st.text(), st.sampled_from([None, "en", "de-AT", "no tag", "x"])),
    )
)
def test_terms_are_kept_as_they_are_written(value: TimeValue | QuantityValue | TextValue) -> None:
    """What a store gives back must equal what would be written again, or re-runs would not agree."""
    store = OxigraphStore()
    statement = Statement("Q1", "P2", value)
    quads = set(quads_of(statement))
    store.replace_graph(IRIS.graph("statements"), list(quads))
    assert set(store.quads()) == quads


def test_a_statement_with_quantity_and_qualifier() -> None:
    value = QuantityValue(Decimal("12.50"), "Q11573")
    statement = Statement("Q64", "P2044", value, (("P585", TimeValue(2020)),))
    quads = quads_of(statement)
    assert {quad.graph_name.value for quad in quads} == {IRIS.graph("statements")}
    lines = sorted(short(quad.triple) for quad in quads)
    iri = IRIS.statement("Q64", "P2044", value, statement.qualifiers)
    said = [line for line in lines if line.startswith(f"<{iri}>")]
    assert len(said) == 6
    assert f'<{iri}> <prop/statement/P2044> "12.5"^^<decimal>' in said
    assert f"<{iri}> <prop/qualifier/value/P585> <{IRIS.value(TimeValue(2020))}>" in said
    assert f"<{IRIS.value(value)}> <quantityUnit> <entity/Q11573>" in lines
    assert (node("http://wikiba.se/ontology#quantityUnit"), node("http://www.wikidata.org/entity/Q199")) in (
        value_pairs(QuantityValue(Decimal(1)))
    )
    assert value_pairs(ItemValue("Q1")) == value_pairs(TextValue("a")) == []


def test_a_property_of_another_schema_has_its_forms_under_our_base(schema: Ontology) -> None:
    forms = property_forms("http://schema.org/author", IRIS)
    assert forms.direct == forms.property == node("http://schema.org/author")
    others = (forms.claim, forms.statement, forms.statement_value, forms.qualifier, forms.qualifier_value)
    assert all(each.value.startswith(f"{IRIS.base}prop/") for each in others)
    assert len(set(others)) == 5
    assert forms.claim != property_forms("http://example.org/author", IRIS).claim
    declared = dict(property_pairs("P569", schema, IRIS))
    assert short(declared[node("http://wikiba.se/ontology#propertyType")]) == "<Time>"
    assert short(declared[node("http://www.w3.org/2000/01/rdf-schema#label")]) == '"date of birth"@en'


entities = st.builds(
    Entity,
    st.just("Q1"),
    st.text(),
    st.lists(st.text(), max_size=3).map(tuple),
    st.text(),
    st.lists(st.sampled_from(["Q5", "Q6", "urn:class"])).map(tuple),
)


@given(entity=entities, language=st.sampled_from(["en", "und", "zh-Hant"]))
def test_a_description_is_read_as_it_was_written(entity: Entity, language: str) -> None:
    description = describe(entity, language, IRIS)
    assert read_description(description.iri, description_pairs(description)) == description


@given(
    told=st.lists(st.tuples(entities, st.sampled_from(["en", "de"])), min_size=1, max_size=4),
    seed=st.integers(),
)
def test_an_entity_does_not_depend_on_who_told_first(told: list[tuple[Entity, str]], seed: int) -> None:
    descriptions: list[Description] = [describe(entity, language, IRIS) for entity, language in told]
    shuffled = random.Random(seed).sample(descriptions, len(descriptions))
    assert set(entity_pairs(descriptions)) == set(entity_pairs(shuffled))
    labels = [pair for pair in entity_pairs(descriptions) if pair[0].value.endswith("#label")]
    assert len(labels) <= 1


def test_two_extractors_of_one_sentence_are_one_evidence(corpus: tuple[DocumentFacts, ...]) -> None:
    facts = corpus[0]
    statement = facts.statements[0]
    (evidence,) = statement.evidence
    other = dataclasses.replace(evidence, score=0.95, extractor="other 2")
    twice = dataclasses.replace(
        facts, statements=(statement, dataclasses.replace(statement, evidence=(other,)))
    )
    quads = document_quads(twice, statements_by_iri(twice, IRIS), (), IRIS)
    found = [short(quad.object) for quad in quads if quad.predicate.value.endswith(("#score", "#extractor"))]
    assert [each for each in found if each in ('"other 2"', '"pattern 1"')] == ['"other 2"']
    assert found.count('"0.95"^^<decimal>') == 1


def test_a_statement_that_no_sentence_says(corpus: tuple[DocumentFacts, ...]) -> None:
    facts = corpus[0]
    bare = dataclasses.replace(facts, statements=(dataclasses.replace(facts.statements[0], evidence=()),))
    with pytest.raises(ValueError, match=r"tests/one\.txt: no evidence for"):
        statements_by_iri(bare, IRIS)


def test_a_document_graph_is_its_own(corpus: tuple[DocumentFacts, ...]) -> None:
    quads = document_quads(corpus[4], statements_by_iri(corpus[4], IRIS), ("urn:description",), IRIS)
    assert {quad.graph_name.value for quad in quads} == {corpus[4].document.uri}
    assert not any(isinstance(term, ox.BlankNode) for quad in quads for term in quad.triple)


def test_what_is_no_character_does_not_stop_a_document(schema: Ontology) -> None:
    """A file name that is not UTF-8 reaches the graph of rejections as Python has it."""
    name = "caf\udce9.txt"
    rejection = Rejection("ingest", name, "unreadable", f"{name} is a device")
    uri = IRIS.document("tests", name)
    quads = rejected_document_quads(uri, rejection, IRIS)
    assert "\ufffd" in next(quad.object.value for quad in quads if quad.predicate.value.endswith("detail"))
    assert uri != IRIS.document("tests", "caf\udcea.txt")

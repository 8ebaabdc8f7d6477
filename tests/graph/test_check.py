"""What a document says is set against shapes before it is merged; a whole store, when asked."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox
import pytest

from kgbuild import info
from kgbuild.cli import report
from kgbuild.graph import check, merge, retract, validate
from kgbuild.iris import KGB, PS, SH, WD, WIKIBASE, Iris
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.records import (
    Document,
    DocumentFacts,
    Entity,
    Evidence,
    ItemValue,
    QuantityValue,
    Revision,
    Statement,
    TextValue,
    TimeValue,
    Value,
)
from kgbuild.shapes import Shapes, load_shapes
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return load_ontology()


@pytest.fixture(scope="module")
def shapes(ontology: Ontology) -> Shapes:
    return load_shapes(ontology, IRIS)


def says(name: str, *claims: tuple[str, str, Value, float], qualifiers=()) -> DocumentFacts:
    text = f"Text of {name}."
    return DocumentFacts(
        Document(name, f"urn:doc:{name}", text),
        Revision("h", "r", "e", "l", "o"),
        entities=tuple(Entity(each, each) for each in {claim[0] for claim in claims}),
        statements=tuple(
            Statement(subject, pid, value, qualifiers, 0.0, (Evidence(name, 0, 4, "Text", score, "x"),))
            for subject, pid, value, score in claims
        ),
    )


def claimed(facts: DocumentFacts) -> list[str]:
    """The properties of the statements that are kept out."""
    return sorted(each.statement.property for each in facts.quarantined)


BORN, DIED, POPULATION = "P569", "P570", "P1082"
GOOD = {
    "a life": [("Q1", BORN, TimeValue(1900), 0.9), ("Q1", DIED, TimeValue(1950, 2, 3, 11), 0.9)],
    "the same year": [("Q1", BORN, TimeValue(1900, 5, 1, 11), 0.9), ("Q1", DIED, TimeValue(1900), 0.9)],
    "a decade": [("Q1", BORN, TimeValue(1903), 0.9), ("Q1", DIED, TimeValue(1900, precision=8), 0.9)],
    "a rival of the less sure": [
        ("Q1", BORN, TimeValue(1912), 0.9),
        ("Q1", DIED, TimeValue(1954), 0.9),
        ("Q1", DIED, TimeValue(1903), 0.5),
    ],
    "before the common era": [
        ("Q1", BORN, TimeValue(-99), 0.9),
        ("Q1", DIED, TimeValue(-43, 3, 15, 11), 0.9),
    ],
    "over the turn of the era": [("Q1", BORN, TimeValue(-62), 0.9), ("Q1", DIED, TimeValue(14), 0.9)],
    "two births": [("Q1", BORN, TimeValue(1900), 0.9), ("Q1", BORN, TimeValue(1901), 0.5)],
    "a local entity": [(IRIS.local_entity("urn:d", "0"), "P19", ItemValue("Q64"), 0.9)],
    "a name": [("Q1", "P1477", TextValue("Ada", "en"), 0.9), ("Q1", "P1477", TextValue("Ada"), 0.9)],
    "a number": [("Q1", POPULATION, QuantityValue(Decimal(12)), 0.9)],
    "what the ontology does not know": [("Q1", "http://e.org/p", TextValue("x"), 0.9)],
}
BAD = {
    "the less sure date": ([("Q1", BORN, TimeValue(1900), 0.9), ("Q1", DIED, TimeValue(1850), 0.5)], [DIED]),
    "the less sure of the other two": (
        [("Q1", BORN, TimeValue(1900), 0.5), ("Q1", DIED, TimeValue(1850), 0.9)],
        [BORN],
    ),
    "both where neither is surer": (
        [("Q1", BORN, TimeValue(1900), 0.9), ("Q1", DIED, TimeValue(1850), 0.9)],
        [BORN, DIED],
    ),
    "a day too early": (
        [("Q1", BORN, TimeValue(1900, 5, 2, 11), 0.9), ("Q1", DIED, TimeValue(1900, 5, 1, 11), 0.5)],
        [DIED],
    ),
    "oneself": ([("Q1", "P26", ItemValue("Q1"), 0.9)], ["P26"]),
    "a text for an item": ([("Q1", "P19", TextValue("Ulm"), 0.9)], ["P19"]),
    "an item for a date": ([("Q1", BORN, ItemValue("Q2"), 0.9)], [BORN]),
    "a date for a number": ([("Q1", POPULATION, TimeValue(1900), 0.9)], [POPULATION]),
    "a negative number": ([("Q1", POPULATION, QuantityValue(Decimal(-12)), 0.9)], [POPULATION]),
    "an empty text": ([("Q1", "P1477", TextValue("  "), 0.9)], ["P1477"]),
    "one parent for two": (
        [("Q1", "P22", ItemValue("Q2"), 0.9), ("Q1", "P25", ItemValue("Q2"), 0.9)],
        ["P22"],
    ),
    "a young parent": (
        [
            ("Q1", "P22", ItemValue("Q2"), 0.9),
            ("Q1", BORN, TimeValue(1900), 0.9),
            ("Q2", BORN, TimeValue(1895), 0.9),
        ],
        ["P22"],
    ),
    "each other's parent": (
        [("Q1", "P22", ItemValue("Q2"), 0.9), ("Q2", "P22", ItemValue("Q1"), 0.5)],
        ["P22"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", GOOD)
def test_what_conforms_is_left_as_it_is(case: str, ontology: Ontology, shapes: Shapes) -> None:
    facts = says("good", *GOOD[case])
    assert check(facts, shapes, ontology=ontology, iris=IRIS) == facts


@pytest.mark.parametrize("case", BAD)
def test_what_violates_a_shape_is_kept_out_and_counted(case: str, ontology: Ontology, shapes: Shapes) -> None:
    claims, expected = BAD[case]
    facts = says("bad", *claims)
    checked = check(facts, shapes, ontology=ontology, iris=IRIS)
    assert claimed(checked) == expected
    assert {*checked.statements} | {each.statement for each in checked.quarantined} == {*facts.statements}
    assert [each.stage for each in checked.rejections] == ["quarantine"] * len(expected)
    assert all(result.message for each in checked.quarantined for result in each.results)


def test_a_qualifier_is_checked_too(ontology: Ontology, shapes: Shapes) -> None:
    backwards = (("P580", TimeValue(1950)), ("P582", TimeValue(1940)))
    facts = says("q", ("Q1", "P108", ItemValue("Q2"), 0.9), qualifiers=backwards)
    [kept] = check(facts, shapes, ontology=ontology, iris=IRIS).quarantined
    assert [each.message for each in kept.results] == ["the end time is before the start time"]
    text = says("t", ("Q1", "P108", ItemValue("Q2"), 0.9), qualifiers=(("P580", TextValue("May")),))
    assert claimed(check(text, shapes, ontology=ontology, iris=IRIS)) == ["P108"]


def test_a_warning_keeps_nothing_out(ontology: Ontology, shapes: Shapes) -> None:
    facts = says("old", ("Q1", BORN, TimeValue(1700), 0.9), ("Q1", DIED, TimeValue(1900), 0.9))
    assert check(facts, shapes, ontology=ontology, iris=IRIS) == facts
    store = OxigraphStore()
    merge(store, [facts], ontology=ontology, iris=IRIS)
    [result] = validate(store, shapes, IRIS)
    assert (result.severity, result.message) == ("Warning", "a person who lived for more than 125 years")


def test_quarantine_and_report_are_in_the_documents_graph(ontology: Ontology, shapes: Shapes) -> None:
    store = OxigraphStore()
    facts = check(says("bad", *BAD["the less sure date"][0]), shapes, ontology=ontology, iris=IRIS)
    merge(store, [facts], ontology=ontology, iris=IRIS)
    query = f"""SELECT ?message ?quote ?died {{ GRAPH <urn:doc:bad> {{
      ?report a <{SH}ValidationReport> ; <{SH}conforms> false ; <{SH}result> ?result .
      ?result a <{SH}ValidationResult> ; <{SH}focusNode> ?statement ; <{SH}resultMessage> ?message ;
        <{SH}resultSeverity> <{SH}Violation> ; <{SH}sourceShape> <{KGB}shape/order> ;
        <{SH}sourceConstraintComponent> <{SH}SPARQLConstraintComponent> .
      ?kept a <{KGB}QuarantinedStatement> ; <{KGB}violates> ?result ; <{KGB}statement> ?statement ;
        <http://www.w3.org/1999/02/22-rdf-syntax-ns#object> ?died ;
        <http://www.w3.org/ns/oa#hasSelector>/<http://www.w3.org/ns/oa#exact> ?quote }} }}"""
    [row] = store.select(query)
    assert [row["quote"].value, row["died"].value] == ["Text", "1850-01-01T00:00:00Z"]
    assert not list(store.select(f"SELECT ?x {{ ?x <{PS}{DIED}> ?y }}"))
    assert info.summary(store, iris=IRIS).counts.quarantined == 1
    triples = [quad.triple for quad in store.quads()]
    assert len(triples) == len(set(triples))
    retract(store, "urn:doc:bad", ontology=ontology, iris=IRIS)
    assert list(store.quads()) == []


def test_documents_that_are_right_alone_may_be_wrong_together(ontology: Ontology, shapes: Shapes) -> None:
    born = says("born", ("Q1", BORN, TimeValue(1900), 0.9))
    died = says("died", ("Q1", DIED, TimeValue(1850), 0.5))
    stores = [OxigraphStore(), OxigraphStore()]
    for store, order in zip(stores, ([born, died], [died, born]), strict=True):
        merge(
            store,
            [check(each, shapes, ontology=ontology, iris=IRIS) for each in order],
            ontology=ontology,
            iris=IRIS,
        )
    assert sorted(map(str, stores[0].quads())) == sorted(map(str, stores[1].quads()))
    [result] = validate(stores[0], shapes, IRIS)
    assert result.message == "the end is before the beginning, or the beginning after the end"
    [[property_]] = stores[0].select(
        f"SELECT ?p {{ ?s ?p <{result.focus}> FILTER(CONTAINS(STR(?p), '/prop/')) }}"
    )
    assert property_.value.endswith(DIED)


def test_subjects_beyond_one_batch_and_the_items_that_they_name(ontology: Ontology, shapes: Shapes) -> None:
    many = [(f"Q{number}", "P22", ItemValue("Q1"), 0.9) for number in range(2, 1100)]
    facts = says("many", *many, ("Q1099", BORN, TimeValue(1850), 0.9), ("Q1", BORN, TimeValue(1900), 0.9))
    store = OxigraphStore()
    merge(store, [facts], ontology=ontology, iris=IRIS)
    assert [each.message for each in validate(store, shapes, IRIS)] == [
        "a parent was born less than ten years before the child"
    ]


def test_a_damaged_store_is_told(ontology: Ontology, shapes: Shapes) -> None:
    store = OxigraphStore()
    merge(store, [says("one", *GOOD["a life"])], ontology=ontology, iris=IRIS)
    assert list(validate(store, shapes, IRIS)) == []
    graph = IRIS.graph("statements")
    store.update(f"DELETE WHERE {{ GRAPH <{graph}> {{ ?s <{WIKIBASE}rank> ?rank }} }}")
    assert {each.message for each in validate(store, shapes, IRIS)} == {"a statement has one rank"}


def test_the_report_as_turtle_is_shacls_own(
    ontology: Ontology, shapes: Shapes, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    store = OxigraphStore()
    merge(store, [says("bad", *BAD["oneself"][0])], ontology=ontology, iris=IRIS)
    report.turtle(sorted(validate(store, shapes, IRIS)), IRIS)
    written = ox.Store()
    written.extend(ox.parse(capfdbinary.readouterr().out, format=ox.RdfFormat.TURTLE))
    asked = f"""ASK {{ ?report a <{SH}ValidationReport> ; <{SH}conforms> false ; <{SH}result> ?result .
      ?result <{SH}value> <{WD}Q1> ; <{SH}sourceShape> <{KGB}shape/itself> }}"""
    assert bool(written.query(asked))


def test_a_shape_of_ones_own_may_speak_of_entities(tmp_path: Path, ontology: Ontology) -> None:
    path = tmp_path / "mine.ttl"
    path.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix wd: <http://www.wikidata.org/entity/> .\n"
        "@prefix wdt: <http://www.wikidata.org/prop/direct/> .\n"
        "<urn:x:one> a sh:NodeShape ; sh:targetSubjectsOf wdt:P26 ;\n"
        '  sh:property [ sh:path wdt:P26 ; sh:not [ sh:in ( wd:Q3 ) ] ; sh:message "never Q3" ] .\n'
        "<urn:x:all> a sh:NodeShape ; sh:targetSubjectsOf wdt:P20 ; sh:nodeKind sh:Literal .\n"
    )
    shapes = load_shapes(ontology, IRIS, path)
    facts = says(
        "mine",
        ("Q1", "P26", ItemValue("Q2"), 0.9),
        ("Q1", "P26", ItemValue("Q3"), 0.9),
        ("Q5", "P20", ItemValue("Q6"), 0.9),
        ("Q5", "P19", ItemValue("Q6"), 0.9),
    )
    kept = check(facts, shapes, ontology=ontology, iris=IRIS).quarantined
    assert [(each.statement.property, each.results[0].shape) for each in kept] == [
        ("P26", "urn:x:one"),
        ("P20", "urn:x:all"),
        ("P19", "urn:x:all"),
    ]
    assert dataclasses.asdict(kept[0].statement)["value"] == {"entity": "Q3"}

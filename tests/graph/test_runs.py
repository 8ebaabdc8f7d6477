"""The graph of runs: what each did, with what, and the data set that they made."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kgbuild.graph import describe_dataset, merge, record_retraction, record_run, retract
from kgbuild.graph.rows import rows
from kgbuild.graph.runs import measure
from kgbuild.iris import DCAT, DCTERMS, KGB, PROV, RDFS, VOID, WD, WDT, Iris
from kgbuild.rdf import About, Part
from kgbuild.records import BuildReport
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DATASET = f"<{IRIS.dataset}>"
LICENCE = "https://creativecommons.org/publicdomain/zero/1.0/"


@pytest.fixture
def merged(corpus: Any, schema: Any) -> OxigraphStore:
    store = OxigraphStore()
    merge(store, corpus, ontology=schema, iris=IRIS)
    return store


def ask(store: OxigraphStore, variables: str, pattern: str) -> list[tuple[str, ...]]:
    return sorted(rows(store, f"SELECT {variables} {{ GRAPH <{IRIS.graph('runs')}> {{ {pattern} }} }}"))


def test_a_run_tells_its_software_and_what_it_used() -> None:
    store = OxigraphStore()
    parts = [Part("extractor", "neural/2"), Part("model", digest="ab12"), Part("ontology", "o/1", "cd34")]
    report = BuildReport("1", documents=3, seconds={"merge": 0.25})
    record_run(store, report, started=NOW, ended=NOW, parts=parts, iris=IRIS)
    run = f"<{IRIS.run('1')}>"
    software = f"{run} <{PROV}wasAssociatedWith> ?a . ?a a <{PROV}SoftwareAgent> ; <{RDFS}label> ?name ; "
    used = f"{run} <{PROV}used> ?a . ?a a <{PROV}Entity> ; <{RDFS}label> ?name ; "
    assert ask(store, "?name ?version", f"{software} <{KGB}version> ?version") == [
        ("extractor", "neural/2"),
        ("ontology", "o/1"),
    ]
    assert ask(store, "?name ?hash", f"{used} <{KGB}contentHash> ?hash") == [
        ("model", "ab12"),
        ("ontology", "cd34"),
    ]
    told = f"{run} <{PROV}generated> ?set ; <{KGB}timing>/<{KGB}seconds> ?seconds"
    assert ask(store, "?set ?seconds", told) == [(IRIS.dataset, "0.25")]


def test_the_data_set_says_how_much_it_holds(merged: OxigraphStore) -> None:
    about = About("News", "of 2026", LICENCE, "https://acme.example/")
    describe_dataset(merged, about, iris=IRIS)
    stated = sum(1 for quad in merged.quads() if quad.graph_name.value != IRIS.graph("runs"))
    assert ask(
        merged,
        "?licence ?title ?triples ?documents",
        f"""{DATASET} a <{VOID}Dataset>, <{DCAT}Dataset> ; <{DCTERMS}license> ?licence ;
        <{DCTERMS}title> ?title ; <{VOID}triples> ?triples ; <{VOID}documents> ?documents""",
    ) == [(LICENCE, "News", str(stated), "6")]
    properties = dict(ask(merged, "?x ?n", f"?part <{VOID}property> ?x ; <{VOID}triples> ?n"))
    parts = ask(merged, "?part", f"{DATASET} <{VOID}propertyPartition> ?part")
    assert len(parts) == len(properties) == 5
    assert properties[WDT + "P19"] == "1"
    assert ask(merged, "?n", f"?part <{VOID}class> <{WD}Q5> ; <{VOID}entities> ?n") == [("1",)]


def test_no_licence_is_stated_unless_it_is_set(merged: OxigraphStore) -> None:
    describe_dataset(merged, About(), iris=IRIS)
    assert ask(merged, "?licence", f"{DATASET} <{DCTERMS}license> ?licence") == []
    assert len(ask(merged, "?when", f"{DATASET} <{DCTERMS}modified> ?when")) == 1


def test_a_description_takes_the_place_of_the_earlier_one(
    merged: OxigraphStore, corpus: Any, schema: Any
) -> None:
    describe_dataset(merged, About(licence=LICENCE), iris=IRIS)
    before = set(merged.quads())
    describe_dataset(merged, About(licence=LICENCE), iris=IRIS)
    assert set(merged.quads()) == before
    for each in corpus[1:]:
        retract(merged, each.document.uri, ontology=schema, iris=IRIS)
    record_retraction(merged, "2", [each.document.uri for each in corpus[1:]], started=NOW, iris=IRIS)
    describe_dataset(merged, About(), iris=IRIS)
    alone = OxigraphStore()
    merge(alone, corpus[:1], ontology=schema, iris=IRIS)
    assert measure(merged, iris=IRIS) == measure(alone, iris=IRIS)
    assert ask(merged, "?licence", f"{DATASET} <{DCTERMS}license> ?licence") == []
    invalidated = ask(
        merged, "?document", f"<{IRIS.run('2')}> a <{KGB}Retraction> ; <{PROV}invalidated> ?document"
    )
    assert [uri for (uri,) in invalidated] == sorted(each.document.uri for each in corpus[1:])
    described = ask(merged, "?n", f"{DATASET} <{VOID}documents> ?n")
    assert described == [("1",)]

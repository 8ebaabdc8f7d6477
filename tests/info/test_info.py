"""The summary of a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kgbuild.graph import merge, record_run, reject
from kgbuild.info import KeptRejection, summary
from kgbuild.iris import Iris
from kgbuild.rdf import Part
from kgbuild.records import BuildReport, Rejection
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()


def test_an_empty_store(store: OxigraphStore) -> None:
    empty = summary(store, iris=IRIS)
    assert (empty.counts.quads, empty.documents, empty.runs, empty.properties) == (0, (), (), ())


def test_what_was_merged_rejected_and_run(store: OxigraphStore, corpus, schema) -> None:
    merge(store, corpus, ontology=schema, iris=IRIS)
    broken = IRIS.document("tests", "broken.pdf")
    reject(
        store,
        broken,
        Rejection("ingest", "broken.pdf", "truncated", "no trailer"),
        ontology=schema,
        iris=IRIS,
    )
    started = datetime(2026, 11, 23, 12, tzinfo=UTC)
    for run, seconds in (("first", {"extract": 1.25, "link": 0.5}), ("second", {})):
        report = BuildReport(
            run, documents=6, unchanged=1, statements=6, seconds=seconds, rejections=corpus[4].rejections
        )
        started += timedelta(hours=1)
        record_run(store, report, started=started, ended=started, parts=[Part("kgbuild", "0.1")], iris=IRIS)
    found = summary(store, iris=IRIS)
    assert (found.counts.documents, found.counts.rejected, found.counts.statements) == (6, 1, 6)
    assert (found.counts.entities, found.counts.local, found.counts.evidence) == (4, 0, 8)
    assert found.counts.quads == len(list(store.quads()))
    assert [each.statements for each in found.documents if each.title == "One.Txt"] == [2]
    assert found.rejections == (
        KeptRejection(broken, "ingest", "truncated", "no trailer", 1, True),
        KeptRejection(corpus[4].document.uri, "check", "domain", "a city has no employer", 1, False),
    )
    assert found.properties[0] == ("place of birth", 2)
    assert ("reader", "reader 1", 6) in found.versions
    assert [(each.iri.rsplit("/")[-1], each.seconds, each.rejections) for each in found.runs] == [
        ("second", 0.0, 1),
        ("first", 1.75, 1),
    ]
    assert found.runs[1].started == "2026-11-23T13:00:00Z"

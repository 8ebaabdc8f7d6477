"""Documents come, change, go and are interrupted; nothing else is lost, and nothing is left over."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import killing
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgbuild.export import export
from kgbuild.graph import identifiers, load, merge, named, reject, retract
from kgbuild.iris import KGB, OA, WD, Iris
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.records import DocumentFacts, Rejection
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()
Sample = tuple[DocumentFacts, ...]


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    return load_ontology()


def graph_of(facts: Sample, ontology: Ontology) -> OxigraphStore:
    store = OxigraphStore()
    merge(store, facts, ontology=ontology, iris=IRIS)
    return store


def exported(store: OxigraphStore, folder: Path) -> bytes:
    export(store, folder / "graph.nq", iris=IRIS)
    return (folder / "graph.nq").read_bytes()


def test_taking_back_any_third_is_never_having_read_it(
    sample: Sample, ontology: Ontology, tmp_path: Path
) -> None:
    thirds = list(combinations(sample, round(len(sample) / 3)))
    assert len(thirds) == 10
    for third in thirds:
        store = graph_of(sample, ontology)
        for gone in third:
            retract(store, gone.document.uri, ontology=ontology, iris=IRIS)
        rest = tuple(each for each in sample if each not in third)
        assert exported(store, tmp_path) == exported(graph_of(rest, ontology), tmp_path)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_order_of_documents_does_not_matter(
    sample: Sample, ontology: Ontology, tmp_path: Path, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(sample))
    again = data.draw(st.lists(st.sampled_from(sample), max_size=2))
    store = graph_of((*order, *again), ontology)
    assert exported(store, tmp_path) == exported(graph_of(sample, ontology), tmp_path)


def test_a_merge_that_is_killed_and_run_again_gives_the_same_bytes(
    sample: Sample, ontology: Ontology, tmp_path: Path
) -> None:
    hit, whole = killing.merge_killed(sample, tmp_path, kills=20, seed=5)
    assert hit >= 5, "too few kills hit a running merge"
    assert whole == exported(graph_of(sample, ontology), tmp_path)


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_loading_at_once_gives_the_bytes_of_merging_one_by_one(
    sample: Sample, ontology: Ontology, tmp_path: Path, at_once: int
) -> None:
    store = OxigraphStore(tmp_path / "store")
    changed = replace(sample[0], statements=sample[0].statements[1:])
    merge(store, [changed], ontology=ontology, iris=IRIS)
    for start in range(0, len(sample), at_once):
        load(store, sample[start : start + at_once], ontology=ontology, iris=IRIS)
    assert exported(store, tmp_path) == exported(graph_of(sample, ontology), tmp_path)
    before = sorted(map(str, store.quads()))
    load(store, sample, ontology=ontology, iris=IRIS)
    assert sorted(map(str, store.quads())) == before
    store.close()


def test_a_load_that_is_killed_and_run_again_gives_the_same_bytes(
    sample: Sample, ontology: Ontology, tmp_path: Path
) -> None:
    hit, whole = killing.merge_killed(sample, tmp_path, kills=8, seed=7, at_once=2)
    assert hit >= 2, "too few kills hit a running load"
    assert whole == exported(graph_of(sample, ontology), tmp_path)


# -- what others wrote --

CURATED = f"""INSERT DATA {{
  GRAPH <https://curated.example/mine> {{
    <{WD}Q1> <http://www.wikidata.org/prop/direct/P19> <{WD}Q2> .
    <{WD}Q1> <http://www.w3.org/2000/01/rdf-schema#label> "a name"@en .
    <https://curated.example/e> <{KGB}supports> ?? ; <{KGB}score> 0.9 ; <{OA}hasSelector> <urn:quote> .
    <urn:quote> <{OA}exact> "no document says this" .
  }}
  GRAPH <{IRIS.base}graph/curated> {{ <urn:a> <urn:b> "kept", 1.50, "2020-01-01"^^<urn:type> . }}
  GRAPH <{IRIS.base}document/curated> {{ <urn:a> <urn:b> <urn:c> . }}
}}"""
GRAPHS = ("https://curated.example/mine", f"{IRIS.base}graph/curated", f"{IRIS.base}document/curated")


def curated(store: OxigraphStore) -> dict[str, list[str]]:
    return {name: sorted(map(str, store.quads(name))) for name in GRAPHS}


def test_graphs_of_others_survive_whatever_is_built_and_taken_back(
    sample: Sample, ontology: Ontology, tmp_path: Path
) -> None:
    """One of them speaks of our statements and pretends to support one."""
    plain = graph_of(sample, ontology)
    statement = next(
        str(quad.subject) for quad in plain.quads(IRIS.graph("statements")) if KGB in str(quad.predicate)
    )
    store = OxigraphStore()
    store.update(CURATED.replace("??", statement))
    before = curated(store)
    assert all(before.values())
    for facts in (*sample, *reversed(sample)):
        merge(store, [facts], ontology=ontology, iris=IRIS)
        assert curated(store) == before
    changed = replace(sample[0], statements=sample[0].statements[1:])
    merge(store, [changed], ontology=ontology, iris=IRIS)
    rejection = Rejection("ingest", sample[1].document.id, "empty")
    reject(store, sample[1].document.uri, rejection, ontology=ontology, iris=IRIS)
    assert curated(store) == before
    merge(store, sample, ontology=ontology, iris=IRIS)
    ours = [str(quad) for quad in store.quads() if quad.graph_name.value not in GRAPHS]
    assert sorted(ours) == sorted(map(str, plain.quads())), "what others say changed what documents say"
    for facts in sample:
        retract(store, facts.document.uri, ontology=ontology, iris=IRIS)
    assert curated(store) == before
    assert {quad.graph_name.value for quad in store.quads()} == {*GRAPHS}


# -- the names of documents --


def test_a_document_is_named_by_uri_id_or_path(sample: Sample, ontology: Ontology) -> None:
    known = identifiers(graph_of(sample, ontology))
    assert known == {each.document.uri: each.document.id for each in sample}
    for each in sample:
        uri, path = each.document.uri, each.document.id
        for name in (uri, path, f"./{path}", f"sample_corpus/{path}", f"/home/me/sample_corpus/{path}"):
            assert named(name, known) == [uri]
        assert named(path.rpartition("/")[2], known) == []


def test_of_documents_with_one_id_the_path_chooses_and_the_id_does_not() -> None:
    ids = {IRIS.document(corpus, "a b.txt"): "a b.txt" for corpus in ("old news", "new")}
    assert named("old news/a b.txt", ids) == [IRIS.document("old news", "a b.txt")]
    assert len(named("a b.txt", ids)) == 2
    assert named("b.txt", ids) == []

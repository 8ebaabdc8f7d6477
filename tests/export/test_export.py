"""Exports: the same bytes for the same graph, and readable by others."""

from __future__ import annotations

import random
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgbuild.errors import UsageError
from kgbuild.export import GRAPH_FORMATS, ExportFormat, export, export_format
from kgbuild.graph import merge
from kgbuild.iris import XSD, Iris
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()
RDFLIB = {"ttl": "turtle", "nt": "nt", "nq": "nquads", "trig": "trig", "jsonld": "json-ld"}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib", "ignore::UserWarning:rdflib")


def count_in_rdflib(path: Path, format: ExportFormat) -> int:
    if format.keeps_graphs:
        dataset = rdflib.Dataset()
        dataset.parse(path, format=RDFLIB[format])
        return sum(1 for _ in dataset.quads())
    return len(rdflib.Graph().parse(path, format=RDFLIB[format]))


def in_oxigraph(path: Path, format: ExportFormat) -> set[ox.Quad]:
    return set(ox.parse(path=path, format=format.rdf))


@pytest.mark.parametrize("format", GRAPH_FORMATS)
def test_the_same_bytes_in_any_order_and_the_same_count_for_everybody(
    format: ExportFormat, corpus, schema, tmp_path: Path
) -> None:
    written = []
    for seed in (1, 2):
        store = OxigraphStore()
        order = list(corpus)
        random.Random(seed).shuffle(order)
        merge(store, order, ontology=schema, iris=IRIS)
        path = tmp_path / f"{seed}.{format}"
        count = export(store, path, iris=IRIS).count
        assert (
            count
            == len(list(store.quads()))
            == len(in_oxigraph(path, format))
            == count_in_rdflib(path, format)
        )
        written.append(path.read_bytes())
    assert written[0] == written[1]


nasty = st.one_of(
    st.text(max_size=12),
    st.text("\"\\\n\r\t\b\f\x00\x01\x7f\x85\u2028\ufeff'{}<>@^.#u0041\U0001f600", max_size=12),
)
literals = st.one_of(
    nasty.map(ox.Literal),
    st.builds(
        lambda text, tag: ox.Literal(text, language=tag),
        nasty,
        st.sampled_from(["en", "zh-hant", "de-at-1996"]),
    ),
    nasty.map(lambda text: ox.Literal(text, datatype=ox.NamedNode("urn:type"))),
    st.integers().map(ox.Literal),
    st.sampled_from(["-0043", "1912"]).map(
        lambda year: ox.Literal(year, datatype=ox.NamedNode(XSD + "gYear"))
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(objects=st.lists(literals, min_size=1, max_size=6), format=st.sampled_from(GRAPH_FORMATS))
def test_any_text_survives(objects: list[ox.Literal], format: ExportFormat, tmp_path: Path) -> None:
    store = OxigraphStore()
    subject, graph = ox.NamedNode("urn:é/s"), ox.NamedNode("urn:g")
    quads = [ox.Quad(subject, ox.NamedNode(f"urn:p{i}"), each, graph) for i, each in enumerate(objects)]
    store.replace_graph("urn:g", quads)
    path = tmp_path / f"nasty.{format}"
    assert export(store, path, iris=IRIS).count == len(quads)
    expected = (
        set(store.quads()) if format.keeps_graphs else {ox.Quad(*quad.triple) for quad in store.quads()}
    )
    assert in_oxigraph(path, format) == expected
    assert count_in_rdflib(path, format) == len(quads)


def test_runs_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    store = OxigraphStore()
    runs = ox.NamedNode(IRIS.graph("runs"))
    store.replace_graph(runs.value, [ox.Quad(runs, runs, runs, runs)])
    assert export(store, tmp_path / "without.nq", iris=IRIS).count == 0
    assert export(store, tmp_path / "with.nq", iris=IRIS, include_runs=True).count == 1


def test_the_union_says_each_triple_once(tmp_path: Path) -> None:
    store = OxigraphStore()
    store.update(
        "INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 } GRAPH <urn:h> { <urn:a> <urn:b> 1 } "
        "<urn:a> <urn:b> 2 }"
    )
    assert export(store, tmp_path / "union.nt", iris=IRIS).count == 2
    assert export(store, tmp_path / "quads.trig", iris=IRIS).count == 3
    assert len(in_oxigraph(tmp_path / "quads.trig", ExportFormat.TRIG)) == 3


def test_long_exports_are_sorted_in_runs(tmp_path: Path) -> None:
    store = OxigraphStore()
    graph = ox.NamedNode("urn:g")
    quads = [ox.Quad(graph, ox.NamedNode(f"urn:p{i}"), ox.Literal(i), graph) for i in range(50)]
    store.replace_graph("urn:g", quads)
    export(store, tmp_path / "whole.nt", iris=IRIS)
    export(store, tmp_path / "in-runs.nt", iris=IRIS, lines_in_memory=7)
    assert (tmp_path / "whole.nt").read_bytes() == (tmp_path / "in-runs.nt").read_bytes()


@pytest.mark.parametrize("name", ["graph.docx", "graph"])
def test_an_unknown_ending(name: str) -> None:
    with pytest.raises(UsageError, match=r"is unknown; use one of \.ttl"):
        export_format(Path(name))


def test_formats_by_name() -> None:
    assert export_format(Path("graph.txt"), "n-quads") is ExportFormat.N_QUADS
    assert export_format(Path("graph.ttl"), "jsonld") is ExportFormat.JSON_LD
    with pytest.raises(UsageError, match="format 'rdfxml' is unknown"):
        export_format(Path("graph.ttl"), "rdfxml")


def test_nothing_is_written_half(tmp_path: Path) -> None:
    class Failing(OxigraphStore):
        def quads(self, graph: str | None = None):
            yield from super().quads(graph)
            raise OSError("the disk is gone")

    store = Failing()
    store.update("INSERT DATA { <urn:a> <urn:b> 1 }")
    (tmp_path / "graph.ttl").write_text("what was there")
    with pytest.raises(UsageError, match=r"cannot write .*the disk is gone"):
        export(store, tmp_path / "graph.ttl", iris=IRIS)
    assert [each.name for each in tmp_path.iterdir()] == ["graph.ttl"]
    assert (tmp_path / "graph.ttl").read_text() == "what was there"
    with pytest.raises(UsageError, match="cannot write"):
        export(store, tmp_path / "no" / "such" / "folder.ttl", iris=IRIS)

"""The embedded store: opening, refusing, keeping."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from kgbuild.errors import QueryError, StoreError
from kgbuild.protocols import Store
from kgbuild.stores.oxigraph import FORMAT, OxigraphStore

A, B, C, G = (ox.NamedNode(f"urn:{name}") for name in "abcg")


def test_what_was_written_is_there_after_opening_again(tmp_path: Path) -> None:
    store: Store = OxigraphStore(tmp_path / "new" / "store")
    store.replace_graph("urn:g", [ox.Quad(A, B, ox.Literal('a "quote"\n\\u0041'), G)])
    store.close()
    again = OxigraphStore(tmp_path / "new" / "store")
    assert (
        list(again.quads())
        == list(again.quads("urn:g"))
        == [ox.Quad(A, B, ox.Literal('a "quote"\n\\u0041'), G)]
    )
    again.close()


def test_replacing_a_graph_leaves_the_others_alone() -> None:
    store = OxigraphStore()
    store.replace_graph("urn:g", [ox.Quad(A, B, C, G)])
    store.replace_graph("urn:a", [ox.Quad(A, B, C, A)])
    store.replace_graph("urn:g", [ox.Quad(C, B, A, G)])
    assert set(store.quads()) == {ox.Quad(C, B, A, G), ox.Quad(A, B, C, A)}
    store.replace_graph("urn:g", [])
    assert set(store.quads()) == {ox.Quad(A, B, C, A)}


def test_a_query_without_graph_sees_the_union() -> None:
    store = OxigraphStore()
    store.update(
        "INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> <urn:c> } GRAPH <urn:h> { <urn:c> <urn:b> <urn:d> } }"
    )
    assert bool(store.select("ASK { <urn:a> <urn:b>/<urn:b> <urn:d> }"))
    assert len(list(store.construct("CONSTRUCT { ?x <urn:e> ?y } WHERE { ?x <urn:b> ?y }"))) == 2


def test_a_failing_update_changes_nothing() -> None:
    store = OxigraphStore()
    with pytest.raises(StoreError, match="cannot write"):
        store.update("INSERT DATA { <urn:a> <urn:b> <urn:c> } ; LOAD <file:///nowhere/at/all>")
    with pytest.raises(QueryError, match="does not parse"):
        store.update("INSERT DATA { <urn:a> }")
    assert not list(store.quads())


def test_the_wrong_kind_of_query() -> None:
    store = OxigraphStore()
    with pytest.raises(QueryError, match="SELECT or ASK query was expected"):
        store.select("CONSTRUCT WHERE { ?s ?p ?o }")
    with pytest.raises(QueryError, match="CONSTRUCT or DESCRIBE query was expected"):
        store.construct("ASK { ?s ?p ?o }")


def test_two_writers(tmp_path: Path) -> None:
    first = OxigraphStore(tmp_path / "store")
    first.replace_graph("urn:g", [ox.Quad(A, B, C, G)])
    script = "import sys; from pathlib import Path; from kgbuild.stores.oxigraph import OxigraphStore; " + (
        "OxigraphStore(Path(sys.argv[1]))"
    )
    second = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "store")], capture_output=True, text=True, check=False
    )
    assert "StoreError" in second.stderr
    assert "another process is writing to it" in second.stderr
    reader = OxigraphStore(tmp_path / "store", read_only=True)
    assert len(list(reader.quads())) == 1
    with pytest.raises(StoreError, match="cannot write"):
        reader.update("INSERT DATA { <urn:a> <urn:b> <urn:c> }")
    reader.close()
    first.close()


def test_a_file_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "store"
    path.write_text("hello")
    with pytest.raises(StoreError, match="is a file; name a folder"):
        OxigraphStore(path)


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(StoreError, match="holds other things"):
        OxigraphStore(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.txt"]


def test_reading_where_there_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no store at .*kgbuild build"):
        OxigraphStore(tmp_path / "nothing", read_only=True)
    assert not (tmp_path / "nothing").exists()


def test_a_store_of_a_newer_format(tmp_path: Path) -> None:
    OxigraphStore(tmp_path / "store").close()
    marker = tmp_path / "store" / "kgbuild-store.json"
    assert json.loads(marker.read_text())["format"] == FORMAT
    marker.write_text(json.dumps({"format": FORMAT + 1}))
    with pytest.raises(StoreError, match=f"has format {FORMAT + 1}.*the version that made it"):
        OxigraphStore(tmp_path / "store")
    marker.write_text("{")
    with pytest.raises(StoreError, match="is damaged"):
        OxigraphStore(tmp_path / "store")


def test_a_corrupt_store(tmp_path: Path) -> None:
    path = tmp_path / "store"
    store = OxigraphStore(path)
    store.replace_graph("urn:g", [ox.Quad(A, B, C, G)])
    store.close()
    (path / "quads" / "CURRENT").write_text("nonsense")
    with pytest.raises(StoreError, match=r"cannot open the store .*damaged"):
        OxigraphStore(path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="as a store"):
        OxigraphStore(tmp_path / "file" / "store")

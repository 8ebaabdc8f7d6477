"""The embedded store: opening, refusing, keeping."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from kgbuild.errors import QueryError, StoreError
from kgbuild.protocols import Pattern, Store
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
    assert re.search(rf"process {os.getpid()} on \S+ \(since 20\S+Z\) is writing to it", second.stderr)
    reader = OxigraphStore(tmp_path / "store", read_only=True)
    assert len(list(reader.quads())) == 1
    with pytest.raises(StoreError, match="cannot write"):
        reader.update("INSERT DATA { <urn:a> <urn:b> <urn:c> }")
    reader.close()
    first.close()
    assert sorted(each.name for each in (tmp_path / "store").iterdir()) == ["kgbuild-store.json", "quads"]


def test_a_killed_writer_does_not_hold_the_store(tmp_path: Path) -> None:
    path = tmp_path / "store"
    script = """
import os, sys
from pathlib import Path
from kgbuild.stores.oxigraph import OxigraphStore
OxigraphStore(Path(sys.argv[1])).update("INSERT DATA { <urn:a> <urn:b> <urn:c> }")
os.kill(os.getpid(), 9)
"""
    killed = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert killed.returncode == -9
    store = OxigraphStore(path)
    assert len(list(store.quads())) == 1
    assert json.loads((path / "kgbuild-writer.json").read_text())["pid"] == os.getpid()
    store.close()


def test_a_lock_without_a_note_is_another_process(tmp_path: Path) -> None:
    first = OxigraphStore(tmp_path / "store")
    (tmp_path / "store" / "kgbuild-writer.json").write_text("[]")
    with pytest.raises(StoreError, match="another process is writing to it"):
        OxigraphStore(tmp_path / "store")
    first.close()


KILLED_LOAD = """
import os, signal, sys
from pathlib import Path
import pyoxigraph as ox
from kgbuild.stores.oxigraph import OxigraphStore

class Killed(OxigraphStore):
    def update(self, update):  # what a load removes, after it has added
        os.kill(os.getpid(), signal.SIGKILL)

store = Killed(Path(sys.argv[1]))
a, g = ox.NamedNode("urn:a"), ox.NamedNode("urn:g")
store.load([], [ox.Quad(a, a, ox.Literal("old\\n\\u00e9", language="de"), g)])
store.load(list(store.quads()), [ox.Quad(a, a, ox.Literal("new"), g)])
"""


def test_a_load_that_is_killed_between_its_steps_is_finished_by_who_opens_the_store(tmp_path: Path) -> None:
    path = tmp_path / "store"
    killed = subprocess.run([sys.executable, "-c", KILLED_LOAD, str(path)], check=False)
    assert killed.returncode == -9
    reader = OxigraphStore(path, read_only=True)
    assert len(list(reader.quads())) == 3, "the old quad, the new one, and what is left to do"
    reader.close()
    store = OxigraphStore(path)
    assert list(store.quads()) == [ox.Quad(A, A, ox.Literal("new"), G)]
    store.close()


def test_quads_are_changed_and_found_by_patterns(store: OxigraphStore) -> None:
    quads = [ox.Quad(A, B, ox.Literal(number), G) for number in range(3)]
    for write in (store.change, store.load):
        write([], quads)
        write(quads[:1], [ox.Quad(B, B, C, A)])
        assert list(store.match([Pattern(B), Pattern(None, B, ox.Literal(2)), Pattern(C)])) == [
            ox.Quad(B, B, C, A),
            quads[2],
        ]
        assert set(store.match([Pattern(graph=G)])) == set(quads[1:])
        write([*quads[1:], ox.Quad(B, B, C, A)], [])
        assert list(store.quads()) == []


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
import pyoxigraph as ox
from kgbuild.errors import StoreError
from kgbuild.stores.oxigraph import OxigraphStore

def quads(number, count):
    graph = ox.NamedNode(f"urn:g{number}")
    for i in range(count):
        yield ox.Quad(graph, ox.NamedNode("urn:p"), ox.Literal(f"{i} " + "x" * 50), graph)

store = OxigraphStore(Path(sys.argv[1]))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
for number in range(1000):
    try:
        store.replace_graph(f"urn:g{number}", list(quads(number, 100)))
    except StoreError as error:
        print(number, error)
        break
try:
    store.close()
except StoreError as error:
    print(error)
"""


def test_a_disk_that_gets_full_in_a_transaction(tmp_path: Path) -> None:
    path = tmp_path / "store"
    program = [sys.executable, "-c", FULL_DISK, str(path)]
    result = subprocess.run(program, capture_output=True, text=True, check=True)
    lines = result.stdout.splitlines()
    assert len(lines) == 2, result.stderr
    assert all("is full; free some space and run again" in line for line in lines)
    written = int(lines[0].split()[0])
    assert written > 0
    store = OxigraphStore(path)
    counts = Counter(quad.graph_name.value for quad in store.quads())
    assert counts == {f"urn:g{number}": 100 for number in range(written)}
    store.replace_graph("urn:g", [ox.Quad(A, B, C, G)])
    store.close()


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
    with pytest.raises(StoreError, match=f"newer version of kgbuild .*format {FORMAT + 1}.*update kgbuild"):
        OxigraphStore(tmp_path / "store")
    marker.write_text(json.dumps({"format": FORMAT - 1}))
    with pytest.raises(StoreError, match=f"has format {FORMAT - 1}.*the version that made it"):
        OxigraphStore(tmp_path / "store", read_only=True)
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

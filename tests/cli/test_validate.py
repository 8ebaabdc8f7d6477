"""kgbuild validate: a table or a SHACL report, and an exit status to rely on."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kgbuild.iris import SH, Iris
from kgbuild.stores.oxigraph import OxigraphStore

REPORT = f"ASK {{ ?r a <{SH}ValidationReport> ; <{SH}conforms> ?c FILTER(?c = %s) }}"


@pytest.fixture
def damaged(store: Path, tmp_path: Path) -> Path:
    """A copy of the store in which a statement lost its rank."""
    copy = tmp_path / "damaged"
    shutil.copytree(store, copy)
    opened = OxigraphStore(copy)
    graph = Iris().graph("statements")
    opened.update(f"DELETE WHERE {{ GRAPH <{graph}> {{ ?s <http://wikiba.se/ontology#rank> ?rank }} }}")
    opened.close()
    return copy


def read(text: str) -> ox.Store:
    found = ox.Store()
    found.extend(ox.parse(text.encode(), format=ox.RdfFormat.TURTLE))
    return found


def test_a_store_that_conforms(run: Any, store: Path) -> None:
    result = run("validate", "--store", store)
    assert (result.status, result.out) == (0, "every statement conforms to the shapes\n")
    as_turtle = run("validate", "--format", "turtle", "--store", store)
    assert as_turtle.status == 0
    assert bool(read(as_turtle.out).query(REPORT % "true"))


def test_a_store_that_does_not(run: Any, damaged: Path) -> None:
    result = run("validate", "--store", damaged)
    assert result.status == 1
    assert "a statement has one rank  shape/statement-rank" in result.out
    as_turtle = run("validate", "--format", "turtle", "--store", damaged)
    assert as_turtle.status == 1
    assert bool(read(as_turtle.out).query(REPORT % "false"))


def test_shapes_of_ones_own(run: Any, store: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.ttl"
    file.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix wdt: <http://www.wikidata.org/prop/direct/> .\n"
        "<urn:x:shape> a sh:NodeShape ; sh:targetSubjectsOf wdt:P26 ; sh:property [ sh:path wdt:P26 ;\n"
        '  sh:maxCount 0 ; sh:message "nobody is married" ; sh:severity sh:Warning ] .'
    )
    result = run("validate", "--shapes", file, "--store", store)
    assert result.status == 0, "a warning is no violation"
    assert "nobody is married" in result.out


def test_bad_use(run: Any, store: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.ttl").write_text("nothing")
    for arguments, status, message in (
        (("--format", "xml", "--store", store), 2, "use one of table, turtle"),
        (("--shapes", tmp_path / "bad.ttl", "--store", store), 2, "bad.ttl, line 1: not Turtle"),
        (("--store", tmp_path / "none"), 1, "there is no store"),
    ):
        result = run("validate", *arguments)
        assert result.status == status
        assert message in result.err

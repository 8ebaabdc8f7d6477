"""What changed between two exports, as an update."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kgbuild.errors import UsageError
from kgbuild.export import export
from kgbuild.export.difference import difference
from kgbuild.graph import merge, retract
from kgbuild.iris import Iris
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()


def exported(store: OxigraphStore, path: Path) -> Path:
    export(store, path, iris=IRIS)
    return path


@pytest.fixture
def store(corpus: Any, schema: Any) -> OxigraphStore:
    store = OxigraphStore()
    merge(store, corpus, ontology=schema, iris=IRIS)
    return store


@pytest.mark.parametrize("ending", ["nq", "trig", "jsonld"])
def test_the_update_makes_the_old_into_the_new(
    store: OxigraphStore, corpus: Any, schema: Any, tmp_path: Path, ending: str
) -> None:
    old = exported(store, tmp_path / f"old.{ending}")
    before = OxigraphStore()
    before.engine.extend(store.quads())
    retract(store, corpus[1].document.uri, ontology=schema, iris=IRIS)
    new = exported(store, tmp_path / f"new.{ending}")
    found = difference(old, store, tmp_path / "changes.ru", iris=IRIS)
    update = (tmp_path / "changes.ru").read_text()
    assert found.removed > 0
    assert found.added > 0
    assert f"# {found.removed} removed, {found.added} added\n" in update
    before.update(update)
    assert set(before.quads()) == set(store.quads())
    assert difference(old, new, tmp_path / "again.ru", iris=IRIS) == found
    assert (tmp_path / "again.ru").read_text() == update


def test_nothing_changed(store: OxigraphStore, tmp_path: Path) -> None:
    old = exported(store, tmp_path / "old.nq")
    found = difference(old, store, tmp_path / "changes.ru", iris=IRIS)
    assert (found.removed, found.added) == (0, 0)
    store.update((tmp_path / "changes.ru").read_text())


def test_triples_are_compared_as_triples(store: OxigraphStore, tmp_path: Path) -> None:
    old = exported(store, tmp_path / "old.ttl")
    store.update("INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 } }")
    assert difference(old, store, tmp_path / "changes.ru", iris=IRIS).added == 1
    assert "GRAPH" not in (tmp_path / "changes.ru").read_text()
    with pytest.raises(UsageError, match=r"only one of .*keeps graphs apart"):
        difference(old, exported(store, tmp_path / "new.nq"), tmp_path / "changes.ru", iris=IRIS)


def test_runs_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    store = OxigraphStore()
    old = exported(store, tmp_path / "old.nq")
    store.update(f"INSERT DATA {{ GRAPH <{IRIS.graph('runs')}> {{ <urn:a> <urn:b> 1 }} }}")
    assert difference(old, store, tmp_path / "c.ru", iris=IRIS).added == 0
    assert difference(old, store, tmp_path / "c.ru", iris=IRIS, include_runs=True).added == 1


def test_blank_nodes_that_did_not_change_are_no_matter(store: OxigraphStore, tmp_path: Path) -> None:
    blank = "INSERT DATA { GRAPH <urn:mine> { _:a <urn:b> _:c . _:c <urn:b> 'at _:c' } }"
    store.update(blank)
    old = exported(store, tmp_path / "old.nq")
    other = OxigraphStore()
    other.update(blank)
    other.engine.extend(quad for quad in store.quads() if quad.graph_name.value != "urn:mine")
    other.update("INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 'at _:c' } }")
    assert difference(old, other, tmp_path / "changes.ru", iris=IRIS).added == 1
    other.update("INSERT DATA { GRAPH <urn:mine> { _:d <urn:b> 2 } }")
    with pytest.raises(UsageError, match=r"blank node changed in the graph <urn:mine>"):
        difference(old, other, tmp_path / "changes.ru", iris=IRIS)


def test_files_that_cannot_be_compared(tmp_path: Path) -> None:
    store = OxigraphStore()
    (tmp_path / "broken.nq").write_text("<urn:a> <urn:b>\n")
    with pytest.raises(UsageError, match=r"cannot read .*broken.nq"):
        difference(tmp_path / "broken.nq", store, tmp_path / "changes.ru", iris=IRIS)
    with pytest.raises(UsageError, match=r"cannot read .*none.nq"):
        difference(tmp_path / "none.nq", store, tmp_path / "changes.ru", iris=IRIS)
    with pytest.raises(UsageError, match="does not hold the whole graph"):
        difference(tmp_path / "mentions.nif", store, tmp_path / "changes.ru", iris=IRIS)
    assert [each.name for each in tmp_path.iterdir()] == ["broken.nq"]

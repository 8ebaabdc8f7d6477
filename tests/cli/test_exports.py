"""Exports for other programs, and what changed since an export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import pyoxigraph as ox

MARIE = "https://kg.example.org/document/curies/marie.txt"


def test_mentions_statements_and_network(run: Any, store: Path, tmp_path: Path) -> None:
    result = run("export", tmp_path / "mentions.nif", "--store", store)
    assert result.out == f"1 documents written to {tmp_path / 'mentions.nif'}\n"
    assert "taIdentRef wd:Q7186" in (tmp_path / "mentions.nif").read_text()
    result = run("export", tmp_path / "a.txt", "--format", "quickstatements", "--store", store)
    assert (result.status, result.err) == (0, "")
    assert f'Q7186\tP26\tQ37463\tS854\t"{MARIE}"' in (tmp_path / "a.txt").read_text().splitlines()
    run("export", tmp_path / "a.graphml", "--store", store)
    assert nx.read_graphml(tmp_path / "a.graphml").nodes["Q7186"]["label"] == "Marie Curie"


def test_what_is_left_out_is_told(run: Any, store: Path, tmp_path: Path) -> None:
    opened = ox.Store(str(store / "quads"))
    opened.update(
        "DELETE { GRAPH ?g { ?marie ?claim ?statement } } "
        "INSERT { GRAPH ?g { <https://kg.example.org/entity/1> ?claim ?statement } } "
        "WHERE { BIND(<http://www.wikidata.org/prop/P26> AS ?claim) GRAPH ?g { ?marie ?claim ?statement } }"
    )
    opened.flush()
    del opened
    out = run("export", tmp_path / "a.qs", "--store", store).out.splitlines()
    assert out[0].startswith("1 statements written")
    assert out[1] == "1 left out: an entity, property or unit that Wikidata does not have"


def test_diff_of_two_exports_and_of_an_export_and_the_store(run: Any, store: Path, tmp_path: Path) -> None:
    old, new, changes = (tmp_path / name for name in ("old.nq", "new.nq", "changes.ru"))
    run("export", old, "--store", store)
    result = run("diff", old, "--store", store, "--output", changes)
    assert result.out == f"0 removed and 0 added, written to {changes}\n"
    run("retract", MARIE, "--store", store)
    run("export", new, "--store", store)
    result = run("diff", old, new, "-o", changes)
    assert result.status == 0, result.err
    engine = ox.Store()
    engine.load(path=old, format=ox.RdfFormat.N_QUADS)
    engine.update(changes.read_text())
    assert set(engine) == set(ox.parse(path=new, format=ox.RdfFormat.N_QUADS))
    result = run("diff", tmp_path / "none.nq", new, "-o", changes)
    assert (result.status, "cannot read" in result.err) == (2, True)

"""kgbuild link: promotion on a real store, undone again; kgbuild evaluate linking from its options."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

LOCALS = """SELECT ?x { ?x a wikibase:Item FILTER(STRSTARTS(STR(?x), "https://kg.example.org/entity/")) }"""
SAME = "SELECT ?item { ?x owl:sameAs ?item }"


def test_promote_and_demote(run: Any, store: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(store, copy)
    rows = json.loads(run("query", LOCALS, "--format", "json", "--store", copy).out)["results"]["bindings"]
    local = rows[0]["x"]["value"]
    result = run("link", "promote", local, "Q42", "--store", copy)
    assert result.status == 0
    assert "kgbuild link demote" in result.out
    assert "Q42" in run("query", SAME, "--format", "csv", "--store", copy).out
    assert run("link", "demote", local, "--store", copy).status == 0
    assert "Q42" not in run("query", SAME, "--format", "csv", "--store", copy).out


def test_an_entity_that_is_not_there_is_named(run: Any, store: Path) -> None:
    result = run("link", "promote", "https://kg.example.org/entity/none", "Q42", "--store", store)
    assert result.status == 2
    assert "https://kg.example.org/entity/none" in result.err


def test_evaluate_linking_prints_one_object_and_writes_predictions(run: Any, tmp_path: Path) -> None:
    gold, out = tmp_path / "gold.jsonl", tmp_path / "predicted.jsonl"
    text = "Marie Curie was born in Warsaw."
    labels = [{"span": [0, 11], "entity_id": "Q7186"}, {"span": [24, 30], "entity_id": "Q270"}]
    gold.write_text(json.dumps({"id": 1, "text": text, "labels": labels}))
    result = run("evaluate", "linking", gold, "--json", "--predictions", out)
    assert result.status == 0
    found = json.loads(result.out)
    keys = {
        "f1",
        "precision",
        "recall",
        "macro_f1",
        "accuracy_in_kb",
        "candidate_recall",
        "nil_f1",
        "coverage",
    }
    assert keys <= found.keys()
    assert found["f1"] == 1.0
    assert [each["id"] for each in json.loads(out.read_text())["entity_mentions"]] == ["Q7186", "Q270"]

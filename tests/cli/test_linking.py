"""kgbuild link: promotion on a real store, undone again; kgbuild evaluate linking from its options."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kgbuild.graph import merge
from kgbuild.iris import Iris
from kgbuild.ontology import load_ontology
from kgbuild.records import Document, DocumentFacts, Entity, EntityMention, Label, Mention, Revision
from kgbuild.stores.oxigraph import OxigraphStore

SAME = "SELECT ?item { ?x owl:sameAs ?item }"


def test_promote_and_demote(run: Any, tmp_path: Path) -> None:
    folder = tmp_path / "promoted"
    uri, iris = "urn:doc:a", Iris()
    local = iris.local_entity(uri, "person ann lee")
    mention = EntityMention(Mention(0, 7, "Ann Lee", Label.PERSON, 0.9), local, 0.9)
    facts = DocumentFacts(
        Document("a", uri, "Ann Lee sang."),
        Revision("h", "r", "e", "l", "o"),
        mentions=(mention,),
        entities=(Entity(local, "Ann Lee", types=("Q5",)),),
    )
    opened = OxigraphStore(folder, read_only=False)
    merge(opened, [facts], ontology=load_ontology(), iris=iris)
    opened.close()
    result = run("link", "promote", local, "Q42", "--store", folder)
    assert result.status == 0
    assert "kgbuild link demote" in result.out
    assert "Q42" in run("query", SAME, "--format", "csv", "--store", folder).out
    assert run("explain", "Q42", "--store", folder).out.startswith(f"Ann Lee ({local})\nmentioned once")
    assert run("link", "demote", local, "--store", folder).status == 0
    assert run("explain", "Q42", "--store", folder).status == 2
    assert "Q42" not in run("query", SAME, "--format", "csv", "--store", folder).out


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

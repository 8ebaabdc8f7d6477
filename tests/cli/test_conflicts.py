"""`kgbuild conflicts` as a person calls it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kgbuild import graph
from kgbuild.iris import Iris
from kgbuild.ontology import load_ontology
from kgbuild.records import Document, DocumentFacts, Evidence, Revision, Statement, TimeValue
from kgbuild.stores.oxigraph import OxigraphStore


@pytest.fixture
def contradicted(store: Path) -> Path:
    """A second document that gives another year of birth than the first."""
    text = "Marie Curie was born in 1868, some say."
    evidence = Evidence("other.txt", 0, len(text), text, 0.6, "hand/1")
    statement = Statement("Q7186", "P569", TimeValue(1868), evidence=(evidence,))
    document = Document("other.txt", Iris().document("curies", "other.txt"), text)
    facts = DocumentFacts(document, Revision("", "", "", "", ""), statements=(statement,))
    opened = OxigraphStore(store)
    graph.merge(opened, [facts, replace(facts, document=document)], ontology=load_ontology(), iris=Iris())
    opened.close()
    return store


def test_rivals_stand_below_one_another_with_their_sentences(run: Any, contradicted: Path) -> None:
    lines = run("conflicts", "--store", contradicted).out.splitlines()
    assert lines[0] == "values: date of birth (P569) has one value at a time"
    assert lines[1].split() == ["statement", "confidence", "rank", "document", "characters", "sentence"]
    assert "Marie Curie · date of birth · 1867" in lines[3]
    assert "0.80  preferred" in lines[3]
    assert lines[4].endswith("Marie Curie was born in 1868, some say.")
    assert lines[-1] == "1 conflict"


def test_json_has_all_of_it(run: Any, contradicted: Path) -> None:
    [conflict] = json.loads(run("conflicts", "--format", "json", "--store", contradicted).out)
    assert (conflict["kind"], conflict["subject"]) == ("values", "Q7186")
    first, second = conflict["statements"]
    assert (first["value"]["label"], second["value"]["label"]) == ("1867", "1868")
    assert second["evidence"][0]["quote"] == "Marie Curie was born in 1868, some say."
    assert (second["evidence"][0]["start"], second["evidence"][0]["end"]) == (0, 39)


def test_a_store_without_conflicts(run: Any, store: Path) -> None:
    assert run("conflicts", "--store", store).out == "0 conflicts\n"
    assert json.loads(run("conflicts", "--format", "json", "--store", store).out) == []


def test_an_unknown_format_is_refused(run: Any, store: Path) -> None:
    result = run("conflicts", "--format", "xml", "--store", store)
    assert (result.status, result.err) == (2, "error: --format 'xml' is unknown; use table or json\n")

"""Query, export, explain, info and retract on a real store."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import rdflib

SPOUSE = "SELECT ?name { wd:Q7186 wdt:P26 ?spouse . ?spouse rdfs:label ?name }"
MARIE = "https://kg.example.org/document/curies/marie.txt"


def test_query_as_a_table(run: Any, store: Path) -> None:
    result = run("query", SPOUSE, "--store", store)
    assert (result.status, result.err) == (0, "")
    assert result.out.splitlines() == ["name", "────────────", "Pierre Curie"]


def test_query_as_json_csv_and_xml(run: Any, store: Path) -> None:
    as_json = json.loads(run("query", SPOUSE, "--format", "json", "--store", store).out)
    assert [row["name"]["value"] for row in as_json["results"]["bindings"]] == ["Pierre Curie"]
    as_csv = run("query", SPOUSE, "--format", "csv", "--store", store).out
    assert list(csv.DictReader(io.StringIO(as_csv))) == [{"name": "Pierre Curie"}]
    as_xml = ET.fromstring(run("query", SPOUSE, "--format", "xml", "--store", store).out)
    assert [literal.text for literal in as_xml.iter("{http://www.w3.org/2005/sparql-results#}literal")] == [
        "Pierre Curie"
    ]


def test_query_from_a_file_and_from_standard_input(run: Any, store: Path, tmp_path: Path) -> None:
    file = tmp_path / "spouse.rq"
    file.write_text(SPOUSE)
    assert "Pierre Curie" in run("query", "--file", file, "--store", store).out
    program = [sys.executable, "-c", "from kgbuild.cli import main; main()", "query", "--store", str(store)]
    piped = subprocess.run(program, input=SPOUSE, capture_output=True, text=True, check=True)
    assert "Pierre Curie" in piped.stdout


QUESTIONS = sorted((Path(__file__).parents[2] / "sample_corpus" / "_queries").glob("*.rq"))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda file: file.stem)
def test_the_example_questions_can_be_asked(run: Any, store: Path, question: Path) -> None:
    result = run("query", "--file", question, "--store", store)
    assert (result.status, result.err) == (0, "")


def test_the_demo_asks_three_questions_and_each_says_what_it_asks() -> None:
    demo = [file for file in QUESTIONS if file.stem.startswith("demo-")]
    assert len(demo) == 3
    assert all(file.read_text().startswith("# ") for file in QUESTIONS)


def test_bad_queries_are_usage_errors(run: Any, store: Path, tmp_path: Path) -> None:
    cases = {
        ("SELECT ?x {",): "does not parse",
        ("DELETE WHERE { ?s ?p ?o }",): "refused",
        ("SELECT * { SERVICE <http://a.org/> { ?s ?p ?o } }",): "refused",
        (SPOUSE, "--format", "yaml"): "--format 'yaml' is unknown; use one of table, json",
        (SPOUSE, "--format", "ttl"): "cannot be written as ttl",
        (SPOUSE, "--file", tmp_path / "a.rq"): "not both",
        ("--file", tmp_path / "none.rq"): "none.rq cannot be read",
    }
    for arguments, message in cases.items():
        result = run("query", *arguments, "--store", store)
        assert result.status == 2, arguments
        assert result.err.startswith("error: "), arguments
        assert message in result.err, arguments
        assert result.out == "", arguments


def test_a_missing_store_is_a_failure(run: Any, tmp_path: Path) -> None:
    for command in (["query", SPOUSE], ["info"], ["explain", "Q1"], ["export", tmp_path / "a.ttl"]):
        result = run(*command, "--store", tmp_path / "none")
        assert result.status == 1, command
        assert "there is no store at" in result.err, command
    assert not (tmp_path / "none").exists()
    assert not (tmp_path / "a.ttl").exists()


def test_export_by_ending_and_by_format(run: Any, store: Path, tmp_path: Path) -> None:
    formats = {"ttl": "turtle", "nt": "nt", "nq": "nquads", "trig": "trig", "jsonld": "json-ld"}
    for ending, name in formats.items():
        file = tmp_path / f"graph.{ending}"
        result = run("export", file, "--store", store)
        assert result.status == 0, result.err
        assert f"written to {file}" in result.out
        dataset = rdflib.Dataset(default_union=True)
        dataset.parse(file, format=name)
        assert (rdflib.URIRef(MARIE), None, None) in dataset
        other = tmp_path / "graph.txt"
        assert run("export", other, "--format", ending, "--store", store).status == 0
        assert other.read_bytes() == file.read_bytes()


def test_export_leaves_runs_out_unless_asked(run: Any, store: Path, tmp_path: Path) -> None:
    file = tmp_path / "graph.nq"
    run("export", file, "--store", store)
    assert "graph/runs" not in file.read_text()
    run("export", file, "--runs", "--store", store)
    assert "graph/runs" in file.read_text()


def test_export_refuses_an_unknown_ending_and_a_missing_folder(run: Any, store: Path, tmp_path: Path) -> None:
    assert (
        "the ending of 'graph.xyz' is unknown" in run("export", tmp_path / "graph.xyz", "--store", store).err
    )
    result = run("export", tmp_path / "none" / "graph.ttl", "--store", store)
    assert (result.status, "cannot write" in result.err) == (2, True)


def test_explain_shows_each_sentence_with_its_place(run: Any, store: Path) -> None:
    for term in ("Q7186", "Marie Curie", "maria skłodowska"):
        result = run("explain", term, "--store", store)
        assert result.status == 0, result.err
        assert result.out.startswith("Marie Curie (Q7186): physicist\nmentioned once\n")
        assert "Marie Curie (Q7186) · spouse (P26) · Pierre Curie (Q37463)" in result.out
        assert "0.90  “Marie Curie married Pierre Curie in 1895.”" in result.out
        assert f"{MARIE} 0–41" in result.out
        assert "· date of birth (P569) · 1867" in result.out


def test_explain_a_statement(run: Any, store: Path) -> None:
    shown = run("explain", "Q7186", "--store", store).out
    iri = next(word for word in shown.split() if word.startswith("https://kg.example.org/statement/"))
    result = run("explain", iri, "--store", store)
    assert result.status == 0
    assert result.out.count("confidence") == 1


def test_explain_nothing_is_a_usage_error(run: Any, store: Path) -> None:
    result = run("explain", "Nobody", "--store", store)
    assert (result.status, "nothing called 'Nobody'" in result.err) == (2, True)


def test_info_lists_counts_rejections_versions_and_runs(run: Any, store: Path) -> None:
    result = run("info", "--store", store)
    assert result.status == 0
    rows = {tuple(line.split()) for line in result.out.splitlines()}
    assert ("documents", "1") in rows
    assert ("statements", "2") in rows
    assert ("extractor", "hand/1", "1") in rows
    assert ("domain", "1") in rows
    assert ("2026-01-02T03:04:05Z", "1", "0", "1", "1.6") in rows
    assert "broken.pdf" in result.out
    assert "truncated PDF" in result.out
    assert "it has no trailer" in result.out


def test_info_lists_documents_and_relations_when_asked(run: Any, store: Path) -> None:
    assert MARIE not in run("info", "--store", store).out.replace("broken.pdf", "")
    result = run("info", "--documents", "--rejections", "--store", store)
    assert MARIE in result.out
    assert "The Curies" in result.out
    assert "domain of P36 is place" in result.out


def test_retract_takes_a_document_back(run: Any, store: Path) -> None:
    assert run("retract", MARIE, "--store", store).out == "1 document taken back\n"
    assert "Pierre" not in run("query", SPOUSE, "--store", store).out
    result = run("retract", MARIE, "--store", store)
    assert result.status == 2
    assert "has no document" in result.err


def test_retract_knows_a_document_by_its_path(run: Any, store: Path) -> None:
    result = run("retract", "letters/curies/marie.txt", "./broken.pdf", "--store", store)
    assert result.out == "2 documents taken back\n", result.err


def test_retract_takes_nothing_where_one_is_unknown(run: Any, store: Path) -> None:
    result = run("retract", MARIE, MARIE + "x", "--store", store)
    assert result.status == 2
    assert f"did you mean {MARIE}?" in result.err
    assert "Pierre" in run("query", SPOUSE, "--store", store).out

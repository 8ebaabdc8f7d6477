"""`kgbuild build` as a person runs it, with a small model: what it prints, writes and refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prefect.testing.utilities import prefect_test_harness

from kgbuild.stores.oxigraph import OxigraphStore

if TYPE_CHECKING:
    from kgbuild.extract.model import Model


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    """One Prefect for all of these tests."""
    with prefect_test_harness(server_startup_timeout=180):
        yield


@pytest.fixture
def config(tiny_model: Model, tmp_path: Path) -> Path:
    """A corpus of two texts and a bad one, a small model, and settings that name it."""
    from kgbuild.extract.model import save_model

    save_model(tiny_model, tmp_path / "model")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.txt").write_text("Ada met Bea.")
    (corpus / "b.md").write_text("# Bea\n\nBea was born in 1815.")
    (corpus / "c.txt").write_bytes(b"")
    file = tmp_path / "kgbuild.toml"
    file.write_text('store = "graph"\n[model]\ndirectory = "model"\n')
    return file


def counts(out: str) -> dict[str, str]:
    """The rows of a report's first table."""
    return dict(re.findall(r"^([a-z ]+?) {2,}([\d,]+)$", out, re.MULTILINE))


def test_a_build_reports_and_a_second_one_reads_nothing(run: Any, config: Path, tmp_path: Path) -> None:
    first = run("build", tmp_path / "corpus", "--config", config)
    assert first.status == 0, first.err
    told = counts(first.out)
    assert (told["documents read"], told["documents unchanged"], told["documents rejected"]) == (
        "2",
        "0",
        "1",
    )
    assert "c.txt" in first.out
    assert "the file holds nothing" in first.out
    assert f"kgbuild info --store {tmp_path / 'graph'}" in first.out
    second = counts(run("build", tmp_path / "corpus", "--config", config).out)
    assert (second["documents read"], second["documents unchanged"]) == ("0", "2")
    (tmp_path / "corpus" / "a.txt").write_text("Ada met Cleo.")
    third = counts(run("build", tmp_path / "corpus", "--config", config).out)
    assert (third["documents read"], third["documents unchanged"]) == ("1", "1")


def test_a_folder_without_documents_is_told_of(run: Any, config: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run("build", tmp_path / "empty", "--config", config)
    assert (result.status, "There is no document in" in result.out) == (0, True), result.err
    assert "Next:" not in result.out


def test_store_and_corpus_can_be_given(run: Any, config: Path, tmp_path: Path) -> None:
    store = tmp_path / "elsewhere"
    result = run("build", tmp_path / "corpus", "--config", config, "--store", store, "--corpus", "letters")
    assert result.status == 0, result.err
    shown = run("info", "--documents", "--store", store).out
    assert "https://kg.example.org/document/letters/a.txt" in shown
    assert not (tmp_path / "graph").exists()


def test_log_lines_count_documents_and_are_ours(run: Any, config: Path, tmp_path: Path) -> None:
    log = run("build", tmp_path / "corpus", "--config", config).err
    assert "3 of 3 documents: 2 read, 0 unchanged, 1 rejected" in log
    assert "Flow run" not in log
    assert "prefect" not in log.lower()


def test_a_store_that_another_process_holds_is_named(run: Any, config: Path, tmp_path: Path) -> None:
    held = OxigraphStore(tmp_path / "graph")
    try:
        result = run("build", tmp_path / "corpus", "--config", config)
    finally:
        held.close()
    assert result.status == 1
    assert re.search(
        r"^error: .*graph.*process \d+ on \S+ \(since .*is writing to it", result.err, re.MULTILINE
    )
    assert "Traceback" not in result.err


def test_a_store_that_cannot_be_used_is_told_of_before_a_model_is_loaded(
    run: Any, config: Path, tmp_path: Path
) -> None:
    config.write_text('store = "graph"\n[model]\ndirectory = "nowhere"\n')
    held = OxigraphStore(tmp_path / "graph")
    try:
        result = run("build", tmp_path / "corpus", "--config", config)
    finally:
        held.close()
    assert (result.status, "is writing to it" in result.err) == (1, True), result.err
    inside = run("build", tmp_path / "corpus", "--config", config, "--store", tmp_path / "corpus/a.txt/graph")
    assert (inside.status, "a.txt is no folder that may be written to" in inside.err) == (1, True)
    marker = tmp_path / "graph" / "kgbuild-store.json"
    marker.write_text('{"format": 99, "engine": "oxigraph"}')
    result = run("build", tmp_path / "corpus", "--config", config)
    assert (result.status, "made by a newer version" in result.err) == (1, True), result.err


@pytest.mark.parametrize(
    ("settings", "status", "message"),
    [
        ('[model]\ndirectory = "nowhere"', 1, "nowhere"),
        ('[model]\ndirectory = "model"\n[index]\npath = "nowhere"', 1, "nowhere"),
        ('[model]\ndirectory = "model"\n[ontology]\npath = "nowhere.ttl"', 2, "nowhere.ttl"),
        ('[model]\ndirectory = "model"\nprecision = "int4"', 2, "model.precision must be"),
    ],
)
def test_what_is_missing_is_named_and_no_store_is_left(
    run: Any, config: Path, tmp_path: Path, settings: str, status: int, message: str
) -> None:
    config.write_text(f'store = "graph"\n{settings}\n')
    result = run("build", tmp_path / "corpus", "--config", config)
    assert (result.status, result.out) == (status, "")
    assert re.search(rf"^error: .*{re.escape(message)}", result.err, re.MULTILINE)
    assert "Traceback" not in result.err
    assert not (tmp_path / "graph").exists()


def test_a_folder_that_is_no_store_is_left_alone(run: Any, config: Path, tmp_path: Path) -> None:
    result = run("build", tmp_path / "corpus", "--config", config, "--store", tmp_path / "corpus")
    assert (result.status, "error: " in result.err) == (1, True)
    assert sorted(file.name for file in (tmp_path / "corpus").iterdir()) == ["a.txt", "b.md", "c.txt"]


def test_the_graph_may_lie_on_a_server(config: Path, run: Any, sparql_server: Any) -> None:
    with sparql_server("--union-default-graph") as address:
        config.write_text(
            config.read_text() + f'[server]\nquery = "{address}/query"\nupdate = "{address}/update"\n'
        )
        first = counts(run("build", config.parent / "corpus", "--config", config).out)
        again = counts(run("build", config.parent / "corpus", "--config", config).out)
        question = "SELECT (COUNT(*) AS ?n) {?d nif:isString ?text}"
        asked = run("query", question, "--config", config, "--format", "csv")
    assert (first["documents read"], first["documents unchanged"]) == ("2", "0")
    assert (again["documents read"], again["documents unchanged"]) == ("0", "2")
    assert asked.out.split() == ["n", "2"], asked.err
    assert not (config.parent / "graph").exists()

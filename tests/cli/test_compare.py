"""`kgbuild compare` as a person calls it, with the index in the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def test_a_table_of_verdicts_and_a_file(run: Any, store: Path, tmp_path: Path) -> None:
    result = run("compare", "--store", store, "--out", tmp_path / "verdicts.ttl")
    assert result.status == 0, result.err
    lines = [line.split() for line in result.out.splitlines()]
    assert lines[0] == ["property", "known", "new", "contradicting"]
    assert [line[-4:] for line in lines if "birth" in line] == [["(P569)", "0", "1", "0"]]
    assert lines[-1][0] == "all"
    assert sum(map(int, lines[-1][1:])) == 2
    assert (tmp_path / "verdicts.ttl").read_text().count("kgb:verdict") == 2


def test_an_endpoint_that_is_no_address_is_told(run: Any, store: Path) -> None:
    for endpoint in ("foo", "localhost:9/sparql", "ftp://localhost/sparql"):
        result = run("compare", "--store", store, "--endpoint", endpoint)
        assert result.status == 2, endpoint
        assert f"begins with https:// or http://, not {endpoint!r}" in result.err


def test_an_endpoint_that_does_not_answer_is_named(run: Any, store: Path) -> None:
    result = run("compare", "--store", store, "--endpoint", "http://localhost:9/sparql")
    assert result.status == 1
    assert "http://localhost:9/sparql does not answer" in result.err

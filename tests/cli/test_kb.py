"""`kgbuild kb` as a person runs it."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from kgbuild.cli import transfer
from kgbuild.config import IndexSettings, parse_settings
from kgbuild.link.format import DATA_FILE, FORMAT
from kgbuild.link.index import LmdbIndex
from kgbuild.link.kb.synthetic import lines
from kgbuild.link.several import SeveralIndexes
from kgbuild.wiring import index


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "dump.json"
    path.write_bytes(b"".join(lines(300, statements=0)))
    return path


def test_an_index_is_built_updated_and_looked_into(run: Any, dump: Path, tmp_path: Path) -> None:
    built = run("kb", "build", dump, "--out", tmp_path / "kb")
    assert built.status == 0, built.err
    assert re.search(r"kb: 300 entities, [\d,]+ names, 0\.\d MB\n  300 lines\n", built.out)
    updated = run("kb", "update", tmp_path / "kb", dump)
    assert updated.status == 0, updated.err
    assert re.search(r"  300 unchanged\n$", updated.out)
    shown = run("kb", "info", tmp_path / "kb", "--verify")
    assert shown.status == 0, shown.err
    assert "languages: ['en']" in shown.out
    entity = next(LmdbIndex(tmp_path / "kb").entities())
    found = run("kb", "info", tmp_path / "kb", "--name", entity.label).out
    assert found.startswith(f"{entity.id}\t{entity.label}\t{entity.prior:.4f}\t")


def test_what_neither_index_nor_source_has_is_told(run: Any, dump: Path, tmp_path: Path) -> None:
    run("kb", "build", dump, "--out", tmp_path / "kb")
    entity = next(LmdbIndex(tmp_path / "kb").entities())
    some = run("kb", "update", tmp_path / "kb", dump, "--ids", f"{entity.id},Qx")
    assert (some.status, "  1 of the ids in neither the index nor the source\n" in some.out) == (0, True)
    for ids in ("Qx", "nosuchfile.txt"):
        result = run("kb", "update", tmp_path / "kb", dump, "--ids", ids)
        assert (result.status, result.out) == (2, "")
        assert f"has any of the ids {ids!r}; give ids as Q42,Q64, or a file that is there" in result.err
    assert len(LmdbIndex(tmp_path / "kb")) == 300
    result = run("kb", "info", tmp_path / "kb", "--name", "Nobody")
    assert (result.status, result.out) == (2, "")
    assert "has nothing called 'Nobody'" in result.err


def test_without_a_name_the_index_has_the_source_s(
    run: Any, dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("kb", "build", dump).status == 0
    assert (tmp_path / "dump.kb" / DATA_FILE).exists()


def test_bad_lines_are_shown_with_their_offsets(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    path.write_bytes(b"[\nnonsense\n" + b"".join(list(lines(10, odd=0))[1:]))
    result = run("kb", "build", path, "--out", tmp_path / "kb")
    assert result.status == 0
    assert "1 not JSON" in result.out
    assert "the line at byte 2 is not JSON" in result.err


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["missing.json"], 1, "missing.json cannot be read"),
        (["dump.xml"], 2, "give --form"),
        (["dump.json", "--types", "human"], 2, "'human' is not the QID of a class"),
        (["dump.json", "--languages", ","], 2, "no language is given"),
    ],
)
def test_what_cannot_be_built_is_told(
    run: Any, tmp_path: Path, arguments: list[str], status: int, message: str
) -> None:
    result = run("kb", "build", *arguments, "--out", tmp_path / "kb")
    assert (result.status, result.out) == (status, "")
    assert message in result.err
    assert "Traceback" not in result.err
    assert not (tmp_path / "kb").exists()


def test_an_index_of_another_version_is_told(run: Any, dump: Path, tmp_path: Path) -> None:
    run("kb", "build", dump, "--out", tmp_path / "kb")
    file = tmp_path / "kb" / DATA_FILE
    file.write_bytes(file.read_bytes().replace(f'{{"format":{FORMAT}'.encode(), b'{"format":1'))
    for command in ("info", "update"):
        result = run("kb", command, tmp_path / "kb", *([dump] if command == "update" else []))
        assert result.status == 1
        assert f"has format 1, and this kgbuild reads {FORMAT}; build it again" in result.err


def test_several_indexes_are_a_setting(run: Any, dump: Path, tmp_path: Path) -> None:
    run("kb", "build", dump, "--out", tmp_path / "kb")
    settings = parse_settings({"index": {"beside": ["kb"]}}, folder=tmp_path)
    assert settings.index == IndexSettings(beside=(tmp_path / "kb",))
    opened = index(settings.index)
    assert isinstance(opened, SeveralIndexes)
    assert len(opened.indexes) == 2


def test_a_terminal_sees_rate_and_time_left() -> None:
    screen = io.StringIO()
    with transfer.bar(Console(file=screen, force_terminal=True, width=120)) as told:
        told("reading", 50_000_000, 100_000_000)
        told("entities", 7, None)
    seen = screen.getvalue()
    assert "50.0/100.0 MB" in seen
    assert "left" in seen
    assert "writing entities: 7" in seen


def test_elsewhere_nothing_is_shown() -> None:
    screen = io.StringIO()
    with transfer.bar(Console(file=screen)) as told:
        told("reading", 1, None)
    assert screen.getvalue() == ""

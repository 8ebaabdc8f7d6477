"""The report of a build, as a person sees it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from kgbuild.cli import show
from kgbuild.records import BuildReport, Rejection


@pytest.mark.parametrize(("read", "told"), [(20000, "100 %"), (19999, "99.9 %"), (0, "0.0 %")])
def test_the_share_of_characters_that_were_read(
    read: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show.report(
        BuildReport("1", documents=1, characters=20000, characters_read=read), "corpus", Path("store")
    )
    assert f"characters ({told} read)" in capsys.readouterr().out


def test_nothing_was_there_to_read(capsys: pytest.CaptureFixture[str]) -> None:
    show.report(BuildReport("1"), "corpus", Path("store"))
    assert "characters (100 % read)" in capsys.readouterr().out


def test_one_word_names_one_count(run: Any, store: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told = run("info", "--store", store).out
    show.report(BuildReport("1", documents=1, mentions=9, links=3, statements=7), "corpus", Path("store"))
    built = capfd.readouterr().out
    assert re.search(r"^mentions and values +9$", built, re.MULTILINE), "dates and numbers are no entities"
    assert re.search(r"^statements by document +7$", built, re.MULTILINE), "the graph has one of two alike"
    assert re.search(r"^mentions of entities +2$", told, re.MULTILINE)
    assert re.search(r"run +read +unchanged +documents and facts rejected +seconds", told)


def test_a_document_that_was_refused_as_it_was_merged_is_a_rejected_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    refused = Rejection("merge", "a.txt", "inconsistent facts", "a quote that is not there")
    show.report(BuildReport("1", rejections=(refused,)), "corpus", Path("store"))
    shown = capsys.readouterr().out
    assert "documents rejected            1" in shown
    assert "a.txt              inconsistent facts: a quote that is not there" in shown
    assert "not stated, because" not in shown

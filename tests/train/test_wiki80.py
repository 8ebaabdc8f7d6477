"""Wiki80's sentences, in files of the test's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kgbuild.errors import DatasetError
from kgbuild.ontology import load_ontology
from kgbuild.records import Label
from kgbuild.train.datasets.wiki80 import read_wiki80

ROW = {
    "token": ["Also", ",", "Ada", " ", "Frye", "was", "born", "in", "Rome", "."],
    "h": {"name": "ada frye", "id": "Q1", "pos": [2, 5], "type": "PERSON"},
    "t": {"name": "rome", "id": "Q2", "pos": [8, 9], "type": "FAC"},
    "relation": "place of birth",
}


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_sentence_has_its_pair_and_its_property(tmp_path: Path) -> None:
    [example] = read_wiki80(write(tmp_path / "train.txt", ROW), load_ontology(None))
    head, tail = example.mentions
    assert example.text[head.start : head.end] == "Ada - Frye"
    assert example.text[tail.start : tail.end] == "Rome"
    assert (head.label, tail.label) == (Label.PERSON, None)
    assert [fact.property for fact in example.facts] == ["P19"]
    assert example.cased


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"relation": "sings like"}, "sings like"),
        ({"h": {"pos": [9, 12], "type": ""}}, "outside the sentence"),
    ],
)
def test_a_wrong_row_is_named_by_file_and_line(tmp_path: Path, change: dict[str, object], said: str) -> None:
    path = write(tmp_path / "train.txt", ROW, {**ROW, **change})
    with pytest.raises(DatasetError, match=rf"train.txt:2: .*{said}"):
        list(read_wiki80(path, load_ontology(None)))

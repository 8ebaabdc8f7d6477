"""A recipe's data sets: every format by its name, cut, and checked against the ontology."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from kgbuild.errors import ConfigurationError, DatasetError
from kgbuild.ontology import load_ontology
from kgbuild.train.config import DataConfig, TrainingConfig
from kgbuild.train.data import FORMATS, kept_for_development, read_data
from kgbuild.train.datasets.conll04 import conll04_ontology

SENTENCE = {
    "tokens": ["Ada", "works", "at", "Acme"],
    "tags": ["U-Peop", "O", "O", "U-Org"],
    "relations": [{"head": 0, "tail": 1, "type": "Work_For"}],
}
LINE = {
    "id": "1",
    "text": "Ada works at Acme",
    "mentions": [{"start": 0, "end": 3, "label": "person"}, {"start": 13, "end": 17, "label": "org"}],
    "facts": [{"subject": 0, "property": "P108", "object": 1}],
}


def recipe(folder: Path, **spec: object) -> TrainingConfig:
    return TrainingConfig(backbone="", output="", data=[DataConfig(**spec)], data_folder=str(folder))


def test_the_formats_are_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
    assert not [name for name in FORMATS if f"`{name}`" not in page]


def test_conll04_trains_on_its_own_ontology_and_says_what_another_lacks(tmp_path: Path) -> None:
    (tmp_path / "train.json").write_text(json.dumps([SENTENCE, SENTENCE, SENTENCE]))
    config = recipe(tmp_path, format="conll04", path="train.json", first=1)
    [(_, examples)] = read_data(config, conll04_ontology())
    assert [example.id for example in examples] == ["train.json:1", "train.json:2"]
    with pytest.raises(ConfigurationError, match=r"train\.json uses P157, which the ontology does not have"):
        read_data(config, load_ontology())


def test_annotations_are_checked_by_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    bad = {**LINE, "id": "2", "annotated": ["P108", "P99999"]}
    path.write_text(json.dumps(LINE) + "\n" + json.dumps(bad) + "\n")
    with pytest.raises(DatasetError, match=r"mine\.jsonl:2: the property 'P99999'"):
        read_data(recipe(tmp_path, format="annotations", path="mine.jsonl"), load_ontology())


def test_a_document_trains_or_is_held_out_whole_whatever_its_name(tmp_path: Path) -> None:
    names = [f"wiki:{number}" for number in range(40)]
    rows = [
        {
            "document": name,
            "passages": [
                {"start": start, "end": start + 3, "text": "Ada", "annotated": ["SPOUSE"], "facts": []}
                for start in (0, 9)
            ],
        }
        for name in names
    ]
    (tmp_path / "fold1.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = msgspec.structs.replace(recipe(tmp_path, format="knowledgenet", path="fold1.jsonl"), holdout=2)
    [(_, examples)] = read_data(config, load_ontology())
    trained = [name for name in names if not kept_for_development(name, 2)]
    assert 0 < len(trained) < len(names)
    assert [each.id for each in examples] == [f"{name}:{start}" for name in trained for start in (0, 9)]


def test_columns_are_read_by_name(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("Ada B-PER\nleft O\n")
    [(_, examples)] = read_data(recipe(tmp_path, format="columns", path="train.txt"), load_ontology())
    assert [each.text for each in examples] == ["Ada left"]


def test_an_unknown_format_and_an_empty_cut_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no data format is called 'conll'; there are knowledgenet"):
        read_data(recipe(tmp_path, format="conll"), load_ontology())
    (tmp_path / "train.txt").write_text("Ada B-PER\n")
    with pytest.raises(ConfigurationError, match=r"train\.txt gives no examples from 5 on; widen"):
        read_data(recipe(tmp_path, format="columns", path="train.txt", first=5), load_ontology())
    (tmp_path / "mine.jsonl").write_text("")
    with pytest.raises(ConfigurationError, match=r"mine\.jsonl holds no examples; add some, or leave"):
        read_data(recipe(tmp_path, format="annotations", path="mine.jsonl"), load_ontology())

"""The table of data sets, and the shape of what every scorer gives."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from kgbuild.cli.learn import DataSet
from kgbuild.errors import DatasetError, UsageError
from kgbuild.evaluate.counts import Counts
from kgbuild.evaluate.report import Options, Report, error
from kgbuild.evaluate.scorers import SCORERS, evaluate


def test_the_command_offers_the_table_and_linking() -> None:
    assert {each.value for each in DataSet} == SCORERS.keys() | {"linking"}


@pytest.mark.parametrize("dataset", SCORERS)
def test_an_option_without_meaning_is_refused(dataset: str, task: Any, tmp_path: Path) -> None:
    given: dict[str, Any] = {"gold_mentions": True, "unseen": 5, "seed": 2, "properties": ("P1",)}
    assert given.keys() == set(Options.__dataclass_fields__)
    for name in given.keys() - SCORERS[dataset].options:
        option = f"--{name.replace('_', '-')}"
        with pytest.raises(UsageError, match=f"{dataset} takes no {option}"):
            evaluate(dataset, task(tmp_path, **{name: given[name]}))


PASSAGE = {"start": 0, "end": 4, "text": "Rain", "annotated": ["PLACE_OF_BIRTH"], "facts": []}
NOTHING_ANNOTATED = [
    ("knowledgenet", "fold1.jsonl", ""),
    ("knowledgenet", "fold1.jsonl", json.dumps({"document": "1", "passages": [PASSAGE]})),
    ("redocred", "dev.json", "[]"),
    ("redocred", "dev.json", json.dumps([{"title": "Rain", "sents": [["It", "rained"]], "vertexSet": []}])),
    ("fewrel", "val.jsonl", ""),
    ("conll04", "dev.json", "[]"),
    ("conll04", "dev.json", json.dumps([{"tokens": ["It", "rained"], "tags": ["O", "O"], "relations": []}])),
    ("ner", "dev.txt", ""),
    ("ner", "dev.txt", "It O\nrained O\n"),
    ("ner", "mine.jsonl", ""),
    ("ner", "mine.jsonl", json.dumps({"id": "1", "text": "It rained", "mentions": []})),
    ("text2kgbench", "train.jsonl", ""),
]


@pytest.mark.parametrize(("dataset", "name", "content"), NOTHING_ANNOTATED)
def test_a_file_in_which_nothing_is_annotated_is_named(
    dataset: str, name: str, content: str, task: Any, tmp_path: Path
) -> None:
    relation = {"pid": "P57", "label": "director", "domain": "", "range": ""}
    ontology = {"id": "ont_1_film", "title": "film", "concepts": [], "relations": [relation]}
    (tmp_path / "1_film_ontology.json").write_text(json.dumps(ontology))
    (tmp_path / name).write_text(content)
    with pytest.raises(DatasetError, match=rf"{re.escape(name)} has no .*; there is nothing to score"):
        evaluate(dataset, task(tmp_path / name))


def test_relations_between_given_mentions_need_relations(task: Any, tmp_path: Path) -> None:
    row = {"tokens": ["Rome", "rained"], "tags": ["U-Loc", "O"], "relations": []}
    (tmp_path / "dev.json").write_text(json.dumps([row]))
    evaluate("conll04", task(tmp_path))
    with pytest.raises(DatasetError, match=r"has no relations; there is nothing to score"):
        evaluate("conll04", task(tmp_path, gold_mentions=True))


def test_a_report_sums_its_parts_but_for_the_averages_that_a_data_set_defines() -> None:
    parts = {"P1": Counts(1, 2, 2), "P2": Counts(1, 2, 6)}
    plain = Report(parts, 0.25).as_json()
    assert (plain["precision"], plain["recall"], plain["f1"], plain["count"]) == (0.5, 0.25, 0.3333, 8)
    assert plain["by_property"]["P1"] == {"f1": 0.5, "precision": 0.5, "recall": 0.5, "count": 2}
    own = Report(parts, 0.25, by="type", averages={"f1": 0.9}, further={"entity_f1": 0.5}).as_json()
    assert (own["f1"], own["precision"], own["entity_f1"], own["ece"]) == (0.9, 0.5, 0.5, 0.25)
    assert own["by_type"] == plain["by_property"]


def test_the_error_is_the_gap_between_confidence_and_correctness() -> None:
    assert error([(0.75, True), (0.75, False)] * 10) == pytest.approx(0.25)
    assert error([]) == 0.0

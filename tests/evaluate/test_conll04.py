"""CoNLL04's strict score: what counts as right, and what is left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kgbuild.errors import DatasetError
from kgbuild.evaluate import conll04
from kgbuild.evaluate.conll04 import Entity, Reading, Relation, conll04_file, report
from kgbuild.evaluate.report import Task
from kgbuild.records import Extraction, Label, Mention
from kgbuild.records import Relation as Read
from kgbuild.train.datasets.columns import Chunk, chunks
from kgbuild.train.datasets.conll04 import AnnotatedSentence, read_sentences

TOKENS = ("Oswald", "of", "Dallas", "shot", "Kennedy", ".")
OSWALD: Entity = (0, 1, "Peop")
DALLAS: Entity = (2, 3, "Loc")
KENNEDY: Entity = (4, 5, "Peop")
ROW = {
    "tokens": TOKENS,
    "tags": ["U-Peop", "O", "U-Loc", "O", "U-Peop", "O"],
    "relations": [{"head": 0, "tail": 2, "type": "Kill"}, {"head": 0, "tail": 1, "type": "Live_In"}],
    "orig_id": 3,
}
SENTENCE = AnnotatedSentence("s", TOKENS, tuple(Chunk(*each) for each in (OSWALD, DALLAS, KENNEDY)), (), 3)
KILL: Relation = ("Kill", OSWALD, KENNEDY)
LIVE: Relation = ("Live_In", OSWALD, DALLAS)


def reading(entities: list[Entity], relations: list[Relation]) -> Reading:
    return Reading(
        SENTENCE,
        dict.fromkeys(entities, 0.9),
        dict.fromkeys(relations, 0.8),
        frozenset({OSWALD, DALLAS, KENNEDY}),
        frozenset({KILL, LIVE}),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        ("Kill", KENNEDY, OSWALD),
        ("Kill", (0, 2, "Peop"), KENNEDY),
        ("Kill", (0, 1, "Org"), KENNEDY),
        ("Live_In", OSWALD, KENNEDY),
    ],
)
def test_a_relation_needs_type_direction_boundaries_and_entity_types(wrong: Relation) -> None:
    assert report([reading([], [KILL])]).as_json()["precision"] == 1.0
    assert report([reading([], [wrong])]).as_json()["precision"] == 0.0


def test_micro_is_the_headline_and_macro_stands_beside_it() -> None:
    found = report(
        [reading([OSWALD, DALLAS, (4, 6, "Peop")], [KILL]), reading([OSWALD, KENNEDY, DALLAS], [KILL])]
    )
    scores = found.as_json()
    assert (scores["precision"], scores["recall"], scores["count"]) == (1.0, 0.5, 4)
    assert scores["f1"] == pytest.approx(0.6667)
    assert scores["macro_f1"] == 0.5
    assert scores["entity_f1"] == pytest.approx(5 / 6, abs=1e-4)
    assert scores["entity_macro_f1"] == pytest.approx((0.75 + 1.0) / 2)
    assert scores["by_property"]["Kill"]["f1"] == 1.0
    assert scores["by_type"]["Peop"]["count"] == 4
    assert scores["ece"] == pytest.approx(0.2)


def test_a_reading_has_the_data_s_terms(tmp_path: Path) -> None:
    [sentence] = read_sentences(written(tmp_path, ROW))
    text = "Oswald of Dallas shot Kennedy ."
    mentions = (
        Mention(0, 6, "Oswald", Label.PERSON, 0.9),
        Mention(10, 15, "Dalla", Label.LOCATION, 0.8),
        Mention(17, 21, "shot", Label.TIME, 0.4),
        Mention(22, 31, "Kennedy .", Label.PERSON, 0.7),
        Mention(30, 31, ".", Label.OTHER, 0.2),
    )
    relations = (
        Read(3, "P157", 0, 0.6),
        Read(0, "P551", 1, 0.5),
        Read(0, "P551", 4, 0.5),
        Read(0, "P26", 3, 0.9),
    )
    stub = Fixed(Extraction("s", 0, len(text), mentions, relations))
    found = conll04.read_sentence(sentence, stub)  # type: ignore[arg-type]
    assert found.entities == {OSWALD: 0.9, DALLAS: 0.8, (3, 4, "Other"): 0.4, (4, 6, "Peop"): 0.7}
    assert found.relations == {("Kill", OSWALD, (4, 6, "Peop")): 0.6, LIVE: 0.5}
    assert found.gold_relations == {KILL, LIVE}


class Fixed:
    """An extractor that reads the same everywhere."""

    def __init__(self, extraction: Extraction) -> None:
        self.extraction = extraction

    def extract(self, document: Any, sentences: Any) -> Extraction:
        return self.extraction


def written(folder: Path, *rows: Any, name: str = "dev.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(rows))
    return path


def test_a_model_is_scored_and_its_predictions_are_the_data_set_s_form(
    tmp_path: Path, task: Callable[..., Task]
) -> None:
    written(tmp_path, ROW, ROW)
    outcome = conll04.score(task(tmp_path))
    scores = outcome.report.as_json()
    assert {"f1", "precision", "recall", "count", "ece", "entity_f1", "macro_f1"} <= scores.keys()
    assert (scores["count"], scores["entity_count"]) == (4, 6)
    again = tmp_path / "predictions.json"
    again.write_text(outcome.predictions)
    for sentence, row in zip(read_sentences(again), json.loads(outcome.predictions), strict=True):
        assert tuple(chunks(row["tags"])) == sentence.entities
    [last] = conll04.read_documents(tmp_path / "dev.json", task(tmp_path).extractor, first=1)
    assert last.sentence.id == "dev.json:1"
    given = conll04.score(task(tmp_path, gold_mentions=True)).report.as_json()
    assert "entity_f1" not in given
    assert given["by_property"].keys() == scores["by_property"].keys()


def test_gold_predictions_score_one_when_they_are_read_again(tmp_path: Path) -> None:
    [sentence] = read_sentences(written(tmp_path, ROW))
    perfect = Reading(
        sentence,
        dict.fromkeys((OSWALD, DALLAS, KENNEDY), 1.0),
        {KILL: 1.0, LIVE: 1.0},
        frozenset({OSWALD, DALLAS, KENNEDY}),
        frozenset({KILL, LIVE}),
    )
    [row] = json.loads(conll04.predictions([perfect]))
    assert (row["tags"], row["orig_id"]) == (ROW["tags"], 3)
    assert {tuple(each.items()) for each in row["relations"]} == {
        tuple({"type": each["type"], "head": each["head"], "tail": each["tail"]}.items())
        for each in ROW["relations"]
    }
    assert report([perfect]).as_json()["f1"] == 1.0


def test_a_folder_is_its_development_file(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"holds no dev\.json"):
        conll04_file(tmp_path)
    path = written(tmp_path, ROW, name="conll04_dev.json")
    assert conll04_file(tmp_path) == path
    assert conll04_file(path) == path

"""Entity scores: exact spans, labels of the six, and what is not counted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kgbuild.errors import DatasetError
from kgbuild.evaluate import ner
from kgbuild.evaluate.ner import Reading, conlleval, judgeable
from kgbuild.evaluate.report import Task
from kgbuild.records import Label
from kgbuild.train.datasets.annotations import read_annotations
from kgbuild.train.datasets.columns import read_columns, read_sentences
from kgbuild.train.examples import AnnotatedMention, Example

TEXT = "Ada Hart plays jazz in Rome since May"
EXAMPLE = Example(
    "x",
    TEXT,
    (
        AnnotatedMention(0, 8, Label.PERSON),
        AnnotatedMention(15, 19, None),
        AnnotatedMention(23, 27, Label.LOCATION),
    ),
)
COLUMNS = "Ada\tB-PER\nHart\tI-PER\nplays\tO\njazz\tB-musicgenre\nin\tO\nRome\tB-LOC\n\nMay\tO\nLee\tB-PER\n"
ADA = (0, 8, Label.PERSON)


def test_labels_outside_the_data_and_spans_without_a_label_do_not_count() -> None:
    predicted = {ADA: 0.9, (15, 19, Label.PERSON): 0.8, (34, 37, Label.TIME): 0.7, (9, 14, Label.PERSON): 0.6}
    found = judgeable(EXAMPLE, predicted, {Label.PERSON, Label.LOCATION})
    assert found.predicted == {ADA: 0.9, (9, 14, Label.PERSON): 0.6}
    assert found.gold == {ADA, (23, 27, Label.LOCATION)}


def test_annotated_pronouns_are_no_names(tmp_path: Path) -> None:
    row = {"id": "1", "text": "She left Ada", "mentions": [{"start": 0, "end": 3, "label": "person"}]}
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps(row) + "\n")
    [example], in_columns = ner.read_gold(path)
    assert (example.mentions, in_columns) == ((), False)


def test_predictions_are_written_as_conlleval_reads_them() -> None:
    reading = Reading(EXAMPLE, {(0, 3, Label.PERSON): 0.9}, frozenset({ADA}))
    lines = conlleval([reading, reading]).splitlines()
    assert lines[:3] == ["Ada B-person B-person", "Hart I-person O", "plays O O"]
    assert lines[8] == ""
    assert lines[9:] == lines[:8]


def test_column_files_are_scored_by_label(tmp_path: Path, task: Callable[..., Task]) -> None:
    path = tmp_path / "dev.txt"
    path.write_text(COLUMNS)
    outcome = ner.score(task(path))
    scores = outcome.report.as_json()
    assert {"f1", "precision", "recall", "count", "ece", "macro_f1"} <= scores.keys()
    assert scores["count"] == 3
    assert {name: row["count"] for name, row in scores["by_type"].items()} == {"person": 2, "location": 1}
    rows = [line.split() for line in outcome.predictions.splitlines() if line]
    assert [row[0] for row in rows] == [token for each in read_sentences(path) for token in each.tokens]
    assert [row[1] for row in rows][:3] == ["B-person", "I-person", "O"]


def test_the_file_with_its_own_gold_in_place_of_predictions_scores_one(tmp_path: Path) -> None:
    path = tmp_path / "dev.txt"
    path.write_text(COLUMNS)
    labels = {Label.PERSON, Label.LOCATION}
    for example in read_columns(path):
        gold = {(each.start, each.end, each.label): 1.0 for each in example.mentions if each.label}
        reading = judgeable(example, gold, labels)
        assert set(reading.predicted) == reading.gold
        for line in conlleval([reading]).splitlines():
            assert line.split()[1] == line.split()[2]


def test_annotations_are_scored_from_raw_text_and_predictions_are_their_form(
    tmp_path: Path, task: Callable[..., Task]
) -> None:
    row = {"id": "1", "text": TEXT, "mentions": [{"start": 0, "end": 8, "label": "person"}]}
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps(row) + "\n")
    outcome = ner.score(task(path))
    assert outcome.report.as_json()["count"] == 1
    again = tmp_path / "predictions.jsonl"
    again.write_text(outcome.predictions)
    [example] = read_annotations(again)
    assert (example.id, example.text) == ("1", TEXT)
    assert {mention.label for mention in example.mentions} <= {Label.PERSON}


def test_partial_annotations_cannot_be_scored(tmp_path: Path, task: Callable[..., Task]) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps({"id": "7", "text": "Ada", "mentions": [], "tagging": "partial"}))
    with pytest.raises(DatasetError, match=r"mine\.jsonl: 7 has not all its mentions annotated"):
        ner.score(task(path))


def test_docbins_are_scored(tmp_path: Path, task: Callable[..., Task]) -> None:
    import spacy
    from spacy.tokens import DocBin, Span

    document = spacy.blank("en")("Ada Hart plays jazz in Rome")
    document.ents = [Span(document, 0, 2, "PERSON"), Span(document, 5, 6, "GPE")]
    DocBin(docs=[document]).to_disk(tmp_path / "mine.spacy")
    scores = ner.score(task(tmp_path / "mine.spacy")).report.as_json()
    assert (scores["count"], set(scores["by_type"])) == (2, {"person", "location"})

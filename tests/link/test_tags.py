"""Gold mentions get labels and coreference from what an extractor read."""

import json
from pathlib import Path

import pytest

from kgbuild.errors import DatasetError
from kgbuild.link.gold import GoldDocument
from kgbuild.link.tags import aligned, read_tags
from kgbuild.records import Document, Extraction, Label, Mention

TEXT = "He met Ann Lee in Paris in 1999. She sang."


def mention(start: int, end: int, label: Label = Label.OTHER, score: float = 0.0) -> Mention:
    return Mention(start, end, TEXT[start:end], label, score)


def read(folder: Path) -> Extraction:
    found = [
        {"start": 7, "end": 10, "text": "Ann", "label": "organisation", "score": 0.5},
        {"start": 9, "end": 14, "text": "n Lee", "label": "person", "score": 0.9, "cluster": 0},
        {"start": 18, "end": 23, "text": "Paris", "label": "location", "score": 0.8, "cluster": None},
        {"start": 27, "end": 31, "text": "1999", "label": "time", "score": 0.9},
        {"start": 33, "end": 36, "text": "She", "label": "person", "score": 1.0, "cluster": 0},
    ]
    path = folder / "tags.jsonl"
    path.write_text(json.dumps({"id": "d", "mentions": found}))
    return read_tags(path)["d"]


def gold(*mentions: Mention) -> GoldDocument:
    entities = tuple(f"Q{number}" for number, _ in enumerate(mentions, start=1))
    return GoldDocument(Document("d", "urn:d", TEXT), Extraction("d", 0, len(TEXT), mentions), entities)


def test_the_mention_that_overlaps_most_gives_the_label(tmp_path: Path) -> None:
    made = aligned(gold(mention(0, 2), mention(7, 14), mention(27, 31)), read(tmp_path))
    judged = [made.extraction.mentions[place] for place in made.judged]
    assert [(each.text, each.label, each.score) for each in judged] == [
        ("He", Label.OTHER, 0.0),
        ("Ann Lee", Label.PERSON, 0.9),
        ("1999", Label.OTHER, 0.0),
    ]


def test_other_mentions_are_context(tmp_path: Path) -> None:
    made = aligned(gold(mention(7, 14)), read(tmp_path))
    assert [each.text for each in made.extraction.mentions] == ["Ann Lee", "Paris", "1999", "She"]
    assert made.entities == ("Q1", None, None, None)
    assert list(made.judged) == [0]


def test_clusters_go_with_the_spans(tmp_path: Path) -> None:
    made = aligned(gold(mention(7, 14), mention(33, 36)), read(tmp_path))
    names = [[made.extraction.mentions[place].text for place in held] for held in made.extraction.clusters]
    assert names == [["Ann Lee", "She"]]


def test_a_much_wider_mention_is_not_the_same(tmp_path: Path) -> None:
    made = aligned(gold(mention(7, 23), mention(33, 36)), read(tmp_path))
    assert made.extraction.clusters == ()


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tags.jsonl"
    path.write_text('{"id": "d", "mentions": [{"start": 1}]}')
    with pytest.raises(DatasetError, match="line 1"):
        read_tags(path)

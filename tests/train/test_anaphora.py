"""Fitting what speaks for the meaning of a pronoun, on scores by hand and on small files."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from reading import referents

from kgbuild.errors import DatasetError
from kgbuild.extract.across import ReferenceView
from kgbuild.extract.encode import Range
from kgbuild.extract.strings import matches
from kgbuild.records import Label
from kgbuild.train.anaphora import ReadText, Text, asked, fit, hits, texts

NAMES = {"Ann": Label.PERSON, "Eve": Label.PERSON, "Acme": Label.ORGANISATION, "Bolt": Label.ORGANISATION}
GAP = "ID\tText\tPronoun\tPronoun-offset\tA\tA-offset\tA-coref\tB\tB-offset\tB-coref\tURL\n"


def text(number: int, *, right: str, other: str, pronoun: str, logit: float = 4.0) -> ReadText:
    """Two names and a pronoun, which means the one that the network rates higher."""
    first, second = sorted((right, other))
    written = f"{first} met {second}. {pronoun} left."
    mentions, told = referents(written, NAMES)
    scores = np.zeros((3, 3), np.float32)
    scores[2, [each.text for each in mentions].index(right)] = logit
    entities = {(each.start, each.end): each.text for each in mentions[:2]}
    entities[mentions[2].start, mentions[2].end] = right
    view = ReferenceView(Range(0, 9), np.arange(3), scores, matches([each.text for each in mentions]), told)
    return ReadText(Text("linking", str(number), written, entities), mentions, [view])


@pytest.fixture
def read() -> Sequence[ReadText]:
    """Eight texts about people and eight about firms; the first name is meant as often as the second."""
    pairs = [(("Ann", "Eve"), "She"), (("Acme", "Bolt"), "It")]
    return [
        text(2 * number + turn, right=names[turn], other=names[1 - turn], pronoun=pronoun)
        for number, (names, pronoun) in enumerate(4 * pairs)
        for turn in (0, 1)
    ]


def test_what_the_network_knows_is_learned_to_be_trusted(read: Sequence[ReadText]) -> None:
    people, things = fit(read)
    assert people.logit > 0.3
    assert things.logit > 0.3
    assert hits(read, (people, things)) == {("linking", True, True): 8, ("linking", False, True): 8}


def test_what_is_near_is_meant_where_the_network_knows_nothing() -> None:
    found = [
        text(number, right=right, other=other, pronoun=pronoun, logit=0.0)
        for number in range(4)
        for right, other, pronoun in (("Eve", "Ann", "She"), ("Bolt", "Acme", "It"))
    ]
    people, things = fit(found)
    assert people.distance < -0.5
    assert things.distance < -0.5


def test_a_pronoun_whose_entity_has_no_name_is_none_of_the_named(read: Sequence[ReadText]) -> None:
    told = read[0].told
    spans = dict(told.entities)
    spans[max(spans)] = "somebody else"
    [one] = asked(
        ReadText(Text("linking", "x", told.text, spans), read[0].mentions, read[0].views), fit(read)
    )
    assert not one.named
    assert one.right.tolist() == [False, False, True]


def test_the_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "coreference").mkdir()
    (tmp_path / "linking").mkdir()
    (tmp_path / "knowledgenet").mkdir()
    row = "g-1\tAnn met Eve. She left.\tShe\t13\tAnn\t0\tFALSE\tEve\t8\tTRUE\tu\n"
    gap = tmp_path / "coreference" / "gap-validation.tsv.gz"
    gap.write_bytes(gzip.compress((GAP + row).encode()))
    label = {"span": [0, 3], "entity_id": "Q1", "name": "Ann", "type": "Q5"}
    record = {"id": 1, "title": "", "text": "Ann left.", "labels": [label], "evaluation_span": [0, 9]}
    for name in ("oke-2015-train", "news-fair-v2", "wiki-fair-v2"):
        (tmp_path / "linking" / f"{name}.jsonl.gz").write_bytes(gzip.compress(json.dumps(record).encode()))
    found = list(texts(tmp_path))
    assert [(each.source, dict(each.entities)) for each in found[:2]] == [
        ("gap", {(0, 3): "A", (8, 11): "B", (13, 16): "B"}),
        ("linking", {(0, 3): "Q1"}),
    ]
    assert len(found) == 4
    gap.write_bytes(gzip.compress((GAP + row.replace("\t13\t", "\tx\t")).encode()))
    with pytest.raises(DatasetError, match=r"gap-validation\.tsv\.gz:2"):
        list(texts(tmp_path))

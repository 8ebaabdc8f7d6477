"""Re-DocRED's two scores: between gold mentions, and end to end between clusters."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kgbuild.errors import DatasetError
from kgbuild.evaluate import redocred_entities as end_to_end
from kgbuild.evaluate.counts import Counts, total
from kgbuild.evaluate.redocred import Reading, predictions, read_checked, score, score_documents
from kgbuild.evaluate.redocred_entities import same_spans, same_spans_and_type, shared_mention
from kgbuild.records import Attribute, Extraction, Label, Mention, Relation
from kgbuild.train.datasets.redocred import DocumentRow, token_offsets

DOCUMENT: dict[str, Any] = {
    "title": "Ada",
    "sents": [["Ada", "Hart", "lived", "in", "Rome", "."], ["Hart", "and", "she", "left", "in", "1902", "."]],
    "vertexSet": [
        [{"sent_id": 0, "pos": [0, 2], "type": "PER"}, {"sent_id": 1, "pos": [0, 1], "type": "PER"}],
        [{"sent_id": 0, "pos": [4, 5], "type": "LOC"}],
        [{"sent_id": 1, "pos": [5, 6], "type": "TIME"}],
    ],
    "labels": [{"h": 0, "t": 1, "r": "P551", "evidence": [0]}, {"h": 0, "t": 2, "r": "P570", "evidence": []}],
}
ROW = msgspec.convert(DOCUMENT, DocumentRow)
TEXT = token_offsets(ROW.sents)[0]
P, L, T = Label.PERSON, Label.LOCATION, Label.TIME


def mention(text: str, label: Label, nth: int = 0) -> Mention:
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(text, start + 1)
    return Mention(start, start + len(text), text, label, 1.0)


ADA, ROME, HART, SHE, YEAR = (
    mention("Ada Hart", P),
    mention("Rome", L),
    mention("Hart", P, 1),
    mention("she", P),
    mention("1902", T),
)
MENTIONS = (ADA, ROME, HART, SHE, YEAR)


def read(extraction: Extraction) -> end_to_end.Reading:
    return end_to_end.Reading(ROW, end_to_end.graph_of(extraction, ROW), end_to_end.gold_of(ROW))


def extraction(
    *relations: Relation, mentions: tuple[Mention, ...] = MENTIONS, clusters: Any = ((0, 2, 3),)
) -> Extraction:
    died = Attribute(2, "P570", YEAR.start, YEAR.end, "1902", 0.6)
    return Extraction("Ada", 0, len(TEXT), mentions, relations, (died,), clusters)


def test_a_perfect_reading_is_perfect() -> None:
    reading = read(extraction(Relation(2, "P551", 1, 0.9)))
    for match in (same_spans, same_spans_and_type, shared_mention):
        assert total(end_to_end.counts([reading], match).values()) == Counts(2, 2, 2)
    assert end_to_end.mention_counts([reading]) == Counts(4, 4, 4)
    assert sorted(end_to_end.judge(reading, same_spans).values()) == [(0.6, True), (0.9, True)]


def test_what_is_said_of_a_pronoun_is_left_out() -> None:
    reading = read(extraction(Relation(3, "P551", 1, 0.9)))
    assert sorted(end_to_end.judge(reading, same_spans).values()) == [(0.6, True)]


def test_an_incomplete_cluster_is_wrong_by_the_strict_definition_only() -> None:
    reading = read(extraction(Relation(0, "P551", 1, 0.9), clusters=((2, 3),)))
    assert end_to_end.counts([reading], same_spans) == {"P551": Counts(0, 1, 1), "P570": Counts(0, 1, 1)}
    assert end_to_end.counts([reading], shared_mention) == {"P551": Counts(1, 1, 1), "P570": Counts(1, 1, 1)}


def test_a_fact_said_of_both_halves_of_an_entity_counts_once_where_halves_are_matched() -> None:
    split = extraction(Relation(0, "P551", 1, 0.7), Relation(2, "P551", 1, 0.9), clusters=((2, 3),))
    reading = read(split)
    assert end_to_end.counts([reading], same_spans)["P551"] == Counts(0, 2, 1)
    assert end_to_end.counts([reading], shared_mention)["P551"] == Counts(1, 1, 1)
    assert end_to_end.judge(reading, shared_mention)[0, "P551", 1] == (0.9, True)


def test_types_count_for_mentions_and_the_typed_figure() -> None:
    wrong = (ADA, mention("Rome", Label.ORGANISATION), HART, SHE, YEAR)
    reading = read(extraction(Relation(0, "P551", 1, 0.9), mentions=wrong))
    assert total(end_to_end.counts([reading], same_spans).values()) == Counts(2, 2, 2)
    assert end_to_end.counts([reading], same_spans_and_type)["P551"] == Counts(0, 1, 1)
    assert end_to_end.mention_counts([reading]) == Counts(3, 4, 4)


def test_dates_written_alike_are_one_entity() -> None:
    row = msgspec.convert(
        {**DOCUMENT, "sents": [["1902", ",", "1902", ",", "1903"]], "vertexSet": []}, DocumentRow
    )
    text = "1902 , 1902 , 1903"
    years = tuple(Mention(at, at + 4, text[at : at + 4], T, 1.0) for at in (0, 7, 14))
    graph = end_to_end.graph_of(Extraction("", 0, len(text), years), row)
    assert [sorted(each.spans) for each in graph.entities] == [[(0, 0, 1), (0, 2, 3)], [(0, 4, 5)]]


def test_spans_are_widened_to_the_tokens_that_they_touch() -> None:
    part = Mention(ADA.start, ADA.start + 5, "Ada H", P, 1.0)
    graph = end_to_end.graph_of(Extraction("", 0, len(TEXT), (part,)), ROW)
    assert graph.entities[0].spans == {(0, 0, 2)}


def test_what_was_read_is_a_document_of_the_same_form(tmp_path: Path) -> None:
    reading = read(extraction(Relation(0, "P551", 1, 0.9)))
    path = tmp_path / "read.json"
    path.write_text(end_to_end.predictions([reading]))
    [row] = read_checked(path)
    again = end_to_end.gold_of(row)
    assert [each.spans for each in again.entities] == [each.spans for each in reading.gold.entities]
    assert again.facts.keys() == reading.gold.facts.keys()


def test_between_gold_mentions_counts_are_by_property_and_a_submission_names_positions() -> None:
    reading = Reading(
        "Ada", {(0, "P551", 1): 0.9, (1, "P551", 0): 0.2}, frozenset({(0, "P551", 1), (0, "P570", 2)})
    )
    assert score_documents([reading]) == {"P551": Counts(1, 2, 1), "P570": Counts(0, 0, 1)}
    assert score_documents([reading], 0.5)["P551"] == Counts(1, 1, 1)
    assert json.loads(predictions([reading]))[0] == {"title": "Ada", "h_idx": 0, "t_idx": 1, "r": "P551"}


@pytest.mark.parametrize("gold_mentions", [True, False])
def test_a_folder_of_gzip_files_is_scored_from_end_to_end(
    task: Any, tmp_path: Path, gold_mentions: bool
) -> None:
    (tmp_path / "dev.json.gz").write_bytes(gzip.compress(json.dumps([DOCUMENT]).encode()))
    (tmp_path / "train_part.json").write_text("broken, and not read")
    outcome = score(task(tmp_path, gold_mentions=gold_mentions))
    found = outcome.report.as_json()
    assert (found["count"], 0 <= found["f1"] <= 1) == (2, True)
    assert ("mention_f1" in found) is not gold_mentions
    assert isinstance(json.loads(outcome.predictions), list)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"labels": [{"h": 0, "t": 3, "r": "P551"}]},
            "document 0 .Ada.: P551 holds between the entities 0 and 3",
        ),
        ({"labels": []}, "has no relations"),
        ({"vertexSet": [[{"sent_id": 7, "pos": [0, 1], "type": "PER"}]]}, "lie outside sentence 7"),
        ({"vertexSet": [[{"sent_id": 0, "pos": [0, 1], "type": "GOD"}]]}, "the entity type 'GOD' is unknown"),
        ({"sents": "Ada"}, "Expected `array`"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(
    task: Any, tmp_path: Path, change: Any, message: str
) -> None:
    path = tmp_path / "dev.json"
    path.write_text(json.dumps([{**DOCUMENT, **change}]))
    with pytest.raises(DatasetError, match=message) as caught:
        score(task(path))
    assert str(path) in str(caught.value)

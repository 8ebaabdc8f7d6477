"""KnowledgeNet's score on hand-made extractions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kgbuild.evaluate.counts import Counts, calibration_error, total
from kgbuild.evaluate.knowledgenet import Passage, judged, predictions, read_checked, score_passages, triples
from kgbuild.records import Attribute, Extraction, Label, Mention, Relation

ADA = Mention(0, 3, "Ada", Label.PERSON, 1.0)
BEN = Mention(10, 13, "Ben", Label.PERSON, 1.0)
FIRM = Mention(20, 24, "Acme", Label.ORGANISATION, 1.0)


def extraction(*relations: Relation, attributes: tuple[Attribute, ...] = ()) -> Extraction:
    return Extraction("d", 0, 40, (ADA, BEN, FIRM), relations, attributes)


@pytest.mark.parametrize(
    ("relation", "triple"),
    [
        (Relation(0, "P108", 2, 0.9), ("EMPLOYEE_OR_MEMBER_OF", (0, 3), (20, 24))),
        (Relation(0, "P463", 2, 0.9), ("EMPLOYEE_OR_MEMBER_OF", (0, 3), (20, 24))),
        (Relation(0, "P40", 1, 0.9), ("CHILD_OF", (10, 13), (0, 3))),
        (Relation(1, "P22", 0, 0.9), ("CHILD_OF", (10, 13), (0, 3))),
        (Relation(2, "P355", 2, 0.9), ("SUBSIDIARY_OF", (20, 24), (20, 24))),
    ],
)
def test_wikidata_properties_say_knowledgenet_s(relation: Relation, triple: tuple[object, ...]) -> None:
    assert list(triples(extraction(relation))) == [triple]


def test_two_ways_to_say_one_fact_count_once_with_the_better_score() -> None:
    found = triples(extraction(Relation(0, "P40", 1, 0.6), Relation(1, "P25", 0, 0.8)))
    assert found == {("CHILD_OF", (10, 13), (0, 3)): 0.8}


def test_attributes_and_other_properties() -> None:
    born = Attribute(0, "P569", 30, 34, "1815", 0.7)
    found = triples(extraction(Relation(0, "P57", 1, 0.9), attributes=(born,)))
    assert found == {("DATE_OF_BIRTH", (0, 3), (30, 34)): 0.7}


def test_overlap_counts_each_gold_fact_once_and_the_surer_prediction_takes_it() -> None:
    gold = (("SPOUSE", (0, 5), (10, 13)),)
    predicted = {
        ("SPOUSE", (0, 3), (10, 13)): 0.9,
        ("SPOUSE", (4, 5), (10, 12)): 0.5,
        ("SPOUSE", (0, 3), (20, 24)): 0.4,
    }
    passages = [Passage(predicted, gold)]
    assert [right for _, _, right in judged(passages)] == [True, False, False]
    assert score_passages(passages)["SPOUSE"] == Counts(1, 3, 1)
    assert score_passages(passages, 0.6)["SPOUSE"] == Counts(1, 1, 1)


def test_predictions_are_documents_of_the_same_form(tmp_path: Path) -> None:
    path = tmp_path / "fold1.jsonl"
    passages = [
        {"start": at, "end": at + 16, "text": "Ada married Ben.", "annotated": ["SPOUSE"], "facts": []}
        for at in (10, 40)
    ]
    path.write_text(json.dumps({"document": "7", "passages": passages}))
    read = [Passage({}, ()), Passage({("SPOUSE", (0, 3), (12, 15)): 0.87654}, ())]
    path.write_text(predictions(read_checked(path), read))
    [row] = read_checked(path)
    assert [(each.start, each.text, len(each.facts)) for each in row.passages] == [
        (10, "Ada married Ben.", 0),
        (40, "Ada married Ben.", 1),
    ]
    fact = row.passages[1].facts[0]
    assert (fact.property, fact.subject, fact.object) == (
        "SPOUSE",
        (40, 43, "Ada", None),
        (52, 55, "Ben", None),
    )
    assert json.loads(path.read_text())["passages"][1]["facts"][0]["score"] == 0.8765


def test_counts() -> None:
    all_counts = total([Counts(1, 2, 4), Counts(2, 2, 2)])
    assert (all_counts.precision, all_counts.recall, all_counts.f1) == (0.75, 0.5, 0.6)
    assert Counts().f1 == 0.0


def test_calibration_error_is_the_gap_of_confidence_and_correctness() -> None:
    assert calibration_error([0.9] * 10, [True, False] * 5, bins=1) == pytest.approx(0.4)
    assert calibration_error([], []) == 0.0

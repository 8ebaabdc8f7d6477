"""Rival values of single-valued properties."""

from __future__ import annotations

import dataclasses

from kgbuild.facts.single import rejections, without_doubtful
from kgbuild.ontology import load_ontology
from kgbuild.records import Evidence, ItemValue, Statement, TimeValue, Value

ONTOLOGY = load_ontology(None)


def said(property: str, value: Value, score: float) -> Statement:
    return Statement("Q1", property, value, (), evidence=(Evidence("d", 0, 3, "Ada", score, "x"),))


def test_a_second_birthday_goes_where_the_first_is_surer_by_far() -> None:
    born = said("P569", TimeValue(1878, 11, 7, 11), 0.9)
    wrong = said("P569", TimeValue(1968, 10, 27, 11), 0.6)
    rival = said("P569", TimeValue(1878, 11, 17, 11), 0.7)
    assert without_doubtful([wrong, born, rival], ONTOLOGY) == ([born, rival], [wrong])
    [refused] = rejections([wrong], {}, "d", "normalise")
    assert refused.detail == "Q1 P569 1968-10-27 (0.60): the document says otherwise, more surely"


def test_a_vaguer_date_and_values_of_other_properties_stay() -> None:
    rows = [
        said("P569", TimeValue(1878, 11, 7, 11), 0.9),
        said("P569", TimeValue(1878, None, None, 9), 0.3),
        said("P26", ItemValue("Q2"), 0.9),
        said("P26", ItemValue("Q3"), 0.3),
    ]
    assert without_doubtful(rows, ONTOLOGY) == (rows, [])


def test_one_day_is_the_birthday_of_those_of_whom_it_is_said_best() -> None:
    day = TimeValue(1903, 12, 28, 11)
    right, near = said("P569", day, 0.9), dataclasses.replace(said("P569", day, 0.4), subject="Q2")
    twin = dataclasses.replace(said("P569", day, 0.8), subject="Q3")
    assert without_doubtful([right, near, twin], ONTOLOGY) == ([right, twin], [near])
    year = TimeValue(1903, None, None, 9)
    rows = [said("P569", year, 0.9), dataclasses.replace(said("P569", year, 0.4), subject="Q2")]
    assert without_doubtful(rows, ONTOLOGY) == (rows, [])

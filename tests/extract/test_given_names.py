"""What names tell of people's sex, and that pronouns and names keep to it."""

from __future__ import annotations

import re
from importlib.resources import files

import numpy as np
import pytest
from reading import referents
from test_anaphora import meant

from kgbuild.extract.coreference import antecedents
from kgbuild.extract.given_names import given_names, name_sex, sexes
from kgbuild.extract.strings import matches
from kgbuild.records import Label, Mention

PERSON = Label.PERSON


def told_by(*names: str, label: Label = PERSON) -> list[int]:
    """What people's names tell, in a text of these names."""
    text = ", ".join(names)
    ends = np.cumsum([len(name) + 2 for name in names]).tolist()
    return sexes(
        text,
        [
            Mention(end - 2 - len(name), end - 2, name, label, 1.0)
            for name, end in zip(names, ends, strict=True)
        ],
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Otto", 1),
        ("OTTO HAHN", 1),
        ("Lise Meitner", -1),
        ("Mrs. Robin Day", -1),
        ("Mr and Mrs Dursley", 0),
        ("Rev. Martin Roe", 1),
        ("Prof. Dr. Emmy Noether", -1),
        ("King", 0),
        ("Andrea", 0),
        ("Jean Moulin", 0),
        ("Xzqw", 0),
        ("", 0),
    ],
)
def test_a_given_name_or_a_title_tells(name: str, told: int) -> None:
    assert name_sex(name) == told


def test_the_list_has_many_names_of_both_and_none_of_either() -> None:
    table = (files("kgbuild") / "data" / "given_names.tsv").read_text(encoding="utf-8")
    rows = {kind: names.split() for kind, names in (line.split("\t") for line in table.splitlines())}
    assert not {*rows["he"]} & {*rows["she"]}
    assert {*rows["family"]} <= {*rows["he"], *rows["she"]}
    assert all(len({*names}) == len(names) for names in rows.values())
    values = list(given_names().values())
    assert min(values.count(1), values.count(-1)) > 1000
    assert not {"andrea", "jean", "robin", "kim", "sasha"} & given_names().keys()


def test_a_family_name_tells_what_the_longer_names_tell() -> None:
    assert told_by("Charles Babbage", "Babbage") == [1, 1]
    assert told_by("Marie Curie", "Pierre Curie", "Curie") == [-1, 1, 0]
    assert told_by("Babe Ruth", "Ruth") == [0, 0]
    assert told_by("Ruth") == [0]
    assert told_by("Ruth", "Ruth Ellis") == [-1, -1]
    assert told_by("Clinton", "Peter", "Zenani") == [0, 1, -1]
    assert told_by("Victoria", label=Label.LOCATION) == [0]


def test_a_title_may_stand_before_the_name() -> None:
    text = "Mrs. Roe met Dr Day, King Zog and the Duke Roe-Day."
    names = [Mention(*match.span(), match[0], PERSON, 1.0) for match in re.finditer(r"Roe\b|Day\b|Zog", text)]
    assert [each.text for each in names] == ["Roe", "Day", "Zog", "Roe", "Day"]
    assert sexes(text, names) == [-1, 0, 1, 1, 0]


def test_a_pronoun_means_nobody_whose_name_is_of_the_other_sex() -> None:
    names = {"Lise Meitner": PERSON, "Otto Hahn": PERSON}
    text = "Lise Meitner was a friend of Otto Hahn. Otto Hahn stayed. She went."
    unlikely = {(0, 0): -6.0, (0, 1): 9.0, (0, 2): 9.0}
    assert meant(text, names, unlikely) == [("She", "Lise Meitner")]
    assert meant("Otto Hahn stayed. She went.", names) == [("She", None)]
    assert meant("Otto Hahn stayed. He went.", names) == [("He", "Otto Hahn")]


def test_names_of_men_and_women_are_not_one_person() -> None:
    found, told = referents(
        "Robert Schumann met Clara Schumann. Schumann played.",
        {
            "Robert Schumann": PERSON,
            "Clara Schumann": PERSON,
        },
    )
    scores = np.full((len(found), len(found)), 9.0, np.float32)
    assert antecedents(scores, matches([each.text for each in found]), told).tolist() == [-1, -1]


def test_a_name_between_a_man_and_a_woman_joins_one_of_them() -> None:
    names = dict.fromkeys(("Pierre Curie", "Curie", "Marie Curie"), PERSON)
    found, told = referents("Pierre Curie wrote. Curie read. Marie Curie rode.", names)
    scores = np.full((len(found), len(found)), 9.0, np.float32)
    assert antecedents(scores, matches([each.text for each in found]), told).tolist() == [-1, 0, -1]

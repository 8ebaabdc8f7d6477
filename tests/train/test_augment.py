"""Augmented examples say what the examples they are made of say."""

from __future__ import annotations

import dataclasses
import random

from hypothesis import given
from hypothesis import strategies as st

from kgbuild.records import Label
from kgbuild.train.augment import augmented, joined, names_by_part, packed, renamed
from kgbuild.train.config import DataConfig
from kgbuild.train.examples import AnnotatedMention, Example, Fact, Tagging
from kgbuild.train.people import people, recast


def born(number: int, name: str, place: str) -> Example:
    text = f"{name} was born in {place} before {name} moved."
    place_at = text.index(place)
    again = text.rindex(name)
    return Example(
        f"d{number}:0",
        text,
        (
            AnnotatedMention(0, len(name), Label.PERSON, 0),
            AnnotatedMention(place_at, place_at + len(place), Label.LOCATION, 1),
            AnnotatedMention(again, again + len(name), Label.PERSON, 0),
        ),
        facts=(Fact(0, "P19", 1), Fact(2, "P19", 1)),
        annotated=frozenset({"P19"}),
        tagging=Tagging.PARTIAL,
    )


EXAMPLES = [born(0, "Ada", "Rome"), born(1, "Bob", "Oslo"), born(2, "Cleo Smith", "Bonn")]


def said(example: Example) -> list[tuple[str, str, str]]:
    surfaces = [example.text[mention.start : mention.end] for mention in example.mentions]
    return [(surfaces[fact.subject], fact.property, surfaces[fact.object]) for fact in example.facts]


def test_a_name_is_exchanged_everywhere_with_one_that_plays_its_part() -> None:
    names = names_by_part(EXAMPLES)
    assert names == {("P19", False): ["Ada", "Bob", "Cleo Smith"], ("P19", True): ["Rome", "Oslo", "Bonn"]}
    for seed in range(20):
        changed = renamed(EXAMPLES[0], names, random.Random(seed))
        (name, _, place), again = said(changed)
        assert again == (name, "P19", place)
        assert name in names["P19", False]
        assert place in names["P19", True]
        assert changed.text == f"{name} was born in {place} before {name} moved."


def test_names_that_share_a_word_stay() -> None:
    text = "Ada Smith met Bob Smith"
    example = Example(
        "x:0",
        text,
        (AnnotatedMention(0, 9, Label.PERSON), AnnotatedMention(14, 23, Label.PERSON)),
        facts=(Fact(0, "P26", 1),),
        annotated=frozenset({"P26"}),
    )
    names = {("P26", False): ["Zoe"], ("P26", True): ["Yan"]}
    assert renamed(example, names, random.Random(1)) == example


def test_joined_texts_say_what_each_said_and_no_more() -> None:
    found = joined(EXAMPLES)
    assert said(found) == [fact for example in EXAMPLES for fact in said(example)]
    assert [mention.entity for mention in found.mentions] == [0, 1, 0, 2, 3, 2, 4, 5, 4]


@given(st.integers(0, 10_000), st.integers(2, 5))
def test_packing_loses_nothing_and_joins_no_document_with_itself(seed: int, most: int) -> None:
    same = dataclasses.replace(born(1, "Eve", "Turin"), id="d1:9")
    rows = [*EXAMPLES, same, born(5, "Dan", "Bern")]
    found = packed(rows, most, random.Random(seed))
    assert sorted(fact for each in found for fact in said(each)) == sorted(
        fact for row in rows for fact in said(row)
    )
    assert not any(EXAMPLES[1].text in each.text and same.text in each.text for each in found)


def test_the_same_seed_shows_the_same_examples() -> None:
    spec = DataConfig(format="knowledgenet", pack=3, rename=0.5, uncased=0.5)
    assert augmented(EXAMPLES, spec, seed=4) == augmented(EXAMPLES, spec, seed=4)
    assert any(augmented(EXAMPLES, spec, seed=4) != augmented(EXAMPLES, spec, seed=n) for n in range(5, 9))


def whose(number: int, one: str, other: str, pronoun: str) -> Example:
    surname = one.rpartition(" ")[2]
    text = f"{one} and {other} ({surname}'s friend) met when {pronoun} fell."
    starts = (0, text.index(other), text.index(f"{pronoun} fell"))
    mentions = tuple(
        AnnotatedMention(start, start + len(name), Label.PERSON, entity)
        for start, name, entity in zip(starts, (one, other, pronoun), (0, 1, 0), strict=True)
    )
    return Example(f"g{number}", text, mentions, tagging=Tagging.NONE)


ABOUT = [
    whose(0, "Ada Smith", "Eve", "she"),
    whose(1, "Cleo Jones", "Zoe", "her"),
    whose(2, "Bob Brown", "Dan", "he"),
]


def test_people_of_a_text_about_a_pronoun_are_exchanged_for_others_of_its_sex() -> None:
    others = people(ABOUT)
    assert others == {
        (-1, 2): [("Ada", "Smith"), ("Cleo", "Jones")],
        (-1, 1): [("Eve",), ("Zoe",)],
        (1, 2): [("Bob", "Brown")],
        (1, 1): [("Dan",)],
    }
    found = recast(ABOUT[0], others, random.Random(1))
    assert found.text == "Cleo Jones and Zoe (Jones's friend) met when she fell."
    surfaces = [found.text[each.start : each.end] for each in found.mentions]
    assert surfaces == ["Cleo Jones", "Zoe", "she"]
    assert [each.entity for each in found.mentions] == [0, 1, 0]


def test_people_stay_where_there_are_no_others_or_something_else_is_annotated() -> None:
    others = people(ABOUT)
    assert recast(ABOUT[2], others, random.Random(1)) == ABOUT[2]
    for example in EXAMPLES:
        assert recast(example, others, random.Random(1)) == example
    many = people([*ABOUT, whose(3, "Ida Lee", "Una Poe", "her")])
    assert recast(ABOUT[0], many, random.Random(1)) != ABOUT[0]
    for kept in (
        Example("g5", "Then she fell.", (AnnotatedMention(5, 8, Label.PERSON),), tagging=Tagging.NONE),
        whose(4, "Eve Smith", "Zoe Smith", "she"),
        dataclasses.replace(ABOUT[0], annotated=frozenset({"P19"})),
    ):
        assert recast(kept, many, random.Random(1)) == kept


def test_an_epoch_shows_texts_about_pronouns_with_other_people() -> None:
    found = augmented(ABOUT, DataConfig(format="gap", rename=1.0), seed=3)
    assert [each.text == before.text for each, before in zip(found, ABOUT, strict=True)] == [
        False,
        False,
        True,
    ]

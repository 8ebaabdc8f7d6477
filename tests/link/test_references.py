"""Pronouns and definite nouns that no cluster holds."""

from __future__ import annotations

import pytest

from kgbuild.link.references import referents
from kgbuild.link.surface import groups
from kgbuild.records import Extraction, Label, Mention

PERSON, PLACE, OTHER = Label.PERSON, Label.LOCATION, Label.OTHER


def referred(text: str, *names: tuple[str, Label], told: dict[str, str] | None = None) -> dict[str, str]:
    """The first mention of each group without a name, with the name that it refers to."""
    mentions, start = [], 0
    for name, label in names:
        start = text.index(name, start)
        mentions.append(Mention(start, start + len(name), name, label, 0.9))
        start += len(name)
    extraction = Extraction("d", 0, len(text), tuple(mentions))
    found = groups(extraction)
    descriptions = [(told or {}).get(group.name, "") for group in found]
    said = referents(extraction, found, descriptions)
    return {mentions[found[number].members[0]].text: found[other].name for number, other in said}


def test_a_pronoun_of_a_person_goes_to_the_person_before() -> None:
    text = "Ann Lee lives in Paris. She sings there."
    assert referred(text, ("Ann Lee", PERSON), ("Paris", PLACE), ("She", PERSON)) == {"She": "Ann Lee"}


def test_who_is_spoken_of_more_often_wins_over_who_is_nearer() -> None:
    text = "Ann Lee came. Ann Lee sang. Ann Lee met Bo Berg, and she left."
    names = [("Ann Lee", PERSON)] * 3 + [("Bo Berg", PERSON), ("she", PERSON)]
    assert referred(text, *names) == {"she": "Ann Lee"}


def test_a_description_tells_who_is_meant() -> None:
    text = "Ann Lee met Bo Berg. He left."
    names = [("Ann Lee", PERSON), ("Bo Berg", PERSON), ("He", PERSON)]
    assert referred(text, *names, told={"Bo Berg": "Swedish actress"}) == {"He": "Ann Lee"}


def test_a_pronoun_that_was_given_to_a_person_tells_the_sex() -> None:
    text = "Ann Lee spoke. She smiled. Bo Berg came. He sat. She left."
    names = [("Ann Lee", PERSON), ("She", PERSON), ("Bo Berg", PERSON), ("He", PERSON), ("She", PERSON)]
    assert referred(text, *names)["She"] == "Ann Lee"


@pytest.mark.parametrize(("noun", "kind"), [("the river", "river in Spain"), ("the town", "city in Spain")])
def test_a_definite_noun_goes_to_what_is_described_so(noun: str, kind: str) -> None:
    text = f"From Spain to the Tajo they came. Later {noun} froze."
    names = [("Spain", PLACE), ("Tajo", PLACE), (noun, OTHER)]
    assert referred(text, *names, told={"Spain": "country", "Tajo": kind}) == {noun: "Tajo"}


def test_what_lies_in_a_country_is_not_one() -> None:
    text = "From Spain to Leeds and to the premier they came. Later the nation froze."
    names = [("Spain", PLACE), ("Leeds", PLACE), ("premier", OTHER), ("the nation", OTHER)]
    told = {"Spain": "sovereign state in Europe", "Leeds": "city; country England"}
    assert referred(text, *names, told=told) == {"the nation": "Spain"}


def test_a_definite_noun_of_a_person_goes_to_the_person_before() -> None:
    text = "Ann Lee lives in Paris, where the star sings."
    assert referred(text, ("Ann Lee", PERSON), ("Paris", PLACE), ("the star", PERSON)) == {
        "the star": "Ann Lee"
    }


@pytest.mark.parametrize("last", ["It", "the mistake", "They"])
def test_other_references_are_left_alone(last: str) -> None:
    assert referred(f"Ann Lee sang. {last} was good.", ("Ann Lee", PERSON), (last, OTHER)) == {}


def test_nothing_refers_forward_or_far_back() -> None:
    assert referred("She sang. Ann Lee left.", ("She", PERSON), ("Ann Lee", PERSON)) == {}
    assert referred("Ann Lee left." + " x" * 400 + " She sang.", ("Ann Lee", PERSON), ("She", PERSON)) == {}

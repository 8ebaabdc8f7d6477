"""References across windows: who is meant goes on, and short names are those of full names."""

from __future__ import annotations

import dataclasses

import numpy as np
from reading import located, sentences

from kgbuild.extract.across import ReferenceView, _across, _going_on, full_names, joined
from kgbuild.extract.encode import Range
from kgbuild.extract.mentions import Found
from kgbuild.extract.referents import Referents
from kgbuild.extract.strings import matches, name_key
from kgbuild.records import Label, Mention

PERSON, PLACE = Label.PERSON, Label.LOCATION


def meant(text: str, names: dict[str, Label], *windows: tuple[int, int]) -> list[tuple[str, str | None]]:
    """The mentions and what each refers to; a word is a token, and the network knows nothing."""
    found = located(text, names)
    told = Referents.of(text, found, sentences(text))
    views = [_view(found, told, *window) for window in windows or [(0, len(text.split()))]]
    antecedent = joined(found, told, views).antecedent
    texts = [each.text for each in found.mentions]
    return [(texts[place], texts[other] if other >= 0 else None) for place, other in enumerate(antecedent)]


def _view(found: Found, told: Referents, begin: int, end: int) -> ReferenceView:
    """A window, of which the network knows nothing."""
    inside = np.flatnonzero((found.first >= begin) & (found.last < end))
    matched = matches([found.mentions[place].text for place in inside])
    scores = np.zeros((len(inside), len(inside)), np.float32)
    return ReferenceView(Range(begin, end), inside, scores, matched, told.within(inside))


def test_a_window_without_the_name_knows_whom_the_last_one_told() -> None:
    text = "Ann Lee sang. She slept. She ate. She rode. She read. She left. She wept. She won."
    found = meant(text, {"Ann Lee": PERSON}, (0, 9), (5, 17))
    assert [other for _, other in found[1:4]] == ["Ann Lee"] * 3
    assert all(other is not None for _, other in found[1:])


def test_whom_the_last_window_told_keeps_name_and_sex() -> None:
    text = "Ann Lee sang. She slept. She ate. She rode. Bob Roe read. He left. She wept. She won."
    names = {"Ann Lee": PERSON, "Bob Roe": PERSON}
    found = meant(text, names, (0, 9), (5, 18))
    assert [each for each in found if each[0] == "He"] == [("He", "Bob Roe")]
    chain = dict(enumerate(other for _, other in found))
    assert chain[len(found) - 1] == "She", "by a pronoun that the window before told"


def test_a_family_name_joins_the_only_full_name_and_a_shared_one_none() -> None:
    text = "Otto Hahn left. " + "Word after word. " * 9 + "Hahn came. Curie wrote."
    names = {"Otto Hahn": PERSON, "Hahn": PERSON, "Curie": PERSON}
    text += " Marie Curie met Pierre Curie."
    names |= {"Marie Curie": PERSON, "Pierre Curie": PERSON}
    found = dict(meant(text, names, (0, 8), (8, 30), (30, 40)))
    assert found["Hahn"] == "Otto Hahn"
    assert found["Curie"] is None


def test_a_name_in_full_is_who_had_it_before_whatever_its_window_tells() -> None:
    text = "Niels Bohr met Harald Bohr. Bohr left. Niels Bohr ate."
    names = {"Niels Bohr": PERSON, "Harald Bohr": PERSON, "Bohr": PERSON}
    found = located(text, names)
    assert [each.text for each in found.mentions] == ["Niels Bohr", "Harald Bohr", "Bohr", "Niels Bohr"]
    assert _across(found, np.array([-1, -1, 1, 2])).tolist() == [-1, -1, 1, 0]
    short = located("Bohr met Ann Lee. Bohr left.", {"Bohr": PERSON, "Ann Lee": PERSON})
    assert _across(short, np.array([-1, -1, 1])).tolist() == [-1, -1, 1], "one word is no name in full"
    places = located(text, dict.fromkeys(names, PLACE))
    assert _across(places, np.array([-1, -1, 1, 2])).tolist() == [-1, -1, 1, 2], "a person's"


def test_a_name_with_a_title_or_of_something_else_is_not_one_in_full() -> None:
    text = "Mr Bohr met Ann Lee. Mr Bohr left. John Deere sells. John Deere ate."
    found = located(text, {"Mr Bohr": PERSON, "Ann Lee": PERSON, "John Deere": PERSON})
    kinds = [each.text for each in found.mentions]
    assert kinds == ["Mr Bohr", "Ann Lee", "Mr Bohr", "John Deere", "John Deere"]
    assert _across(found, np.array([-1, -1, 1, -1, 1])).tolist() == [-1, -1, 1, -1, 3]
    firm = dataclasses.replace(found.mentions[3], label=Label.ORGANISATION)
    mixed = dataclasses.replace(found, mentions=(*found.mentions[:3], firm, found.mentions[4]))
    assert _across(mixed, np.array([-1, -1, 1, -1, 1])).tolist() == [-1, -1, 1, -1, 1]


def test_only_people_have_full_names() -> None:
    names = ["York", "New York", "Ruth", "Babe Ruth"]
    labels = [PLACE, PLACE, PERSON, PERSON]
    mentions = [Mention(0, 1, name, label, 1.0) for name, label in zip(names, labels, strict=True)]
    assert full_names(mentions, {at: name_key(name) for at, name in enumerate(names)}) == {2: 3}


def test_a_carried_pronoun_tells_its_own_sex_where_the_name_tells_none() -> None:
    for name, pronoun, told_sex in (("Xi Roe", "She", -1), ("Ann Roe", "They", -1), ("Xi Roe", "They", 0)):
        text = f"{name} sang. {pronoun} slept."
        found = located(text, {name: PERSON})
        told = Referents.of(text, found, sentences(text))
        here = _going_on(_view(found, told, 2, 9), told, np.array([0, 0]), np.array([0]))
        assert here.carried.tolist() == [True]
        assert here.sex.tolist() == [told_sex]


def test_a_pronoun_keeps_what_the_window_before_told_where_its_name_is_here_too() -> None:
    text = "Ann Lee met Eve Roe. Ann Lee ate. She slept."
    found = located(text, {"Ann Lee": PERSON, "Eve Roe": PERSON})
    told = Referents.of(text, found, sentences(text))
    here = _going_on(_view(found, told, 0, 10), told, np.array([0, 1, 0, 0]), np.array([1, 2, 3]))
    assert here.head.tolist() == [-1, -1, -1, 2]
    assert not here.carried.any()
    other = _going_on(_view(found, told, 0, 10), told, np.array([0, 1, 0, 0]), np.array([1, 3]))
    assert other.carried.tolist() == [False, False, False, True], "its name here was not decided to be"

"""What pronouns mean, from hand-written scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from reading import referents

from kgbuild.extract.anaphora import NOBODY, Anaphora, Asked, Weights
from kgbuild.extract.coreference import References, antecedents, owners
from kgbuild.extract.strings import matches
from kgbuild.records import Label

PERSON, PLACE, FIRM, OTHER = Label.PERSON, Label.LOCATION, Label.ORGANISATION, Label.OTHER
PEOPLE = dict.fromkeys(("Ann", "Bob", "Eve", "Pat", "Lee"), PERSON)
NETWORK = Weights(logit=1.0, names=0.0, distance=0.0, later=0.0, leads=0.0, none=0.0)


def meant(
    text: str,
    names: Mapping[str, Label],
    logits: Mapping[tuple[int, int], float] | None = None,
    weights: Weights | None = None,
) -> list[tuple[str, str | None]]:
    """Each pronoun and the name that it means; `logits` by the numbers of the pronoun and of the mention."""
    found, told = referents(text, {name: label for name, label in names.items() if name in text})
    scores = np.zeros((len(found), len(found)), np.float32)
    pronouns = np.flatnonzero(told.pronoun)
    for (pronoun, mention), logit in (logits or {}).items():
        scores[pronouns[pronoun], mention] = logit
    matched = matches([each.text for each in found])
    owner = owners(antecedents(scores, matched, told))
    anaphora = (
        Anaphora(scores, owner, told, people=weights, things=weights)
        if weights
        else Anaphora(scores, owner, told)
    )
    antecedent = anaphora.meanings().antecedent
    return [
        (found[place].text, found[antecedent[place]].text if antecedent[place] != NOBODY else None)
        for place in pronouns
    ]


def test_the_network_tells_two_people_apart() -> None:
    text = "Ann met Eve. She left."
    assert meant(text, PEOPLE, {(0, 0): 3.0, (0, 1): -3.0}) == [("She", "Ann")]
    assert meant(text, PEOPLE, {(0, 0): -3.0, (0, 1): 3.0}) == [("She", "Eve")]


def test_what_is_named_often_is_meant_rather_than_what_is_named_last() -> None:
    names = {"Kniphofia": OTHER, "Asphodeloideae": OTHER}
    text = "Kniphofia\n\nKniphofia is a plant of the Asphodeloideae. It grows on hills."
    assert meant(text, names) == [("It", "Kniphofia")]
    assert meant(text, names, {(0, 2): 9.0}) == [("It", "Asphodeloideae")], "but the network may be sure"
    unlikely = {(0, 0): -30.0, (0, 1): -30.0, (0, 2): -8.0}
    assert meant(text, names, unlikely) == [("It", "Kniphofia")], "of two unlikely ones neither is unlikelier"


def test_of_two_that_are_named_as_often_the_last_is_meant() -> None:
    assert meant("Ann left. Bob stayed. He slept.", PEOPLE) == [("He", "Bob")]
    text = "Ann met Eve. She left. Her bag fell."
    assert meant(text, PEOPLE, {(0, 0): 9.0}) == [("She", "Ann"), ("Her", "Ann")], "by a pronoun too"


def test_who_leads_a_sentence_is_gone_on_about() -> None:
    leads = Weights(logit=0.0, names=0.0, distance=-0.1, later=0.0, leads=1.0, none=0.0)
    text = "In 1990 Ann met Eve. She left. Pat saw Eve. She slept, and her bag fell."
    names = {"Ann": PERSON, "Eve": PERSON, "Pat": PERSON, "1990": Label.TIME}
    assert meant(text, names, weights=leads) == [("She", "Ann"), ("She", "Pat"), ("her", "Pat")]
    follows = replace(leads, leads=0.0)
    assert meant(text, names, weights=follows)[0] == ("She", "Eve")


def test_only_what_a_pronoun_may_mean_by_its_kind() -> None:
    names = {"Rome": PLACE, "Ann": PERSON}
    assert meant("Ann saw Rome. She left. It slept.", names) == [("She", "Ann"), ("It", "Rome")]
    assert meant("Rome fell. She left.", names) == [("She", None)]


def test_a_pronoun_is_found_before_what_is_written_to_it() -> None:
    assert meant("Ann left. She's ill, and he’d know.", PEOPLE) == [("She", "Ann"), ("he", None)]
    assert meant("Rome fell. It's a mine.", {"Rome": PLACE}) == [("It", "Rome")]


def test_who_speaks_is_i_and_never_he() -> None:
    text = 'Bob attacked Pat: "He says that he knows me."'
    assert meant(text, PEOPLE) == [("He", "Pat"), ("he", "Pat"), ("me", "Bob")]
    assert meant(text, PEOPLE, {(0, 0): 9.0}) == [("He", "Pat"), ("he", "Pat"), ("me", "Bob")]


def test_who_speaks_may_be_a_pronoun_behind_the_quotation() -> None:
    assert meant('Bob met Pat. "I know him," he said.', PEOPLE, {(2, 0): 9.0}) == [
        ("I", "he"),
        ("him", "Pat"),
        ("he", "Bob"),
    ]


def test_who_speaks_is_weighed_as_people_are() -> None:
    _, told = referents('"I like it," said Ann. She left.', {"Ann": PERSON})
    asked = Asked.of(told, np.flatnonzero(told.pronoun))
    assert asked.person.tolist() == [True, False, True]


def test_who_tells_the_story_is_nobody_in_it() -> None:
    assert meant("I saw Ann. My dog barked.", PEOPLE) == [("I", None), ("My", "I")]


def test_a_relative_pronoun_means_what_it_stands_behind() -> None:
    names = {"Ann": PERSON, "Zog": PERSON, "Albania": PLACE}
    text = "Ann met Ann and Zog, who knew Ann, in Albania, which Ann left."
    assert meant(text, names, {(0, 0): 9.0}) == [("who", "Zog"), ("which", "Albania")]
    assert meant("Ann saw Albania, who left.", names) == [("who", "Ann")], "a place is no person"
    assert meant("Albania hurt Ann, which Zog saw.", names) == [("which", "Albania")], "nor a person a thing"
    firms = {"Ann": PERSON, "Acme": FIRM}
    assert meant("Ann came from Acme, who left.", firms, {(0, 0): 9.0}) == [("who", "Ann")], "who is a person"


def test_a_name_that_comes_later_in_the_sentence() -> None:
    assert meant("Hours after her speech, Ann left. Eve stayed.", PEOPLE) == [("her", "Ann")]
    assert meant("Her speech was short. Ann left.", PEOPLE) == [("Her", None)]


def test_nobody_is_both_he_and_she() -> None:
    text = "Pat met Lee. His dog bit her."
    told = {(0, 0): 3.0, (0, 1): -7.0, (1, 0): 2.0, (1, 1): 1.0}
    assert meant(text, PEOPLE, told, NETWORK) == [("His", "Pat"), ("her", "Lee")], "Pat is a man"
    told[1, 0] = 6.0
    assert meant(text, PEOPLE, told, NETWORK) == [("His", "Lee"), ("her", "Pat")], "Pat is a woman"


def test_pronouns_without_a_name_mean_one_another() -> None:
    assert meant("He left. He slept. She stayed.", {}) == [("He", None), ("He", "He"), ("She", None)]
    assert meant("He left. He slept.", {}, {(1, 0): -4.0}) == [("He", None), ("He", None)]
    assert meant('He left. "He slept."', {}) == [("He", None), ("He", None)], "in a quotation he is another"


def test_a_description_means_what_is_of_its_type() -> None:
    names = {"Ridley": PERSON, "Alien": OTHER, "Fox": FIRM, "Leeds": PLACE}
    text = "Ridley made Alien for Fox in Leeds. The film won. The company was sold. In 1990 the city grew."
    assert meant(text, names) == [("The film", "Alien"), ("The company", "Fox"), ("the city", "Leeds")]


def test_certainty_is_the_chance_among_all_that_may_be_meant() -> None:
    found, told = referents("Ann met Eve. She left.", {"Ann": PERSON, "Eve": PERSON})
    scores = np.zeros((3, 3), np.float32)
    scores[2] = [2.0, 1.0, 0.0]
    meanings = Anaphora(scores, np.arange(3), told, people=NETWORK).meanings()
    assert meanings.antecedent.tolist() == [NOBODY, NOBODY, 0]
    assert meanings.certainty[2] == pytest.approx(np.exp(2) / (np.exp(2) + np.exp(1) + 1))
    references = References.of(scores, matches([each.text for each in found]), told)
    assert references.antecedent[2] in (0, 1)
    assert references.certainty[2] == Anaphora(scores, np.arange(3), told).meanings().certainty[2]


def test_a_window_knows_its_own_speakers_and_heads() -> None:
    _, told = referents('Ann came. "I left," said Bob, who slept.', PEOPLE)
    assert (told.speaker.tolist(), told.head.tolist()) == ([-1, 2, -1, -1], [-1, -1, -1, 2])
    window = told.within(np.array([1, 2, 3]))
    assert (window.speaker.tolist(), window.head.tolist()) == ([1, -1, -1], [-1, -1, 1])
    assert told.within(np.array([1])).speaker.tolist() == [NOBODY], "who speaks is named outside"


def test_a_window_of_pronouns_or_of_values_alone() -> None:
    assert meant("He left.", {}) == [("He", None)]
    assert meant("In 1990 it rained.", {"1990": Label.TIME}) == [("it", None)]

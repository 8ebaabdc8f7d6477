"""Antecedents from hand-written scores, and how sure they are."""

import numpy as np
import pytest

from kgbuild.extract.coreference import References, antecedents, certainties
from kgbuild.extract.labels import LABELS
from kgbuild.extract.strings import matches
from kgbuild.records import Label

PERSON = 1 << LABELS.index(Label.PERSON)
PLACE = 1 << LABELS.index(Label.LOCATION)
FIRM = 1 << LABELS.index(Label.ORGANISATION)
TIME = 1 << LABELS.index(Label.TIME)


def chosen(surfaces, kinds, scores):
    return antecedents(np.array(scores, np.float32), np.array(kinds), matches(surfaces)).tolist()


def test_equal_names_corefer_whatever_their_types_and_scores():
    assert chosen(["Acme", "Acme"], [FIRM, PLACE], [[0, 0], [-5, 0]]) == [-1, 0]


def test_names_without_a_common_word_do_not_corefer():
    assert chosen(["Ann", "Bob"], [PERSON, PERSON], [[0, 0], [9, 0]]) == [-1, -1]


def test_values_never_corefer():
    assert chosen(["1990", "1990"], [TIME, TIME], [[0, 0], [9, 0]]) == [-1, -1]


def test_a_pronoun_takes_the_best_antecedent_of_its_kinds():
    scores = [[0, 0, 0], [-9, 0, 0], [1, 3, 0]]
    assert chosen(["Ann", "Rome", "she"], [PERSON, PLACE, PERSON | FIRM], scores) == [-1, -1, 0]


def test_certainty_is_the_share_of_the_own_cluster():
    scores = np.array([[0, 0, 0], [0, 0, 0], [2, 2, 0]], np.float32)
    kinds = np.array([PERSON, PERSON, PERSON | FIRM])
    sure = certainties(scores, kinds, np.array([-1, -1, 0]))
    both = 2 * np.exp(2) + 1
    assert sure[2] == pytest.approx(np.exp(2) / both)
    assert sure[0] == pytest.approx(0.5), "the second name may be the first's too: even odds"


def test_a_name_that_a_later_one_may_refer_to_is_less_sure():
    kinds = np.array([PERSON, PERSON])
    strangers = certainties(np.array([[0, 0], [-4, 0]], np.float32), kinds, np.array([-1, -1]))
    alike = certainties(np.array([[0, 0], [2, 0]], np.float32), kinds, np.array([-1, -1]))
    assert strangers.min() > 0.97
    assert alike.max() < 0.13


def test_values_are_certain_and_nothing_gives_nothing():
    assert certainties(np.zeros((1, 1), np.float32), np.array([TIME]), np.array([-1])).tolist() == [1.0]
    assert (
        References.of(np.zeros((0, 0), np.float32), np.zeros(0, int), np.zeros((0, 0), int)).certainty.size
        == 0
    )

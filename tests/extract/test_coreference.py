"""Antecedents from hand-written scores, and how sure they are."""

import numpy as np
import pytest

from kgbuild.extract.coreference import References, Referents, antecedents, certainties, clusters
from kgbuild.extract.labels import LABELS, sex
from kgbuild.extract.strings import matches
from kgbuild.records import Label

PERSON = 1 << LABELS.index(Label.PERSON)
PLACE = 1 << LABELS.index(Label.LOCATION)
FIRM = 1 << LABELS.index(Label.ORGANISATION)
TIME = 1 << LABELS.index(Label.TIME)


def referents(*kinds: int, pronouns: tuple[int, ...] = ()) -> Referents:
    nobody = np.zeros(len(kinds), np.int64)
    return Referents(np.array(kinds), np.isin(np.arange(len(kinds)), pronouns), nobody)


def people(surfaces: list[str]) -> Referents:
    """All of them persons; pronouns with the sex that they tell."""
    sexes = np.array([sex(each) for each in surfaces])
    return Referents(np.full(len(surfaces), PERSON), sexes != 0, sexes)


def chosen(surfaces: list[str], told: Referents, scores: list[list[float]]) -> list[int]:
    found: list[int] = antecedents(np.array(scores, np.float32), matches(surfaces), told).tolist()
    return found


def test_equal_names_corefer_whatever_their_types_and_scores():
    assert chosen(["Acme", "Acme"], referents(FIRM, PLACE), [[0, 0], [-5, 0]]) == [-1, 0]


def test_names_without_a_common_word_corefer_only_where_that_is_sure():
    assert chosen(["Ann", "Bob"], referents(PERSON, PERSON), [[0, 0], [1.9, 0]]) == [-1, -1]
    assert chosen(["Ann", "Bob"], referents(PERSON, PERSON), [[0, 0], [2.1, 0]]) == [-1, 0]


def test_a_pronoun_means_something_unless_that_is_unlikely():
    told = referents(PERSON, PERSON, pronouns=(1,))
    assert chosen(["Ann", "she"], told, [[0, 0], [-2.9, 0]]) == [-1, 0]
    assert chosen(["Ann", "she"], told, [[0, 0], [-3.1, 0]]) == [-1, -1]


def test_a_name_refers_to_no_pronoun():
    told = referents(PERSON, PERSON, pronouns=(0,))
    assert chosen(["She", "Ann"], told, [[0, 0], [9, 0]]) == [-1, -1]


def test_values_never_corefer():
    assert chosen(["1990", "1990"], referents(TIME, TIME), [[0, 0], [9, 0]]) == [-1, -1]


def test_a_pronoun_takes_the_best_antecedent_of_its_kinds():
    scores = [[0, 0, 0], [-9, 0, 0], [1, 3, 0]]
    told = referents(PERSON, PLACE, PERSON, pronouns=(2,))
    assert chosen(["Ann", "Rome", "she"], told, scores) == [-1, -1, 0]


def test_nobody_is_both_he_and_she():
    surfaces = ["Pat", "Lee", "his", "her"]
    scores = [[0, 0, 0, 0], [-9, 0, 0, 0], [3, -9, 0, 0], [2, 1, 9, 0]]
    assert chosen(surfaces, people(surfaces), scores) == [-1, -1, 0, 1], "Pat is a man, so she is Lee"
    scores[3] = [4, 1, 9, 0]
    assert chosen(surfaces, people(surfaces), scores) == [-1, -1, -1, 0], (
        "Pat is a woman, and he is nobody here"
    )
    scores[3] = [2, -9, 9, 0]
    assert chosen(surfaces, people(surfaces), scores) == [-1, -1, 0, -1]


def test_one_sure_pronoun_tells_more_than_two_doubtful_ones():
    surfaces = ["Pat", "his", "him", "her"]
    scores = [[0] * 4, [-2.5, 0, 0, 0], [-2.5, -9, 0, 0], [2, -9, 0, 0]]
    assert chosen(surfaces, people(surfaces), scores) == [-1, -1, -1, 0]
    scores[1][0] = scores[2][0] = 1
    assert chosen(surfaces, people(surfaces), scores) == [-1, 0, 0, -1]


def test_equal_pronouns_need_not_corefer():
    scores = [[0, 0, 0, 0], [-9, 0, 0, 0], [-9, -9, 0, 0], [-9, 5, 2, 0]]
    told = referents(PERSON, PERSON, PERSON, PERSON, pronouns=(2, 3))
    assert chosen(["Ann", "Eve", "she", "she"], told, scores) == [-1, -1, -1, 1]


def test_certainty_is_the_share_of_the_own_cluster():
    scores = np.array([[0, 0, 0], [0, 0, 0], [2, 2, 0]], np.float32)
    sure = certainties(scores, referents(PERSON, PERSON, PERSON, pronouns=(2,)), np.array([-1, -1, 0]))
    both = 2 * np.exp(2) + 1
    assert sure[2] == pytest.approx(np.exp(2) / both)
    assert sure[0] == pytest.approx(0.5), "the second name may be the first's too: even odds"


def test_a_name_that_a_later_one_may_refer_to_is_less_sure():
    told, alone = referents(PERSON, PERSON), np.array([-1, -1])
    strangers = certainties(np.array([[0, 0], [-4, 0]], np.float32), told, alone)
    alike = certainties(np.array([[0, 0], [2, 0]], np.float32), told, alone)
    assert strangers.min() > 0.97
    assert alike.max() < 0.13


def test_values_are_certain_and_nothing_gives_nothing():
    assert certainties(np.zeros((1, 1), np.float32), referents(TIME), np.array([-1])).tolist() == [1.0]
    nothing = np.zeros((0, 0), np.float32)
    assert References.of(nothing, np.zeros((0, 0), int), referents()).certainty.size == 0


def test_clusters_join_over_chains_and_leave_out_singletons() -> None:
    assert clusters(6, [-1, -1, 0, 2, -1, 1]) == ((0, 2, 3), (1, 5))

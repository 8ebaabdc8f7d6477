"""Antecedents of names from hand-written scores, and how sure references are."""

import numpy as np
import pytest
from numpy.typing import NDArray

from kgbuild.extract.coreference import References, antecedents, certainties, clusters
from kgbuild.extract.labels import LABELS
from kgbuild.extract.referents import NOBODY, Referents
from kgbuild.extract.strings import matches
from kgbuild.records import Label

PERSON = 1 << LABELS.index(Label.PERSON)
PLACE = 1 << LABELS.index(Label.LOCATION)
FIRM = 1 << LABELS.index(Label.ORGANISATION)
TIME = 1 << LABELS.index(Label.TIME)


def referents(*kinds: int, pronouns: tuple[int, ...] = ()) -> Referents:
    """Mentions of some kinds in one sentence, a token each."""
    count = len(kinds)
    no, none = np.zeros(count, bool), np.full(count, NOBODY)
    places, nothing = np.arange(count), np.zeros(count, np.int64)
    pronoun: NDArray[np.bool_] = np.isin(places, pronouns)
    return Referents(np.array(kinds), pronoun, nothing, no, places, nothing, no, none, none, no)


def chosen(surfaces: list[str], told: Referents, scores: list[list[float]]) -> list[int]:
    found: list[int] = antecedents(np.array(scores, np.float32), matches(surfaces), told).tolist()
    return found


def test_equal_names_corefer_whatever_their_types_and_scores():
    assert chosen(["Acme", "Acme"], referents(FIRM, PLACE), [[0, 0], [-5, 0]]) == [-1, 0]


def test_names_without_a_common_word_corefer_only_where_that_is_sure():
    assert chosen(["Ann", "Bob"], referents(PERSON, PERSON), [[0, 0], [1.9, 0]]) == [-1, -1]
    assert chosen(["Ann", "Bob"], referents(PERSON, PERSON), [[0, 0], [2.1, 0]]) == [-1, 0]


def test_values_never_corefer():
    assert chosen(["1990", "1990"], referents(TIME, TIME), [[0, 0], [9, 0]]) == [-1, -1]


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
    assert clusters([-1, -1, 0, 2, -1, 1]) == ((0, 2, 3), (1, 5))

"""Coherent readings: what the other names of a document say of a name."""

import numpy as np
import pytest

from kgbuild.link.collective import coherent
from kgbuild.records import Entity

SPRINGFIELDS = (
    Entity("Q1", "Springfield", facts=(("P131", "Illinois"),)),
    Entity("Q2", "Springfield", facts=(("P131", "Ohio"),)),
)
STATES = (Entity("Q3", "Ohio"), Entity("Q4", "Ohio River"))


def chances(*rows: list[float]) -> list[np.ndarray]:
    return [np.array(row, np.float32) for row in rows]


def test_the_candidate_that_another_name_speaks_for_comes_out_ahead() -> None:
    before = chances([0.45, 0.40, 0.15], [0.7, 0.2, 0.1])
    town, state = coherent([SPRINGFIELDS, STATES], before, weight=1.0)
    assert town.argmax() == 1
    assert town.sum() == pytest.approx(1.0)
    assert state[0] > before[1][0]


def test_without_relations_nothing_changes() -> None:
    before = chances([0.45, 0.40, 0.15], [0.9, 0.1])
    after = coherent([SPRINGFIELDS, (Entity("Q5", "Mars"),)], before)
    assert [each.tolist() for each in after] == [each.tolist() for each in before]


def test_candidates_of_one_name_do_not_speak_for_each_other() -> None:
    pair = (Entity("Q1", "Georgia", facts=(("P17", "Tbilisi"),)), Entity("Q2", "Tbilisi"))
    before = chances([0.5, 0.4, 0.1])
    assert coherent([pair], before)[0].tolist() == before[0].tolist()


def test_names_without_candidates() -> None:
    assert [each.tolist() for each in coherent([()], chances([1.0]))] == [[1.0]]
    assert coherent([], []) == []


def test_the_weight_is_how_much_it_counts() -> None:
    before = chances([0.45, 0.40, 0.15], [0.7, 0.2, 0.1])
    assert coherent([SPRINGFIELDS, STATES], before, weight=0.0)[0].tolist() == pytest.approx(
        before[0].tolist()
    )

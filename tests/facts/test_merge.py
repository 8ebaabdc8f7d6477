"""Confidence over documents, and the choice between claims."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.facts.merge import Belief, Claim, Support, believe, preferred
from kgbuild.records import TimeValue

YEAR = TimeValue(1879)

supports = st.lists(
    st.builds(
        Support,
        st.sampled_from("abcd"),
        st.sampled_from(["One.", "one!", "Two", "Three", "»ONE«"]),
        st.floats(0, 1),
    ),
    max_size=8,
)


@given(first=supports, second=supports)
def test_more_support_never_makes_a_claim_less_sure_by_much(
    first: list[Support], second: list[Support]
) -> None:
    """A support that joins two groups may lower the confidence, but never below the best single one."""
    best = max((support.score for support in (*first, *second)), default=0.0)
    both = believe([*first, *second]).confidence
    assert both == believe([*reversed(second), *reversed(first)]).confidence
    assert best - 1e-6 <= both <= 1.0


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ([Support("a", "one", 0.5), Support("a", "two", 0.6)], 0.6),
        ([Support("a", "one", 0.5), Support("b", "two", 0.5)], 0.75),
        ([Support("a", "one", 0.5), Support("b", "One.", 0.4)], 0.5),
        (
            [
                Support("a", "one", 0.5),
                Support("b", "two", 0.5),
                Support("c", "one", 0.1),
                Support("c", "two", 0.1),
            ],
            0.5,
        ),
        ([Support("a", "one", 1.0), Support("b", "two", 0.0)], 1.0),
    ],
)
def test_independent_documents_add_up_and_copies_do_not(listed: list[Support], expected: float) -> None:
    assert believe(listed).confidence == expected


def test_near_duplicates_are_one_witness() -> None:
    listed = [Support("a", "one", 0.5), Support("b", "two", 0.6), Support("c", "three", 0.5)]
    assert believe(listed) == Belief(0.9, 3)
    assert believe(listed, [("a", "b")]) == Belief(0.8, 2)
    assert believe(listed, [("b", "c"), ("a", "b")]) == Belief(0.6, 1)


ONE = Belief(0.5, 1)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (Claim("k2", "b", Belief(0.6, 1)), Claim("k1", "a", Belief(0.5, 3))),
        (Claim("k2", "b", Belief(0.5, 2)), Claim("k1", "a", ONE)),
        (Claim("k2", "a", ONE), Claim("k1", "b", ONE)),
        (Claim("k1", "a", ONE), Claim("k2", "a", ONE)),
        (
            Claim("k2", "b", Belief(0.3, 1), TimeValue(1879, 3, 14, 11)),
            Claim("k1", "a", Belief(0.9, 4), YEAR),
        ),
        (Claim("k2", "b", ONE, TimeValue(1880, 3, 14, 11)), Claim("k1", "a", ONE, YEAR)),
        (Claim("k1", "a", Belief(0.6, 1), YEAR), Claim("k2", "b", ONE, TimeValue(1880, 3, 14, 11))),
    ],
)
def test_one_of_two_values_is_preferred(better: Claim, worse: Claim) -> None:
    assert preferred([better, worse]) == preferred([worse, better]) == better.key


def test_of_several_more_precise_dates_the_surest_is_preferred() -> None:
    decade = Claim("k0", "z", Belief(0.95, 5), TimeValue(1870, precision=8))
    year = Claim("k1", "y", Belief(0.9, 3), YEAR)
    days = [Claim(f"k{n}", "x", Belief(n / 10, 1), TimeValue(1879, 3, n, 11)) for n in (4, 5)]
    other = Claim("k9", "a", Belief(0.7, 1), TimeValue(1881, 1, 1, 11))
    for order in permutations([decade, year, *days, other]):
        assert preferred(order) == "k5"


def test_there_is_no_choice_between_fewer_than_two() -> None:
    assert preferred([]) is None
    assert preferred([Claim("k", "a", ONE), Claim("k", "a", ONE)]) is None

"""Confidence over documents, and the choice between claims."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.facts.merge import Claim, Support, confidence, preferred

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
    both = confidence([*first, *second])
    assert both == confidence([*reversed(second), *reversed(first)])
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
    assert confidence(listed) == expected


def test_the_choice_between_equals_is_the_smallest_statement() -> None:
    claims = [Claim("k1", "s2", 0.5), Claim("k2", "s1", 0.5), Claim("k3", "s3", 0.4)]
    assert preferred(claims) == preferred(claims[::-1]) == "k2"
    assert preferred([]) is None

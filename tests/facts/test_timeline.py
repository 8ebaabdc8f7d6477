"""Points in time as stretches of time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.facts.timeline import compatible, refines, stretch, surely_after
from kgbuild.records import TimeValue

moments = st.one_of(
    st.builds(TimeValue, st.integers(-600, 600), precision=st.sampled_from([7, 8, 9])),
    st.builds(TimeValue, st.integers(-60, 60), st.integers(1, 12), precision=st.just(10)),
    st.builds(TimeValue, st.integers(-60, 60), st.integers(1, 12), st.integers(1, 28), st.just(11)),
)


@given(one=moments, other=moments)
def test_orders_and_agreement_exclude_one_another(one: TimeValue, other: TimeValue) -> None:
    assert stretch(one)[0] <= stretch(one)[1]
    assert compatible(one, other) == compatible(other, one)
    assert not (refines(one, other) and refines(other, one))
    assert surely_after(one, other) + surely_after(other, one) + compatible(one, other) <= 1


@pytest.mark.parametrize(
    ("precise", "vague"),
    [
        (TimeValue(1990), TimeValue(1990, precision=8)),
        (TimeValue(1999, 12, 31, 11), TimeValue(1990, precision=8)),
        (TimeValue(2000), TimeValue(2000, precision=7)),
        (TimeValue(1990, precision=8), TimeValue(2000, precision=7)),
        (TimeValue(-319), TimeValue(-319, precision=8)),
        (TimeValue(-328), TimeValue(-319, precision=8)),
        (TimeValue(-43, 3, 15, 11), TimeValue(-99, precision=7)),
    ],
)
def test_the_finer_lies_in_the_vaguer(precise: TimeValue, vague: TimeValue) -> None:
    assert refines(precise, vague)
    assert compatible(vague, precise)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (TimeValue(2000), TimeValue(1990, precision=8)),
        (TimeValue(2001), TimeValue(2000, precision=7)),
        (TimeValue(-329), TimeValue(-319, precision=8)),
        (TimeValue(1990, 1, 1, 11), TimeValue(1990, 1, 2, 11)),
    ],
)
def test_different_times_are_not_compatible(one: TimeValue, other: TimeValue) -> None:
    assert not compatible(one, other)

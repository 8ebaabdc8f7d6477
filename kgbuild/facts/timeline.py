"""Points in time compared as the stretches of time that their precision leaves open."""

from __future__ import annotations

from kgbuild.facts.dates import CENTURY, DECADE
from kgbuild.records import TimeValue

Day = tuple[int, int, int]
"""Astronomical year, month and day; every month is taken to have 31 days, which orders them as well."""


def stretch(value: TimeValue) -> tuple[Day, Day]:
    """The first and the last day that a point in time may be.

    >>> stretch(TimeValue(1912, 6, precision=10))
    ((1912, 6, 1), (1912, 6, 31))
    >>> stretch(TimeValue(1900, precision=7)), stretch(TimeValue(-499, precision=7))
    (((1801, 1, 1), (1900, 12, 31)), ((-499, 1, 1), (-400, 12, 31)))
    """
    first, last = _years(value)
    return (first, value.month or 1, value.day or 1), (last, value.month or 12, value.day or 31)


def refines(precise: TimeValue, vague: TimeValue) -> bool:
    """Whether one point in time says more than another and does not contradict it.

    >>> refines(TimeValue(1912, 6, 23, 11), TimeValue(1912)), refines(TimeValue(1912), TimeValue(1912))
    (True, False)
    """
    (first, last), (earliest, latest) = stretch(precise), stretch(vague)
    return precise.precision > vague.precision and earliest <= first and last <= latest


def compatible(one: TimeValue, other: TimeValue) -> bool:
    """Whether two points in time may both be right: they are equal, or one refines the other.

    >>> year = TimeValue(1912)
    >>> compatible(year, TimeValue(1910, precision=8)), compatible(year, TimeValue(1913))
    (True, False)
    """
    return one == other or refines(one, other) or refines(other, one)


def surely_after(one: TimeValue, other: TimeValue) -> bool:
    """Whether one point in time is later than another, wherever in their stretches they lie.

    >>> surely_after(TimeValue(1913), TimeValue(1912)), surely_after(TimeValue(1912), TimeValue(1912))
    (True, False)
    """
    return stretch(one)[0] > stretch(other)[1]


def _years(value: TimeValue) -> tuple[int, int]:
    """The first and the last year, counted as people do: the 1st century ends with the year 100."""
    if value.precision not in (CENTURY, DECADE):
        return value.year, value.year
    common = value.year > 0
    number = value.year if common else 1 - value.year
    if value.precision == DECADE:
        first, last = number // 10 * 10, number // 10 * 10 + 9
    else:
        first, last = (number - 1) // 100 * 100 + 1, (number - 1) // 100 * 100 + 100
    return (first, last) if common else (1 - last, 1 - first)

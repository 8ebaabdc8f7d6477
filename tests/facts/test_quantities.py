"""The table `quantities.tsv` is the specification: text, amount (or "-"), item of the unit."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.facts.quantities import quantity_at, read_quantity
from kgbuild.records import QuantityValue

TABLE = Path(__file__).with_name("quantities.tsv")


def rows() -> list[tuple[str, str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(text, amount, unit) for text, amount, unit in list(reader)[1:]]


@pytest.mark.parametrize(("text", "amount", "unit"), rows())
def test_table(text: str, amount: str, unit: str) -> None:
    expected = None if amount == "-" else QuantityValue(Decimal(amount), unit or None)
    assert read_quantity(text) == expected


@given(st.decimals(-(10**12), 10**12, places=2, allow_nan=False))
def test_what_is_written_is_read(amount: Decimal) -> None:
    assert read_quantity(f"{amount:,}") == QuantityValue(amount)
    assert read_quantity(f"{amount:f} km") == QuantityValue(amount, "Q828224")


@given(st.text(max_size=40) | st.text(alphabet="0123456789.,eE^x*-+ kmb$€%twohundred½", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    value = read_quantity(text)
    assert value is None or value.amount.is_finite()


@pytest.mark.parametrize(
    ("text", "number", "amount", "unit"),
    [
        ("It covers 1,200 square kilometres.", "1,200", 1200, "Q712226"),
        ("It cost $40 million.", "40 million", 40_000_000, "Q4917"),
        ("It earned $394 million in 2022.", "$394", 394_000_000, "Q4917"),
        ("It has 3.2 million people.", "3.2", 3_200_000, None),
        ("It cost 4\u00a0billion euros.", "4", 4_000_000_000, "Q4916"),
        ("It has 5 millionaires.", "5", 5, None),
        ("It took 90 minutes.", "90", 90, "Q7727"),
        ("It grew by 12 % a year.", "12", 12, "Q11229"),
        ("It has 1,200 seats.", "1,200", 1200, None),
        ("It has 12 minutely drawn maps.", "12", 12, None),
        ("It is 5", "5", 5, None),
    ],
)
def test_a_number_takes_the_unit_that_stands_beside_it(
    text: str, number: str, amount: int, unit: str | None
) -> None:
    start = text.index(number)
    assert quantity_at(text, start, start + len(number)) == QuantityValue(Decimal(amount), unit)

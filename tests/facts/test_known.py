"""What a knowledge base makes of a value."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kgbuild.facts.known import Told, Verdict, judge, read_date
from kgbuild.records import ItemValue, QuantityValue, TextValue, TimeValue, Value

KNOWN, NEW, CONTRADICTING = Verdict


@pytest.mark.parametrize(
    ("value", "told", "one", "many"),
    [
        (ItemValue("Q1"), [], NEW, NEW),
        (ItemValue("Q1"), [ItemValue("Q1")], KNOWN, KNOWN),
        (ItemValue("Q1"), [ItemValue("Q2")], CONTRADICTING, NEW),
        (ItemValue("Q1"), [ItemValue("Q2"), ItemValue("Q1")], KNOWN, KNOWN),
        (ItemValue("Q1"), ["ulm  AN der Donau"], KNOWN, KNOWN),
        (ItemValue("Q1"), ["Ulm, Germany"], CONTRADICTING, NEW),
        (TimeValue(1879), ["1879"], KNOWN, KNOWN),
        (TimeValue(1879), ["1879-03"], KNOWN, KNOWN),
        (TimeValue(1879, 3, precision=10), ["1879"], NEW, NEW),
        (TimeValue(1879, 3, precision=10), ["1879-04"], CONTRADICTING, NEW),
        (TimeValue(1879), ["1880", "1879-03-14"], KNOWN, KNOWN),
        (TimeValue(-43), ["-0044"], KNOWN, KNOWN),
        (TimeValue(1879), [TimeValue(1870, precision=8)], NEW, NEW),
        (TimeValue(1879), ["unknown"], CONTRADICTING, NEW),
        (QuantityValue(Decimal(1200)), ["1,200"], KNOWN, KNOWN),
        (QuantityValue(Decimal(2), "Q11573"), [QuantityValue(Decimal(2), "Q4917")], CONTRADICTING, NEW),
        (QuantityValue(Decimal(2)), [QuantityValue(Decimal("2.0"), "Q4917")], KNOWN, KNOWN),
        (TextValue("Ada"), ["ada"], KNOWN, KNOWN),
        (TextValue("Ada", "en"), [TextValue("Bea", "en")], CONTRADICTING, NEW),
    ],
)
def test_verdicts_for_a_property_of_one_value_and_of_many(
    value: Value, told: list[Told], one: Verdict, many: Verdict
) -> None:
    names = ("Ulm", "Ulm an der Donau")
    assert judge(value, told, names=names, functional=True) is one
    assert judge(value, told, names=names, functional=False) is many


@pytest.mark.parametrize("text", ["", "Ulm", "18-79", "1879-3", "1879-03-14T00:00:00Z"])
def test_what_is_no_date_is_not_read_as_one(text: str) -> None:
    assert read_date(text) is None

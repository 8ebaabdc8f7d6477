from datetime import date
from decimal import Decimal

import pytest

from kgbuild.facts.values import read_value
from kgbuild.ontology import Property, load_ontology
from kgbuild.records import Document, QuantityValue, TextValue, TimeValue

PROPERTIES = load_ontology().properties


def read(property_id: str, text: str, span: str, published: date | None = None) -> object:
    document = Document("a", "https://kg.example.org/document/a", text, published=published)
    start = text.index(span)
    definition: Property = PROPERTIES[property_id]
    return read_value(definition, document, start, start + len(span))


def test_a_date_is_read_with_the_day_of_publication() -> None:
    text = "He died on Monday."
    assert read("P570", text, "on Monday") is None
    assert read("P570", text, "on Monday", date(2020, 6, 3)) == TimeValue(2020, 6, 1, 11)


def test_a_quantity_takes_its_unit_from_the_text() -> None:
    assert read("P2046", "It covers 12 km² of land.", "12") == QuantityValue(Decimal(12), "Q712226")


def test_text_is_kept_with_single_spaces() -> None:
    assert read("P1477", "born Maria\n  Skłodowska", "Maria\n  Skłodowska") == TextValue("Maria Skłodowska")


@pytest.mark.parametrize(
    ("property_id", "value"),
    [
        ("P580", TimeValue(1942, 6, 4, 11)),
        ("P582", TimeValue(1942, 6, 5, 11)),
        ("P585", TimeValue(1942, 6, None, 10)),
    ],
)
def test_a_range_gives_its_ends_or_what_holds_it(property_id: str, value: TimeValue) -> None:
    assert read(property_id, "The battle of 4–5 June 1942.", "4–5 June 1942") == value


def test_a_range_over_years_is_no_point_in_time() -> None:
    assert read("P569", "Ann Lee (1903–1952)", "1903–1952") is None


def test_an_item_is_no_literal() -> None:
    assert read("P19", "born in Warsaw", "Warsaw") is None


def test_a_quantity_in_units_of_another_kind_is_no_value() -> None:
    text = "It lies 80 km from the sea, at 150 m, and 24 per cent of its 1,200 people left."
    assert read("P2044", text, "80 km") is None
    assert read("P2044", text, "150") == QuantityValue(Decimal(150), "Q11573")
    assert read("P2044", text, "1,200") is None
    assert read("P1082", text, "24") is None
    assert read("P1082", text, "1,200") == QuantityValue(Decimal(1200), None)

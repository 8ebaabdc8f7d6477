"""Lines of the dump format, with its oddities."""

import json
from typing import Any

import msgspec
import pytest

from kgbuild.link.kb.wikidata import FEW_SITELINKS, NO_LABEL, NOT_AN_ITEM, Found, Reader, iso_date


def text(value: str, language: str = "en") -> dict[str, str]:
    return {"language": language, "value": value}


def claim(pid: str, value: Any, rank: str = "normal", kind: str = "value") -> dict[str, Any]:
    snak: dict[str, Any] = {"snaktype": kind, "property": pid}
    if kind == "value":
        snak["datavalue"] = {"value": value, "type": "wikibase-entityid"}
    return {"mainsnak": snak, "type": "statement", "rank": rank, "qualifiers": {"P1": [snak]}}


def to(number: int) -> dict[str, Any]:
    return {"entity-type": "item", "numeric-id": number, "id": f"Q{number}"}


def read(item: dict[str, Any], reader: Reader | None = None) -> Found:
    return (reader or Reader(("en", "de"))).read(json.dumps(item).encode())


BERLIN = {
    "type": "item",
    "id": "Q64",
    "labels": {"de": text("Berlin (Stadt)", "de"), "en": text("Berlin"), "fr": text("Berlin-fr", "fr")},
    "descriptions": {"de": text("Hauptstadt", "de"), "en": text("capital")},
    "aliases": {"en": [text("Berlin, Germany"), text("Berlin")], "fr": [text("Berlin!", "fr")]},
    "claims": {
        "P31": [claim("P31", to(515)), claim("P31", to(1), "deprecated")],
        "P17": [claim("P17", to(43287)), claim("P17", to(183), "preferred")],
        "P571": [claim("P571", {"time": "+1244-00-00T00:00:00Z", "precision": 9})],
        "P47": [claim("P47", to(1208))],
        "P999999": [claim("P999999", {"whatever": [1, {"deep": None}]})],
    },
    "sitelinks": {"enwiki": {"site": "enwiki", "title": "Berlin", "badges": []}, "dewiki": {}},
}


def test_an_item_is_read() -> None:
    entity = read(BERLIN).entity
    assert entity is not None
    assert (entity.id, entity.label) == (64, "Berlin")
    assert entity.aliases == ["Berlin (Stadt)", "Berlin, Germany"]
    assert entity.description == "capital"
    assert entity.types == [515]
    assert entity.facts == [571, "1244", 17, 183]
    assert entity.links == [1208]
    assert 0 < entity.prior < 10_000


def test_languages_are_chosen_in_order() -> None:
    entity = read(BERLIN, Reader(("fr", "de"))).entity
    assert entity is not None
    assert (entity.label, entity.aliases, entity.description) == (
        "Berlin-fr",
        ["Berlin (Stadt)", "Berlin!"],
        "Hauptstadt",
    )


def test_a_label_for_all_languages_counts() -> None:
    entity = read({"type": "item", "id": "Q1", "labels": {"mul": text("Universum", "mul")}}).entity
    assert entity is not None
    assert entity.label == "Universum"


@pytest.mark.parametrize("empty", [[], {}, None])
def test_empty_maps_may_be_lists(empty: Any) -> None:
    parts = dict.fromkeys(("descriptions", "aliases", "claims", "sitelinks"), empty)
    entity = read({"type": "item", "id": "Q2", "labels": {"en": text("Earth")}, **parts}).entity
    assert entity is not None
    assert (entity.label, entity.aliases, entity.facts, entity.types, entity.prior) == (
        "Earth",
        [],
        [],
        [],
        0,
    )
    assert read({"type": "item", "id": "Q2", "labels": empty, **parts}).why == NO_LABEL


@pytest.mark.parametrize("kind", ["somevalue", "novalue"])
def test_values_that_are_missing_are_no_facts(kind: str) -> None:
    claims = {"P27": [claim("P27", None, kind=kind)], "P569": [claim("P569", None, kind=kind)]}
    entity = read({"type": "item", "id": "Q3", "labels": {"en": text("Ann")}, "claims": claims}).entity
    assert entity is not None
    assert entity.facts == []


@pytest.mark.parametrize("value", ["text", 7, 1.5, True, None, [], ["x"], {}, {"id": "L1", "numeric-id": 1}])
def test_values_of_another_kind_do_not_stop_the_reading(value: Any) -> None:
    item = {
        "type": "item",
        "id": "Q3",
        "labels": {"en": text("Ann")},
        "claims": {"P27": [claim("P27", value)]},
    }
    entity = read(item).entity
    assert entity is not None
    assert [each for each in entity.facts[1::2] if isinstance(each, int)] == []


def test_old_dumps_give_items_by_number_alone() -> None:
    item = {**BERLIN, "claims": {"P17": [claim("P17", {"entity-type": "item", "numeric-id": 183})]}}
    entity = read(item).entity
    assert entity is not None
    assert entity.facts == [17, 183]


@pytest.mark.parametrize(
    "line",
    [
        {"type": "property", "id": "P31", "datatype": "wikibase-item", "labels": {"en": text("instance of")}},
        {"type": "lexeme", "id": "L1", "lemmas": {"en": text("dog")}, "forms": []},
        {"entity": "Q1", "redirect": "Q2"},
    ],
)
def test_what_is_no_item_is_told(line: dict[str, Any]) -> None:
    assert read(line).why == NOT_AN_ITEM


def test_a_class_has_the_classes_above_it_as_types_where_it_has_none() -> None:
    claims = {"P279": [claim("P279", to(5)), claim("P279", to(6))]}
    found = read({"type": "item", "id": "Q4", "labels": {"en": text("kind")}, "claims": claims})
    assert found.above == (5, 6)
    assert found.entity is not None
    assert found.entity.types == [5, 6, 16889133]


def test_items_with_few_sitelinks_are_left_out_but_named() -> None:
    found = read(BERLIN, Reader(("en",), min_sitelinks=3))
    assert (found.entity, found.why, found.label) == (None, FEW_SITELINKS, "Berlin")
    assert read(BERLIN, Reader(("en",), min_sitelinks=2)).entity is not None


@pytest.mark.parametrize("line", [b"{", b'{"id": "Q1"', b"nonsense", b'{"id": "\xff"}'])
def test_what_is_not_json_is_an_error(line: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        Reader().read(line)


def test_json_that_is_no_entity_is_another_error() -> None:
    with pytest.raises(msgspec.ValidationError):
        Reader().read(b'{"type": "item", "id": 7}')


@pytest.mark.parametrize(
    ("time", "precision", "date"),
    [
        ("+1867-11-07T00:00:00Z", 11, "1867-11-07"),
        ("+1867-11-00T00:00:00Z", 10, "1867-11"),
        ("+00000001867-01-01T00:00:00Z", 9, "1867"),
        ("-0044-03-15T00:00:00Z", 11, "-0044-03-15"),
        ("+1900-00-00T00:00:00Z", 7, None),
        ("yesterday", 11, None),
    ],
)
def test_dates_have_their_precision(time: str, precision: int, date: str | None) -> None:
    assert iso_date(time, precision) == date

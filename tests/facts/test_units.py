"""Units: names, items and quantity kinds."""

from kgbuild.facts import units


def test_every_unit_of_a_quantity_kind_has_a_name_in_text() -> None:
    named = set(units._UNITS)
    assert {kind: unnamed for kind, of in units._UNITS_OF.items() if (unnamed := of - named)} == {}
    assert units._UNITS_OF["Height"] < units._UNITS_OF["Length"]

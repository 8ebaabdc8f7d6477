"""Of a place and the one around it, the closest is told."""

from __future__ import annotations

import re

import pytest

from kgbuild.facts.clusters import Cluster
from kgbuild.facts.places import without_wider
from kgbuild.records import Document, Extraction, Label, Mention, Relation

NAMES = ("Ann", "Passy", "Savoie", "France", "Oslo", "Bob")


def read(
    text: str, *told: tuple[str, str, str], least: float = 0.0
) -> tuple[list[tuple[str, str]], list[str]]:
    """The properties and places that stay, and what is refused."""
    found = [
        Mention(*match.span(), match[0], Label.PERSON if match[0] in ("Ann", "Bob") else Label.LOCATION, 1.0)
        for match in re.finditer("|".join(NAMES), text)
    ]
    place = {mention.text: at for at, mention in enumerate(found)}
    relations = tuple(Relation(place[one], name, place[other], 0.9, least) for one, name, other in told)
    extraction = Extraction("d", 0, len(text), tuple(found), relations)
    clusters = [
        Cluster((at,), (mention.text,), mention.label, frozenset({mention.label}), mention.text, 1.0)
        for at, mention in enumerate(found)
    ]
    kept, refused = without_wider(Document("d", "urn:d", text), extraction, clusters, "normalise")
    assert kept.mentions == extraction.mentions
    return [(each.property, found[each.object].text) for each in kept.relations], [
        f"{each.reason}: {each.detail}" for each in refused
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Ann was born in Passy, Savoie.",
        "Ann was born at Passy in Savoie.",
        "Ann was born in Passy, near Savoie.",
        "Ann was born at Passy in the Savoie.",
        "Ann was born in Passy, of Savoie.",
    ],
)
def test_the_place_around_another_is_refused(text: str) -> None:
    kept, refused = read(text, ("Ann", "P19", "Passy"), ("Ann", "P19", "Savoie"))
    assert kept == [("P19", "Passy")]
    assert refused == ["wider place: Ann P19 Savoie: the document says Passy, which lies in or near it"]


def test_so_are_all_places_of_a_chain() -> None:
    text = "Ann was born in Passy, Savoie, France."
    kept, refused = read(text, *(("Ann", "P19", name) for name in ("Passy", "Savoie", "France")))
    assert kept == [("P19", "Passy")]
    assert len(refused) == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Ann was born in Passy, Savoie.", [("Ann", "P19", "Savoie")]),
        ("Ann was born in Passy, Savoie.", [("Ann", "P19", "Passy"), ("Bob", "P19", "Savoie")]),
        ("Ann was born in Passy, Savoie.", [("Ann", "P19", "Passy"), ("Ann", "P20", "Savoie")]),
        ("Ann was born in Passy, Savoie.", [("Ann", "P27", "Passy"), ("Ann", "P27", "Savoie")]),
        ("Ann lived in Passy and in Oslo.", [("Ann", "P551", "Passy"), ("Ann", "P551", "Oslo")]),
        ("Ann lived in Passy, then in Oslo.", [("Ann", "P551", "Passy"), ("Ann", "P551", "Oslo")]),
        ("Ann lived in Passy, France and Oslo.", [("Ann", "P551", each) for each in NAMES[1:5:2]]),
        ("Ann lived in Passy, in France, and in Oslo.", [("Ann", "P551", each) for each in NAMES[1:5:2]]),
        ("Passy saw Ann die, in Savoie.", [("Ann", "P20", "Passy"), ("Ann", "P20", "Savoie")]),
    ],
)
def test_other_places_stay(text: str, told: list[tuple[str, str, str]]) -> None:
    kept, refused = read(text + " Bob left.", *told)
    assert kept == [(name, place) for _, name, place in told]
    assert not refused


def test_a_place_that_is_doubted_refuses_none_and_is_not_refused() -> None:
    text = "Ann was born in Passy, Savoie."
    kept, refused = read(text, ("Ann", "P19", "Passy"), ("Ann", "P19", "Savoie"), least=0.95)
    assert len(kept) == 2
    assert not refused

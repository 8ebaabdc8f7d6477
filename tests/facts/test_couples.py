"""Whose children "theirs" are."""

from __future__ import annotations

import re

from kgbuild.facts.couples import of_both
from kgbuild.records import Extraction, Label, Mention, Relation

TEXT = "Ann married Bob. Their son Tom met Eve. Eve married Tom. They had a girl, Zoe."
NAMES = ("Ann", "Bob", "Their", "Tom", "Eve", "Eve", "Tom", "They", "Zoe")
ANN, BOB, THEIR, TOM, EVE, EVE_AGAIN, TOM_AGAIN, THEY, ZOE = range(9)
MENTIONS = tuple(
    Mention(*match.span(), match[0], Label.PERSON, 1.0)
    for match in re.finditer("|".join(sorted({*NAMES})), TEXT)
)


def told(*relations: Relation) -> list[tuple[str, str, str, float]]:
    found = of_both(Extraction("d", 0, len(TEXT), MENTIONS, relations))
    assert found.mentions == MENTIONS
    return [
        (MENTIONS[each.subject].text, each.property, MENTIONS[each.object].text, each.score)
        for each in found.relations
    ]


def test_a_child_of_theirs_is_of_both_of_the_couple_that_was_named_last() -> None:
    first, second = Relation(ANN, "P26", BOB, 0.9), Relation(EVE_AGAIN, "P26", TOM_AGAIN, 0.7)
    assert told(first, second, Relation(THEIR, "P40", TOM, 0.8), Relation(THEY, "P40", ZOE, 0.8)) == [
        ("Ann", "P26", "Bob", 0.9),
        ("Eve", "P26", "Tom", 0.7),
        ("Ann", "P40", "Tom", 0.8),
        ("Bob", "P40", "Tom", 0.8),
        ("Eve", "P40", "Zoe", 0.7),
        ("Tom", "P40", "Zoe", 0.7),
    ]


def test_where_nobody_is_married_before_it_stays() -> None:
    relation = Relation(THEIR, "P40", TOM, 0.8)
    assert told(relation) == [("Their", "P40", "Tom", 0.8)]
    later = Relation(EVE_AGAIN, "P26", TOM_AGAIN, 0.7)
    assert told(later, relation)[1] == ("Their", "P40", "Tom", 0.8)
    doubtful = Relation(ANN, "P26", BOB, 0.2, least=0.3)
    assert told(doubtful, relation)[1] == ("Their", "P40", "Tom", 0.8)


def test_other_relations_and_other_pronouns_stay() -> None:
    married = Relation(ANN, "P26", BOB, 0.9)
    others = [Relation(THEIR, "P551", TOM, 0.8), Relation(ANN, "P40", TOM, 0.6)]
    assert told(married, *others)[1:] == [("Their", "P551", "Tom", 0.8), ("Ann", "P40", "Tom", 0.6)]


def test_nobody_is_a_child_of_themselves_and_they_are_no_couple() -> None:
    married = Relation(ANN, "P26", BOB, 0.9)
    assert told(married, Relation(THEIR, "P40", BOB, 0.8))[1:] == [("Ann", "P40", "Bob", 0.8)]
    among = Relation(THEIR, "P26", TOM, 0.95)
    assert told(married, among, Relation(THEY, "P40", ZOE, 0.8))[2:] == [
        ("Ann", "P40", "Zoe", 0.8),
        ("Bob", "P40", "Zoe", 0.8),
    ]

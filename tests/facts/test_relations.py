"""Relations told in words: which property, in which direction, and what is refused."""

from __future__ import annotations

import pytest

from kgbuild.facts.check import End, Violation
from kgbuild.facts.relations import Meaning, RelationNames, read_relation
from kgbuild.ontology import load_ontology
from kgbuild.records import Attribute, Label, Relation

ONTOLOGY = load_ontology()
NAMES = RelationNames(ONTOLOGY)
ENDS = (
    End("Ada", frozenset({Label.PERSON})),
    End("Acme", frozenset({Label.ORGANISATION})),
    End("Ulm", frozenset({Label.LOCATION}), ("Q515",)),
    End("Bob", frozenset({Label.PERSON})),
    End("a film", frozenset({Label.OTHER}), ("Q11424",)),
)
ADA, ACME, ULM, BOB, FILM = range(5)


def read(subject: int, name: str, value: int) -> tuple[int, str, int] | str:
    found = read_relation(Relation(subject, name, value, 0.5), NAMES, ONTOLOGY, ENDS.__getitem__)
    if isinstance(found, Violation):
        return found.reason
    assert isinstance(found, Relation)
    return found.subject, found.property, found.object


@pytest.mark.parametrize(
    ("subject", "name", "value", "expected"),
    [
        (ADA, "P19", ULM, (ADA, "P19", ULM)),
        (ADA, "wdt:P19", ULM, (ADA, "P19", ULM)),
        (ADA, "http://www.wikidata.org/entity/P19", ULM, (ADA, "P19", ULM)),
        (ADA, "schema:birthPlace", ULM, (ADA, "P19", ULM)),
        (ADA, "https://schema.org/birthPlace", ULM, (ADA, "P19", ULM)),
        (ADA, "dbo:birthPlace", ULM, (ADA, "P19", ULM)),
        (ADA, "place of birth", ULM, (ADA, "P19", ULM)),
        (ADA, "place_of_birth", ULM, (ADA, "P19", ULM)),
        (ADA, "birthPlace", ULM, (ADA, "P19", ULM)),
        (ADA, "was born in", ULM, (ADA, "P19", ULM)),
        (ADA, "CEO of", ACME, (ACME, "P169", ADA)),
        (ADA, "is the CEO of", ACME, (ACME, "P169", ADA)),
        (ACME, "has CEO", ADA, (ACME, "P169", ADA)),
        (ADA, "CEO", ACME, (ACME, "P169", ADA)),
        (ADA, "works at", ACME, (ADA, "P108", ACME)),
        (ADA, "working in", ULM, (ADA, "P937", ULM)),
        (ADA, "worked for", ACME, (ADA, "P108", ACME)),
        (ADA, "founder of", ACME, (ACME, "P112", ADA)),
        (ADA, "founded", ACME, (ACME, "P112", ADA)),
        (ACME, "was founded by", ADA, (ACME, "P112", ADA)),
        (ADA, "directed", FILM, (FILM, "P57", ADA)),
        (FILM, "directed by", ADA, (FILM, "P57", ADA)),
        (ADA, "married", BOB, (ADA, "P26", BOB)),
        (ADA, "father of", BOB, (BOB, "P22", ADA)),
        (ADA, "daughter of", BOB, (BOB, "P40", ADA)),
        (ADA, "lived in", ULM, (ADA, "P551", ULM)),
        (ADA, "was born in", ACME, "range"),
        (ADA, "date of birth", BOB, "range"),
        (ADA, "kicked", BOB, "unknown property"),
        (ADA, "", BOB, "unknown property"),
        (FILM, "written by", ADA, "ambiguous relation"),
    ],
)
def test_names_are_read_and_turned_the_right_way(
    subject: int, name: str, value: int, expected: tuple[int, str, int] | str
) -> None:
    assert read(subject, name, value) == expected


@pytest.mark.parametrize("name", ["born", "date of birth", "was born on", "birthDate", "dbo:birthDate"])
def test_a_literal_finds_the_property_that_takes_one(name: str) -> None:
    found = read_relation(Attribute(ADA, name, 0, 4, "1879", 0.5), NAMES, ONTOLOGY, ENDS.__getitem__)
    assert isinstance(found, Attribute)
    assert (found.subject, found.property, found.text) == (ADA, "P569", "1879")


@pytest.mark.parametrize("pid", ONTOLOGY.properties)
def test_every_property_is_known_by_its_identifier_and_its_label(pid: str) -> None:
    label = ONTOLOGY.properties[pid].label
    assert [*NAMES.meanings(pid)] == [(Meaning(pid),)]
    first = next(NAMES.meanings(label))
    assert Meaning(pid) in first


@pytest.mark.parametrize(
    ("near", "expected"),
    [
        (("P19", 0.95), (ADA, "P19", ULM)),
        (("P19", 0.85), "unknown property"),
        (("P36", 0.95), "domain"),
        (("P999999", 0.95), "unknown property"),
        (None, "unknown property"),
    ],
)
def test_a_name_that_no_property_has_is_that_of_the_most_alike(
    near: tuple[str, float] | None, expected: tuple[int, str, int] | str
) -> None:
    asked = []

    def alike(name: str) -> tuple[str, float] | None:
        asked.append(name)
        return near

    relation = Relation(ADA, "First_sawDaylight at", ULM, 0.5)
    found = read_relation(relation, NAMES, ONTOLOGY, ENDS.__getitem__, alike)
    got = found.reason if isinstance(found, Violation) else (found.subject, found.property, found.object)
    assert (got, asked) == (expected, ["first saw daylight at"])
    known = read_relation(Relation(ADA, "was born in", ULM, 0.5), NAMES, ONTOLOGY, ENDS.__getitem__, alike)
    assert (known.property, len(asked)) == ("P19", 1), "what has the name is not looked for"

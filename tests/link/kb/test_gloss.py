"""What a gloss says."""

import pytest

from kgbuild.link.kb.compose import compose
from kgbuild.link.kb.gloss import Gloss, read_gloss

CLASSES = {
    "film": "Q11424",
    "actor": "Q33999",
    "film producer": "Q3282637",
    "producer": "Q47541952",
    "city": "Q515",
    "football club": "Q476028",
}


@pytest.mark.parametrize(
    ("gloss", "expected"),
    [
        (
            "1999 film by Robert Altman",
            Gloss(("film",), (("P577", "1999"), ("P57", "Robert Altman"))),
        ),
        ("American film producer", Gloss(("film producer",), (("P17", "United States of America"),))),
        (
            "city in Carinthia, Austria",
            Gloss(("city",), (("P131", "Carinthia"), ("P17", "Austria"))),
        ),
        ("English football club", Gloss(("football club",), (("P17", "England"),))),
        ("state of the United States of America", Gloss((), (("P17", "United States of America"),))),
        ("Trinity College is part of Cambridge", Gloss((), ())),
        ("head or senior member of a college", Gloss((), ())),
        ("", Gloss((), ())),
    ],
)
def test_a_gloss_is_read(gloss: str, expected: Gloss) -> None:
    assert read_gloss(gloss, CLASSES) == expected


def test_a_description_is_composed_from_facts() -> None:
    work, origin = [("P106", "actor"), ("P106", "singer")], [("P27", "France"), ("P569", "1915-12-19")]
    assert compose(["human"], [*work, *origin]) == "actor, singer; citizen of France; born 1915"
    film = [("P577", "1939"), ("P57", "John Ford")]
    assert compose(["film"], film) == "film; published 1939; director John Ford"
    town = [("P131", "Middlesex County"), ("P131", "Massachusetts"), ("P131", "New England")]
    assert compose(["city"], town) == "city; in Middlesex County, Massachusetts"
    assert compose([], []) == ""

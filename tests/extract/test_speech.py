"""Who speaks in which quotation."""

import pytest
from reading import mentions, sentences

from kgbuild.extract.speech import NOBODY, quotations, said
from kgbuild.records import Label

PEOPLE = dict.fromkeys(("Ada Lovelace", "Babbage", "Turner", "Edward Said", "Ada"), Label.PERSON)
NAMES = PEOPLE | {"Acme": Label.ORGANISATION}


def spoken(text: str) -> list[tuple[str, str | None]]:
    """Each quoted mention and who says it."""
    found = mentions(text, {name: label for name, label in NAMES.items() if name in text})
    speaker, quoted = said(text, found, sentences(text))
    return [
        (each.text, None if who == NOBODY else found[who].text)
        for each, who, inside in zip(found, speaker.tolist(), quoted.tolist(), strict=True)
        if inside
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"I saw him," said Ada Lovelace.', [("I", "Ada Lovelace"), ("him", "Ada Lovelace")]),
        ('"I left," Babbage told Turner.', [("I", "Babbage")]),
        ('Babbage told Turner: "I left."', [("I", "Babbage")]),
        ("Turner attacked Babbage: “He left.”", [("He", "Turner")]),
        ('"I left," said a friend of Turner.', [("I", None)]),
        ('"I left," Acme said.', [("I", None)]),
        ('"I left," Edward Said wrote.', [("I", "Edward Said")]),
        ("'I left,' she said.", [("I", "she")]),
        ('As noted by Ada Lovelace, "it works."', [("it", "Ada Lovelace")]),
        ('"I left," said Turner. "I came back."', [("I", "Turner"), ("I", "Turner")]),
        ('"I left," said Turner.\n\n"I came back."', [("I", "Turner"), ("I", "Turner")]),
        ('Turner said: "I left.\n\n"I came back."', [("I", "Turner"), ("I", "Turner")]),
        ('"I left," said Turner. Babbage stayed. "It was late."', [("I", "Turner"), ("It", None)]),
        ('Babbage played "It".', [("It", None)]),
    ],
)
def test_the_words_around_tell_who_speaks(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert spoken(text) == expected


def test_apostrophes_open_no_quotation() -> None:
    assert quotations("It's Ada's '90s rock 'n' roll; the players' own.") == ()


def test_a_quotation_ends_with_its_paragraph() -> None:
    text = 'She said: "It rained.\nIt snowed.'
    assert [text[each.start : each.end] for each in quotations(text)] == ["It rained."]


def test_a_text_without_quotations_and_one_without_mentions() -> None:
    assert spoken("Ada left. She came back.") == []
    assert spoken('"Never," he said.') == []
    assert spoken("") == []

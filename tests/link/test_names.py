"""Normal forms and variants of names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.link.names import initials, normalise, variants


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Curaçao", "CURACAO"),
        ("Łódź", "lodz"),
        ("J.R.R. Tolkien", "J. R. R. Tolkien"),
        ("U.S.", "US"),
        ("AT&T", "at and t"),
        ("O’Brien", "O'Brien"),
        ("Spider-Man", "Spider–Man"),
        ("Ångström", "A\u030angstro\u0308m"),
        ("ﬁlm", "film"),
        ("Straße", "STRASSE"),
        ("New\u00a0York  City", "new york city"),
        ("שָׁלוֹם", "שלום"),
        ("مُحَمَّد", "محمد"),
    ],
)
def test_spellings_of_one_name_are_equal(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"), [("C++", "C"), ("C#", "C"), ("が", "か"), ("क्ष", "कष"), ("Bern", "Berne")]
)
def test_different_names_stay_apart(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize(
    ("name", "normal"), [("", ""), ("  \n", ""), ("!!!", "!!!"), ("...", "..."), ("\u0301", "")]
)
def test_names_without_letters(name: str, normal: str) -> None:
    assert normalise(name) == normal


@pytest.mark.parametrize(
    ("surface", "expected"),
    [
        ("Apple's", "apple"),
        ("the Rolling Stones", "rolling stones"),
        ("Curie, Marie", "marie curie"),
        ("President Obama", "obama"),
        ("Mercury (planet)", "mercury"),
        ("Apple, Inc.", "apple"),
        ("The President Obama's", "obama"),
    ],
)
def test_variants_hold_the_plain_name(surface: str, expected: str) -> None:
    assert expected in variants(surface)


def test_a_plain_name_has_no_variants() -> None:
    assert variants("Marie Curie") == ()


@given(st.text(max_size=60))
def test_a_normal_form_is_its_own(name: str) -> None:
    assert normalise(normalise(name)) == normalise(name)


@given(st.text(max_size=40))
def test_variants_are_normal_forms_that_differ_from_the_name(name: str) -> None:
    for form in variants(name):
        assert form
        assert form != normalise(name)


def test_initials() -> None:
    assert initials("american civil liberties union") == "aclu"
    assert initials("apple") == ""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.text.boundaries import revise


def pieces(text: str, starts: list[int]) -> list[str]:
    return [text[a:b].strip() for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


@pytest.mark.parametrize("text", ["Dr. Who", "See No. 5", "J. Tolkien", "Acme Inc. Berlin", "the U.S. Army"])
def test_an_abbreviation_does_not_end_a_sentence(text: str) -> None:
    assert revise(text, [0, text.index(". ") + 2]) == [0]


@pytest.mark.parametrize("text", ["Acme Inc. He", "He left the U.S. Then", "At 5 p.m. The", "vitamin C. It"])
def test_an_abbreviation_ends_one_before_a_word_that_begins_sentences(text: str) -> None:
    assert revise(text, [0]) == [0, text.rindex(" ") + 1]


def test_a_word_that_counts_ends_a_sentence_where_no_number_follows() -> None:
    text = "She said no. They left."
    assert pieces(text, revise(text, [0, 13])) == ["She said no.", "They left."]


def test_an_opening_quotation_mark_goes_with_what_it_opens() -> None:
    text = 'He slept. "Who is it?" he asked.'
    assert pieces(text, revise(text, [0, 11, 23])) == ["He slept.", '"Who is it?" he asked.']


def test_a_german_closing_quotation_mark_stays() -> None:
    text = "„Ja.“ Er ging."
    assert pieces(text, revise(text, [0, 6])) == ["„Ja.“", "Er ging."]


def test_small_letters_begin_sentences_where_the_writer_does_so() -> None:
    assert revise("yahoo! is big", [0, 7]) == [0, 7]
    assert revise("Yahoo! is big", [0, 7]) == [0]


@pytest.mark.parametrize("text", ["Acme Inc., which", "Mamma Mia!, the film"])
def test_a_comma_goes_on_with_the_sentence(text: str) -> None:
    assert revise(text, [0, text.index(",") + 2]) == [0]


def test_a_reference_mark_belongs_to_the_sentence_before_it() -> None:
    text = "He left.[4] She came."
    assert pieces(text, revise(text, [0, 8])) == ["He left.[4]", "She came."]


@given(st.text(alphabet="aB1.?!。“”\"'( )[]\n", max_size=60), st.data())
def test_starts_are_increasing_offsets_of_the_text(text: str, data: st.DataObject) -> None:
    proposed = data.draw(st.lists(st.integers(0, max(0, len(text) - 1))))
    starts = revise(text, [0, *proposed])
    assert starts == sorted(set(starts))
    assert starts[0] == 0
    assert all(start < len(text) for start in starts[1:])

"""Windows cover every token, overlap, and begin and end between words."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgbuild.errors import ModelError
from kgbuild.extract.encode import Shape, TextEncoder, Tokens, windows


def tokens_of(pieces: list[int]) -> Tokens:
    """Words of so many pieces, each piece one character wide."""
    word = np.repeat(np.arange(len(pieces)), pieces)
    start = np.arange(len(word))
    return Tokens(start, start, start + 1, word, np.zeros_like(start))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(1, 3), max_size=120),
    st.sets(st.integers(0, 300)),
    st.integers(12, 40),
    st.integers(0, 12),
)
def test_windows_cover_everything_within_their_length(
    pieces: list[int], breaks: set[int], length: int, shared: int
) -> None:
    tokens = tokens_of(pieces)
    found = windows(tokens, sorted(breaks), length=length, shared=shared)
    covered = {number for begin, end in found for number in range(begin, end)}
    assert covered == set(range(len(tokens.ids)))
    assert all(0 < end - begin <= length - 2 for begin, end in found)
    assert all(tokens.first[begin] for begin, _ in found)
    assert all(
        later[0] <= earlier[1] and later[1] >= earlier[1] and later[0] > earlier[0]
        for earlier, later in pairwise(found)
    )


def test_a_window_ends_at_a_sentence_where_it_can() -> None:
    tokens = tokens_of([1] * 30)
    assert windows(tokens, [0, 14, 25], length=20, shared=4) == [(0, 14), (10, 25), (21, 30)]


def test_a_word_longer_than_a_window_is_cut_not_dropped() -> None:
    tokens = tokens_of([50])
    found = windows(tokens, [0], length=12, shared=2)
    assert {number for begin, end in found for number in range(begin, end)} == set(range(50))


def test_shapes_are_hidden_in_lower_case_data(tiny_encoder: TextEncoder) -> None:
    assert set(tiny_encoder.tokens("Ada met Bob", cased=True).shapes) == {Shape.TITLE, Shape.LOWER}
    assert set(tiny_encoder.tokens("ada met bob", cased=False).shapes) == {Shape.UNKNOWN}


def test_offsets_are_code_points(tiny_encoder: TextEncoder) -> None:
    text = "😀 Ada"
    tokens = tiny_encoder.tokens(text)
    assert text[tokens.start[-1] : tokens.end[-1]].casefold() in "ada"
    assert tokens.end[-1] == len(text)


def test_a_lone_surrogate_is_read_as_a_character_that_stands_for_any(tiny_encoder: TextEncoder) -> None:
    text = "Ada \ud83d met \udc00Bob"
    tokens, readable = (tiny_encoder.tokens(each) for each in (text, "Ada \ufffd met \ufffdBob"))
    assert list(tokens.ids) == list(readable.ids)
    assert list(tokens.start) == list(readable.start)
    assert text[tokens.start[-1] : tokens.end[-1]] in "Bob"


def test_a_directory_without_tokenizer_says_so(tmp_path) -> None:
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        TextEncoder.load(tmp_path)

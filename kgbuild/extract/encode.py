"""Text to windows of token ids with their offsets.

A window holds at most `length` tokens, the two special ones included, and starts and ends between
words, at sentence ends where it can. Consecutive windows share at least `shared` tokens, so every
word is seen with context on both sides, and the tail of a document is never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from kgbuild.characters import without_surrogates
from kgbuild.errors import ModelError

Ints = NDArray[np.int64]


class Shape(IntEnum):
    """How a word is written: what an uncased vocabulary loses. Part of the network's input."""

    UNKNOWN = 0
    LOWER = 1
    TITLE = 2
    UPPER = 3
    MIXED = 4
    DIGIT = 5
    OTHER = 6


@lru_cache(maxsize=1 << 16)
def shape(word: str) -> Shape:
    """The shape of a word.

    >>> [shape(word).name for word in ("the", "Paris", "NATO", "McQueen", "1894", ",")]
    ['LOWER', 'TITLE', 'UPPER', 'MIXED', 'DIGIT', 'OTHER']
    """
    if word.islower():
        return Shape.LOWER
    if word[:1].isupper() and (len(word) == 1 or word[1:].islower()):
        return Shape.TITLE
    if word.isupper():
        return Shape.UPPER
    if any(map(str.isalpha, word)):
        return Shape.MIXED
    return Shape.DIGIT if any(map(str.isdigit, word)) else Shape.OTHER


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text as word pieces: all arrays have the shape (tokens,).

    `start` and `end` are code points of the text; `word` numbers the words from 0, and
    `first` marks the first piece of each.
    """

    ids: Ints
    start: Ints
    end: Ints
    word: Ints
    shapes: Ints

    @property
    def first(self) -> NDArray[np.bool_]:
        """Which pieces begin a word."""
        return np.r_[True, self.word[1:] != self.word[:-1]] if len(self.word) else np.zeros(0, bool)


class Range(NamedTuple):
    """Tokens of a document, `end` not included."""

    begin: int
    end: int


class TextEncoder:
    """A tokenizer with the special tokens of its model; documents are read as they stand."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self.tokenizer = tokenizer
        single = tokenizer.encode("").ids
        if len(single) != 2:
            raise ModelError("the tokenizer does not frame a text by one begin and one end token")
        self.begin, self.end = single

    @classmethod
    def load(cls, directory: Path) -> TextEncoder:
        """Read `tokenizer.json` of a model directory."""
        path = directory / "tokenizer.json"
        if not path.is_file():
            raise ModelError(f"{directory} holds no tokenizer.json; give a model directory that does")
        return cls(Tokenizer.from_file(str(path)))

    def tokens(self, text: str, *, cased: bool = True) -> Tokens:
        """Tokenize a text; `cased` False hides how words are written (data in lower case).

        A lone surrogate is read as U+FFFD.
        """
        encoding = self.tokenizer.encode(without_surrogates(text), add_special_tokens=False)
        offsets = np.array(encoding.offsets, np.int64).reshape(-1, 2)
        words = np.array([-1 if word is None else word for word in encoding.word_ids], np.int64)
        shapes = np.zeros(len(words), np.int64)
        if cased and len(words):
            starts = np.flatnonzero(np.r_[True, words[1:] != words[:-1]])
            ends = np.r_[starts[1:], len(words)] - 1
            bounds = zip(offsets[starts, 0].tolist(), offsets[ends, 1].tolist(), strict=True)
            written = [shape(text[start:end]) for start, end in bounds]
            shapes = np.repeat(np.array(written, np.int64), ends - starts + 1)
        return Tokens(np.array(encoding.ids, np.int64), offsets[:, 0], offsets[:, 1], words, shapes)


def windows(tokens: Tokens, breaks: Sequence[int], *, length: int, shared: int) -> list[Range]:
    """Ranges of tokens that cover all, each shorter than `length` by two.

    `breaks` are code points at which sentences start; a window ends at the last one that leaves it
    more than half full, or else at the last word start; the next begins at a sentence where one starts
    at most twice as far before as what they share at least.
    """
    room = length - 2
    total = len(tokens.ids)
    if total <= room:
        return [Range(0, total)] if total else []
    word_starts = np.flatnonzero(tokens.first)
    sentence_starts = word_starts[np.isin(tokens.start[word_starts], np.asarray(breaks))]
    found: list[Range] = []
    begin = 0
    while True:
        if total - begin <= room:
            found.append(Range(begin, total))
            return found
        end = _last(sentence_starts, begin + room // 2, begin + room)
        end = end or _last(word_starts, begin + 1, begin + room) or begin + room
        found.append(Range(begin, end))
        least = min(shared, (end - begin) // 2)
        low, back = max(begin + 1, end - 2 * least), end - least
        begin = _last(sentence_starts, low, back) or _last(word_starts, begin + 1, back) or back


def _last(sorted_values: Ints, low: int, high: int) -> int:
    """The greatest value in [low, high], or 0."""
    position = int(np.searchsorted(sorted_values, high, side="right"))
    return int(sorted_values[position - 1]) if position and sorted_values[position - 1] >= low else 0


WORD = re.compile(r"\w+(?:[-'’]\w+)*")
APART = re.compile(rf"\w+(?=['’](?:s|d|ll|re|ve|m)\b)|{WORD.pattern}", re.IGNORECASE)
"""A word without the verb or possessive that is written to it: "She" of "She's", which may be a pronoun."""

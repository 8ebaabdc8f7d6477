"""How alike two mentions are written: the one hand-made feature of coreference."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from kgbuild.extract.encode import WORD


class Match(IntEnum):
    """String match of two mentions, weakest first."""

    NONE = 0
    OVERLAP = 1
    SUBSET = 2
    LAST_WORD = 3
    ACRONYM = 4
    EXACT = 5


STOP_WORDS = frozenset({"the", "of", "and", "a", "an", "for", "in", "de"})


def matches(surfaces: Sequence[str]) -> NDArray[np.int64]:
    """Match codes of all pairs of surface forms, symmetric, (mentions, mentions).

    >>> found = matches(["Marie Curie", "Curie", "United Nations", "UN", "Marie"])
    >>> Match(found[0, 1]).name, Match(found[2, 3]).name, Match(found[0, 4]).name, Match(found[1, 3]).name
    ('LAST_WORD', 'ACRONYM', 'SUBSET', 'NONE')
    """
    count = len(surfaces)
    words = [_words(name) for name in surfaces]
    vocabulary: dict[str, int] = {}
    told = np.array([vocabulary.setdefault(word, len(vocabulary)) for row in words for word in row], np.int64)
    if not len(told):
        return np.zeros((count, count), np.int64)
    size = np.array([len(row) for row in words])
    contains = np.zeros((count, len(vocabulary)), np.float32)
    contains[np.arange(count).repeat(size), told] = 1.0
    last = np.where(size > 0, told[size.cumsum() - 1], -1 - np.arange(count))
    different = contains.sum(1)
    held = torch.from_numpy(contains)  # numpy's own product takes all cores, however small it is
    shared = (held @ held.T).numpy()
    result = (shared > 0).astype(np.int64)  # Match.OVERLAP
    subset = result * (shared == np.minimum(different[:, None], different[None, :]))
    result += subset  # Match.SUBSET
    result += subset * (last[:, None] == last[None, :])  # Match.LAST_WORD
    _mark_acronyms(result, surfaces, words)
    keys = [_key(row, surface) for row, surface in zip(words, surfaces, strict=True)]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    identity = np.array([numbers[key] for key in keys])
    result[identity[:, None] == identity[None, :]] = Match.EXACT
    return result


def name_key(surface: str) -> str:
    """What surface forms that match exactly have in common.

    >>> name_key("The Beatles") == name_key("Beatles")
    True
    """
    return _key(_words(surface), surface)


@lru_cache(maxsize=1 << 16)
def _words(surface: str) -> tuple[str, ...]:
    return tuple(word for word in WORD.findall(surface.casefold()) if word not in STOP_WORDS)


def _key(words: Sequence[str], surface: str) -> str:
    return " ".join(words) or surface.casefold()


def _mark_acronyms(
    result: NDArray[np.int64], surfaces: Sequence[str], words: Sequence[Sequence[str]]
) -> None:
    """Mark pairs of which one is the other's initials, in place."""
    initials: dict[str, list[int]] = {}
    for number, row in enumerate(words):
        if len(row) > 1:
            initials.setdefault("".join(word[0] for word in row), []).append(number)
    for number, surface in enumerate(surfaces):
        letters = surface.replace(".", "")
        if letters.isupper() and len(letters) > 1:
            for other in initials.get(letters.casefold(), ()):
                result[number, other] = result[other, number] = Match.ACRONYM

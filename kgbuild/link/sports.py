"""Which sport a text tells of, and which one an entity belongs to."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from math import log1p

from kgbuild.link.words import word_lists

WORDS = {name: words for name, words in word_lists().items() if name != "person"}
"""Words that tell of a sport; a word may tell of two."""

_TOLD = {
    "association football": re.compile(
        r"\bassociation football|\bsoccer|\bfootball club|\bnational football team|\bfootballer|"
        r"\bF\.?C\.?\b|\bfootball team representing",
        re.IGNORECASE,
    ),
    "american football": re.compile(
        r"\bamerican football|\bNational Football League|\bNFL\b|\bgridiron", re.I
    ),
    "baseball": re.compile(r"\bbaseball", re.IGNORECASE),
    "basketball": re.compile(r"\bbasketball", re.IGNORECASE),
    "ice hockey": re.compile(r"\bhockey", re.IGNORECASE),
    "cricket": re.compile(r"\bcricket", re.IGNORECASE),
    "rugby": re.compile(r"\brugby", re.IGNORECASE),
}
_COLLEGE = re.compile(r" football$")
"""Only American universities name teams so."""


@lru_cache(maxsize=100_000)
def sports_of(label: str, description: str) -> tuple[str, ...]:
    """The sports that an entity's label and description name.

    >>> sports_of("Boston Red Sox", "baseball team in Boston")
    ('baseball',)
    """
    text = f"{label}; {description}"
    found = tuple(sport for sport, told in _TOLD.items() if told.search(text))
    if not found and _COLLEGE.search(label):
        return ("american football",)
    return found


def told(words: Collection[str]) -> dict[str, float]:
    """Of each sport, the logarithm of one more than its words in a text."""
    return {sport: log1p(len(own.intersection(words))) for sport, own in WORDS.items()}


def lead(sports: Collection[str], heard: dict[str, float]) -> float:
    """How much more a text tells of these sports than of the others; 0 for none."""
    if not sports:
        return 0.0
    own = max(heard[sport] for sport in sports)
    return own - max((value for sport, value in heard.items() if sport not in sports), default=0.0)

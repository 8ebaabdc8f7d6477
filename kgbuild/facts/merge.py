"""How sure the documents together make a claim, and which of several claims is preferred.

In go the supports of claims, out come numbers and choices: pure functions, of which the result
does not depend on the order of the input.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

_NOT_A_WORD = re.compile(r"[\W_]+")


class Support(NamedTuple):
    """One sentence that says a claim: the document's URI, the quote and its score in [0, 1]."""

    document: str
    quote: str
    score: float


class Claim(NamedTuple):
    """One of the values that a property has for a subject: claim key, statement IRI, confidence."""

    key: str
    statement: str
    confidence: float


def normalised_quote(quote: str) -> str:
    """A quote without case, punctuation, width and spacing, so that copies of it are equal.

    >>> normalised_quote("“Ada  Lovelace” was\\n born.")
    'ada lovelace was born'
    """
    return _NOT_A_WORD.sub(" ", unicodedata.normalize("NFKC", quote).casefold()).strip()


def confidence(supports: Iterable[Support]) -> float:
    """The confidence of a claim from all that support it: noisy-or over independent documents.

    `1 - prod(1 - s)` over groups of documents, where `s` is the best score in the group. Documents
    that share a normalised quote form one group, for a copy is no second witness. Six decimals.

    >>> twice = [Support("a", "He was born in Ulm.", 0.8), Support("b", "Ulm is where he was born.", 0.5)]
    >>> confidence(twice)
    0.9
    >>> confidence([*twice, Support("c", "he was born in Ulm", 0.7)])
    0.9
    >>> confidence([])
    0.0
    """
    leader: dict[str, str] = {}

    def find(node: str) -> str:
        while leader.setdefault(node, node) != node:
            leader[node] = node = leader[leader[node]]
        return node

    best: dict[str, float] = {}
    for document, quote, score in supports:
        best[document] = max(score, best.get(document, 0.0))
        leader[find(f"quote {normalised_quote(quote)}")] = find(f"document {document}")
    groups: dict[str, float] = {}
    for document, score in best.items():
        group = find(f"document {document}")
        groups[group] = max(score, groups.get(group, 0.0))
    doubt = 1.0
    for score in sorted(groups.values()):
        doubt *= 1.0 - score
    return round(1.0 - doubt, 6)


def preferred(claims: Iterable[Claim]) -> str | None:
    """The key of the claim that a property of one value prefers, or None where there is no choice.

    The highest confidence wins, among equals the smallest statement IRI.

    >>> preferred([Claim("k1", "s1", 0.6), Claim("k2", "s2", 0.9)])
    'k2'
    >>> preferred([Claim("k1", "s1", 0.6), Claim("k1", "s2", 0.6)]) is None
    True
    """
    listed = sorted(claims, key=lambda claim: (-claim.confidence, claim.statement))
    return listed[0].key if len({claim.key for claim in listed}) > 1 else None

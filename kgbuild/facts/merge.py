"""How sure the documents together make a claim, and which of several claims is preferred.

In go the supports of claims, out come numbers and choices: pure functions, of which the result
does not depend on the order of the input.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from kgbuild.facts.timeline import refines
from kgbuild.records import TimeValue

_NOT_A_WORD = re.compile(r"[\W_]+")


class Support(NamedTuple):
    """One sentence that says a claim: the document's URI, the quote and its score in [0, 1]."""

    document: str
    quote: str
    score: float


class Belief(NamedTuple):
    """What the documents make of a claim: its confidence, and how many independent ones say it."""

    confidence: float
    witnesses: int


NOT_SAID = Belief(0.0, 0)


class Claim(NamedTuple):
    """One of the values that a property has for a subject; `moment` is the value of a date.

    `key` is the claim key and `value` the value as text, by which claims are put in order.
    """

    key: str
    value: str
    belief: Belief
    moment: TimeValue | None = None


def normalised_quote(quote: str) -> str:
    """A quote without case, punctuation, width and spacing, so that copies of it are equal.

    >>> normalised_quote("“Ada  Lovelace” was\\n born.")
    'ada lovelace was born'
    """
    return _NOT_A_WORD.sub(" ", unicodedata.normalize("NFKC", quote).casefold()).strip()


def believe(supports: Iterable[Support], copies: Iterable[tuple[str, str]] = ()) -> Belief:
    """How sure the documents make a claim, from all that support it: noisy-or over independent ones.

    `1 - prod(1 - s)` over groups of documents, where `s` is the best score in the group. Documents
    that share a normalised quote form one group, and so do `copies`, the pairs of near-duplicates
    among them: a copy is no second witness. Six decimals.

    >>> twice = [Support("a", "He was born in Ulm.", 0.8), Support("b", "Ulm is where he was born.", 0.5)]
    >>> believe(twice)
    Belief(confidence=0.9, witnesses=2)
    >>> believe([*twice, Support("c", "he was born in Ulm", 0.7)]).witnesses
    2
    >>> believe(twice, [("a", "b")])
    Belief(confidence=0.8, witnesses=1)
    """
    supports = tuple(supports)
    if len(supports) == 1:
        return Belief(round(1.0 - (1.0 - supports[0].score), 6), 1)
    leader: dict[str, str] = {}

    def find(node: str) -> str:
        while leader.setdefault(node, node) != node:
            leader[node] = node = leader[leader[node]]
        return node

    best: dict[str, float] = {}
    for document, quote, score in supports:
        best[document] = max(score, best.get(document, 0.0))
        leader[find(f"quote {normalised_quote(quote)}")] = find(f"document {document}")
    for one, other in copies:
        leader[find(f"document {one}")] = find(f"document {other}")
    groups: dict[str, float] = {}
    for document, score in best.items():
        group = find(f"document {document}")
        groups[group] = max(score, groups.get(group, 0.0))
    doubt = 1.0
    for score in sorted(groups.values()):
        doubt *= 1.0 - score
    return Belief(round(1.0 - doubt, 6), len(groups))


def preferred(claims: Iterable[Claim]) -> str | None:
    """The key of the claim that a property of one value prefers, or None where there is no choice.

    The highest confidence leads, among equals the most independent documents, then the most precise
    date, then the smallest value. Where the leader is a date, the best claim of those that say the
    same more precisely takes its place, as long as there is one: who says 1879 does not contradict
    14 March 1879.

    >>> preferred([Claim("k1", "a", Belief(0.6, 1)), Claim("k2", "b", Belief(0.9, 1))])
    'k2'
    >>> preferred([Claim("k1", "a", Belief(0.6, 1)), Claim("k1", "a", Belief(0.6, 1))]) is None
    True
    >>> year = Claim("k1", "1879-01-01", Belief(0.9, 2), TimeValue(1879))
    >>> day = Claim("k2", "1879-03-14", Belief(0.6, 1), TimeValue(1879, 3, 14, 11))
    >>> preferred([year, day])
    'k2'
    """
    listed = sorted(claims, key=_merit)
    if len({claim.key for claim in listed}) < 2:
        return None
    leader = listed[0]
    while finer := next((claim for claim in listed if _refines(claim, leader)), None):
        leader = finer
    return leader.key


def _merit(claim: Claim) -> tuple[float, int, int, str, str]:
    """What claims are ordered by, the best first; the key decides between a metre and a mile."""
    precision = claim.moment.precision if claim.moment else 0
    return -claim.belief.confidence, -claim.belief.witnesses, -precision, claim.value, claim.key


def _refines(claim: Claim, leader: Claim) -> bool:
    return claim.moment is not None and leader.moment is not None and refines(claim.moment, leader.moment)

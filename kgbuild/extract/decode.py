"""Scores to spans, relations and clusters: plain arithmetic on arrays, no network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TaggedSpan:
    """Words `first` to `last` (inclusive) with a label number and the mean probability of its tags."""

    first: int
    last: int
    label: int
    score: float


def tagged_spans(probabilities: Floats) -> list[TaggedSpan]:
    """The spans of the best tag sequence in which no inside tag follows another label's.

    `probabilities` is (words, tags). Viterbi over the BIO constraint.

    >>> tags = np.full((3, 13), 0.01, np.float32)
    >>> tags[0, 1], tags[1, 4], tags[1, 2], tags[2, 0] = 0.9, 0.5, 0.4, 0.9
    >>> [(span.first, span.last, span.label) for span in tagged_spans(tags)]
    [(0, 1, 0)]
    """
    if not len(probabilities):
        return []
    tags = _best(probabilities)
    spans: list[TaggedSpan] = []
    start = -1
    for position, tag in enumerate([*tags, 0]):
        inside = tag > 0 and tag % 2 == 0
        if start >= 0 and not inside:
            label = (tags[start] - 1) // 2
            sides = probabilities[start:position, 1 + 2 * label : 3 + 2 * label]
            spans.append(TaggedSpan(start, position - 1, label, float(sides.sum(1).mean())))
            start = -1
        if tag > 0 and not inside:
            start = position
    return spans


def _best(probabilities: Floats) -> list[int]:
    """The best tags one by one where they make a sequence that is allowed, or else by Viterbi."""
    single = probabilities.argmax(1)
    before = np.r_[0, single[:-1]]
    inside = (single > 0) & (single % 2 == 0)
    if (~inside | (before == single) | (before == single - 1)).all():
        return [int(tag) for tag in single]
    return _viterbi(np.log(np.maximum(probabilities, 1e-9)))


def _viterbi(scores: Floats) -> list[int]:
    count = scores.shape[1]
    allowed = np.zeros((count, count), np.float32)
    for inside in range(2, count, 2):
        allowed[:, inside] = -np.inf
        allowed[[inside - 1, inside], inside] = 0.0
    best = scores[0].copy()
    best[2::2] = -np.inf
    back = np.zeros((len(scores), count), np.int64)
    for position in range(1, len(scores)):
        total = best[:, None] + allowed
        back[position] = total.argmax(0)
        best = total.max(0) + scores[position]
    path = [int(best.argmax())]
    for position in range(len(scores) - 1, 0, -1):
        path.append(int(back[position, path[-1]]))
    return path[::-1]


def clusters(count: int, antecedents: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Groups of two or more mentions joined by their antecedents (-1 for none), in order.

    >>> clusters(5, [-1, 0, -1, 1, 2])
    ((0, 1, 3), (2, 4))
    """
    root = list(range(count))

    def find(mention: int) -> int:
        while root[mention] != mention:
            root[mention] = root[root[mention]]
            mention = root[mention]
        return mention

    for mention, antecedent in enumerate(antecedents):
        if antecedent >= 0:
            a, b = find(mention), find(antecedent)
            root[max(a, b)] = min(a, b)
    return _grouped(find(mention) for mention in range(count))


def _grouped(roots: Iterable[int]) -> tuple[tuple[int, ...], ...]:
    members: dict[int, list[int]] = {}
    for mention, found in enumerate(roots):
        members.setdefault(found, []).append(mention)
    return tuple(tuple(group) for group in members.values() if len(group) > 1)

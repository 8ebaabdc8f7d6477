"""Tag probabilities to spans: a linear chain over BIO tags (Lafferty, McCallum & Pereira, ICML 2001).

The network scores each word by itself. The chain adds how sure those scores are and which tags follow one
another, fitted on development documents (`kgbuild.train.tagging`); without a fit it knows only that an inside
tag follows a tag of its label. Spans are those of the best sequence (Viterbi), and a span's score is
the probability that just these words are a mention of this label (forward-backward).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgbuild.extract.encode import Tokens
from kgbuild.extract.labels import TAGS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SURE = 0.998
"""Probability of "outside" by its own score from which a word parts the chain: what is left and right of it
then says nothing of one another."""
TINY = 1e-9
FORBIDDEN = -1e4
"""Logarithm of the weight of what never follows."""


@dataclass(frozen=True, slots=True)
class TagCalibration:
    """A fitted chain: a word's tag scores `scale` times the logarithm of its probability, plus `shift`.

    `shift` (tags,), `first` (tags,) for a sentence's first word, and `following` (tags, tags) from a tag to
    the next; empty ones are zeros.
    """

    scale: float = 1.0
    shift: tuple[float, ...] = ()
    first: tuple[float, ...] = ()
    following: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class TaggedSpan:
    """Words `first` to `last` (inclusive) with a label number, and the probability of just this span."""

    first: int
    last: int
    label: int
    score: float


@dataclass(frozen=True, slots=True)
class WordTags:
    """The words of a document: code points `start` and `end` (words,), `probabilities` of tags (words, tags),
    and `bounds`, the numbers of the words at which sentences begin."""

    start: Ints
    end: Ints
    probabilities: NDArray[np.float32]
    bounds: tuple[int, ...]

    @classmethod
    def of(cls, tokens: Tokens, tags: NDArray[np.float32], breaks: Sequence[int]) -> WordTags:
        """Those of word pieces, with their tags (pieces, tags); sentences start at `breaks`."""
        first = np.flatnonzero(tokens.first)
        last = np.r_[first[1:], len(tokens.ids)] - 1 if len(first) else first
        bounds = np.searchsorted(tokens.start[first], np.asarray(breaks, np.int64))
        return cls(tokens.start[first], tokens.end[last], tags[first], tuple(bounds.tolist()))


def constraint() -> Floats:
    """0 for what may follow, FORBIDDEN elsewhere: (tags + 1, tags), the last row for a sentence's start."""
    allowed = np.zeros((len(TAGS) + 1, len(TAGS)))
    for inside in range(2, len(TAGS), 2):
        allowed[:, inside] = FORBIDDEN
        allowed[[inside - 1, inside], inside] = 0.0
    return allowed


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of neighbouring words, longest first: all (runs,).

    `opens` marks those that begin a sentence, `closes` those that end one; all others have a word
    outside of any mention on that side.
    """

    begin: Ints
    length: Ints
    opens: NDArray[np.bool_]
    closes: NDArray[np.bool_]

    @classmethod
    def of(cls, sure: NDArray[np.bool_], bounds: Sequence[int]) -> Runs:
        """The runs of words that are not surely outside; `bounds` are the first words of sentences."""
        count = len(sure)
        starts = np.zeros(count + 1, bool)
        starts[[each for each in bounds if each < count]] = True
        starts[[0, count]] = True
        edge = starts[:count] | np.r_[True, sure[:-1]]
        begin = np.flatnonzero(edge & ~sure)
        breaks = np.flatnonzero(np.r_[edge | sure, True])
        end = breaks[np.searchsorted(breaks, begin, side="right")]
        order = np.argsort(begin - end, kind="stable")
        begin, end = begin[order], end[order]
        return cls(begin, end - begin, starts[begin], starts[end])

    def steps(self) -> Iterator[Ints]:
        """Word numbers of all first words, then of all second ones, and so on; longest runs first."""
        longest = int(self.length[0]) if len(self.length) else 0
        for step in range(longest):
            reach = int(np.searchsorted(-self.length, -step, side="left"))
            yield self.begin[:reach] + step


class TagChain:
    """Decodes the words of a document, sentence by sentence."""

    def __init__(self, calibration: TagCalibration | None = None) -> None:
        fitted = calibration or TagCalibration()
        tags = len(TAGS)
        self._scale = fitted.scale
        self._shift = np.array(fitted.shift or [0.0] * tags)
        moves = np.zeros((tags, tags)) if not fitted.following else np.array(fitted.following)
        opening = np.array(fitted.first or [0.0] * tags)
        self._moves = np.r_[moves, opening[None]] + constraint()

    def spans(self, probabilities: NDArray[np.float32], bounds: Sequence[int]) -> list[TaggedSpan]:
        """The spans of the best tags in order: `probabilities` (words, tags), `bounds` as in `WordTags`.

        >>> tags = np.full((3, 13), 0.01, np.float32)
        >>> tags[0, 1], tags[1, 4], tags[1, 2], tags[2, 0] = 0.9, 0.5, 0.4, 0.9
        >>> [(span.first, span.last, span.label) for span in TagChain().spans(tags, [0])]
        [(0, 1, 0)]
        """
        if not len(probabilities):
            return []
        scores = self._scale * np.log(np.maximum(probabilities, TINY).astype(np.float64)) + self._shift
        weights = np.exp(scores - scores.max(1, keepdims=True))
        runs = Runs.of(weights[:, 0] >= SURE * weights.sum(1), bounds)
        return self._scored(self._best(scores, runs), weights, runs)

    def _openings(self, runs: Runs) -> Floats:
        """What each run's first word begins with, (runs, tags)."""
        opening: Floats = self._moves[np.where(runs.opens, len(self._moves) - 1, 0)]
        return opening

    def _best(self, scores: Floats, runs: Runs) -> Ints:
        """The best tag of each word, (words,): Viterbi's algorithm over all runs at once."""
        best, back = scores.copy(), np.zeros(scores.shape, np.int64)
        steps = list(runs.steps())
        moves = self._moves[:-1]
        for number, words in enumerate(steps):
            if number:
                told = best[words - 1][:, :, None] + moves
                back[words] = told.argmax(1)
                best[words] += told.max(1)
            else:
                best[words] += self._openings(runs)
        tags = np.zeros(len(scores), np.int64)
        last = runs.begin + runs.length - 1
        tags[last] = (best[last] + np.where(runs.closes[:, None], 0.0, moves[:, 0])).argmax(1)
        for words in reversed(steps[1:]):
            tags[words - 1] = back[words, tags[words]]
        return tags

    def _scored(self, tags: Ints, weights: Floats, runs: Runs) -> list[TaggedSpan]:
        """The spans of some tags, each with its probability."""
        moves = np.exp(self._moves)
        forward, backward, total = self._sums(weights, moves, runs)
        first = np.flatnonzero(tags % 2 == 1)
        inside = np.r_[(tags > 0) & (tags % 2 == 0), False]
        ends = np.flatnonzero(~inside)
        last = ends[np.searchsorted(ends, first, side="right")] - 1
        ending = np.zeros(len(weights), bool)
        ending[runs.begin + runs.length - 1] = True
        opens = tags[first]
        tag, chance = opens.copy(), forward[first, opens]
        for step in range(1, int((last - first).max(initial=0)) + 1):
            longer = np.flatnonzero(first + step <= last)
            words, goes_on = first[longer] + step, opens[longer] + 1
            chance[longer] *= moves[tag[longer], goes_on] * weights[words, goes_on] / total[words]
            tag[longer] = goes_on
        closed = ending[last]
        chance[closed] *= backward[last[closed], tag[closed]]
        after = last[~closed] + 1
        onward = moves[tag[~closed]] * weights[after] * backward[after]
        goes_on = np.take_along_axis(onward, opens[~closed, None] + 1, 1)[:, 0]
        chance[~closed] *= (onward.sum(1) - goes_on) / total[after]
        told = (first, last, (opens - 1) // 2, np.minimum(chance, 1.0))
        return [TaggedSpan(*span) for span in zip(*(each.tolist() for each in told), strict=True)]

    def _sums(self, weights: Floats, moves: Floats, runs: Runs) -> tuple[Floats, Floats, Floats]:
        """Forward and backward sums, each word's scaled as in Rabiner (1989), and the scales.

        (words, tags), (words, tags), (words,): their product at a word is the probability of its tags.
        """
        forward, backward = weights.copy(), np.ones_like(weights)
        total = np.ones(len(weights))
        steps = list(runs.steps())
        for number, words in enumerate(steps):
            forward[words] *= forward[words - 1] @ moves[:-1] if number else np.exp(self._openings(runs))
            total[words] = forward[words].sum(1)
            forward[words] /= total[words][:, None]
        last = runs.begin + runs.length - 1
        backward[last] = np.where(runs.closes[:, None], 1.0, moves[:-1, 0])
        backward[last] /= (forward[last] * backward[last]).sum(1, keepdims=True)
        for words in reversed(steps[1:]):
            told = weights[words] * backward[words] / total[words][:, None]
            backward[words - 1] = told @ moves[:-1].T
        return forward, backward, total

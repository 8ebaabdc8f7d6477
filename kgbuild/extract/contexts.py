"""Mentions with what the encoder made of them and the words around, which linkers compare with entities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from kgbuild.extract.encoding import Encoded
from kgbuild.extract.mentions import Found
from kgbuild.records import Mention

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

AROUND = 40
"""Word pieces on each side of a mention that are its context."""


def with_contexts(found: Found, encoded: Sequence[Encoded]) -> Found:
    """The mentions with their vectors: the mean of their own pieces' hidden states, and of those around.

    A piece counts as in the window in which it has most context. Vectors are (2 * hidden,) in float16.
    """
    if not encoded:
        return found
    states = _states(encoded)
    first = np.minimum(found.first, len(states) - 1)
    last = np.clip(found.last, first, len(states) - 1)
    around = _means(states, np.maximum(first - AROUND, 0), np.minimum(last + AROUND, len(states) - 1))
    vectors = np.concatenate([_means(states, first, last), around], 1).astype("<f2")
    mentions = (
        Mention(each.start, each.end, each.text, each.label, each.score, vector.tobytes())
        for each, vector in zip(found.mentions, vectors, strict=True)
    )
    return replace(found, mentions=tuple(mentions))


def _means(states: Floats, first: Ints, last: Ints) -> Floats:
    """Means over ranges of rows, first to last (inclusive): (ranges, hidden)."""
    lengths = last + 1 - first
    ends = lengths.cumsum()
    inside = np.arange(lengths.sum()) + np.repeat(last + 1 - ends, lengths)
    rows, values, begins = map(torch.from_numpy, (inside, states, ends - lengths))
    means: Floats = functional.embedding_bag(rows, values, begins, mode="mean").numpy()
    return means


def _states(encoded: Sequence[Encoded]) -> Floats:
    """Hidden states of a document's word pieces, (pieces, hidden)."""
    states = np.zeros((encoded[-1].end, encoded[0].hidden.shape[1]), np.float32)
    room = np.full(len(states), -1)
    for window in encoded:
        inside = np.arange(window.end - window.begin)
        context = np.minimum(inside, inside[::-1])
        better = context > room[window.begin : window.end]
        states[window.begin : window.end][better] = window.hidden[1:-1].float().numpy()[better]
        room[window.begin : window.end][better] = context[better]
    return states

"""Mentions with what the encoder made of them and the words around, which linkers compare with entities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kgbuild.extract.mentions import Found
from kgbuild.extract.ranges import gathered
from kgbuild.records import Mention

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

AROUND = 40
"""Word pieces on each side of a mention that are its context."""


def with_contexts(found: Found, hidden: Tensor) -> Found:
    """The mentions with their vectors: the mean of their own pieces' states, and of those around.

    `hidden` (pieces, hidden) are the document's; vectors are (2 * hidden,) in float16.
    """
    if not len(hidden):
        return found
    states = hidden.float()
    first = np.minimum(found.first, len(states) - 1)
    last = np.clip(found.last, first, len(states) - 1)
    around = _means(states, np.maximum(first - AROUND, 0), np.minimum(last + AROUND, len(states) - 1))
    vectors = np.concatenate([_means(states, first, last), around], 1).astype("<f2")
    mentions = (
        Mention(each.start, each.end, each.text, each.label, each.score, vector.tobytes())
        for each, vector in zip(found.mentions, vectors, strict=True)
    )
    return replace(found, mentions=tuple(mentions))


def _means(states: Tensor, first: Ints, last: Ints) -> Floats:
    """Means over ranges of rows, first to last (inclusive): (ranges, hidden)."""
    means: Floats = gathered(states, torch.from_numpy(first), torch.from_numpy(last), mode="mean").numpy()
    return means

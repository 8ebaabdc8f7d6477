"""Windows of one document scored together: those with about as many pairs, padded to one shape.

A group holds windows of a single document, so that what is read depends on that document alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kgbuild.extract.mentions import Found
from kgbuild.extract.network import Pairs, Spans
from kgbuild.extract.strings import matches

PAIRS_AT_ONCE = 4096
TOKENS_AT_ONCE = 8192
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A window: its tokens `begin`:`end` of the document, and `hidden` (tokens + 2, hidden)."""

    begin: int
    end: int
    hidden: Tensor


@dataclass(frozen=True, slots=True)
class Scene:
    """A window with the positions of its mentions (mentions,) and the pairs of them to score (pairs, 2)."""

    window: Encoded
    inside: Ints
    pairs: Ints


def inside(found: Found, window: Encoded) -> Ints:
    """Positions of the mentions that a window holds whole; mentions are in order of their first token."""
    low, high = np.searchsorted(found.first, (window.begin, window.end))
    held: Ints = np.flatnonzero(found.last[low:high] < window.end) + low
    return held


def groups(scenes: Sequence[Scene]) -> Iterator[tuple[int, ...]]:
    """Positions of the windows to score together, which hold a bounded number of pairs and tokens."""
    order = sorted(range(len(scenes)), key=lambda place: (len(scenes[place].pairs), place))
    group: list[int] = []
    longest = 0
    for place in order:
        tokens = max(longest, len(scenes[place].window.hidden))
        size = len(group) + 1
        if group and (size * len(scenes[place].pairs) > PAIRS_AT_ONCE or size * tokens > TOKENS_AT_ONCE):
            yield tuple(group)
            group, longest = [], 0
        group.append(place)
        longest = max(longest, len(scenes[place].window.hidden))
    if group:
        yield tuple(group)


def stacked(scenes: Sequence[Scene]) -> tuple[Tensor, Tensor]:
    """Hidden states in float32 (windows, tokens, hidden) and their mask (windows, tokens)."""
    longest = max(len(scene.window.hidden) for scene in scenes)
    width = scenes[0].window.hidden.shape[1]
    hidden = torch.zeros(len(scenes), longest, width)
    mask = torch.zeros(len(scenes), longest, dtype=torch.long)
    for row, scene in enumerate(scenes):
        size = len(scene.window.hidden)
        hidden[row, :size] = scene.window.hidden
        mask[row, :size] = 1
    return hidden, mask


def spans(scenes: Sequence[Scene], found: Found) -> Spans:
    """The windows' mentions, (windows, mentions)."""
    most = max(len(scene.inside) for scene in scenes)
    first, last, label, mask = (np.zeros((len(scenes), most), np.int64) for _ in range(4))
    for row, scene in enumerate(scenes):
        size = len(scene.inside)
        first[row, :size] = found.first[scene.inside] - scene.window.begin + 1
        last[row, :size] = found.last[scene.inside] - scene.window.begin + 1
        label[row, :size] = found.label[scene.inside]
        mask[row, :size] = 1
    return Spans(
        torch.from_numpy(first),
        torch.from_numpy(last),
        torch.from_numpy(label),
        torch.from_numpy(mask).bool(),
    )


def matched(scenes: Sequence[Scene], found: Found) -> Tensor:
    """String matches of the windows' mentions, (windows, mentions, mentions)."""
    most = max(len(scene.inside) for scene in scenes)
    result = np.zeros((len(scenes), most, most), np.int64)
    for row, scene in enumerate(scenes):
        size = len(scene.inside)
        result[row, :size, :size] = matches([found.mentions[each].text for each in scene.inside])
    return torch.from_numpy(result)


def pairs(scenes: Sequence[Scene]) -> Iterator[tuple[slice, Pairs]]:
    """Bounded runs of the windows' pairs, (windows, pairs), with the part of each window's that they are."""
    most = max(len(scene.pairs) for scene in scenes)
    chosen = np.zeros((2, len(scenes), most), np.int64)
    mask = np.zeros((len(scenes), most), bool)
    for row, scene in enumerate(scenes):
        chosen[:, row, : len(scene.pairs)] = scene.pairs.T
        mask[row, : len(scene.pairs)] = True
    for at in range(0, most, PAIRS_AT_ONCE):
        part = slice(at, at + PAIRS_AT_ONCE)
        subject, object_ = (torch.from_numpy(np.ascontiguousarray(side[:, part])) for side in chosen)
        yield part, Pairs(subject, object_, torch.from_numpy(np.ascontiguousarray(mask[:, part])))

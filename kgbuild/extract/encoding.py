"""A document as the network sees it: hidden states of its word pieces, and mentions in windows of these.

The encoder reads windows that share little; each is read by itself, so a state depends on no other
window, and in bfloat16 it is padded to a multiple of tokens. A piece's state is that of the window in which
it has most context. Mentions are paired in windows of these states that share more, which costs less than to
encode them again (docs/decisions/081).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kgbuild.extract.encode import Range, Tokens, windows
from kgbuild.extract.mentions import Found
from kgbuild.extract.model import Model
from kgbuild.extract.network import Spans, Window
from kgbuild.extract.precision import lacking

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reading:
    """A document's tokens and their states, and the `windows` in which mentions are paired.

    `hidden` (tokens, hidden) is kept as narrow as the encoder makes it; `frames` (windows of the encoder, 2,
    hidden) are the states of the tokens before and after, and `source` (tokens,) says which window each
    token's state is from.
    """

    tokens: Tokens
    hidden: Tensor
    frames: Tensor
    source: Ints
    windows: tuple[Range, ...]

    @classmethod
    def of(cls, model: Model, tokens: Tokens, breaks: Sequence[int]) -> Reading:
        """What a model makes of a document, in which sentences start at `breaks` (code points)."""
        config, count = model.config, len(tokens.ids)
        width, dtype = model.network.encoder_config.hidden_size, model.network.encoder.dtype
        ranges = windows(tokens, breaks, length=config.window, shared=config.overlap)
        source = nearest(ranges, count)
        hidden = torch.empty(count, width, dtype=dtype)
        frames = torch.empty(len(ranges), 2, width, dtype=dtype)
        for number, range_ in enumerate(ranges):
            states = encoded(model, tokens, range_)
            frames[number] = states[[0, -1]]
            low, high = np.searchsorted(source, (number, number + 1)).tolist()
            hidden[low:high] = states[low - range_.begin + 1 : high - range_.begin + 1]
        paired = windows(tokens, breaks, length=config.window, shared=config.stride)
        return cls(tokens, hidden, frames, source, tuple(paired))

    def states(self, window: Range) -> Tensor:
        """The states of a window's tokens between those of its frame, (tokens + 2, hidden)."""
        begin, end = window
        before, after = self.frames[self.source[begin], :1], self.frames[self.source[end - 1], 1:]
        return torch.cat([before, self.hidden[begin:end], after])


@dataclass(frozen=True, slots=True)
class Scene:
    """The mentions that a window holds: their positions in the document, and first and last token
    in the window, all (mentions,)."""

    window: Range
    inside: Ints
    first: Ints
    last: Ints


def nearest(ranges: Sequence[Range], count: int) -> Ints:
    """Which of some ranges that follow one another has most of the text around each token, (tokens,).

    >>> nearest([Range(0, 6), Range(4, 9)], 9).tolist()
    [0, 0, 0, 0, 0, 1, 1, 1, 1]
    """
    middles = [(before.end + after.begin + 1) // 2 for before, after in pairwise(ranges)]
    return np.searchsorted(middles, np.arange(count), side="right")


def encoded(model: Model, tokens: Tokens, range_: Range) -> Tensor:
    """The states of some tokens read by themselves, between those of their frame, (tokens + 2, hidden)."""
    (begin, end), frame = range_, model.text_encoder
    count, dtype = end - begin + 2, model.network.encoder.dtype
    padding = lacking(count, dtype)
    ids, shapes, mask = np.zeros((3, 1, count + padding), np.int64)
    ids[0, 0], ids[0, 1 : count - 1], ids[0, count - 1] = frame.begin, tokens.ids[begin:end], frame.end
    shapes[0, 1 : count - 1] = tokens.shapes[begin:end]
    mask[0, :count] = 1
    read = Window(
        torch.from_numpy(ids), torch.from_numpy(mask) if padding else None, torch.from_numpy(shapes)
    )
    return model.network.encode(read)[0, :count].to(dtype)


def scene(found: Found, window: Range) -> Scene:
    """The mentions that a window holds whole; mentions are in order of their first token."""
    low, high = np.searchsorted(found.first, window)
    held: Ints = np.flatnonzero(found.last[low:high] < window.end) + low
    shift = 1 - window.begin
    return Scene(window, held, found.first[held] + shift, found.last[held] + shift)


def spans(scene: Scene, found: Found) -> Spans:
    """A window's mentions for the network, all (1, mentions)."""
    first, last, label = (
        torch.from_numpy(each)[None] for each in (scene.first, scene.last, found.label[scene.inside])
    )
    return Spans(first, last, label, torch.ones_like(first, dtype=torch.bool))

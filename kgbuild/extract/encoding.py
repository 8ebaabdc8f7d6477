"""A document's windows as the network sees them: hidden states, tags, and the mentions inside.

Each window is encoded by itself, so a score depends on no other window; in bfloat16 it is padded to a
multiple of tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kgbuild.extract.encode import Tokens
from kgbuild.extract.mentions import Found
from kgbuild.extract.model import Model
from kgbuild.extract.network import JointNetwork, Spans, Window
from kgbuild.extract.precision import lacking

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A window: its tokens `begin`:`end` of the document, and `hidden` (tokens + 2, hidden).

    `hidden` is kept as narrow as the encoder makes it.
    """

    begin: int
    end: int
    hidden: Tensor


@dataclass(frozen=True, slots=True)
class Scene:
    """The mentions that a window holds: their positions in the document, and first and last token
    in the window, all (mentions,)."""

    window: Encoded
    inside: Ints
    first: Ints
    last: Ints


def encoded(model: Model, tokens: Tokens, begin: int, end: int) -> Encoded:
    """The window of some of a document's tokens."""
    text_encoder = model.text_encoder
    ids = np.r_[text_encoder.begin, tokens.ids[begin:end], text_encoder.end]
    shapes = np.r_[0, tokens.shapes[begin:end], 0]
    dtype = model.network.encoder.dtype
    padding = lacking(len(ids), dtype)
    mask = torch.from_numpy(np.r_[np.ones_like(ids), np.zeros(padding, np.int64)])[None] if padding else None
    padded = (torch.from_numpy(np.pad(each, (0, padding)))[None] for each in (ids, shapes))
    window = Window(next(padded), mask, next(padded))
    return Encoded(begin, end, model.network.encode(window)[0, : len(ids)].to(dtype))


def tag_probabilities(network: JointNetwork, windows: Sequence[Encoded], count: int) -> Floats:
    """Tag probabilities of each piece, (tokens, tags), from the window in which it has most context."""
    result = np.zeros((count, network.tagger.out_features), np.float32)
    room = np.full(count, -1)
    for window in windows:
        scores = network.tags(window.hidden[1:-1].float()).softmax(-1).numpy()
        inside = np.arange(window.end - window.begin)
        context = np.minimum(inside, inside[::-1])
        better = context > room[window.begin : window.end]
        result[window.begin : window.end][better] = scores[better]
        room[window.begin : window.end][better] = context[better]
    return result


def scene(found: Found, window: Encoded) -> Scene:
    """The mentions that a window holds whole; mentions are in order of their first token."""
    low, high = np.searchsorted(found.first, (window.begin, window.end))
    held: Ints = np.flatnonzero(found.last[low:high] < window.end) + low
    shift = 1 - window.begin
    return Scene(window, held, found.first[held] + shift, found.last[held] + shift)


def spans(scene: Scene, found: Found) -> Spans:
    """A window's mentions for the network, all (1, mentions)."""
    first, last, label = (
        torch.from_numpy(each)[None] for each in (scene.first, scene.last, found.label[scene.inside])
    )
    return Spans(first, last, label, torch.ones_like(first, dtype=torch.bool))

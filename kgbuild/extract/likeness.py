"""Pairs and the texts of properties compared as they stand: the same maps are applied to both.

A pair's vector and a property's come of different layers, which learn to agree on the properties that train;
nothing says what they make of another one. So a property without training data is told by three cosines
alone: one map is applied to what a pair attends to and to the property's text, another to each mention and to
the names of the classes at that end of the property (or its text, where the end is open), as in a Siamese
network (Bromley et al., NeurIPS 1993). That ends and contexts are matched apart is from RE-Matching (Zhao et
al., ACL 2023).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

CONTEXT, END, BIAS = 6.0, 3.0, -6.0
"""What the cosines of contexts and of ends count at first, and the logit where nothing is alike."""


class TextStates(NamedTuple):
    """What an encoder makes of properties' texts: `text` (properties, hidden) is the mean state of each,
    `context` (properties, attention) what the map of contexts makes of it; `domain` and `range`
    (properties, hidden) are the mean states of their classes' names, or `text` where an end is open."""

    text: Tensor
    context: Tensor
    domain: Tensor
    range: Tensor


class Likeness(nn.Module):
    """The parts of vectors whose products are the weighted cosines, and a bias by the property's text.

    `hidden` is the encoder's width, `attention` that of contexts, `width` that in which ends are compared.
    """

    def __init__(self, hidden: int, attention: int, width: int) -> None:
        super().__init__()
        self.context = nn.Linear(attention, attention)
        nn.init.eye_(self.context.weight)
        nn.init.zeros_(self.context.bias)
        self.end = nn.Linear(hidden, width)
        self.weight = nn.Parameter(torch.tensor([CONTEXT, END]))
        self.bias = nn.Linear(hidden, 1)
        nn.init.zeros_(self.bias.weight)
        nn.init.constant_(self.bias.bias, BIAS)

    def mentions(self, states: Tensor) -> Tensor:
        """Mentions as ends, (..., width), of the mean states (..., hidden) of their first and last tokens."""
        return _unit(self.end(states))

    def of_pairs(self, subject: Tensor, object_: Tensor, context: Tensor) -> Tensor:
        """What stands for pairs: their mentions as `mentions` has them, what they attend to, and a one."""
        alike = _unit(self.context(context.float()))
        return torch.cat([subject, object_, alike, torch.ones_like(alike[..., :1])], -1)

    def of_properties(self, states: TextStates) -> Tensor:
        """What stands for properties."""
        told, matched = self.weight
        ends = [matched * _unit(self.end(each)) for each in (states.domain, states.range)]
        alike = told * _unit(self.context(states.context))
        return torch.cat([*ends, alike, self.bias(states.text)], -1)


def _unit(vectors: Tensor) -> Tensor:
    """The vectors with a length of one, in float32."""
    return functional.normalize(vectors.float(), dim=-1)


def mean_ends(hidden: Tensor, first: Tensor, last: Tensor) -> Tensor:
    """The mean states (..., mentions, hidden) of the first and last tokens of mentions.

    `hidden` (..., tokens, hidden), `first` and `last` (..., mentions).
    """
    return (_at(hidden, first) + _at(hidden, last)) / 2


def _at(hidden: Tensor, places: Tensor) -> Tensor:
    """The states (..., tokens, hidden) at some places (..., mentions)."""
    return hidden.gather(-2, places[..., None].expand(*places.shape, hidden.shape[-1]))

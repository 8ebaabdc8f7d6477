"""Pairs and the texts of properties compared as they stand: the same maps are applied to both.

A pair's vector and a property's come of different layers, which learn to agree on the properties that train;
nothing says what they make of another one. Here one map takes what a pair attends to and the property's
text, another each mention and the classes at that end of the property, and what comes of each two is
compared by its cosine, as in a Siamese network (Bromley et al., NeurIPS 1993). That ends and contexts are
matched apart is from RE-Matching (Zhao et al., ACL 2023).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

CONTEXT, END = 4.0, 2.25
"""What the cosines of contexts and of ends count at first."""


class Likeness(nn.Module):
    """The parts of vectors whose products are the weighted cosines."""

    def __init__(self, hidden: int, width: int) -> None:
        super().__init__()
        self.end = nn.Linear(hidden, width)
        self.weight = nn.Parameter(torch.tensor([CONTEXT, END]))

    def mentions(self, hidden: Tensor, first: Tensor, last: Tensor) -> Tensor:
        """Mentions as ends, (..., mentions, width): what is made of their first and last tokens.

        `hidden` (..., tokens, hidden), `first` and `last` (..., mentions).
        """
        return _unit(self.end((_at(hidden, first) + _at(hidden, last)) / 2))

    def of_pairs(self, subject: Tensor, object_: Tensor, context: Tensor) -> Tensor:
        """What stands for pairs: their mentions as `mentions` has them, and what they attend to."""
        return torch.cat([subject, object_, _unit(context)], -1)

    def of_properties(self, context: Tensor, domain: Tensor, range_: Tensor) -> Tensor:
        """What stands for properties.

        `context` is what the map of contexts makes of their texts; `domain` and `range_` (properties, hidden)
        are the mean states of their classes' names, zeros where an end is not restricted.
        """
        told, matched = self.weight
        ends = [_unit(self.end(each)) * each.any(-1, keepdim=True) for each in (domain, range_)]
        return torch.cat([*(matched * each for each in ends), told * _unit(context)], -1)


def _unit(vectors: Tensor) -> Tensor:
    """The vectors with a length of one, in float32."""
    return functional.normalize(vectors.float(), dim=-1)


def _at(hidden: Tensor, places: Tensor) -> Tensor:
    """The states (..., tokens, hidden) at some places (..., mentions)."""
    return hidden.gather(-2, places[..., None].expand(*places.shape, hidden.shape[-1]))

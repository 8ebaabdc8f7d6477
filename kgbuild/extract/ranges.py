"""Maxima and means over ranges of rows, as of the tokens of mentions and of what lies between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional


def gathered(values: Tensor, first: Tensor, last: Tensor, *, mode: Literal["max", "mean"]) -> Tensor:
    """Maxima or means over the rows first to last (inclusive; ranges,) of `values` (rows, width).

    Takes each range by itself, which suits short ones. Those with last < first give zeros. Returns
    (ranges, width).
    """
    lengths = (last + 1 - first).clamp(min=0)
    ends = lengths.cumsum(0)
    begins = ends - lengths
    inside = torch.arange(int(lengths.sum()), device=values.device)
    return functional.embedding_bag(
        inside + (first - begins).repeat_interleave(lengths), values, begins, mode=mode
    )


@dataclass(frozen=True, slots=True)
class MaximumTable:
    """A sparse table over rows: the maximum of any range of them by two look-ups, whatever its length.

    `rows` (levels · count, width): level n holds at each row the maximum of it and the 2^n - 1 behind it.
    """

    rows: Tensor
    count: int

    @classmethod
    def of(cls, values: Tensor, longest: int | None = None) -> MaximumTable:
        """The table over `values` (rows, width), for ranges of at most `longest` rows; default: all."""
        count = len(values)
        levels = [values]
        reach = 1
        while reach * 2 <= (count if longest is None else min(longest, count)):
            previous = levels[-1]
            levels.append(torch.cat([torch.maximum(previous[:-reach], previous[reach:]), previous[-reach:]]))
            reach *= 2
        return cls(torch.cat(levels), count)

    def over(self, first: Tensor, last: Tensor) -> Tensor:
        """Maxima over each [first, last] (spans,): (spans, width); zeros where last < first."""
        lengths = last - first + 1
        level = torch.log2(lengths.clamp(min=1).float()).long()
        offset = level * self.count
        left = functional.embedding(offset + first.clamp(0, self.count - 1), self.rows)
        right = functional.embedding(offset + (last - (1 << level) + 1).clamp(0, self.count - 1), self.rows)
        return torch.maximum(left, right).masked_fill_((lengths < 1)[:, None], 0.0)


def range_maximum(values: Tensor, first: Tensor, last: Tensor) -> Tensor:
    """Maximum of `values` (batch, tokens, width) over each [first, last] (batch, spans).

    Spans with last < first give zeros. Returns (batch, spans, width).
    """
    batch, tokens, width = values.shape
    longest = int((last - first).max()) + 1 if first.numel() else 0
    if longest < 1:
        return values.new_zeros(batch, first.shape[1], width)
    rows = torch.arange(batch, device=values.device)[:, None] * tokens
    table = MaximumTable.of(values.flatten(0, 1), longest)
    # a range of one window never reaches into the next, whose rows follow it
    return table.over((first + rows).flatten(), (last + rows).flatten()).view(batch, -1, width)

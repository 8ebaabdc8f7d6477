"""Message passing over a window's mentions: structured prediction, in the field's words.

Each round is attention of mentions to mentions whose weights know the edge between them: how likely
the two are one entity (the network's own coreference logits), how alike they are written, and how
far apart they stand (relation-aware attention, Shaw et al., NAACL 2018). One head starts on
coreference, one on what is near, the others on the whole window. Messages are added to the mention,
and start at zero, so that a trained network can go on with them.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

HEADS = 4
COREFERENT, NEAR = 0, 1
LARGEST = 10.0
"""Coreference logits are cut to this size on edges."""


@dataclass(frozen=True, slots=True)
class Edges:
    """What lies between two mentions, all (batch, mentions, mentions), from the second to the first.

    `distance` is a bucket below `DISTANCES`, `match` a code below `STRING_MATCHES` (both of
    `kgbuild.extract.network`), `coreference` a logit, `open` whether a message may pass.
    """

    distance: Tensor
    match: Tensor
    coreference: Tensor
    open: Tensor


def edges(first: Tensor, mask: Tensor, scores: Tensor, *, distance: Tensor, match: Tensor) -> Edges:
    """The edges of a window's mentions: every two are joined, padding only to itself.

    `first` and `mask` are (batch, mentions); `scores` are antecedent logits, [b, j, i] of i as
    antecedent of j, which count both ways. No gradient flows into them.
    """
    later = first[:, :, None] > first[:, None, :]
    scores = scores.detach().float().clamp(-LARGEST, LARGEST)
    alone = torch.eye(first.shape[1], dtype=torch.bool, device=first.device)
    both_ways = torch.where(later, scores, scores.transpose(1, 2)).masked_fill(alone, 0.0)
    return Edges(distance, match, both_ways, mask[:, None, :] & mask[:, :, None] | alone)


class Round(nn.Module):
    """One exchange of messages."""

    def __init__(self, width: int, distances: int, matches: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.ends = nn.Linear(width, 3 * width)
        self.message = nn.Linear(width, width)
        self.distance = nn.Embedding(distances, HEADS)
        self.match = nn.Embedding(matches, HEADS)
        self.coreference = nn.Parameter(torch.zeros(HEADS))
        for part in (self.message.weight, self.message.bias, self.distance.weight, self.match.weight):
            nn.init.zeros_(part)
        with torch.no_grad():
            self.coreference[COREFERENT] = 1.0
            self.distance.weight[:, NEAR] = -2.0 * (torch.arange(distances) % (distances // 2))

    def forward(self, mentions: Tensor, edges: Edges) -> Tensor:
        """Mention vectors with what they were told, (batch, mentions, width)."""
        batch, count, width = mentions.shape
        ends = self.ends(self.norm(mentions)).view(batch, count, 3, HEADS, width // HEADS)
        query, key, value = ends.permute(2, 0, 3, 1, 4)
        weights = self.distance(edges.distance) + self.match(edges.match)
        weights = weights + edges.coreference[..., None] * self.coreference
        weights = weights.masked_fill(~edges.open[..., None], -torch.inf).permute(0, 3, 1, 2)
        told = functional.scaled_dot_product_attention(query, key, value, attn_mask=weights.to(query.dtype))
        told_of_all: Tensor = mentions + self.message(told.transpose(1, 2).flatten(2))
        return told_of_all


class Structure(nn.ModuleList):
    """Rounds of messages, none of which need be there."""

    def __init__(self, rounds: int, width: int, *, distances: int, matches: int) -> None:
        super().__init__(Round(width, distances, matches) for _ in range(rounds))

    def forward(self, mentions: Tensor, edges: Edges) -> Tensor:
        """Mention vectors after all rounds, (batch, mentions, width)."""
        for each in self:
            mentions = each(mentions, edges)
        return mentions

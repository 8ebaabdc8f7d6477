"""The network's own arithmetic."""

from __future__ import annotations

import torch

from kgbuild.extract.network import (
    Described,
    Pairs,
    Spans,
    Texts,
    Window,
    distance_bucket,
)

DESCRIBED = Described(
    Texts(torch.tensor([[2, 7, 8, 3]]), torch.tensor([[1, 1, 1, 1]])),
    Texts(torch.tensor([[0, 0, 0], [2, 5, 3]]), torch.tensor([[0, 0, 0], [1, 1, 1]])),
    torch.tensor([1]),
    torch.tensor([0]),
)
"""A property with a text and a domain, and no range."""


def test_distances_have_ten_buckets_and_a_side() -> None:
    buckets = distance_bucket(torch.arange(-200, 200))
    assert buckets.min() == 0
    assert buckets.max() == 9
    assert distance_bucket(torch.tensor([3, -3])).tolist() == [0, 5]


def scores(tiny_model, padding: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Tag, relation and coreference logits of a fixed window with some padding behind it."""
    network = tiny_model.network
    ids = torch.arange(5, 25)[None]
    ids = torch.cat([ids, torch.zeros(1, padding, dtype=torch.long)], 1)
    mask = (ids > 0).long()
    window = Window(ids, mask, mask)
    spans = Spans(
        torch.tensor([[1, 6, 12]]),
        torch.tensor([[3, 6, 14]]),
        torch.tensor([[0, 6, 2]]),
        torch.ones(1, 3).bool(),
    )
    pairs = Pairs(torch.tensor([[0, 2]]), torch.tensor([[2, 0]]), torch.ones(1, 2).bool())
    with torch.no_grad():
        hidden = network.encode(window)
        mentions = network.mentions(hidden, spans)
        properties = network.properties(DESCRIBED)
        relations = network.relations(network.pairs(hidden, mask, mentions, spans, pairs), properties)
        coreference = network.coreference(mentions, spans, torch.zeros(1, 3, 3, dtype=torch.long))
    return network.tags(hidden)[:, :20], relations, coreference


def test_padding_changes_nothing_and_direction_does(tiny_model) -> None:
    bare, padded = scores(tiny_model, 0), scores(tiny_model, 7)
    for one, other in zip(bare, padded, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    assert abs(float(bare[1][0, 0, 0] - bare[1][0, 1, 0])) > 1e-6

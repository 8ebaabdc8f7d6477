"""Messages between mentions: silent at first, then heard, and never from padding."""

from __future__ import annotations

import torch

from kgbuild.extract.structure import COREFERENT, NEAR, Edges, Structure, edges

WIDTH = 16


def structure(*, loud: bool) -> Structure:
    torch.manual_seed(3)
    made = Structure(2, WIDTH, distances=10, matches=6)
    if loud:
        for each in made:
            torch.nn.init.normal_(each.message.weight)
    return made.eval()


def joined(count: int, padding: int = 0, scores: torch.Tensor | None = None) -> Edges:
    total = count + padding
    first = torch.arange(total)[None] * (torch.arange(total) < count)
    mask = (torch.arange(total) < count)[None]
    codes = torch.zeros(1, total, total, dtype=torch.long)
    given = torch.zeros(1, total, total) if scores is None else scores
    return edges(first, mask, given, distance=codes, match=codes)


def test_new_rounds_change_nothing() -> None:
    mentions = torch.randn(1, 4, WIDTH)
    assert torch.equal(structure(loud=False)(mentions, joined(4)), mentions)


def test_padding_says_nothing_and_a_window_of_it_is_no_failure() -> None:
    mentions = torch.randn(1, 4, WIDTH)
    padded = torch.cat([mentions, torch.full((1, 3, WIDTH), 50.0)], 1)
    network = structure(loud=True)
    heard = network(padded, joined(4, 3))
    torch.testing.assert_close(heard[:, :4], network(mentions, joined(4)), rtol=1e-4, atol=1e-5)
    assert torch.isfinite(network(padded, joined(0, 7))).all()


def test_a_mention_hears_its_antecedent_and_the_antecedent_hears_it() -> None:
    scores = torch.full((1, 3, 3), -9.0)
    scores[0, 2, 0] = 9.0
    found = joined(3, scores=scores)
    assert found.coreference[0, 2, 0] == found.coreference[0, 0, 2] == 9
    assert found.coreference[0, 1, 1] == 0
    network = structure(loud=True)[0]
    with torch.no_grad():
        network.coreference[:] = network.coreference[COREFERENT]
        network.distance.weight.zero_()
    mentions = torch.randn(1, 3, WIDTH)
    changed = mentions.clone()
    changed[0, 0] = torch.randn(WIDTH)
    moved = (network(changed, found) - network(mentions, found)).abs().amax(-1)[0]
    assert moved[2] > 0.1
    assert moved[1] < 0.01


def test_one_head_starts_on_what_is_near() -> None:
    weight = structure(loud=False)[0].distance.weight
    assert weight[0, NEAR] == weight[5, NEAR] == 0
    assert weight[4, NEAR] == weight[9, NEAR] < weight[3, NEAR]

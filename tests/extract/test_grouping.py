"""Windows scored together: each in one group, bounded, padded without a trace."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.extract.grouping import (
    PAIRS_AT_ONCE,
    TOKENS_AT_ONCE,
    Encoded,
    Scene,
    groups,
    inside,
    pairs,
    spans,
    stacked,
)
from kgbuild.extract.mentions import Found
from kgbuild.extract.model import Model


def scene(tokens: int, count: int) -> Scene:
    numbers = np.arange(count, dtype=np.int64)
    window = Encoded(0, tokens - 2, torch.ones(tokens, 4))
    return Scene(window, np.zeros(1, np.int64), np.stack([numbers, numbers + 1], 1))


@given(st.lists(st.tuples(st.integers(3, 600), st.integers(0, 3 * PAIRS_AT_ONCE)), max_size=12))
def test_every_window_is_in_one_group_and_groups_are_bounded(sizes: list[tuple[int, int]]) -> None:
    scenes = [scene(*each) for each in sizes]
    found = list(groups(scenes))
    assert sorted(place for group in found for place in group) == list(range(len(scenes)))
    for group in found:
        most = max(len(scenes[place].pairs) for place in group)
        longest = max(len(scenes[place].window.hidden) for place in group)
        assert len(group) == 1 or len(group) * most <= PAIRS_AT_ONCE
        assert len(group) == 1 or len(group) * longest <= TOKENS_AT_ONCE


def test_padding_is_masked_and_long_windows_are_taken_in_parts() -> None:
    scenes = [scene(5, 2), scene(9, PAIRS_AT_ONCE + 1)]
    hidden, mask = stacked(scenes)
    assert mask.sum(1).tolist() == [5, 9]
    assert torch.equal(hidden.sum((1, 2)), torch.tensor([20.0, 36.0]))
    parts = list(pairs(scenes))
    assert [part.start for part, _ in parts] == [0, PAIRS_AT_ONCE]
    assert [held.mask.sum(1).tolist() for _, held in parts] == [[2, PAIRS_AT_ONCE], [0, 1]]
    assert int(parts[1][1].object[1, 0]) == PAIRS_AT_ONCE + 1


def test_windows_scored_together_score_what_they_score_alone(tiny_model: Model) -> None:
    network = tiny_model.network
    torch.manual_seed(1)
    found = Found(
        (),
        *(
            np.array(each, np.int64)
            for each in ([0, 3, 6, 9, 12], [1, 3, 7, 9, 13], [0, 1, 2, 0, 1], [1] * 5)
        ),
    )
    numbers = (np.array([0, 1]), np.array([2, 3, 4]))
    scenes = [
        Scene(
            Encoded(begin, end, torch.randn(end - begin + 2, 32)),
            held,
            np.argwhere(~np.eye(len(held), dtype=bool)),
        )
        for begin, end, held in ((0, 5, numbers[0]), (4, 16, numbers[1]))
    ]

    def vectors(given: list[Scene]) -> list[torch.Tensor]:
        hidden, mask = stacked(given)
        held = spans(given, found)
        ((_, chosen),) = pairs(given)
        with torch.inference_mode():
            scored = network.pairs(hidden, mask, network.mentions(hidden, held), held, chosen)
        return [scored[row, : len(each.pairs)] for row, each in enumerate(given)]

    together = vectors(scenes)
    for scene_, expected in zip(scenes, together, strict=True):
        assert torch.allclose(vectors([scene_])[0], expected, atol=1e-5)


def test_a_window_has_the_mentions_that_it_holds_whole() -> None:
    columns = (np.array(each, np.int64) for each in ([0, 3, 6, 9], [1, 4, 7, 12], [0] * 4, [1] * 4))
    found = Found((), *columns)
    assert inside(found, Encoded(0, 7, torch.zeros(9, 4))).tolist() == [0, 1]
    assert inside(found, Encoded(3, 13, torch.zeros(12, 4))).tolist() == [1, 2, 3]

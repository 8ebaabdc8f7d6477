"""Windows hold the mentions that lie whole in them, placed after the window's first token."""

from __future__ import annotations

import numpy as np
import torch

from kgbuild.extract.encoding import Encoded, scene, tag_probabilities
from kgbuild.extract.mentions import Found
from kgbuild.extract.model import Model


def test_a_window_has_the_mentions_that_it_holds_whole() -> None:
    columns = (np.array(each, np.int64) for each in ([0, 3, 6, 9], [1, 4, 7, 12], [0] * 4, [1] * 4))
    found = Found((), *columns)
    assert scene(found, Encoded(0, 7, torch.zeros(9, 4))).inside.tolist() == [0, 1]
    later = scene(found, Encoded(3, 13, torch.zeros(12, 4)))
    assert later.inside.tolist() == [1, 2, 3]
    assert later.first.tolist() == [1, 4, 7]
    assert later.last.tolist() == [2, 5, 10]


def test_a_tag_is_that_of_the_window_with_most_context(tiny_model: Model) -> None:
    network = tiny_model.network
    torch.manual_seed(0)
    windows = [Encoded(0, 8, torch.randn(10, 32)), Encoded(4, 12, torch.randn(10, 32))]
    with torch.inference_mode():
        found = tag_probabilities(network, windows, 12)
        first, second = (network.tags(each.hidden[1:-1]).softmax(-1).numpy() for each in windows)
    np.testing.assert_allclose(found, np.concatenate([first[:6], second[2:]]), atol=1e-6)

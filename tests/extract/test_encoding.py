"""Windows hold the mentions that lie whole in them, placed after the window's first token."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kgbuild.extract.encoding import Encoded, encoded, scene, tag_probabilities
from kgbuild.extract.mentions import Found
from kgbuild.extract.model import Model
from kgbuild.extract.network import Window


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


@pytest.mark.parametrize("count", [14, 15, 30])
def test_a_narrow_window_is_padded_and_comes_back_as_long_as_it_was(tiny_model: Model, count: int) -> None:
    text = "Ada met Bob in Rome on a day in May and they left for the sea and a long walk there together" * 2
    tokens = tiny_model.text_encoder.tokens(text)
    seen = []
    encode = tiny_model.network.encode

    def watched(window: Window) -> torch.Tensor:
        seen.append(window.ids.shape[1])
        return encode(window)

    with torch.inference_mode():
        for layer in tiny_model.network.encoder.encoder.layer:
            layer.attention.output.dense.weight.mul_(40.0)  # so that what is attended to tells
        wide = encoded(tiny_model, tokens, 2, 2 + count).hidden
        tiny_model.network.encoder.bfloat16()
        tiny_model.network.encode = watched  # type: ignore[method-assign]
        narrow = encoded(tiny_model, tokens, 2, 2 + count).hidden
    assert seen == [16 if count == 14 else 32]
    assert wide.shape == narrow.shape == (count + 2, 32)
    assert narrow.dtype == torch.bfloat16
    assert (wide - narrow.float()).abs().max() < 0.1

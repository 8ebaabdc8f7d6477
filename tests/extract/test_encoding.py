"""Windows hold the mentions that lie whole in them, placed after the window's first token."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kgbuild.extract.encode import Range, windows
from kgbuild.extract.encoding import Reading, encoded, scene
from kgbuild.extract.mentions import Found
from kgbuild.extract.model import Model
from kgbuild.extract.network import Window

LONG = "Ada met Bob in Rome on a day in May and they left for the sea and a long walk there together " * 8


def test_a_window_has_the_mentions_that_it_holds_whole() -> None:
    columns = (np.array(each, np.int64) for each in ([0, 3, 6, 9], [1, 4, 7, 12], [0] * 4, [1] * 4))
    found = Found((), *columns)
    assert scene(found, Range(0, 7)).inside.tolist() == [0, 1]
    later = scene(found, Range(3, 13))
    assert later.inside.tolist() == [1, 2, 3]
    assert later.first.tolist() == [1, 4, 7]
    assert later.last.tolist() == [2, 5, 10]


def test_a_state_is_that_of_the_window_with_most_context(tiny_model: Model) -> None:
    tokens = tiny_model.text_encoder.tokens(LONG)
    ranges = windows(tokens, [], length=48, shared=8)
    with torch.inference_mode():
        reading = Reading.of(tiny_model, tokens, [])
        alone = [encoded(tiny_model, tokens, each) for each in ranges]
    assert len(ranges) > 2
    source = reading.source.tolist()
    for place, number in enumerate(source):
        begin, end = ranges[number]
        assert torch.equal(reading.hidden[place], alone[number][place - begin + 1])
        context = [min(place - a, b - 1 - place) for a, b in ranges if a <= place < b]
        beyond = place < ranges[0].begin + 20 or place >= ranges[-1].end - 20
        assert beyond or min(place - begin, end - 1 - place) == max(context)
    assert sorted(set(source)) == list(range(len(ranges)))


def test_windows_of_pairs_are_of_the_states_that_were_read(tiny_model: Model) -> None:
    tokens = tiny_model.text_encoder.tokens(LONG)
    with torch.inference_mode():
        reading = Reading.of(tiny_model, tokens, [])
        alone = [encoded(tiny_model, tokens, each) for each in windows(tokens, [], length=48, shared=8)]
    assert list(reading.windows) == windows(tokens, [], length=48, shared=12)
    assert len(reading.windows) > len(alone), "those share more than those of the encoder"
    source = reading.source.tolist()
    for begin, end in reading.windows:
        states = reading.states(Range(begin, end))
        assert torch.equal(states[0], alone[source[begin]][0])
        assert torch.equal(states[1:-1], reading.hidden[begin:end])
        assert torch.equal(states[-1], alone[source[end - 1]][-1])
    assert any(source[begin] != source[end - 1] for begin, end in reading.windows), "one spans a seam"


def test_a_text_of_one_window_is_read_as_it_stands(tiny_model: Model) -> None:
    tokens = tiny_model.text_encoder.tokens("Ada met Bob in Rome")
    whole = Range(0, len(tokens.ids))
    with torch.inference_mode():
        reading = Reading.of(tiny_model, tokens, [])
        assert reading.windows == (whole,)
        assert torch.equal(reading.states(whole), encoded(tiny_model, tokens, whole))


def test_no_text_has_no_windows(tiny_model: Model) -> None:
    reading = Reading.of(tiny_model, tiny_model.text_encoder.tokens(""), [])
    assert reading.windows == ()
    assert reading.hidden.shape == (0, 32)


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
        wide = encoded(tiny_model, tokens, Range(2, 2 + count))
        tiny_model.network.encoder.bfloat16()
        tiny_model.network.encode = watched  # type: ignore[method-assign]
        narrow = encoded(tiny_model, tokens, Range(2, 2 + count))
    assert seen == [16 if count == 14 else 32]
    assert wide.shape == narrow.shape == (count + 2, 32)
    assert narrow.dtype == torch.bfloat16
    assert (wide - narrow.float()).abs().max() < 0.1

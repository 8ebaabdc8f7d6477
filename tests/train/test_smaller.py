"""A part of a trained model: fewer layers, heads of attention or neurons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from kgbuild.errors import ConfigurationError
from kgbuild.extract.model import Model, load_model, save_model
from kgbuild.extract.narrow import count_heads
from kgbuild.extract.network import Pairs, Window
from kgbuild.train.batches import Batch
from kgbuild.train.losses import Told
from kgbuild.train.smaller import _said, fewer_heads, smaller

HEADS, SIZE = 2, 16
CONTEXT_HEADS, CONTEXT_SIZE = 2, 4
VALUE = "encoder.encoder.layer.0.attention.self.value.weight"


def deep(model: Model, layers: int) -> Model:
    """The model with so many layers, each known by the bias of its output."""
    encoder = model.network.encoder
    stack = encoder.encoder
    while len(stack.layer) < layers:
        stack.layer.append(type(stack.layer[0])(encoder.config))
    encoder.config.num_hidden_layers = layers
    with torch.no_grad():
        for number, layer in enumerate(stack.layer, 1):
            layer.output.dense.bias.fill_(number)
    return model


def numbers(model: Model) -> list[float]:
    return [layer.output.dense.bias[0].item() for layer in model.network.encoder.encoder.layer]


@pytest.mark.parametrize(
    ("whole", "layers", "kept"),
    [
        (6, 3, [2, 4, 6]),
        (6, 2, [3, 6]),
        (6, 1, [6]),
        (6, 4, [2, 3, 5, 6]),
        (6, 6, [1, 2, 3, 4, 5, 6]),
        (2, 1, [2]),
    ],
)
def test_layers_are_kept_evenly_with_the_last(
    tiny_model: Model, whole: int, layers: int, kept: list[int]
) -> None:
    assert numbers(smaller(deep(tiny_model, whole), layers=layers)) == kept


def test_the_model_that_is_cut_from_stays(tiny_model: Model) -> None:
    before = {name: tensor.clone() for name, tensor in deep(tiny_model, 4).network.state_dict().items()}
    short = smaller(tiny_model, layers=2)
    assert numbers(tiny_model) == [1, 2, 3, 4]
    assert tiny_model.network.encoder_config.num_hidden_layers == 4
    with torch.no_grad():
        for each in short.network.parameters():
            each.add_(1.0)
    assert all(torch.equal(each, before[name]) for name, each in tiny_model.network.state_dict().items())


def test_all_but_the_layers_is_kept(tiny_model: Model, tmp_path: Path) -> None:
    with torch.no_grad():
        for each in tiny_model.network.parameters():
            each.copy_(torch.randn_like(each).bfloat16())
    before, short = tiny_model.network.state_dict(), smaller(tiny_model, layers=1)
    assert short.config == tiny_model.config
    save_model(short, tmp_path / "short")
    found = load_model(tmp_path / "short").network
    assert found.encoder_config.num_hidden_layers == 1
    for name, tensor in found.state_dict().items():
        assert torch.equal(tensor, before[name.replace("layer.0.", "layer.1.")])


@pytest.mark.parametrize(("key", "wanted", "there"), [("layers", 3, 2), ("inner", 65, 64)])
def test_more_than_there_is_is_refused(tiny_model: Model, key: str, wanted: int, there: int) -> None:
    with pytest.raises(
        ConfigurationError, match=f"{key} = {wanted}, but the encoder of tiny has {there}; give fewer"
    ):
        smaller(tiny_model, **{key: wanted})


def test_more_heads_than_are_left_are_refused(tiny_model: Model, batch: Batch) -> None:
    less = fewer_heads(tiny_model, batch, heads=1)
    with pytest.raises(ConfigurationError, match="heads = 2, but the encoder of tiny has 1; give fewer"):
        fewer_heads(less, batch, heads=2)


def test_neurons_that_weigh_most_are_kept(tiny_model: Model, tmp_path: Path) -> None:
    *_, layer = tiny_model.network.encoder.encoder.layer
    first, second = layer.intermediate.dense, layer.output.dense
    with torch.no_grad():
        for part in (first, second):
            part.weight.fill_(1.0)
        first.bias.copy_(torch.arange(64.0))
        first.weight[[3, 40]] = 4.0  # by what goes in
        second.weight[:, 20] = 3.0  # by what goes out
        second.weight[:, 40] = 0.125  # together less than the others
    small = smaller(tiny_model, inner=2)
    *_, kept = small.network.encoder.encoder.layer
    assert kept.intermediate.dense.bias.tolist() == [3.0, 20.0]
    assert kept.intermediate.dense.weight[:, 0].tolist() == [4.0, 1.0]
    assert kept.output.dense.weight[0].tolist() == [1.0, 3.0]
    assert first.weight.shape == (64, 32)
    assert tiny_model.network.encoder_config.intermediate_size == 64
    save_model(small, tmp_path / "small")
    found = load_model(tmp_path / "small").network
    assert found.encoder_config.intermediate_size == 2
    assert all(len(layer.output.dense.weight[0]) == 2 for layer in found.encoder.encoder.layer)


def test_neurons_without_weight_are_not_missed(tiny_model: Model, batch: Batch) -> None:
    with torch.no_grad():
        for layer in tiny_model.network.encoder.encoder.layer:
            layer.output.dense.weight[:, 8:] = 0.0
        whole, small = (
            each.network.encode(batch.window) for each in (tiny_model, smaller(tiny_model, inner=8))
        )
    assert torch.allclose(whole, small, atol=1e-6)


def attentions(model: Model) -> list[nn.Module]:
    return [layer.attention for layer in model.network.encoder.encoder.layer]


def marked(model: Model, loud: int) -> Model:
    """The model with one head of attention that says more than the other; each is known by its biases."""
    with torch.no_grad():
        for attention in attentions(model):
            for number in range(HEADS):
                place = slice(number * SIZE, (number + 1) * SIZE)
                for part in (attention.self.query, attention.self.key, attention.self.value):
                    part.bias[place] = float(number)
                attention.output.dense.weight[:, place] *= 3.0 if number == loud else 0.5
    return model


@pytest.mark.parametrize("loud", [0, 1])
def test_heads_that_say_most_are_kept(tiny_model: Model, batch: Batch, loud: int) -> None:
    whole = marked(tiny_model, loud)
    small = fewer_heads(whole, batch, heads=1)
    place = slice(loud * SIZE, (loud + 1) * SIZE)
    for before, after in zip(attentions(whole), attentions(small), strict=True):
        for name in ("query", "key", "value"):
            part, of = getattr(after.self, name), getattr(before.self, name)
            assert part.bias.tolist() == [float(loud)] * SIZE
            assert torch.equal(part.weight, of.weight[place])
        assert torch.equal(after.output.dense.weight, before.output.dense.weight[:, place])
        assert torch.equal(after.output.dense.bias, before.output.dense.bias)
        assert (before.self.query.out_features, after.self.query.out_features) == (HEADS * SIZE, SIZE)
        assert (before.output.dense.in_features, after.output.dense.in_features) == (HEADS * SIZE, SIZE)
        assert not after.output.dense._forward_pre_hooks
    assert (count_heads(whole.network.encoder), count_heads(small.network.encoder)) == (HEADS, 1)


def test_what_a_head_says_of_all_tokens_alike_is_not_counted(tiny_model: Model, batch: Batch) -> None:
    with torch.no_grad():
        for attention in attentions(tiny_model):
            attention.self.value.weight.mul_(20.0)[:SIZE] = 0.0
            attention.self.value.bias[:SIZE] = 50.0
    small = fewer_heads(tiny_model, batch, heads=1)
    for before, after in zip(attentions(tiny_model), attentions(small), strict=True):
        assert torch.equal(after.self.value.weight, before.self.value.weight[SIZE:])


def test_what_heads_say_of_padding_is_not_counted(tiny_model: Model, batch: Batch) -> None:
    window, pairs = batch.window, batch.pairs
    padded = replace(
        batch,
        window=Window(
            *(nn.functional.pad(each, (0, 40)) for each in (window.ids, window.mask, window.shapes))
        ),
        pairs=Pairs(*(nn.functional.pad(each, (0, 9)) for each in (pairs.subject, pairs.object, pairs.mask))),
    )
    one, other = (_said(tiny_model.network, each) for each in (batch, padded))
    for said, also in zip(one, other, strict=True):
        assert torch.allclose(said, also, rtol=1e-3, atol=0.0)
    assert [len(said) for said in one] == [HEADS, HEADS, CONTEXT_HEADS]


def test_heads_that_say_nothing_are_not_missed(tiny_model: Model, batch: Batch, tmp_path: Path) -> None:
    with torch.no_grad():
        for each in tiny_model.network.parameters():
            each.copy_(torch.randn_like(each).bfloat16() / 4)
        for number, attention in enumerate(attentions(tiny_model)):
            silent = slice(number * SIZE, (number + 1) * SIZE)  # another in each layer
            attention.output.dense.weight[:, silent] = 0.0
        small = fewer_heads(tiny_model, batch, heads=1)
        save_model(small, tmp_path / "small")
        found = load_model(tmp_path / "small")
        one, two, three = (each.network.encode(batch.window) for each in (tiny_model, small, found))
    assert torch.allclose(one, two, atol=1e-5)
    assert torch.equal(two, three)
    assert count_heads(found.network.encoder) == 1
    again = fewer_heads(found, batch, heads=1)
    assert torch.equal(again.network.state_dict()[VALUE], found.network.state_dict()[VALUE])


def test_an_encoder_without_a_stack_of_layers_is_refused(tiny_model: Model, batch: Batch) -> None:
    tiny_model.network.encoder.encoder = nn.Identity()
    with pytest.raises(ConfigurationError, match="tiny: its encoder is of another kind than BERT's"):
        smaller(tiny_model, layers=1)
    with pytest.raises(ConfigurationError, match="leave out layers, heads and inner"):
        fewer_heads(tiny_model, batch, heads=1)


def contexts(model: Model) -> list[nn.Linear]:
    network = model.network
    return [network.query, network.key, network.context]


@pytest.mark.parametrize("loud", [0, 1])
def test_heads_of_contexts_that_say_most_are_kept(
    tiny_model: Model, batch: Batch, tmp_path: Path, loud: int
) -> None:
    around = tiny_model.network.around
    with torch.no_grad():
        for number in range(CONTEXT_HEADS):
            place = slice(number * CONTEXT_SIZE, (number + 1) * CONTEXT_SIZE)
            for part in contexts(tiny_model):
                part.bias[place] = float(number)
            around.weight[:, place] *= 3.0 if number == loud else 0.5
    small = fewer_heads(tiny_model, batch, context_heads=1)
    place = slice(loud * CONTEXT_SIZE, (loud + 1) * CONTEXT_SIZE)
    for before, after in zip(contexts(tiny_model), contexts(small), strict=True):
        assert after.bias.tolist() == [float(loud)] * CONTEXT_SIZE
        assert torch.equal(after.weight, before.weight[place])
    kept = small.network.around.weight
    assert torch.equal(kept[:, :CONTEXT_SIZE], around.weight[:, place])
    assert torch.equal(kept[:, CONTEXT_SIZE:], around.weight[:, CONTEXT_HEADS * CONTEXT_SIZE :])
    assert (around.in_features, small.network.around.in_features) == (16, 12)
    assert small.config.network == small.network.config
    assert (small.config.network.attention, small.config.network.attention_heads) == (CONTEXT_SIZE, 1)
    assert tiny_model.config.network.attention_heads == CONTEXT_HEADS
    assert count_heads(small.network.encoder) == HEADS
    with pytest.raises(ConfigurationError, match="context_heads = 2, but the encoder of tiny has 1"):
        fewer_heads(small, batch, context_heads=2)


def test_heads_of_contexts_that_say_nothing_are_not_missed(
    tiny_model: Model, batch: Batch, tmp_path: Path
) -> None:
    with torch.no_grad():
        for each in tiny_model.network.parameters():
            each.copy_(torch.randn_like(each).bfloat16() / 4)
        tiny_model.network.around.weight[:, :CONTEXT_SIZE] = 0.0
    small = fewer_heads(tiny_model, batch, context_heads=1)
    save_model(small, tmp_path / "small")
    found = load_model(tmp_path / "small")
    properties = torch.ones(batch.relations.targets.shape[1], tiny_model.network.config.compared + 1)
    one, two, three = (
        Told.by(each.network.eval(), batch, [properties]).relations[0] for each in (tiny_model, small, found)
    )
    assert torch.allclose(one, two, atol=1e-5)
    assert torch.equal(two, three)

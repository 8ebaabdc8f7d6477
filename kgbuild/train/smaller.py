"""A trained model with a part of its encoder: fewer layers, heads of attention or neurons."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from kgbuild.errors import ConfigurationError, ModelError
from kgbuild.extract.model import Model
from kgbuild.extract.narrow import count_heads, keep_columns, keep_heads, keep_rows, layers_of
from kgbuild.extract.network import JointNetwork, Window


def smaller(model: Model, *, layers: int = 0, inner: int = 0) -> Model:
    """The model with so many layers of its encoder, evenly and its last among them (DistilBERT, Sanh et al.,
    2019), of whose feed-forward parts those of `inner` neurons are kept that weigh most; 0 keeps all.

    Raises ConfigurationError where it has fewer, or its encoder is not of BERT's kind.
    """
    network = copy.deepcopy(model.network)
    whole, sizes = _layers(model, network), network.encoder_config
    _refuse_more(model, "layers", layers, len(whole))
    _refuse_more(model, "inner", inner, sizes.intermediate_size)
    if layers:
        last = {-(-number * len(whole) // layers) - 1 for number in range(1, layers + 1)}
        for number in reversed(range(len(whole))):
            if number not in last:
                del whole[number]
        sizes.num_hidden_layers = layers
    if inner:
        for layer in whole:
            _narrow(layer, inner)
        sizes.intermediate_size = inner
    return replace(model, network=network)


def fewer_heads(model: Model, heads: int, window: Window) -> Model:
    """The model of whose heads of attention, layer by layer, those are kept that say most in some windows.

    How great a head's weights are tells less than chance which is missed (docs/decisions/087).
    Raises ConfigurationError as `smaller` does.
    """
    network = copy.deepcopy(model.network)
    _layers(model, network)
    _refuse_more(model, "heads", heads, count_heads(network.encoder))
    kept = [said.topk(heads).indices.tolist() for said in _said(network, window)]
    keep_heads(network.encoder, kept)
    return replace(model, network=network)


def _layers(model: Model, network: JointNetwork) -> nn.ModuleList:
    try:
        return layers_of(network.encoder)
    except ModelError as error:
        raise ConfigurationError(f"{model.config.name}: {error}; leave out layers, heads and inner") from None


def _refuse_more(model: Model, key: str, wanted: int, there: int) -> None:
    if wanted > there:
        raise ConfigurationError(
            f"{key} = {wanted}, but the encoder of {model.config.name} has {there}; give fewer"
        )


@torch.no_grad()
def _said(network: JointNetwork, window: Window) -> list[Tensor]:
    """How much each layer's heads say, (heads,): the variance over tokens of what they add to states."""
    found: list[Tensor] = []

    def look(output: Any, given: tuple[Any, ...]) -> None:
        (states,) = given
        states = states.flatten(0, 1) if window.mask is None else states[window.mask.bool()]
        parts = states.float().view(len(states), count_heads(network.encoder), -1).transpose(0, 1)
        weights = output.weight.T.view(len(parts), -1, output.out_features)
        found.append((parts @ weights).var(1).sum(-1))

    outputs = [layer.get_submodule("attention.output.dense") for layer in layers_of(network.encoder)]
    hooks = [output.register_forward_pre_hook(look) for output in outputs]
    network.encode(window)
    for hook in hooks:
        hook.remove()
    return found


def _narrow(layer: Any, width: int) -> None:
    """Keep of a layer's neurons those whose weights are greatest, in and out."""
    first, second = layer.intermediate.dense, layer.output.dense
    weight = first.weight.norm(dim=1) * second.weight.norm(dim=0)
    kept = weight.topk(width).indices
    keep_rows(first, kept)
    keep_columns(second, kept)

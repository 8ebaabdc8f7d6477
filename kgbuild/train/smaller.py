"""A trained model with a part of its network: fewer layers, heads of attention or neurons."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from kgbuild.errors import ConfigurationError, ModelError
from kgbuild.extract.model import Model
from kgbuild.extract.narrow import count_heads, keep_columns, keep_heads, keep_rows, layers_of
from kgbuild.extract.network import JointNetwork
from kgbuild.train.batches import Batch


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


def fewer_heads(model: Model, batch: Batch, *, heads: int = 0, context_heads: int = 0) -> Model:
    """The model with so many heads of attention in each layer of its encoder, and so many with which pairs
    attend to their window: those that say most in a batch. 0 keeps all.

    How great a head's weights are tells less than chance which is missed (docs/decisions/087).
    Raises ConfigurationError as `smaller` does.
    """
    network = copy.deepcopy(model.network)
    _layers(model, network)
    _refuse_more(model, "heads", heads, count_heads(network.encoder))
    _refuse_more(model, "context_heads", context_heads, network.config.attention_heads)
    *of_layers, of_contexts = _said(network, batch)
    if heads:
        keep_heads(network.encoder, [said.topk(heads).indices.tolist() for said in of_layers])
    if context_heads:
        _keep_context_heads(network, of_contexts.topk(context_heads).indices)
    return replace(model, network=network, config=replace(model.config, network=network.config))


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
def _said(network: JointNetwork, batch: Batch) -> list[Tensor]:
    """How much heads say, (heads,) each: those of every layer in turn, and at last those of contexts."""
    found: list[Tensor] = []
    heads, sizes, mask = count_heads(network.encoder), network.config, batch.window.mask

    def in_layer(output: Any, given: tuple[Any, ...]) -> None:
        (states,) = given
        found.append(_added(output, states.flatten(0, 1) if mask is None else states[mask.bool()], heads))

    def of_contexts(around: Any, given: tuple[Any, ...]) -> None:
        (beside,) = given
        contexts = beside[batch.pairs.mask][:, : sizes.attention]
        found.append(_added(around, contexts, sizes.attention_heads))

    outputs = [layer.get_submodule("attention.output.dense") for layer in layers_of(network.encoder)]
    hooks = [output.register_forward_pre_hook(in_layer) for output in outputs]
    hooks.append(network.around.register_forward_pre_hook(of_contexts))
    hidden = network.encode(batch.window)
    mentions = network.read_mentions(hidden, batch.spans, batch.matches)
    network.pair_vectors(hidden, mask, mentions, batch.pairs)
    for hook in hooks:
        hook.remove()
    return found


def _added(part: nn.Linear, states: Tensor, heads: int) -> Tensor:
    """The variance over rows of what each head adds by a linear layer, (heads,): `states` (rows, width) are
    what all heads say, side by side, and the first of what the layer is given."""
    width = states.shape[1]
    said = states.float().view(len(states), heads, width // heads).transpose(0, 1)
    weights = part.weight[:, :width].T.reshape(heads, width // heads, part.out_features)
    return (said @ weights).var(1).sum(-1)


def _keep_context_heads(network: JointNetwork, kept: Tensor) -> None:
    """Leave of the heads with which pairs attend to their window those of some numbers."""
    sizes = network.config
    width = sizes.attention // sizes.attention_heads
    places = (kept[:, None] * width + torch.arange(width)).flatten()
    for part in (network.query, network.key, network.context):
        keep_rows(part, places)
    between = torch.arange(sizes.attention, network.around.in_features)
    keep_columns(network.around, torch.cat([places, between]))
    network.config = replace(sizes, attention=len(places), attention_heads=len(kept))


def _narrow(layer: Any, width: int) -> None:
    """Keep of a layer's neurons those whose weights are greatest, in and out."""
    first, second = layer.intermediate.dense, layer.output.dense
    weight = first.weight.norm(dim=1) * second.weight.norm(dim=0)
    kept = weight.topk(width).indices
    keep_rows(first, kept)
    keep_columns(second, kept)

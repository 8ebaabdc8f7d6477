"""Encoders of BERT's kind whose layers have fewer heads of attention than their width has room for.

Hugging Face's configuration knows no such encoder: its heads always share all of the width. So the width of
a head stays what that says, and how many of them are left stands beside it, as `kept_heads`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel

from kgbuild.errors import ModelError


def layers_of(encoder: PreTrainedModel) -> nn.ModuleList:
    """The layers of an encoder; ModelError where it is of another kind than BERT's."""
    found = getattr(getattr(encoder, "encoder", None), "layer", None)
    if not isinstance(found, nn.ModuleList):
        raise ModelError("its encoder is of another kind than BERT's, so nothing of it can be left out")
    return found


def count_heads(encoder: PreTrainedModel) -> int:
    """How many heads of attention each layer has."""
    found: int = getattr(encoder.config, "kept_heads", encoder.config.num_attention_heads)
    return found


def keep_heads(encoder: PreTrainedModel, kept: Sequence[Sequence[int]]) -> None:
    """Leave of each layer's heads those of the given numbers, as many in each."""
    for layer, numbers in zip(layers_of(encoder), kept, strict=True):
        attention: Any = layer.attention
        own, size = attention.self, attention.self.attention_head_size
        places = (torch.tensor(numbers)[:, None] * size + torch.arange(size)).flatten()
        for part in (own.query, own.key, own.value):
            keep_rows(part, places)
        keep_columns(attention.output.dense, places)
        encoder.config.kept_heads = len(numbers)


def as_configured(encoder: PreTrainedModel) -> PreTrainedModel:
    """An encoder just built, with as many heads as its configuration says were kept."""
    if (count := count_heads(encoder)) < encoder.config.num_attention_heads:
        keep_heads(encoder, [range(count)] * len(layers_of(encoder)))
    return encoder


@torch.no_grad()
def keep_rows(part: nn.Linear, places: torch.Tensor) -> None:
    """Leave of what a linear layer makes these."""
    part.weight, part.bias = nn.Parameter(part.weight[places]), nn.Parameter(part.bias[places])
    part.out_features = len(places)


@torch.no_grad()
def keep_columns(part: nn.Linear, places: torch.Tensor) -> None:
    """Leave of what a linear layer is given these."""
    part.weight = nn.Parameter(part.weight[:, places])
    part.in_features = len(places)

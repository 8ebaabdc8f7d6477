"""Attention (Vaswani et al., NeurIPS 2017), by torch's kernel or by plain products, whichever is faster.

In bfloat16 torch's kernel for processors takes twice the time of three whole products, which oneDNN makes,
and four times where gradients go back (docs/decisions/027).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import bidirectional_mask_function

from kgbuild.errors import ModelError

ATTENTION = "kgbuild"
"""The `attn_implementation` of a Hugging Face encoder that attends by `attended`."""
GREATEST = 64.0
"""Scores up to here go into exponentials as they are: sums of thousands of them are finite in bfloat16."""


def attended(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None, scale: float | None = None
) -> Tensor:
    """What each query attends to, (batch, heads, queries, width).

    `query` (batch, heads, queries, width), `key` and `value` (batch, heads, tokens, width); `mask`
    (batch, tokens) is 0 for tokens that none may attend to. Scores are multiplied by `scale`, or divided by
    the root of the width.
    """
    if query.dtype == torch.bfloat16 and query.device.type == "cpu":
        return _by_products(query * (scale or query.shape[-1] ** -0.5), key, value, mask)
    allowed = None if mask is None else mask[:, None, None, :].bool()
    return functional.scaled_dot_product_attention(query, key, value, attn_mask=allowed, scale=scale)


def _by_products(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """Exponentials of scores weigh the values, and a column of ones beside them, which sums the weights up.

    What the mask leaves out is zero in both. The greatest score is taken off only where one may be above
    `GREATEST`: none is above the product of its query's length and the longest key's.
    """
    scores = query @ key.transpose(2, 3)
    bound = query.detach().norm(dim=-1) * key.detach().norm(dim=-1).amax(-1, keepdim=True)
    if bool((bound > GREATEST).any()):
        if mask is not None:
            scores.masked_fill_(mask[:, None, None, :] == 0, -torch.inf)
        scores -= scores.detach().amax(-1, keepdim=True)
    beside = functional.pad(value, (0, 1), value=1.0)
    if mask is not None:
        beside = beside * mask[:, None, :, None].to(beside.dtype)
    sums = scores.exp_() @ beside
    return sums[..., :-1] / sums[..., -1:]


def _of_encoder(
    _layer: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    scaling: float | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    """`attended` as an encoder's layer asks for it: (batch, tokens, heads, width), and no weights.

    Weights are not dropped out, whatever the encoder's configuration says.
    """
    return attended(query, key, value, attention_mask, scaling).transpose(1, 2), None


def _padding(
    attention_mask: Tensor | None = None, mask_function: object = bidirectional_mask_function, **_: Any
) -> Tensor | None:
    """An encoder's mask as `attended` takes it: (batch, tokens), or None where there is no padding.

    Raises ModelError for encoders whose tokens attend to some others only.
    """
    if mask_function is not bidirectional_mask_function:
        raise ModelError(
            "this encoder's tokens attend to a part of the text only; take a backbone of BERT's kind, "
            "whose tokens attend to all"
        )
    return None if attention_mask is None or bool(attention_mask.all()) else attention_mask


AttentionInterface.register(ATTENTION, _of_encoder)
AttentionMaskInterface.register(ATTENTION, _padding)

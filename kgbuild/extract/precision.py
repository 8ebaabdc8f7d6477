"""Computing in bfloat16: where it is fast, and in which shapes.

oneDNN compiles a product for every shape that it meets, in milliseconds, and remembers a thousand; the
windows of a corpus have hundreds of lengths. So what is multiplied in bfloat16 has rows to a multiple.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

MULTIPLE = 16
"""Tokens of a window are counted in these."""


def has_fast_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 natively (AVX512-BF16, or AMX which implies it)."""
    return bool(torch.cpu._is_avx512_bf16_supported())


def mixed_precision(network: nn.Module) -> torch.autocast:
    """Matrices multiplied in bfloat16 where the network's device is fast at it, in float32 elsewhere."""
    device = next(network.parameters()).device
    fast = torch.cuda.is_bf16_supported() if device.type == "cuda" else has_fast_bfloat16()
    return torch.autocast(device.type, torch.bfloat16, enabled=fast)


def lacking(count: int, dtype: torch.dtype, multiple: int = MULTIPLE) -> int:
    """How many rows are to be added to so many before they are multiplied in a type; none in float32.

    >>> lacking(500, torch.bfloat16), lacking(512, torch.bfloat16), lacking(500, torch.float32)
    (12, 0, 0)
    """
    return -count % multiple if dtype == torch.bfloat16 else 0


def evened(rows: Tensor, dtype: torch.dtype) -> Tensor:
    """The rows (count, width) in a type, with as many of zeros behind them as are lacking."""
    return functional.pad(rows.to(dtype), (0, 0, 0, lacking(len(rows), dtype)))

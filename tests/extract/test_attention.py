"""Attention by products is that of torch's own kernel, in numbers and in gradients."""

from __future__ import annotations

import copy

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import BertModel

from kgbuild.errors import ModelError
from kgbuild.extract.attention import ATTENTION, attended
from kgbuild.extract.model import Model

LENGTHS = (50, 30, 1)


def inputs(size: float, dtype: torch.dtype) -> list[torch.Tensor]:
    """Queries and keys whose scores have this size, and values: (3, 4, 50, 32)."""
    torch.manual_seed(0)
    made = [torch.randn(3, 4, 50, 32) * each for each in (size, size, 1.0)]
    return [each.to(dtype).requires_grad_() for each in made]


@pytest.fixture
def mask() -> torch.Tensor:
    return torch.tensor([[float(token < length) for token in range(50)] for length in LENGTHS])


@pytest.mark.parametrize("size", [0.3, 1.0, 8.0], ids=["flat", "usual", "sharp"])
@pytest.mark.parametrize("masked", [False, True])
def test_products_give_what_the_kernel_gives(size: float, masked: bool, mask: torch.Tensor) -> None:
    given = mask if masked else None
    narrow, wide = inputs(size, torch.bfloat16), inputs(size, torch.float32)
    found = attended(*narrow, given)
    allowed = mask[:, None, None].bool() if masked else None
    rounded = [each.detach().float().requires_grad_() for each in narrow]
    expected = scaled_dot_product_attention(*rounded, attn_mask=allowed)
    assert found.dtype == torch.bfloat16
    close = (found.float() - expected).abs()
    # a sharp choice between two like scores falls either way, in any kernel that rounds
    assert close.mean() < (0.002 if size < 8 else 0.02)
    assert close.max() < (0.05 if size < 8 else 4.0)
    torch.testing.assert_close(attended(*wide, given), scaled_dot_product_attention(*wide, attn_mask=allowed))
    found.float().square().sum().backward()
    expected.square().sum().backward()
    most = max(each.grad.norm() for each in rounded if each.grad is not None)
    for one, other in zip(narrow, rounded, strict=True):
        assert one.grad is not None
        assert torch.isfinite(one.grad).all()
        if size < 8:
            assert (one.grad.float() - other.grad).norm() < 0.02 * most


def test_scores_far_apart_give_numbers() -> None:
    query, key, value = inputs(60.0, torch.bfloat16)
    found = attended(query, key, value)
    assert torch.isfinite(found).all()
    best = (query.float() @ key.float().transpose(2, 3)).argmax(-1)
    chosen = value.gather(2, best[..., None].expand(-1, -1, -1, 32))
    assert (found.argmax(-1) == chosen.argmax(-1)).float().mean() > 0.95


def test_what_the_mask_leaves_out_has_no_say(mask: torch.Tensor) -> None:
    query, key, value = inputs(8.0, torch.bfloat16)
    first = attended(query, key, value, mask)
    with torch.no_grad():
        key[1, :, 30:] *= 5
        value[1, :, 30:] = 1000.0
    torch.testing.assert_close(attended(query, key, value, mask)[1], first[1])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_an_encoder_attends_by_it(tiny_model: Model, dtype: torch.dtype, mask: torch.Tensor) -> None:
    encoder = tiny_model.network.encoder
    assert encoder.config._attn_implementation == ATTENTION
    ids = torch.randint(99, (3, 50))
    with torch.inference_mode():
        encoder.set_attn_implementation("eager")
        expected = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        encoder.set_attn_implementation(ATTENTION)
        found = encoder.to(dtype)(input_ids=ids, attention_mask=mask).last_hidden_state.float()
    for row, length in enumerate(LENGTHS):
        error = (found - expected)[row, :length].abs().max()
        assert error < (1e-5 if dtype == torch.float32 else 0.1)


def test_an_encoder_that_attends_to_a_part_is_refused(tiny_model: Model) -> None:
    config = copy.deepcopy(tiny_model.network.encoder_config)
    config.is_decoder = True  # its tokens attend to those before them
    encoder = BertModel(config, add_pooling_layer=False)
    with pytest.raises(ModelError, match="a part of the text only"):
        encoder(input_ids=torch.ones(1, 9, dtype=torch.long))

"""Maxima and means over ranges of rows."""

from __future__ import annotations

import pytest
import torch

from kgbuild.extract.ranges import gathered, range_maximum


def test_range_maximum_is_the_maximum_of_each_range() -> None:
    torch.manual_seed(0)
    values = torch.randn(3, 17, 5)
    first = torch.randint(0, 17, (3, 40))
    last = torch.minimum(first + torch.randint(-1, 17, (3, 40)), torch.tensor(16))
    found = range_maximum(values, first, last)
    for row in range(3):
        for span in range(40):
            a, b = int(first[row, span]), int(last[row, span])
            expected = values[row, a : b + 1].amax(0) if a <= b else torch.zeros(5)
            assert torch.equal(found[row, span], expected)


def test_range_maximum_of_only_empty_ranges_is_zero() -> None:
    assert not range_maximum(torch.ones(1, 4, 2), torch.tensor([[3]]), torch.tensor([[1]])).any()


@pytest.mark.parametrize("mode", ["max", "mean"])
def test_ranges_are_gathered_each_by_itself(mode: str) -> None:
    torch.manual_seed(0)
    values = torch.randn(17, 5, requires_grad=True)
    first = torch.randint(0, 17, (40,))
    last = torch.minimum(first + torch.randint(-2, 9, (40,)), torch.tensor(16))
    assert (last < first - 1).any()
    found = gathered(values, first, last, mode=mode)
    for span, (a, b) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        rows = values[a : b + 1]
        expected = (rows.amax(0) if mode == "max" else rows.mean(0)) if a <= b else torch.zeros(5)
        assert torch.allclose(found[span], expected, atol=1e-6)
    found.sum().backward()
    assert values.grad is not None
    assert values.grad.sum().item() == pytest.approx(5 * int((last >= first).sum()), rel=1e-5)


@pytest.mark.parametrize("mode", ["max", "mean"])
def test_no_ranges_have_no_rows(mode: str) -> None:
    nothing = torch.zeros(0, dtype=torch.long)
    assert gathered(torch.ones(4, 2), nothing, nothing, mode=mode).shape == (0, 2)

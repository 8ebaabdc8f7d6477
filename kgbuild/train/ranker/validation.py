"""What was fitted without each fold enters; predictions of every decision leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

from kgbuild.train.ranker.examples import Example

Fitted = TypeVar("Fitted")


def cross_validate(
    made: Sequence[Example],
    fitted: Sequence[Fitted],
    predict: Callable[[Fitted, Sequence[Example]], list[torch.Tensor]],
) -> tuple[list[torch.Tensor], list[Example]]:
    """Log probabilities of every example, from what was fitted without its fold; the examples in their order.

    Those whose right entity was taken away are left out.
    """
    told: list[torch.Tensor] = []
    order: list[Example] = []
    for fold, one in enumerate(fitted):
        held = [example for example in made if example.fold == fold and not example.bereft]
        if held:
            told += predict(one, held)
            order += held
    return told, order


def averaged_chances(
    some: Sequence[torch.Tensor], others: Sequence[torch.Tensor], temperatures: tuple[float, float]
) -> list[torch.Tensor]:
    """Log of the mean of two sets of probabilities, each at its temperature."""
    first, second = temperatures
    return [
        torch.log((torch.softmax(one / first, 0) + torch.softmax(other / second, 0)) / 2)
        for one, other in zip(some, others, strict=True)
    ]

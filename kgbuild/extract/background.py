"""Choosing among properties that are known by their texts alone: none is chosen everywhere.

Vectors of texts differ in length and in how near they are to all pairs, so some properties win over the one
of which a sentence speaks (hubs; Dinu, Lazaridou & Baroni, ICLR workshop 2015). The pairs of the training
data that hold something are a background, over which all such properties get scores of one mean and
deviation. Where each property is read by itself there is no rival, and its scores stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Background:
    """Pairs that hold something, as a normal distribution of their vectors, in float32.

    `mean` (compared,), `covariance` (compared, compared), and `usual` (2,): mean and standard deviation that
    the logits of a property have over them.
    """

    mean: Tensor
    covariance: Tensor
    usual: Tensor

    @classmethod
    def of(cls, pairs: Tensor, properties: Tensor) -> Background:
        """The background of pair vectors (pairs, compared); `properties` (properties, compared + 1)
        are usual.

        Their medians are, so that none of them matters much.
        """
        found = cls(pairs.mean(0), torch.cov(pairs.T), pairs.new_zeros(2))
        usual = torch.stack(found.logits(properties)).median(1).values
        return cls(found.mean, found.covariance, usual)

    @property
    def tensors(self) -> dict[str, Tensor]:
        """The parts by name."""
        return {name: getattr(self, name) for name in self.__slots__}

    def logits(self, properties: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of each property's logits over the background, (properties,) each."""
        direction = properties[:, :-1]
        variance = ((direction @ self.covariance) * direction).sum(1)
        return direction @ self.mean + properties[:, -1], variance.clamp(min=0.0).sqrt()

    def scaled(self, properties: Tensor) -> Tensor:
        """The vectors (properties, compared + 1) with logits of the usual mean and deviation.

        >>> pairs, usual = torch.tensor([[0.0, 0.0], [4.0, 0.0]]), torch.tensor([[1.0, 0.0, 0.0]])
        >>> Background.of(pairs, usual).scaled(torch.tensor([[2.0, 0.0, 5.0]])).tolist()
        [[1.0, 0.0, 0.0]]
        """
        _, deviation = self.logits(properties)
        usual_mean, usual_deviation = self.usual
        direction = properties[:, :-1] * (usual_deviation / deviation.clamp(min=1e-6))[:, None]
        return torch.cat([direction, (usual_mean - direction @ self.mean)[:, None]], 1)

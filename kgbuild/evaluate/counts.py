"""Precision, recall and F1 from counts, and how well scores are calibrated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, predictions and gold facts."""

    right: int = 0
    predicted: int = 0
    gold: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.right + other.right, self.predicted + other.predicted, self.gold + other.gold)

    @property
    def precision(self) -> float:
        """Share of the predictions that are right."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold facts that were predicted."""
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.predicted + self.gold
        return 2 * self.right / both if both else 0.0

    def report(self) -> dict[str, float | int]:
        """As a JSON object."""
        return {
            "f1": round(self.f1, 4),
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "count": self.gold,
        }


def total(counts: Iterable[Counts]) -> Counts:
    """The sum: micro averages."""
    return sum(counts, Counts())


def calibration_error(scores: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error over bins of equal mass (Nixon et al., CVPR workshops 2019).

    >>> calibration_error([0.5, 0.5, 0.5, 0.5], [True, False, True, False], bins=1)
    0.0
    """
    if not scores:
        return 0.0
    order = np.argsort(scores, kind="stable")
    sure, hit = np.asarray(scores, float)[order], np.asarray(right, float)[order]
    parts = zip(np.array_split(sure, bins), np.array_split(hit, bins), strict=True)
    return float(sum(abs(a.mean() - b.mean()) * len(a) for a, b in parts if len(a)) / len(scores))

"""Logits to probabilities, and the threshold: fitted on predictions of the development split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgbuild.extract.calibration import Calibration

STEPS = 200
TINY = 1e-9


def fit(scores: Sequence[float], right: Sequence[bool], gold: int, *, before: Calibration) -> Calibration:
    """Platt's scaling (1999) of predictions to their correctness, and the threshold with the best F1.

    `scores` are probabilities under the calibration `before`, reaching well below any threshold;
    `gold` is the number of gold facts.
    """
    probability = np.clip(np.asarray(scores, float), 1e-6, 1 - 1e-6)
    logit = np.log(probability) - np.log1p(-probability)
    hit = np.asarray(right, float)
    scale, shift = _platt(logit, hit)
    calibrated = _sigmoid(scale * logit + shift)
    order = np.argsort(-calibrated, kind="stable")
    taken = np.arange(1, len(order) + 1)
    f1 = 2 * hit[order].cumsum() / (taken + gold)
    threshold = float(calibrated[order[int(f1.argmax())]]) if len(order) else 0.5
    threshold = float(np.floor(threshold * 1e4) / 1e4)  # never rounded up past what it must let through
    return Calibration(before.scale * scale, before.shift * scale + shift, threshold)


def _platt(logit: np.ndarray, hit: np.ndarray) -> tuple[float, float]:
    """Scale and shift by damped Newton steps on the logistic loss, lightly regularised to (1, 0)."""
    inputs = np.stack([logit, np.ones_like(logit)], 1)
    start = np.array([1.0, 0.0])

    def loss(weights: np.ndarray) -> float:
        told = inputs @ weights
        return float((np.logaddexp(0, told) - hit * told).sum() + ((weights - start) ** 2).sum() / 2)

    weights = start
    for _ in range(STEPS):
        told = _sigmoid(inputs @ weights)
        gradient = inputs.T @ (told - hit) + (weights - start)
        curvature = (inputs * (told * (1 - told))[:, None]).T @ inputs + np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        while loss(weights - step) > loss(weights) and np.abs(step).max() > TINY:
            step /= 2
        weights = weights - step
        if np.abs(step).max() < TINY:
            break
    return float(weights[0]), float(weights[1])


def _sigmoid(logit: np.ndarray) -> np.ndarray:
    positive: np.ndarray = np.exp(-np.logaddexp(0, -logit))
    return positive

"""Logits to probabilities, and the threshold: fitted on predictions of the development split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kgbuild.extract.calibration import UNJUDGED, Calibration

STEPS = 200
TINY = 1e-9

CERTAINTY = 2.0
"""Precision of the belief that a property's shift is that of all: its normal prior has deviation 0.7."""


def fit_by_property(
    properties: Sequence[str], scores: Sequence[float], right: Sequence[bool], gold: int
) -> tuple[Calibration, dict[str, Calibration]]:
    """A common calibration, and one for each property whose shift its own predictions move.

    Scores are raw probabilities. The scale is common; shifts are maximum a posteriori around the
    common one, so a property with few predictions stays near it. All share one threshold.
    """
    common = fit(scores, right, gold)
    logit, hit, name = _logits(scores), np.asarray(right, float), np.asarray(properties)
    shifts = {
        each: common.shift + _own_shift(common.scale * logit[name == each] + common.shift, hit[name == each])
        for each in dict.fromkeys(properties)
    }
    moved = _sigmoid(common.scale * logit + np.array([shifts[each] for each in properties]))
    threshold = best_threshold(moved, gold)
    return replace(common, threshold=threshold), {
        each: Calibration(common.scale, shift, threshold) for each, shift in shifts.items()
    }


def of_unjudged(common: Calibration) -> Calibration:
    """The calibration of properties that no development set judges: emitted from even odds on.

    >>> of_unjudged(Calibration(threshold=0.3)).threshold, of_unjudged(Calibration(threshold=0.7)).threshold
    (0.5, 0.7)
    """
    return replace(common, threshold=max(common.threshold, UNJUDGED))


def _own_shift(told: np.ndarray, hit: np.ndarray) -> float:
    """What is best added to logits, against a normal prior around 0: Newton's method, concave."""
    shift = 0.0
    for _ in range(STEPS):
        probability = _sigmoid(told + shift)
        step = float((probability - hit).sum() + CERTAINTY * shift) / float(
            (probability * (1 - probability)).sum() + CERTAINTY
        )
        shift -= float(np.clip(step, -1.0, 1.0))
        if abs(step) < TINY:
            break
    return shift


def fit(scores: Sequence[float], right: Sequence[bool], gold: int, *, given_up: float = 0.0) -> Calibration:
    """Platt's scaling (1999) of predictions to their correctness; the threshold that promises the best F1.

    `scores` are raw probabilities, reaching well below any threshold; `gold` is the number of gold
    facts. The threshold is the highest that gives up no more than that share of the best F1.
    """
    logit, hit = _logits(scores), np.asarray(right, float)
    scale, shift = logistic(logit[:, None], hit, start=(1.0, 0.0))
    threshold = best_threshold(_sigmoid(scale * logit + shift), gold, given_up=given_up)
    return Calibration(scale, shift, threshold)


def _logits(scores: Sequence[float]) -> np.ndarray:
    probability = np.clip(np.asarray(scores, float), 1e-6, 1 - 1e-6)
    logits: np.ndarray = np.log(probability) - np.log1p(-probability)
    return logits


def best_threshold(probabilities: np.ndarray, gold: int, *, given_up: float = 0.0) -> float:
    """The highest threshold that promises nearly the best F1, never rounded up past what it must let through.

    Probabilities promise so many hits above each of them. The hits that were counted say the same with
    more chance in it: the best threshold is half of the best F1 (Lipton et al., ECML PKDD 2014), and some
    hundred hits miss that by far.

    >>> best_threshold(np.array([0.9, 0.8, 0.5, 0.3, 0.2]), gold=3)
    0.5
    """
    if not len(probabilities):
        return 0.5
    ranked = np.sort(probabilities)[::-1]
    f1 = 2 * ranked.cumsum() / (np.arange(1, len(ranked) + 1) + gold)
    threshold = float(ranked[int((f1 >= (1.0 - given_up) * f1.max()).argmax())])
    return float(np.floor(threshold * 1e4) / 1e4)


def logistic(signs: np.ndarray, hit: np.ndarray, *, start: Sequence[float]) -> tuple[float, ...]:
    """Weights of the columns of `signs` (rows, signs), and a shift, that tell best what hits (rows,).

    Damped Newton steps on the logistic loss, lightly regularised to `start`.
    """
    inputs = np.c_[signs, np.ones(len(signs))]
    first = weights = np.asarray(start, float)

    def loss(weights: np.ndarray) -> float:
        told = inputs @ weights
        return float((np.logaddexp(0, told) - hit * told).sum() + ((weights - first) ** 2).sum() / 2)

    for _ in range(STEPS):
        told = _sigmoid(inputs @ weights)
        gradient = inputs.T @ (told - hit) + (weights - first)
        curvature = (inputs * (told * (1 - told))[:, None]).T @ inputs + np.eye(len(first))
        step = np.linalg.solve(curvature, gradient)
        while loss(weights - step) > loss(weights) and np.abs(step).max() > TINY:
            step /= 2
        weights = weights - step
        if np.abs(step).max() < TINY:
            break
    return tuple(weights.tolist())


def _sigmoid(logit: np.ndarray) -> np.ndarray:
    positive: np.ndarray = np.exp(-np.logaddexp(0, -logit))
    return positive

"""Predictions and right answers enter; temperature, calibration and shares that are right leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import torch

from kgbuild.train.ranker.examples import MEASURED, SETS, Example

ABSTAINING, AIM, FALLBACK = "rss-500", 0.9, 0.15
"""The set most of whose names are NIL, the share of right items and right NILs that is aimed at on it."""


def temperature(told: Sequence[torch.Tensor], made: Sequence[Example]) -> float:
    """The temperature at which held-out log probabilities are likeliest, by a search on a grid."""

    def loss(value: float) -> float:
        chances = (torch.log_softmax(one / value, 0)[e.answer] for one, e in zip(told, made, strict=True))
        return -sum(float(chance) for chance in chances)

    return float(min((0.6 + 0.1 * step for step in range(20)), key=loss))


def calibration_error(told: Sequence[torch.Tensor], made: Sequence[Example], bins: int = 10) -> float:
    """Expected calibration error of the likeliest answers, in bins of equal width (Guo et al., 2017)."""
    both = zip(told, made, strict=True)
    pairs = [(one.exp().max().item(), int(one.argmax()) == example.answer) for one, example in both]
    error = 0.0
    for place in range(bins):
        inside = [(sure, right) for sure, right in pairs if min(int(sure * bins), bins - 1) == place]
        error += abs(sum(sure - right for sure, right in inside)) / len(pairs)
    return error


def figures(told: Sequence[torch.Tensor], made: Sequence[Example], threshold: float) -> dict[str, Any]:
    """By set, counting mentions, shares that are right.

    `accuracy_in_index` of mentions whose item is in the index; `candidate_recall` of the same;
    `nil_accuracy` of mentions whose item is not; `accuracy_nil_or_in_index` of mentions that the
    gold gives no item, or one in the index; `accuracy` of all.
    """
    result: dict[str, Any] = {}
    for name in SETS:
        counts: Counter[str] = Counter()
        for one, example in zip(told, made, strict=True):
            if example.set == name:
                counts.update(_counts(one[:-1].exp(), example, threshold))
        if counts["mentions"]:
            known, missing = counts["known"], counts["mentions"] - counts["known"]
            result[name] = {
                "mentions": counts["mentions"],
                "in_index": known,
                "accuracy_in_index": _share(counts["known right"], known),
                "candidate_recall": _share(counts["known found"], known),
                "nil_accuracy": _share(counts["missing right"], missing),
                "accuracy_nil_or_in_index": _share(
                    counts["known right"] + counts["nil right"], known + counts["nil"]
                ),
                "accuracy": _share(counts["known right"] + counts["missing right"], counts["mentions"]),
            }
    measured = [result[name]["accuracy_in_index"] for name in MEASURED if name in result]
    result["mean_accuracy_in_index"] = _share(sum(measured), len(measured))
    return result


def chosen_threshold(told: Sequence[torch.Tensor], made: Sequence[Example]) -> float:
    """The lowest threshold at which `ABSTAINING` is right of its NIL mentions as often as is aimed at.

    Lower is better everywhere else, where most names are in the index; without that set, `FALLBACK`.
    """
    places = [place for place, example in enumerate(made) if example.set == ABSTAINING]
    chances, some = [told[place] for place in places], [made[place] for place in places]
    for step in range(1, 50) if some else ():
        found = figures(chances, some, step / 100)
        if found[ABSTAINING]["accuracy_nil_or_in_index"] >= AIM:
            return step / 100
    return FALLBACK


def curve(
    told: Sequence[torch.Tensor], made: Sequence[Example], thresholds: Sequence[float]
) -> list[dict[str, float]]:
    """Mean accuracy in the index, and `ABSTAINING`'s with NIL, at each threshold."""
    rows = []
    for threshold in thresholds:
        found = figures(told, made, threshold)
        rows.append(
            {
                "threshold": threshold,
                "mean_accuracy_in_index": found["mean_accuracy_in_index"],
                ABSTAINING: found.get(ABSTAINING, {}).get("accuracy_nil_or_in_index", 0.0),
            }
        )
    return rows


def _counts(chances: torch.Tensor, example: Example, threshold: float) -> dict[str, int]:
    """What one decision adds to the counts of its set."""
    best = int(chances.argmax()) if len(chances) else 0
    linked = bool(len(chances)) and float(chances[best]) >= threshold
    mentions = example.mentions
    if example.known:
        return {
            "mentions": mentions,
            "known": mentions,
            "known right": mentions * (linked and example.answer == best),
            "known found": mentions * (example.answer < len(chances)),
        }
    return {
        "mentions": mentions,
        "missing right": mentions * (not linked),
        "nil": mentions * example.nil,
        "nil right": mentions * (example.nil and not linked),
    }


def _share(part: float, whole: float) -> float:
    return round(part / max(whole, 1), 4)

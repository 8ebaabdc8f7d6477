"""Decisions enter; boosted trees, and their predictions of decisions that they have not seen, leave.

The loss is the network's: the cross-entropy of the right answer among a decision's candidates and "none",
which is a row of its own, whose candidate's features are `kgbuild.link.rank.NONE`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from kgbuild.errors import UsageError
from kgbuild.link.rank import tree_rows
from kgbuild.link.trees import Forest, Trees
from kgbuild.train.ranker.examples import FOLDS, Example
from kgbuild.train.ranker.work import at_once

ROUNDS = 250
SETTINGS = {
    "learning_rate": 0.08,
    "num_leaves": 15,
    "max_depth": 8,
    "min_data_in_leaf": 20,
    "min_sum_hessian_in_leaf": 2.0,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 2.0,
    "max_bin": 63,
    "verbose": -1,
    "num_threads": 1,
    "deterministic": True,
    "seed": 0,
}
LEAST_CURVATURE = 1e-3

Values = NDArray[np.float64]


def fit_trees(made: Sequence[Example]) -> Trees:
    """Boost trees on the decisions that have candidates."""
    lightgbm = _lightgbm()
    learnt = [one for one in made if len(one.case.candidates)]
    rows, counts = tree_rows([one.case for one in learnt])
    starts = np.cumsum([0, *counts[:-1]])
    right = np.zeros(len(rows))
    right[[start + min(one.answer, n - 1) for one, start, n in zip(learnt, starts, counts, strict=True)]] = (
        1.0
    )
    weights = np.repeat([one.weight for one in learnt], counts)
    settings = {**SETTINGS, "objective": _objective(starts, counts, right, weights)}
    booster = lightgbm.train(settings, lightgbm.Dataset(rows, right), ROUNDS)
    return laid_out(tree["tree_structure"] for tree in booster.dump_model()["tree_info"])


def _lightgbm() -> Any:
    try:
        import lightgbm
    except ImportError as error:
        raise UsageError("fitting the ranker needs LightGBM: pip install 'kgbuild[ranker]'") from error
    return lightgbm


def _objective(
    starts: NDArray[np.intp], counts: Sequence[int], right: Values, weights: Values
) -> Callable[[Values, Any], tuple[Values, Values]]:
    """Gradient and curvature of the weighted cross-entropy of decisions, each a run of rows."""

    def of(scores: Values, _: Any) -> tuple[Values, Values]:
        best = np.repeat(np.maximum.reduceat(scores, starts), counts)
        chances = np.exp(scores - best)
        chances /= np.repeat(np.add.reduceat(chances, starts), counts)
        curvature = np.maximum(chances * (1.0 - chances), LEAST_CURVATURE)
        return (chances - right) * weights, 2.0 * curvature * weights

    return of


def laid_out(grown: Iterable[Any]) -> Trees:
    """LightGBM's trees as the ranker's file holds them."""
    trees = Trees([], [], [], [], [])
    for root in grown:
        inner: list[Any] = []
        leaves: list[Any] = []
        _gathered(root, inner, leaves)
        number = {id(node): place for place, node in enumerate(inner)}
        number |= {id(leaf): -1 - place for place, leaf in enumerate(leaves)}
        trees.columns.append([int(node["split_feature"]) for node in inner])
        trees.thresholds.append([float(f"{node['threshold']:.7g}") for node in inner])
        trees.left.append([number[id(node["left_child"])] for node in inner])
        trees.right.append([number[id(node["right_child"])] for node in inner])
        trees.leaves.append([round(float(leaf["leaf_value"]), 5) for leaf in leaves])
    return trees


def _gathered(node: Any, inner: list[Any], leaves: list[Any]) -> None:
    """Sort a tree's nodes into inner ones, the root first, and leaves."""
    if "split_feature" not in node:
        leaves.append(node)
        return
    inner.append(node)
    _gathered(node["left_child"], inner, leaves)
    _gathered(node["right_child"], inner, leaves)


def predict_trees(trees: Trees, made: Sequence[Example]) -> list[torch.Tensor]:
    """Log probabilities of each example's candidates and, last, NIL, at temperature 1."""
    rows, counts = tree_rows([one.case for one in made])
    scores = torch.from_numpy(Forest(trees, rows.shape[1]).scores(rows))
    return [torch.log_softmax(part, 0) for part in torch.split(scores, counts)]


def fold_trees(made: Sequence[Example], workers: int = 1) -> list[Trees]:
    """For each fold, trees fitted without it."""

    def without(fold: int) -> Trees:
        return fit_trees([example for example in made if example.fold != fold])

    return at_once(without, range(FOLDS), workers)

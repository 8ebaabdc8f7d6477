"""Boosted decision trees: rows of features enter; a score of each leaves."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import ModelError

Array = NDArray[np.float32]


class Trees(msgspec.Struct, frozen=True):
    """Binary trees, each as lists of its inner nodes, the root first, and of its leaves' values.

    A row goes to a node's `left` where its feature (`columns`) is at most the threshold, else to its
    `right`: the number of an inner node, or -1 - the number of a leaf. Its score is the sum of the leaves
    that it comes to. A tree of a single leaf has no inner nodes.
    """

    columns: list[list[int]]
    thresholds: list[list[float]]
    left: list[list[int]]
    right: list[list[int]]
    leaves: list[list[float]]


class Forest:
    """Trees laid end to end in arrays; `ModelError` where they are none, or ask for features not there.

    A leaf is a node that leads to itself, so that all rows take as many steps as the deepest tree has.
    """

    def __init__(self, trees: Trees, features: int) -> None:
        columns: list[int] = []
        thresholds: list[float] = []
        below: list[int] = []
        values: list[float] = []
        roots: list[int] = []
        self._depth = 0
        try:
            for inner, cuts, left, right, leaves in zip(*_lists(trees), strict=True):
                first = len(columns)
                places = list(zip(left, right, strict=True))
                self._depth = max(self._depth, _depth(places, len(leaves)))
                roots.append(first)
                columns += [*inner, *(0 for _ in leaves)]
                thresholds += [*cuts, *(0.0 for _ in leaves)]
                values += [*(0.0 for _ in inner), *leaves]
                below += [first + _place(each, len(inner)) for pair in places for each in pair]
                below += [first + len(inner) + leaf for leaf in range(len(leaves)) for _ in range(2)]
            if not len(columns) == len(thresholds) == len(values) == len(below) // 2:
                raise ValueError("lists of different lengths")
            if not all(0 <= column < features for column in columns):
                raise ValueError("a feature that is not there")
        except ValueError as error:
            raise ModelError(f"the ranker's trees cannot be used ({error}); fit it again") from error
        self._columns, self._below = np.array(columns, np.intp), np.array(below, np.intp)
        self._thresholds, self._values = np.array(thresholds, np.float32), np.array(values, np.float32)
        self._roots = np.array(roots, np.intp)

    def scores(self, rows: Array) -> Array:
        """(rows,) from (rows, features)."""
        start = (np.arange(len(rows)) * rows.shape[1])[:, None]
        flat = rows.ravel()
        node = np.broadcast_to(self._roots, (len(rows), len(self._roots)))
        for _ in range(self._depth):
            right = flat.take(start + self._columns.take(node)) > self._thresholds.take(node)
            node = self._below.take(2 * node + right)
        scores: Array = self._values.take(node).sum(axis=1)
        return scores


def _lists(trees: Trees) -> tuple[list[list[int]] | list[list[float]], ...]:
    return trees.columns, trees.thresholds, trees.left, trees.right, trees.leaves


def _place(child: int, inner: int) -> int:
    """Where a child lies among a tree's nodes, the leaves after the inner ones."""
    return child if child >= 0 else inner - 1 - child


def _depth(places: list[tuple[int, int]], leaves: int) -> int:
    """How many steps lead to the deepest leaf; ValueError where a way does not end in a leaf."""
    depth, level = 0, [0] if places else []
    while level:
        depth += 1
        below = [child for node in level for child in places[node]]
        if depth > len(places) or any(child >= len(places) or -1 - child >= leaves for child in below):
            raise ValueError("a way that does not end in a leaf")
        level = [child for child in below if child >= 0]
    return depth

"""Pairs of a class and a class above it enter; what lies below a class, or above it, leaves.

Classes are the numbers of their QIDs; all are held in memory, as eight bytes for each pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from kgbuild.link.kinds import CLASS, ROOTS

Numbers = NDArray[np.uint32]


class ClassTree:
    """The order of classes; `pairs` is (pairs, 2): a class and one right above it.

    >>> tree = ClassTree(np.array([[515, 486972], [486972, 27096213]], np.uint32))
    >>> [name for name, bit in zip(ROOTS, bin(tree.roots_of(515))[:1:-1]) if bit == "1"]
    ['Q27096213']
    """

    def __init__(self, pairs: Numbers) -> None:
        pairs = np.unique(pairs.reshape(-1, 2), axis=0)
        self._pairs = pairs
        self._by_parent = pairs[np.argsort(pairs[:, 1], kind="stable")]
        self.classes: Numbers = np.unique(pairs[:, 0])
        self._roots = np.zeros(len(self.classes), np.uint32)
        for place, root in enumerate(ROOTS):
            if root != CLASS:
                below = self.below([int(root[1:])])
                self._roots[np.isin(self.classes, below, assume_unique=True)] |= np.uint32(1 << place)

    def below(self, classes: Iterable[int]) -> Numbers:
        """These classes and all that lie under them, in rising order; cycles end the walk."""
        found = np.unique(np.fromiter(classes, np.uint32))
        edge = found
        while len(edge):
            edge = np.setdiff1d(self._children(edge), found)
            found = np.union1d(found, edge)
        return found

    def roots_of(self, number: int) -> int:
        """Which of `kinds.ROOTS` (but `CLASS`) a class is or lies under, as bits."""
        place = int(np.searchsorted(self.classes, number))
        if place < len(self.classes) and self.classes[place] == number:
            return int(self._roots[place])
        return own_roots(number)

    def rows(self) -> Iterator[tuple[int, list[int], int]]:
        """Each class with those right above it and its roots, in rising order."""
        starts = np.searchsorted(self._pairs[:, 0], self.classes)
        ends = np.searchsorted(self._pairs[:, 0], self.classes, "right")
        for name, start, end, roots in zip(self.classes, starts, ends, self._roots, strict=True):
            yield int(name), self._pairs[start:end, 1].tolist(), int(roots)

    def _children(self, classes: Numbers) -> Numbers:
        """All classes right under any of these."""
        parents = self._by_parent[:, 1]
        starts = np.searchsorted(parents, classes, "left")
        lengths = np.searchsorted(parents, classes, "right") - starts
        places = np.repeat(starts - np.append(0, np.cumsum(lengths)[:-1]), lengths) + np.arange(lengths.sum())
        return np.unique(self._by_parent[places, 0])


def own_roots(number: int) -> int:
    """The bit of a class that is one of `kinds.ROOTS` itself.

    >>> own_roots(12737077), own_roots(2)
    (1, 0)
    """
    return sum(1 << place for place, root in enumerate(ROOTS) if root == f"Q{number}" and root != CLASS)

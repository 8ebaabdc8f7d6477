"""Which properties may hold between two kinds of mention: the ontology's domains and ranges.

A kind is a set of labels, as bits: one for a name, several for a pronoun; an office has a bit of its
own. Used to prune pairs before they are scored and properties after.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from kgbuild.extract.labels import LABELS
from kgbuild.extract.offices import are_held
from kgbuild.ontology import Ontology
from kgbuild.records import Label

OFFICE = 1 << len(LABELS)
"""The kind of an office, which is a value of properties that have no other values."""


def kind(labels: Iterable[Label]) -> int:
    """Labels as bits.

    >>> kind([Label.PERSON, Label.LOCATION])
    5
    """
    return sum(1 << LABELS.index(label) for label in set(labels))


def is_several(kinds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which kinds are more than one label, as those of pronouns are; (mentions,).

    >>> is_several(np.array([4, 5])).tolist()
    [False, True]
    """
    several: NDArray[np.bool_] = kinds & (kinds - 1) > 0
    return several


class Licence:
    """Look-ups by kind of subject and object."""

    def __init__(self, ontology: Ontology, names: Sequence[str]) -> None:
        self._domain = np.array([kind(ontology.domain_labels(name)) for name in names], np.int64)
        self._range = np.array([_values(ontology, name) for name in names], np.int64)
        kinds = np.arange(2 * OFFICE)
        self._any = np.array([self.properties(np.full_like(kinds, each), kinds).any(1) for each in kinds])

    def properties(self, subject: NDArray[np.int64], object_: NDArray[np.int64]) -> NDArray[np.bool_]:
        """What may hold between kinds: (pairs,) and (pairs,) to (pairs, properties)."""
        return ((self._domain & subject[:, None]) > 0) & ((self._range & object_[:, None]) > 0)

    def allowed(self, kinds: NDArray[np.int64]) -> NDArray[np.bool_]:
        """From which mentions to which others anything may hold: (mentions,) to (mentions, mentions)."""
        found: NDArray[np.bool_] = self._any[kinds[:, None], kinds[None, :]]
        np.fill_diagonal(found, False)
        return found

    def columns(self, subject: int) -> NDArray[np.int64]:
        """The properties that a subject of a kind may have, (properties,)."""
        return np.flatnonzero(self._domain & subject)

    def holds(
        self, subject: NDArray[np.int64], column: NDArray[np.int64], object_: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Whether a property may hold between two kinds, all (facts,)."""
        return ((self._domain[column] & subject) > 0) & ((self._range[column] & object_) > 0)


def _values(ontology: Ontology, name: str) -> int:
    """The kinds that the values of a property may have."""
    return kind(ontology.range_labels(name)) | (OFFICE if are_held(ontology, name) else 0)

"""Antecedent scores to antecedents, and pronouns' types from their clusters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgbuild.extract.labels import LABELS
from kgbuild.extract.strings import Match
from kgbuild.records import Label

VALUE_KINDS = sum(1 << number for number, label in enumerate(LABELS) if label.is_value)


def antecedents(
    scores: NDArray[np.float32], kinds: NDArray[np.int64], matched: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The best earlier mention of each, or -1 where none scores above 0: (mentions,).

    `scores[j, i]` is that of mention i as antecedent of j. A mention refers only to one whose kind
    it shares; equal names of one kind always corefer, and names
    that share no words never do; nor do values (dates, numbers).
    """
    count = len(scores)
    if not count:
        return np.zeros(0, np.int64)
    before = np.tri(count, count, -1, dtype=bool)
    entity = (kinds & VALUE_KINDS) == 0
    allowed = before & ((kinds[:, None] & kinds[None, :]) > 0) & entity[:, None] & entity[None, :]
    single = (kinds & (kinds - 1)) == 0
    names = single[:, None] & single[None, :]
    equal = (matched == Match.EXACT) & names
    allowed &= ~names | (matched >= Match.SUBSET)
    ranked = np.where(allowed, np.where(equal, np.maximum(scores, 0.0) + 100.0, scores), -np.inf)
    best = ranked.argmax(1)
    return np.where(ranked[np.arange(count), best] > 0, best, -1)


def pronoun_labels(
    labels: Sequence[Label], pronoun: NDArray[np.bool_], groups: Sequence[Sequence[int]]
) -> list[Label]:
    """Labels with each pronoun's taken from the names of its cluster."""
    result = list(labels)
    for group in groups:
        names = Counter(labels[member] for member in group if not pronoun[member])
        for member in group:
            if names and pronoun[member]:
                result[member] = names.most_common(1)[0][0]
    return result

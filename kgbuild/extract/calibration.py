"""How logits become probabilities, and which are emitted: fitted on development data.

Data sets differ in how completely they annotate and in what they ask, so properties may be
calibrated in groups.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
UNJUDGED = 0.5
"""Least threshold of what no development set judges: such scores are not checked."""
TINY = 1e-3
"""Least probability that is told from nothing."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logit x becomes the probability sigmoid(scale · x + shift).

    Relations with at least `threshold` are emitted.
    """

    scale: float = 1.0
    shift: float = 0.0
    threshold: float = 0.5

    def of(self, probability: float) -> float:
        """What a raw probability, above 0 and below 1, becomes.

        >>> Calibration(scale=0.5).of(0.5), round(Calibration(shift=1.0).of(0.5), 3)
        (0.5, 0.731)
        """
        return _sigmoid(self.scale * math.log(probability / (1.0 - probability)) + self.shift)


@dataclass(frozen=True, slots=True)
class EntityCalibration:
    """How sure it is that an entity is read whole, and that a fact holds between two entities so read.

    An entity is read whole when its mentions are exactly those of the text. The chance of it is the
    sigmoid of what is known of its mentions (`entity_signs`), each with its weight, and `shift`. That
    a fact holds is the relation's probability times both chances, under the calibration `fact`.
    """

    mentions: float = 1.0
    references: float = 1.0
    size: float = 0.0
    shift: float = 4.0
    fact: Calibration = Calibration()

    def whole(self, signs: Sequence[float]) -> float:
        """The probability that an entity with these signs is read whole.

        >>> EntityCalibration().whole(entity_signs([0.9, 0.9], [1.0, 0.5])) > 0.95
        True
        """
        weights = (self.mentions, self.references, self.size)
        return _sigmoid(sum(a * b for a, b in zip(weights, signs, strict=True)) + self.shift)

    def holds(self, relation: float, subject: float, object_: float) -> float:
        """The probability of a fact: of its relation, and of its subject and object being read whole."""
        return self.fact.of(min(max(relation * subject * object_, TINY), 1.0 - TINY))


def entity_signs(scores: Sequence[float], certainties: Sequence[float]) -> tuple[float, float, float]:
    """What tells whether an entity is read whole: of its mentions the scores, the certainties (both as
    sums of logarithms), and how many there are (as a logarithm).
    """
    tagged, referred = (sum(math.log(max(each, TINY)) for each in row) for row in (scores, certainties))
    return tagged, referred, math.log(len(scores))


def _sigmoid(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-logit)) if logit > -700.0 else 0.0


@dataclass(frozen=True, slots=True)
class CalibratedGroup:
    """Properties, by id, with a calibration of their own."""

    properties: tuple[str, ...]
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class PropertyCalibration:
    """Calibrations of properties in order, all (properties,); `pronoun` is the threshold where an end
    is a pronoun."""

    scale: Floats
    shift: Floats
    threshold: Floats
    pronoun: Floats

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        calibration: Calibration,
        groups: Sequence[CalibratedGroup] = (),
        *,
        pronouns: Collection[str] | None = None,
        threshold: float | None = None,
    ) -> PropertyCalibration:
        """Each property with its group's calibration, or the common one; `threshold` overrides all.

        Of pronouns, properties that are not among `pronouns` must be as sure as what is not judged; None
        for those of any.

        >>> own = CalibratedGroup(("P19",), Calibration(2.0, -1.0, 0.25))
        >>> PropertyCalibration.of(("P19", "P26"), Calibration(), [own]).threshold.tolist()
        [0.25, 0.5]
        """
        own = {name: group.calibration for group in groups for name in group.properties}
        chosen = [own.get(name, calibration) for name in names]
        limits = [each.threshold if threshold is None else threshold for each in chosen]
        scale, shift = [each.scale for each in chosen], [each.shift for each in chosen]
        judged = names if threshold is not None or pronouns is None else pronouns
        surer = [
            limit if name in judged else max(limit, UNJUDGED)
            for name, limit in zip(names, limits, strict=True)
        ]
        return cls(*(np.array(each, np.float32) for each in (scale, shift, limits, surer)))

    def least(self, column: NDArray[np.int64] | int, several: NDArray[np.bool_] | bool) -> Floats:
        """From which probability on properties, by place, are emitted; `several` where an end is a pronoun
        that may mean things of several types. Both, and the result, are (facts,), or one fact's."""
        found: Floats = np.where(several, self.pronoun[column], self.threshold[column])
        return found

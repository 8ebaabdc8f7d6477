"""How logits become probabilities, and which are emitted: fitted on development data.

Data sets differ in how completely they annotate and in what they ask, so properties may be
calibrated in groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logit x becomes the probability sigmoid(scale · x + shift).

    Relations with at least `threshold` are emitted.
    """

    scale: float = 1.0
    shift: float = 0.0
    threshold: float = 0.5


@dataclass(frozen=True, slots=True)
class CalibratedGroup:
    """Properties, by id, with a calibration of their own."""

    properties: tuple[str, ...]
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class PropertyCalibration:
    """Calibrations of properties in order, all (properties,)."""

    scale: Floats
    shift: Floats
    threshold: Floats

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        calibration: Calibration,
        groups: Sequence[CalibratedGroup] = (),
        *,
        threshold: float | None = None,
    ) -> PropertyCalibration:
        """Each property with its group's calibration, or the common one; `threshold` overrides all.

        >>> own = CalibratedGroup(("P19",), Calibration(2.0, -1.0, 0.25))
        >>> PropertyCalibration.of(("P19", "P26"), Calibration(), [own]).threshold.tolist()
        [0.25, 0.5]
        """
        own = {name: group.calibration for group in groups for name in group.properties}
        chosen = [own.get(name, calibration) for name in names]
        limits = [each.threshold if threshold is None else threshold for each in chosen]
        scale, shift = [each.scale for each in chosen], [each.shift for each in chosen]
        return cls(np.array(scale, np.float32), np.array(shift, np.float32), np.array(limits, np.float32))

"""What a scorer is given, and what it finds: one data set's score, overall and in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kgbuild.evaluate.counts import Counts, calibration_error, total
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.protocols import Segmenter


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may choose; a data set refuses what has no meaning for it.

    `unseen` properties are drawn by `seed`, or `properties` are named, for zero-shot scores.
    """

    gold_mentions: bool = False
    unseen: int | None = None
    seed: int | None = None
    properties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """What is scored: the data at `path`, read by a model."""

    path: Path
    extractor: NeuralExtractor
    segmenter: Segmenter
    options: Options = field(default_factory=Options)


@dataclass(frozen=True, slots=True)
class Report:
    """Counts by property or type (as `by` says); `ece` is over the relations that were emitted.

    Figures are micro averages of the parts, but for those in `averages` (precision, recall, f1),
    where a data set averages otherwise. `further` figures stand beside them under their names.
    """

    parts: Mapping[str, Counts]
    ece: float
    by: str = "property"
    averages: Mapping[str, float] = field(default_factory=dict)
    further: Mapping[str, Any] = field(default_factory=dict)

    @property
    def overall(self) -> Counts:
        """The sum of the parts."""
        return total(self.parts.values())

    @property
    def headline(self) -> dict[str, float | int]:
        """The data set's own f1, precision and recall, and the number of gold facts."""
        return {**self.overall.report(), **{name: round(value, 4) for name, value in self.averages.items()}}

    def as_json(self) -> dict[str, Any]:
        """The headline figures with the break-down."""
        return {
            **self.headline,
            "ece": round(self.ece, 4),
            **self.further,
            f"by_{self.by}": {name: counts.report() for name, counts in sorted(self.parts.items())},
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """A report, and what was predicted as the content of a file in the data set's own form."""

    report: Report
    predictions: str


Scorer = Callable[[Task], Outcome]
"""Reads a data set's files, runs the model and scores it by the data set's own definition."""


def error(judged: Iterable[tuple[float, bool]]) -> float:
    """Expected calibration error of (score, whether it is right), in ten bins of equal mass."""
    rows = list(judged)
    return calibration_error([score for score, _ in rows], [right for _, right in rows])

"""How sure facts between whole entities are: fitted on development documents that are read from raw text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np

from kgbuild.evaluate.redocred import read_checked
from kgbuild.evaluate.redocred_entities import Reading, calibrated, judge, read_documents, same_spans
from kgbuild.extract.calibration import Calibration, EntityCalibration
from kgbuild.protocols import Extractor
from kgbuild.text.sentences import RuleSegmenter
from kgbuild.train.calibrate import fit, logistic
from kgbuild.train.config import TrainingConfig


def development_readings(extractor: Extractor, config: TrainingConfig) -> Iterator[Reading]:
    """The documents of Re-DocRED that the recipe marks for development, read from raw text.

    Those of a file without facts teach nothing of facts, and are left out.
    """
    for spec in config.data:
        if spec.development and spec.format == "redocred":
            rows = read_checked(Path(config.data_folder) / spec.path)[spec.first : spec.last]
            if any(row.labels for row in rows):
                yield from read_documents(rows, extractor, RuleSegmenter())


def fit_entities(readings: Iterable[Reading]) -> EntityCalibration:
    """The calibration under which facts are as often right, by the strict definition, as they are sure.

    First that of whole entities, then that of facts between them, with its threshold;
    `readings` have facts with the probabilities of their relations.
    """
    rows = list(readings)
    signs = np.array([each for reading in rows for each in reading.read.signs])
    whole = [found >= 0 for reading in rows for found in same_spans(reading.read, reading.gold)]
    *start, _ = astuple(EntityCalibration())
    mentions, references, size, shift = logistic(signs, np.array(whole, float), start=start)
    blank = EntityCalibration(mentions, references, size, shift, Calibration(threshold=0.0))
    judged = [each for reading in rows for each in _judged(reading, blank)]
    gold = sum(len(reading.gold.facts) for reading in rows)
    return replace(blank, fact=fit([sure for sure, _ in judged], [right for _, right in judged], gold))


def _judged(reading: Reading, calibration: EntityCalibration) -> list[tuple[float, bool]]:
    return list(judge(replace(reading, read=calibrated(reading.read, calibration)), same_spans).values())

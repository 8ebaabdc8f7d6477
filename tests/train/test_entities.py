"""Facts between whole entities: their calibration from readings whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from kgbuild.evaluate.counts import calibration_error
from kgbuild.evaluate.redocred_entities import EntityRead, Graph, Reading, calibrated, judge, same_spans
from kgbuild.extract.calibration import EntityCalibration, entity_signs
from kgbuild.records import Label
from kgbuild.train.datasets.redocred import DocumentRow
from kgbuild.train.entities import fit_entities

ROW = DocumentRow(title="", sents=[], vertexSet=[], labels=[])
CLEAR, DOUBTFUL = entity_signs([0.99], [0.99]), entity_signs([0.6], [0.4])


def entity(place: int) -> EntityRead:
    return EntityRead((((0, place, place + 1), Label.OTHER),))


def readings(count: int) -> list[Reading]:
    """Pairs of entities: clear ones are whole in 95 of 100, doubtful ones in 40; relations hold in 80."""
    random = np.random.default_rng(3)
    found = []
    for _ in range(count):
        clear = random.random(2) < 0.5
        whole = random.random(2) < np.where(clear, 0.95, 0.4)
        read = Graph(
            (entity(0), entity(1)),
            {(0, "P1", 1): 0.8},
            tuple(CLEAR if each else DOUBTFUL for each in clear),
        )
        true = {(0, "P1", 1): 1.0} if random.random() < 0.8 else {}
        gold = Graph(
            tuple(entity(place if is_whole else place + 9) for place, is_whole in enumerate(whole)), true
        )
        found.append(Reading(ROW, read, gold))
    return found


def test_facts_are_as_often_right_as_they_are_sure() -> None:
    calibration = fit_entities(readings(3000))
    assert calibration.whole(CLEAR) == pytest.approx(0.95, abs=0.03)
    assert calibration.whole(DOUBTFUL) == pytest.approx(0.4, abs=0.05)
    judged = [
        each
        for reading in readings(1500)
        for each in judge(
            Reading(ROW, calibrated(reading.read, calibration), reading.gold), same_spans
        ).values()
    ]
    scores, right = [sure for sure, _ in judged], [is_right for _, is_right in judged]
    assert calibration_error(scores, right) < 0.05


def test_facts_below_the_threshold_are_not_emitted() -> None:
    calibration = fit_entities(readings(3000))
    sure, doubtful = (Graph((), {(0, "P1", 1): 0.8}, (each, each)) for each in (CLEAR, DOUBTFUL))
    assert len(calibrated(sure, calibration).facts) == 1
    assert calibrated(doubtful, calibration).facts == {}


def test_more_doubt_is_less_certainty() -> None:
    calibration = EntityCalibration()
    assert calibration.whole(CLEAR) > calibration.whole(DOUBTFUL)
    assert calibration.holds(0.9, 0.9, 0.9) > calibration.holds(0.9, 0.5, 0.9)
    assert calibration.holds(0.0, 1.0, 1.0) < 0.01

"""Groups of properties with calibrations of their own."""

from __future__ import annotations

import dataclasses

from kgbuild.extract.calibration import CalibratedGroup, Calibration, PropertyCalibration
from kgbuild.extract.model import ModelConfig, load_model, save_model


def test_a_threshold_given_by_the_user_holds_for_every_group() -> None:
    groups = [CalibratedGroup(("P19",), Calibration(2.0, -1.0, 0.25))]
    found = PropertyCalibration.of(("P26", "P19"), Calibration(0.5, 0.1, 0.4), groups, threshold=0.7)
    assert found.scale.tolist() == [0.5, 2.0]
    assert (
        found.threshold.tolist()
        == PropertyCalibration.of(("a", "b"), Calibration(), threshold=0.7).threshold.tolist()
    )


def test_groups_are_kept_in_the_model_folder(tiny_model, tmp_path) -> None:
    groups = (CalibratedGroup(("P19", "P26"), Calibration(0.5, -0.2, 0.3)),)
    before = tiny_model.config
    tiny_model.config = dataclasses.replace(before, groups=groups)
    save_model(tiny_model, tmp_path / "model")
    tiny_model.config = before
    found: ModelConfig = load_model(tmp_path / "model").config
    assert found.groups == groups

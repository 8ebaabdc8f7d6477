"""What a model folder says of the training that made it."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from kgbuild.train import run as run_module
from kgbuild.train.config import DataConfig, TrainingConfig
from kgbuild.train.provenance import FILE, Provenance
from kgbuild.train.run import run


def quiet(*_told: object) -> None:
    """Nothing is shown."""


@pytest.fixture
def made(recipe: TrainingConfig) -> TrainingConfig:
    short = msgspec.structs.replace(recipe, epochs=1)
    run(short, quiet, quiet)
    return short


def is_done(config: TrainingConfig) -> bool:
    return Provenance.of(config).is_done


def test_a_model_is_known_as_what_its_recipe_makes_of_its_files(made: TrainingConfig) -> None:
    assert is_done(made)
    assert is_done(msgspec.structs.replace(made, device="cpu"))
    assert not is_done(msgspec.structs.replace(made, seed=2))
    written = json.loads((Path(made.output) / FILE).read_text())
    assert written["recipe"]["epochs"] == 1
    assert {Path(path).name for path in written["inputs"]} == {"fold1.jsonl", "start"}


@pytest.mark.parametrize("name", ["fold1.jsonl", "start/network.json"])
def test_other_data_or_another_start_make_another_model(made: TrainingConfig, name: str) -> None:
    path = Path(made.data_folder) / name
    before = path.read_text()
    path.write_text(before + "\n")
    assert not is_done(made)
    path.write_text(before)
    assert is_done(made)


def test_what_the_package_lends_counts_too(recipe: TrainingConfig) -> None:
    both = msgspec.structs.replace(recipe, data=[*recipe.data, DataConfig(format="stories")])
    assert "stories.tsv" in Provenance.of(both).inputs  # wherever the package lies


@pytest.mark.parametrize("text", [None, "{", '{"kgbuild": "0"}'])
def test_a_folder_that_does_not_tell_is_not_known(made: TrainingConfig, text: str | None) -> None:
    path = Path(made.output) / FILE
    path.unlink() if text is None else path.write_text(text)
    assert not is_done(made)


def test_a_folder_s_files_count_with_their_names(made: TrainingConfig) -> None:
    start = Path(str(made.start_from))
    (start / "README.md").write_text("a card")
    before = Provenance.of(made)
    (start / "README.md").rename(start / "CARD.md")
    assert Provenance.of(made) != before


def test_a_training_that_ends_early_leaves_a_folder_that_does_not_tell(
    made: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run_module, "calibrate", stop)
    other = msgspec.structs.replace(made, seed=2)
    with pytest.raises(KeyboardInterrupt):
        run(other, quiet, quiet)
    assert not is_done(made)
    assert not is_done(other)

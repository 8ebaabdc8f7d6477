"""A background is fitted after training, and leaves with its network."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
import torch

from kgbuild.extract.model import load_model
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.train import background as background_module
from kgbuild.train.background import fit_background
from kgbuild.train.config import DataConfig, TrainingConfig
from kgbuild.train.run import run
from kgbuild.train.start import ontology_of, start


def quiet(*_told: object) -> None:
    """Nothing is shown."""


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_module, "FEWEST", 4)


@pytest.mark.usefixtures("few")
def test_a_run_fits_the_background_of_what_its_data_state(recipe: TrainingConfig) -> None:
    run(recipe, quiet, quiet)
    model = load_model(Path(recipe.output))
    assert model.background is not None
    texts = PropertyTexts.of(ontology_of(recipe), model)
    born = texts.vectors(model.network)[[texts.names.index("P19")]]
    # the data state one property, so it is the usual one, and the pairs are those that it is stated of
    assert torch.allclose(torch.stack(model.background.logits(born))[:, 0], model.background.usual, atol=1e-3)
    assert model.background.logits(born)[0] > model.background.logits(texts.vectors(model.network))[0].mean()
    again = fit_background(model, ontology_of(recipe), recipe)
    assert again is not None
    assert torch.equal(again.mean, model.background.mean)


@pytest.mark.usefixtures("few")
def test_a_background_is_usual_of_likeness_where_the_network_has_it(recipe: TrainingConfig) -> None:
    config = msgspec.structs.replace(recipe, likeness=6, epochs=1)
    run(config, quiet, quiet)
    model = load_model(Path(config.output))
    assert model.background is not None
    texts = PropertyTexts.of(ontology_of(recipe), model)
    born = texts.vectors(model.network)[[texts.names.index("P19")]]
    learned, alike = (torch.stack(model.background.logits(each))[:, 0] for each in model.network.apart(born))
    assert torch.allclose(alike, model.background.usual, atol=1e-2)
    assert not torch.allclose(learned, model.background.usual, atol=1e-2)


@pytest.mark.usefixtures("few")
def test_a_network_that_trains_on_leaves_its_background(recipe: TrainingConfig) -> None:
    run(recipe, quiet, quiet)
    on = msgspec.structs.replace(recipe, start_from=recipe.output, output=recipe.output + "-2")
    assert start(on, ontology_of(on)).background is None
    fitting = msgspec.structs.replace(on, learn=["P19"])
    assert start(fitting, ontology_of(on)).background is not None


@pytest.mark.parametrize("fewest", [6, 7])
def test_pairs_that_hold_nothing_are_no_background(
    recipe: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fewest: int
) -> None:
    monkeypatch.setattr(background_module, "FEWEST", fewest)
    row = {"pid": "P19", "tokens": ["ada", "left", "rome"], "h": [0, 1], "t": [2, 3]}
    (tmp_path / "six.jsonl").write_text((json.dumps(row) + "\n") * 6)
    told = msgspec.structs.replace(recipe, data=[DataConfig(format="fewrel", path="six.jsonl")])
    found = fit_background(load_model(Path(str(recipe.start_from))), ontology_of(told), told)
    assert (found is None) == (fewest > 6), "Rome is born nowhere"


def test_too_few_pairs_tell_nothing(recipe: TrainingConfig) -> None:
    model = load_model(Path(str(recipe.start_from)))
    assert fit_background(model, ontology_of(recipe), recipe) is None

"""How sure facts are of properties of which nothing was learned, told by properties withheld in turn.

Likeness is learned from half of the properties that the data annotate, and what it then says of the other
half, of which the model forgets what it learned, is judged on the development sets; and the other way about.
So the scores of a property that is given at run time are calibrated on properties as strange to it.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from kgbuild.extract.calibration import Calibration
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.extract.model import Model
from kgbuild.extract.synonyms import Learned
from kgbuild.train.calibrate import fit
from kgbuild.train.config import TrainingConfig
from kgbuild.train.judgements import LOWEST, Judgements, judged_as, of_development_sets, of_knowledgenet
from kgbuild.train.loop import Trainer

PARTS = 2
"""Parts into which properties are cut; each is withheld once."""
GIVEN_UP = 0.05
"""Share of the best F1 that is given up so that less is emitted: what is asked of development texts is told
there, as few properties are of any text."""


def with_likeness(config: TrainingConfig) -> tuple[Model, dict[str, float | int]]:
    """The model that a recipe starts from with likeness learned anew, and the scores of properties withheld.

    All that was learned stays as it is. Without development sets, or where the data annotate too little to
    withhold half of it, nothing is calibrated, and the scores are empty.
    """
    trainer = Trainer(config)
    parts = [frozenset(each for each in trainer.annotated if _part(each) == part) for part in range(PARTS)]
    turns = [*(parts if all(parts) else ()), frozenset[str]()]  # the last withholds none, and is kept
    judged = Judgements()
    for withheld, model in zip(turns, trainer.likenesses(turns), strict=True):
        if withheld:
            judged += _of_forgotten(model, withheld, trainer, config)
    if not judged.gold:
        return model, {}
    fitted = fit(judged.scores, judged.right, len(judged.gold), given_up=GIVEN_UP)
    model.config = dataclasses.replace(model.config, unlearned=fitted)
    return model, judged.calibrated(fitted).report


def _part(name: str) -> int:
    """The part of a property, by a hash of the name under which it is judged."""
    return int(hashlib.sha256(judged_as(name).encode()).hexdigest(), 16) % PARTS


def _of_forgotten(
    model: Model, withheld: Collection[str], trainer: Trainer, config: TrainingConfig
) -> Judgements:
    """What a model says of properties of which it forgets all that it learned, on the development sets."""
    plain = dataclasses.replace(
        model.config, calibration=Calibration(), groups=(), pronouns=None, unlearned=None
    )
    names = {judged_as(name) for name in withheld}
    same = Learned.of(trainer.ontology, model).names
    asked = {same.get(name, name) for name in withheld}
    forgotten = [name for name in model.config.trained if name in asked or judged_as(name) in names]
    with _forgetting(model, forgotten):
        extractor = NeuralExtractor(
            dataclasses.replace(model, config=plain), trainer.ontology, threshold=LOWEST
        )
        found = of_knowledgenet(extractor, config) + of_development_sets(extractor, config)
    return found.where(names.__contains__)


@contextmanager
def _forgetting(model: Model, names: Collection[str]) -> Iterator[None]:
    """The model without what it learned of some properties."""
    memory = model.network.memory.data
    before = memory.clone()
    rows = [number for number, name in enumerate(model.config.trained) if name in names]
    memory[rows] = 0.0
    try:
        yield
    finally:
        memory.copy_(before)

"""A recipe trained once, or by several seeds whose weights' mean is kept.

Trainings that start from one model and differ in their randomness end near one another, and the mean of
their weights is better than most of them, at the cost of reading with one (model soups, Wortsman et al.,
ICML 2022).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec

from kgbuild.extract.model import Model
from kgbuild.folders import remove_folder
from kgbuild.train.checkpoint import folder_of
from kgbuild.train.config import TrainingConfig
from kgbuild.train.development import DevelopmentScores
from kgbuild.train.loop import AfterEpoch, Progress, Trainer
from kgbuild.train.start import averaged


def trained(config: TrainingConfig, report: Callable[[Progress], None], after_epoch: AfterEpoch) -> Model:
    """Train by each seed of a recipe; those that are done are not trained again.

    `report` and `after_epoch` are told of all as one, with epochs and steps counted through.
    """
    runs = enumerate(by_seed(config))
    return averaged([_trained(own, number, config.seeds, report, after_epoch) for number, own in runs])


def forget(config: TrainingConfig) -> None:
    """Remove what the trainings of a recipe kept to go on, once its model is written."""
    for own in by_seed(config):
        kept = folder_of(own) if own is config else Path(own.output).parent
        remove_folder(kept)


def by_seed(config: TrainingConfig) -> list[TrainingConfig]:
    """The recipe of each training: the recipe itself where there is one.

    Of several each has a folder beside the output, for its checkpoint and a model of the same name.
    """
    if config.seeds == 1:
        return [config]
    folder = Path(config.output)
    return [
        msgspec.structs.replace(config, seed=seed, seeds=1, output=f"{folder}.seed-{seed}/{folder.name}")
        for seed in range(config.seed, config.seed + config.seeds)
    ]


def _trained(
    config: TrainingConfig,
    before: int,
    seeds: int,
    report: Callable[[Progress], None],
    after_epoch: AfterEpoch,
) -> Model:
    """Train by one seed of several, so many before it."""

    def step(at: Progress) -> None:
        epoch, step = at.epoch + before * config.shown, at.step + before * at.steps
        report(replace(at, epoch=epoch, step=step, steps=at.steps * seeds))

    def epoch(at: int, model: Model, scores: DevelopmentScores | None) -> None:
        after_epoch(at + before * config.shown, model, scores)

    return Trainer(config).run(step, epoch)

"""A recipe from start to a calibrated model folder with its scores."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Callable
from pathlib import Path

from kgbuild.evaluate.counts import calibration_error, total
from kgbuild.evaluate.knowledgenet import Passage, judged, read_passages, score_passages
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.extract.model import Calibration, Model, save_model
from kgbuild.ontology import Ontology
from kgbuild.text.sentences import RuleSegmenter
from kgbuild.train.calibrate import fit
from kgbuild.train.config import TrainingConfig
from kgbuild.train.data import kept_for_development
from kgbuild.train.development import DevelopmentScores
from kgbuild.train.loop import Progress, Trainer

logger = logging.getLogger(__name__)

LOWEST = 0.02
"""Predictions down to this probability are calibrated on."""


def run(config: TrainingConfig, report: Callable[[Progress], None]) -> dict[str, float | int]:
    """Train, calibrate on the held-out documents, and write weights and scores; returns the scores."""
    trainer = Trainer(config)
    model = trainer.run(report, tell)
    output = Path(config.output)
    scores = calibrate(model, trainer.ontology, config)
    save_model(model, output)
    (output / "scores.json").write_text(json.dumps(scores, indent=2) + "\n")
    return scores


def tell(epoch: int, _model: Model, scores: DevelopmentScores | None) -> None:
    """Log what an epoch reached on the development split."""
    if scores:
        logger.info("epoch %d: relations %.3f, tags %.3f", epoch + 1, scores.relations, scores.tags)


def calibrate(model: Model, ontology: Ontology, config: TrainingConfig) -> dict[str, float | int]:
    """Fit the model's calibration on the development split; returns that split's scores."""
    if not config.holdout:
        return {}
    model.config = dataclasses.replace(model.config, calibration=Calibration())
    passages = development_passages(NeuralExtractor(model, ontology, threshold=LOWEST), config)
    rows = judged(passages)
    gold = sum(len(passage.gold) for passage in passages)
    fitted = fit([score for _, score, _ in rows], [right for *_, right in rows], gold, before=Calibration())
    model.config = dataclasses.replace(model.config, calibration=fitted)
    again = development_passages(NeuralExtractor(model, ontology), config)
    emitted = judged(again)
    error = calibration_error([score for _, score, _ in emitted], [right for *_, right in emitted])
    return {**total(score_passages(again).values()).report(), "ece": round(error, 4)}


def development_passages(extractor: NeuralExtractor, config: TrainingConfig) -> list[Passage]:
    """KnowledgeNet's held-out documents, read from raw text."""
    segmenter = RuleSegmenter()
    return [
        passage
        for spec in config.data
        if spec.format == "knowledgenet"
        for passage in read_passages(
            Path(config.data_folder) / spec.path,
            extractor,
            segmenter,
            keep=lambda document: kept_for_development(document, config.holdout),
        )
    ]

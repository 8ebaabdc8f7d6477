"""A recipe from start to a calibrated model folder with its scores."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from kgbuild.evaluate.counts import calibration_error, total
from kgbuild.evaluate.knowledgenet import Passage, judged, read_passages, score_passages
from kgbuild.evaluate.redocred import Reading, read_documents
from kgbuild.extract.calibration import CalibratedGroup, Calibration
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.extract.model import Model, save_model
from kgbuild.ontology import Ontology
from kgbuild.text.sentences import RuleSegmenter
from kgbuild.train.calibrate import fit
from kgbuild.train.config import TrainingConfig
from kgbuild.train.data import kept_for_development
from kgbuild.train.datasets import knowledgenet
from kgbuild.train.development import DevelopmentScores
from kgbuild.train.loop import Progress, Trainer

logger = logging.getLogger(__name__)

KNOWLEDGENET = frozenset(
    name for map_ in knowledgenet.PROPERTIES.values() for name in (*map_.properties, *map_.inverses)
)
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
    """Fit the model's calibrations on the development splits; returns KnowledgeNet's scores there.

    KnowledgeNet's properties are calibrated on its held-out documents, read from raw text, and all
    others on the documents with gold mentions that are marked for development, where there are any.
    """
    if not config.holdout:
        return {}
    model.config = dataclasses.replace(model.config, calibration=Calibration(), groups=())
    extractor = NeuralExtractor(model, ontology, threshold=LOWEST)
    passages = development_passages(extractor, config)
    rows = judged(passages)
    gold = sum(len(passage.gold) for passage in passages)
    own = fit([score for _, score, _ in rows], [right for *_, right in rows], gold, before=Calibration())
    others = _others(development_documents(extractor, config))
    if others is None:
        model.config = dataclasses.replace(model.config, calibration=own)
    else:
        group = CalibratedGroup(tuple(sorted(KNOWLEDGENET)), own)
        model.config = dataclasses.replace(model.config, calibration=others, groups=(group,))
    again = development_passages(NeuralExtractor(model, ontology), config)
    emitted = judged(again)
    error = calibration_error([score for _, score, _ in emitted], [right for *_, right in emitted])
    return {**total(score_passages(again).values()).report(), "ece": round(error, 4)}


def _others(readings: Sequence[Reading]) -> Calibration | None:
    """A calibration fitted on the properties that KnowledgeNet does not annotate."""
    rows = [
        (score, fact in reading.gold)
        for reading in readings
        for fact, score in reading.predicted.items()
        if fact[1] not in KNOWLEDGENET
    ]
    gold = sum(fact[1] not in KNOWLEDGENET for reading in readings for fact in reading.gold)
    if not gold:
        return None
    return fit([score for score, _ in rows], [right for _, right in rows], gold, before=Calibration())


def development_documents(extractor: NeuralExtractor, config: TrainingConfig) -> list[Reading]:
    """Relations between gold mentions in the Re-DocRED documents that are kept for development."""
    return [
        reading
        for spec in config.data
        if spec.format == "redocred" and spec.development
        for reading in read_documents(
            Path(config.data_folder) / spec.path, extractor, first=spec.first, last=spec.last
        )
    ]


def development_passages(extractor: NeuralExtractor, config: TrainingConfig) -> list[Passage]:
    """KnowledgeNet's held-out documents, read from raw text."""
    segmenter = RuleSegmenter()
    return [
        passage
        for spec in config.data
        if spec.format == "knowledgenet" and not spec.development
        for passage in read_passages(
            Path(config.data_folder) / spec.path,
            extractor,
            segmenter,
            keep=lambda document: kept_for_development(document, config.holdout),
        )
    ]

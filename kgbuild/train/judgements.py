"""What a model predicts on development data and whether it is right: what calibration is fitted on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from kgbuild.evaluate import conll04 as conll04_scores
from kgbuild.evaluate import text2kgbench as text2kgbench_scores
from kgbuild.evaluate.counts import Counts, calibration_error
from kgbuild.evaluate.knowledgenet import judged, read_passages
from kgbuild.evaluate.redocred import read_checked, read_documents
from kgbuild.extract.calibration import Calibration
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.text.sentences import RuleSegmenter
from kgbuild.train.config import DataConfig, TrainingConfig
from kgbuild.train.data import kept_for_development
from kgbuild.train.datasets import conll04, knowledgenet

LOWEST = 0.02
"""Predictions down to this probability are calibrated on."""


def pids(name: str) -> tuple[str, ...]:
    """The properties of the ontology that a property of a data set stands for.

    >>> pids("CHILD_OF"), pids("P17")
    (('P22', 'P25', 'P40'), ('P17',))
    """
    map_ = knowledgenet.PROPERTIES.get(name)
    return (*map_.properties, *map_.inverses) if map_ else (name,)


_NAMES = {pid: name for name in knowledgenet.PROPERTIES for pid in pids(name)}
KNOWLEDGENET = frozenset(_NAMES)
"""The properties that KnowledgeNet annotates, in Wikidata's terms."""


@dataclass(frozen=True, slots=True)
class Judgements:
    """Predictions, each with its property, score and whether it is right; the property of each gold fact."""

    properties: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    right: tuple[bool, ...] = ()
    gold: tuple[str, ...] = ()

    @classmethod
    def of(cls, rows: Iterable[tuple[str, float, bool]], gold: Iterable[str]) -> Judgements:
        """Rows of property, score and truth."""
        listed = list(rows)
        return cls(
            tuple(name for name, _, _ in listed),
            tuple(score for _, score, _ in listed),
            tuple(right for *_, right in listed),
            tuple(gold),
        )

    def where(self, keep: Callable[[str], bool]) -> Judgements:
        """Those of the properties that are kept."""
        rows = zip(self.properties, self.scores, self.right, strict=True)
        return Judgements.of((row for row in rows if keep(row[0])), filter(keep, self.gold))

    def calibrated(self, calibration: Calibration) -> Judgements:
        """Those that a calibration of these raw scores lets through, with the probabilities that it gives."""
        scores = map(calibration.of, self.scores)
        rows = zip(self.properties, scores, self.right, strict=True)
        return Judgements.of((row for row in rows if row[1] >= calibration.threshold), self.gold)

    @property
    def report(self) -> dict[str, float | int]:
        """Precision, recall, F1 and count of the gold, and how far scores are from what is right."""
        counts = Counts(sum(self.right), len(self.right), len(self.gold))
        return {**counts.report(), "ece": round(calibration_error(self.scores, self.right), 4)}

    def __add__(self, other: Judgements) -> Judgements:
        return Judgements(
            self.properties + other.properties,
            self.scores + other.scores,
            self.right + other.right,
            self.gold + other.gold,
        )


def of_knowledgenet(extractor: NeuralExtractor, config: TrainingConfig) -> Judgements:
    """KnowledgeNet's held-out documents, read from raw text; properties by its own names."""
    segmenter = RuleSegmenter()
    passages = [
        passage
        for spec in config.data
        if spec.format == "knowledgenet" and not spec.development and config.holdout
        for passage in read_passages(
            Path(config.data_folder) / spec.path,
            extractor,
            segmenter,
            keep=lambda document: kept_for_development(document, config.holdout),
        )
    ]
    return Judgements.of(judged(passages), (fact[0] for passage in passages for fact in passage.gold))


def of_development_sets(extractor: NeuralExtractor, config: TrainingConfig) -> Judgements:
    """The data sets that the recipe marks for development, those that can be scored in full."""
    found = Judgements()
    for spec in config.data:
        if spec.development and spec.format in READERS:
            found += READERS[spec.format](extractor, spec, Path(config.data_folder) / spec.path)
    return found


def _of_redocred(extractor: NeuralExtractor, spec: DataConfig, path: Path) -> Judgements:
    """Relations between gold mentions, of what is annotated; by KnowledgeNet's names where it has them."""
    rows = read_checked(path)[spec.first : spec.last]
    counted = {label.r for row in rows for label in row.labels}
    return sum(
        (
            Judgements.of(
                (
                    (judged_as(fact[1]), score, fact in each.gold)
                    for fact, score in each.predicted.items()
                    if fact[1] in counted
                ),
                (judged_as(fact[1]) for fact in each.gold),
            )
            for each in read_documents(rows, extractor)
        ),
        Judgements(),
    )


def judged_as(pid: str) -> str:
    """The name under which a property is judged: KnowledgeNet's where it has one.

    >>> judged_as("P40"), judged_as("P17")
    ('CHILD_OF', 'P17')
    """
    return _NAMES.get(pid, pid)


def _of_conll04(extractor: NeuralExtractor, spec: DataConfig, path: Path) -> Judgements:
    """Relations from raw text, strict."""
    return sum(
        (
            Judgements.of(
                (
                    (conll04.RELATIONS[fact[0]].property, score, fact in each.gold_relations)
                    for fact, score in each.relations.items()
                ),
                (conll04.RELATIONS[fact[0]].property for fact in each.gold_relations),
            )
            for each in conll04_scores.read_documents(path, extractor, first=spec.first, last=spec.last)
        ),
        Judgements(),
    )


def _of_text2kgbench(extractor: NeuralExtractor, _spec: DataConfig, path: Path) -> Judgements:
    """Triples from raw text, those that the benchmark compares; all of the path, whatever is cut."""
    found = Judgements()
    for reading in text2kgbench_scores.read(path, extractor, RuleSegmenter()):
        ids = {relation.label: relation.id for relation in reading.sentence.ontology.relations}
        rows = text2kgbench_scores.judged([reading])
        found += Judgements.of(
            ((ids[name], sure, right) for name, sure, right in rows),
            (ids.get(each.rel, each.rel) for each in reading.gold.values()),
        )
    return found


RANKED = frozenset({"text2kgbench"})
"""Formats whose measure compares only the relations that the gold of a text has, so that every
threshold costs more than it saves: what is calibrated on is emitted (decision 030)."""

READERS: dict[str, Callable[[NeuralExtractor, DataConfig, Path], Judgements]] = {
    "redocred": _of_redocred,
    "conll04": _of_conll04,
    "text2kgbench": _of_text2kgbench,
}

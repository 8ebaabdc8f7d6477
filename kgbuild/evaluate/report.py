"""One data set's score: overall, in parts, and how well confidence matches correctness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgbuild.errors import UsageError
from kgbuild.evaluate import knowledgenet, redocred
from kgbuild.evaluate.counts import Counts, calibration_error, total
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.protocols import Segmenter


@dataclass(frozen=True, slots=True)
class Report:
    """Counts over all, and by property or type; `ece` is over what was predicted."""

    parts: Mapping[str, Counts]
    ece: float

    @property
    def overall(self) -> Counts:
        """Micro-averaged."""
        return total(self.parts.values())

    def as_json(self) -> dict[str, Any]:
        """The headline figures with the break-down."""
        return {
            **self.overall.report(),
            "ece": round(self.ece, 4),
            "by_property": {name: counts.report() for name, counts in sorted(self.parts.items())},
        }


def evaluate(
    dataset: str, path: Path, extractor: NeuralExtractor, segmenter: Segmenter, *, gold_mentions: bool = False
) -> Report:
    """Score an extractor on a data set; `gold_mentions` gives it the mentions where the set allows."""
    if dataset == "knowledgenet":
        if gold_mentions:
            raise UsageError("KnowledgeNet is scored from raw text: leave out --gold-mentions")
        passages = list(knowledgenet.read_passages(path, extractor, segmenter))
        judged = [(score, right) for _, score, right in knowledgenet.judged(passages)]
        return Report(knowledgenet.score_passages(passages), _error(judged))
    if not gold_mentions:
        raise UsageError("Re-DocRED is scored between gold mentions so far: add --gold-mentions")
    readings = list(redocred.read_documents(path, extractor))
    judged = [
        (score, fact in reading.gold) for reading in readings for fact, score in reading.predicted.items()
    ]
    return Report(redocred.score_documents(readings), _error(judged))


def _error(judged: list[tuple[float, bool]]) -> float:
    return calibration_error([score for score, _ in judged], [right for _, right in judged])

"""A small untrained model that reads anything, on data written here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kgbuild.evaluate.report import Options, Task
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.text.sentences import RuleSegmenter

if TYPE_CHECKING:
    from kgbuild.extract.model import Model

MakeTask = Callable[..., Task]


@pytest.fixture
def task(tiny_model: Model) -> MakeTask:
    """Makes tasks: an untrained model that emits all it may, on a path."""
    from kgbuild.extract.extractor import NeuralExtractor

    def make(path: Path, *, ontology: Ontology | None = None, threshold: float = 0.0, **options: Any) -> Task:
        extractor = NeuralExtractor(tiny_model, ontology or load_ontology(), threshold=threshold)
        return Task(path, extractor, RuleSegmenter(), Options(**options))

    return make


def lines(path: Path, *rows: Any) -> Path:
    """A file of JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path

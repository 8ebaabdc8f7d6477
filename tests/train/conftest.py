"""A small KnowledgeNet of the tests' own, and a recipe that trains a tiny network on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from passage import EXAMPLE, NAMES

from kgbuild.extract.model import save_model
from kgbuild.ontology import load_ontology
from kgbuild.train.batches import Batch, Inventory, collate
from kgbuild.train.config import DataConfig, TrainingConfig
from kgbuild.train.features import featurize

PREFIXES = """
@prefix dbo: <http://dbpedia.org/ontology/> .
@prefix ex: <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix wd: <http://www.wikidata.org/entity/> .
"""


def passage(number: int, name: str, place: str) -> dict[str, object]:
    text = f"{name} was born in {place}"
    start = len(text) - len(place)
    return {
        "document": str(number),
        "passages": [
            {
                "start": 0,
                "end": len(text),
                "text": text,
                "annotated": ["PLACE_OF_BIRTH"],
                "facts": [
                    {
                        "property": "PLACE_OF_BIRTH",
                        "subject": [0, len(name), name, None],
                        "object": [start, len(text), place, None],
                    }
                ],
            }
        ],
    }


@pytest.fixture
def ontology_file(tmp_path: Path) -> Callable[[str], str]:
    """Writes properties in Turtle into an ontology of their own; returns its path."""

    def write(turtle: str) -> str:
        path = tmp_path / "mine.ttl"
        path.write_text(PREFIXES + turtle)
        return str(path)

    return write


@pytest.fixture
def recipe(tmp_path: Path, tiny_model) -> TrainingConfig:
    names = [("Ada", "Rome"), ("Bob", "Oslo"), ("Cleo", "Bonn"), ("Dan", "Bern")]
    rows = [passage(number, *names[number % 4]) for number in range(16)]
    (tmp_path / "fold1.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    save_model(tiny_model, tmp_path / "start")
    return TrainingConfig(
        backbone="",
        output=str(tmp_path / "out"),
        data=[DataConfig(format="knowledgenet", path="fold1.jsonl")],
        data_folder=str(tmp_path),
        start_from=str(tmp_path / "start"),
        epochs=12,
        tokens=256,
        length=48,
        encoder_rate=3e-3,
        head_rate=1e-2,
        holdout=0,
    )


@pytest.fixture
def batch(tiny_encoder) -> Batch:
    """The passage that tests of training share, as a batch by itself."""
    return collate([featurize(EXAMPLE, tiny_encoder, length=64)], Inventory.of(load_ontology(None), NAMES))

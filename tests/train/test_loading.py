"""Batches made ahead by worker processes are those that would be made here."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterable
from pathlib import Path

import pytest
import torch

from kgbuild.ontology import load_ontology
from kgbuild.records import Label
from kgbuild.train.batches import Batch, Inventory
from kgbuild.train.examples import AnnotatedMention, Example, Fact, Tagging
from kgbuild.train.features import featurize
from kgbuild.train.loading import Steps, loaded, workers_for


@pytest.fixture(scope="module")
def steps(tiny_encoder) -> Steps:
    """Batches of one example each; of its pairs only some are drawn, so the step's number counts."""
    names = ("Ada", "Bob", "Cleo", "Dan", "Eve")
    mentions = tuple(
        AnnotatedMention(at * 4, at * 4 + len(name), Label.PERSON, at) for at, name in enumerate(names)
    )
    text = " ".join(name.ljust(3) for name in names)
    example = Example(
        "x",
        text,
        tuple(each for each in mentions if each.end <= len(text)),
        facts=(Fact(0, "P26", 1),),
        annotated=frozenset({"P26"}),
        tagging=Tagging.FULL,
    )
    row = featurize(example, tiny_encoder, length=64)
    return Steps([[row]] * 6, Inventory.of(load_ontology(None), ("P19", "P26")), most_pairs=3, first=5)


def pairs_drawn(batches: Iterable[Batch]) -> list[list[int]]:
    return [batch.pairs.object.flatten().tolist() for batch in batches]


def told(steps: Steps, results: str) -> None:
    """What a worker makes, in a file; its parent is a process of its own, without this one's threads."""
    Path(results).write_text(json.dumps(pairs_drawn(loaded(steps, workers=1))))


def test_a_worker_makes_the_same_batches_in_the_same_order(steps, tmp_path: Path) -> None:
    here = pairs_drawn(loaded(steps, workers=0))
    process = multiprocessing.get_context("spawn").Process(target=told, args=(steps, str(tmp_path / "told")))
    process.start()
    process.join()
    assert json.loads((tmp_path / "told").read_text()) == here
    assert len(here) == 6
    assert len({tuple(drawn) for drawn in here}) > 1, "each step draws its own pairs"


def test_loading_leaves_the_randomness_of_training_alone(steps) -> None:
    before = torch.get_rng_state()
    assert list(loaded(steps, workers=0))
    assert torch.equal(torch.get_rng_state(), before)


def test_workers_are_for_a_gpu() -> None:
    assert workers_for(torch.device("cpu")) == 0
    assert workers_for(torch.device("cuda")) > 0

"""Batches made ahead by worker processes are those that would be made here."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import pytest
import torch
from torch import Tensor

from kgbuild.ontology import load_ontology
from kgbuild.records import Label
from kgbuild.train.batches import Inventory
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


def tensors(record: object) -> list[Tensor]:
    if isinstance(record, Tensor):
        return [record]
    if not is_dataclass(record):
        return []
    return [each for field in fields(record) for each in tensors(getattr(record, field.name))]


def test_a_worker_makes_the_same_batches_in_the_same_order(steps) -> None:
    here, ahead = (list(loaded(steps, workers=count)) for count in (0, 1))
    assert len(here) == len(ahead) == 6
    for one, other in zip(here, ahead, strict=True):
        assert all(map(torch.equal, tensors(one), tensors(other)))
    drawn = {tuple(batch.pairs.object.flatten().tolist()) for batch in here}
    assert len(drawn) > 1, "each step draws its own pairs"


def test_loading_leaves_the_randomness_of_training_alone(steps) -> None:
    before = torch.get_rng_state()
    assert list(loaded(steps, workers=0))
    assert torch.equal(torch.get_rng_state(), before)


def test_workers_are_for_a_gpu() -> None:
    assert workers_for(torch.device("cpu")) == 0
    assert workers_for(torch.device("cuda")) > 0

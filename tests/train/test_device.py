"""Where a run computes: a GPU that is not there is told at once, and records move whole."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path

import msgspec
import pytest
import torch

from kgbuild.errors import ConfigurationError
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.ontology import load_ontology
from kgbuild.train.batches import Inventory, collate
from kgbuild.train.checkpoint import recipe_digest
from kgbuild.train.config import TrainingConfig, read_recipe
from kgbuild.train.device import chosen, on
from kgbuild.train.examples import AnnotatedMention, Example, Fact
from kgbuild.train.features import featurize
from kgbuild.train.loop import Trainer

without_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")


@without_gpu
def test_a_gpu_that_is_not_there_stops_before_anything_is_read(recipe: TrainingConfig) -> None:
    assert chosen("auto") == chosen("cpu") == torch.device("cpu")
    elsewhere = msgspec.structs.replace(recipe, device="cuda", start_from="no such folder", data=[])
    with pytest.raises(ConfigurationError, match=r'device = "cuda", but this torch .* say "cpu" or "auto"'):
        Trainer(elsewhere)


def test_a_device_is_one_of_three(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text("backbone = 'b'\noutput = 'x'\ndata = []\ndevice = 'gpu'\n")
    with pytest.raises(ConfigurationError, match="Invalid enum value 'gpu'"):
        read_recipe(path)


def test_a_checkpoint_does_not_ask_where_it_was_made(recipe: TrainingConfig) -> None:
    assert recipe_digest(msgspec.structs.replace(recipe, device="cpu")) == recipe_digest(recipe)
    assert recipe_digest(msgspec.structs.replace(recipe, seed=9)) != recipe_digest(recipe)


def devices(record: object) -> set[str]:
    """The kinds of device of all tensors in a record."""
    found: set[str] = set()
    for value in (getattr(record, field.name) for field in fields(record)):  # type: ignore[arg-type]
        if isinstance(value, torch.Tensor):
            found.add(value.device.type)
        elif is_dataclass(value):
            found |= devices(value)
    return found


def test_a_batch_and_the_properties_move_whole(tiny_encoder, tiny_model) -> None:
    mentions = (AnnotatedMention(0, 3, None), AnnotatedMention(9, 13, None))
    example = Example("x", "Ada left Rome", mentions, (Fact(0, "P551", 1),), annotated=frozenset({"P551"}))
    ontology = load_ontology()
    batch = collate([featurize(example, tiny_encoder, length=64)], Inventory.of(ontology, ("P551",)))
    texts = PropertyTexts.of(ontology, tiny_model)
    for record in (batch, texts):
        assert devices(record) == {"cpu"}
        assert devices(on(torch.device("meta"), record)) == {"meta"}
    assert on(torch.device("cpu"), texts).names == texts.names

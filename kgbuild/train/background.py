"""The background of a trained network: vectors of the pairs of its training data that hold something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import torch
from torch import Tensor

from kgbuild.extract.background import Background
from kgbuild.extract.model import Model
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.ontology import Ontology
from kgbuild.train.batches import Inventory, batches, collate
from kgbuild.train.config import TrainingConfig
from kgbuild.train.corpora import Corpus
from kgbuild.train.data import read_data
from kgbuild.train.features import Features
from kgbuild.train.properties import pair_vectors

EXAMPLES = 1000
"""Examples of each data set that are read at most."""
PAIRS = 20_000
FEWEST = 500
"""Pairs that hold something; fewer tell too little."""


def fit_background(model: Model, ontology: Ontology, config: TrainingConfig) -> Background | None:
    """The background of the recipe's data; None where they hold too little.

    Usual are the scores of the properties that the data state, by their texts alone.
    """
    texts = PropertyTexts.of(ontology, model)
    inventory = Inventory.of(ontology, texts.names)
    found, stated = [], torch.zeros(len(texts.names), dtype=torch.bool)
    count = 0
    for vectors, held in _held(model, _rows(model, ontology, config), inventory, config):
        found.append(vectors)
        stated |= held
        count += len(vectors)
        if count >= PAIRS:
            break
    if count < FEWEST:
        return None
    _, alike = model.network.apart(texts.vectors(model.network))
    return Background.of(torch.cat(found), alike[stated])


def _rows(model: Model, ontology: Ontology, config: TrainingConfig) -> list[Features]:
    """Examples of all data sets that train."""
    found = []
    for spec, examples in read_data(config, ontology):
        if not spec.development:
            take = EXAMPLES if spec.take is None else min(spec.take, EXAMPLES)
            corpus = Corpus(
                msgspec.structs.replace(spec, take=take, repeat=1),
                tuple(examples),
                model.text_encoder,
                config.length,
            )
            found += corpus.epoch(config.seed)
    return found


def _held(
    model: Model, rows: Sequence[Features], inventory: Inventory, config: TrainingConfig
) -> Iterator[tuple[Tensor, Tensor]]:
    """Of each batch the pairs that hold something, (pairs, compared), and what holds, (properties,)."""
    for chosen in batches(rows, tokens=config.tokens, seed=config.seed):
        batch = collate(chosen, inventory, most_pairs=config.most_pairs, seed=config.seed)
        if bool(batch.relations.targets.any()):
            true = batch.relations.targets > 0
            with torch.no_grad():
                vectors = pair_vectors(model.network, batch)
            yield vectors[true.any(1)[batch.relations.group]], true.any(0)

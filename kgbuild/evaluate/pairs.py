"""Given pairs, scored against given properties: no tags, no types, no thresholds.

Where the types of the two mentions are not known, what the ontology's domains and ranges forbid
cannot be told, so nothing is pruned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from kgbuild.errors import DatasetError
from kgbuild.extract.model import Model
from kgbuild.extract.network import Pairs
from kgbuild.extract.synonyms import Learned
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.ontology import Ontology
from kgbuild.train.batches import match_tensor, span_tensors, window_tensors
from kgbuild.train.examples import Example
from kgbuild.train.features import Features, featurize

TOKENS_AT_ONCE = 4096


def pair_logits(
    model: Model, ontology: Ontology, examples: Sequence[Example]
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Properties, and calibrated logits (examples, properties) of each example's first two mentions.

    Subject is the first mention and object the second; all properties of the ontology are scored,
    also those that the model withholds. Raises DatasetError for an example of which the window cuts off
    a mention.
    """
    learned = Learned.of(ontology, model)
    texts = PropertyTexts.of(learned.ontology, model, known_as=learned.names)
    features = [_whole(each, model) for each in examples]
    found = np.zeros((len(features), len(texts.names)), np.float32)
    common = model.config.calibration
    own = dict.fromkeys(texts.unlearned(model), model.config.unlearned or common)
    calibrations = [own.get(name, common) for name in texts.known_as]
    scale = np.array([each.scale for each in calibrations], np.float32)
    shift = np.array([each.shift for each in calibrations], np.float32)
    with torch.inference_mode():
        properties = texts.rivals(model)
        for rows in _batches(features):
            logits = _logits([features[row] for row in rows], model, properties)
            found[rows] = logits * scale + shift
    return texts.names, found


def _whole(example: Example, model: Model) -> Features:
    """The example's one window, with all of its mentions."""
    window = model.config.window
    found = featurize(example, model.text_encoder, length=window)
    if found.gold.sum() < max(2, len(example.mentions)):
        raise DatasetError(
            f"{example.id}: not both mentions are among the {window} word pieces that are read at once; "
            "shorten the text around them, or leave it out"
        )
    return found


def _logits(rows: Sequence[Features], model: Model, properties: torch.Tensor) -> NDArray[np.float32]:
    window, spans, matches = window_tensors(rows), span_tensors(rows), match_tensor(rows)
    one = torch.ones(len(rows), 1, dtype=torch.long)
    pairs = Pairs(torch.zeros_like(one), one, one.bool())
    hidden = model.network.encode(window)
    mentions = model.network.read_mentions(hidden, spans, matches)
    vectors = model.network.pair_vectors(hidden, window.mask, mentions, pairs)
    logits: NDArray[np.float32] = model.network.relations(vectors, properties)[:, 0].float().numpy()
    return logits


def _batches(features: Sequence[Features]) -> Iterator[list[int]]:
    """Positions of features of like length, at most `TOKENS_AT_ONCE` padded tokens together."""
    batch: list[int] = []
    for position in sorted(range(len(features)), key=lambda number: len(features[number].ids)):
        if batch and len(features[position].ids) * (len(batch) + 1) > TOKENS_AT_ONCE:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch

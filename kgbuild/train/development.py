"""How good a network is on examples that train nothing: what early stopping goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from kgbuild.extract.network import JointNetwork
from kgbuild.extract.precision import mixed_precision
from kgbuild.train.batches import Batch, Inventory, batches, collate
from kgbuild.train.device import on
from kgbuild.train.features import IGNORED, Features
from kgbuild.train.losses import CERTAIN, group_scores


@dataclass(frozen=True, slots=True)
class DevelopmentScores:
    """F1 of relations between given mentions at their best threshold, and of words' tags.

    NaN where there is no gold.
    """

    relations: float
    tags: float

    @property
    def mean(self) -> float:
        """The mean of those that have gold; 0 where none has."""
        known = [value for value in (self.relations, self.tags) if not np.isnan(value)]
        return sum(known) / len(known) if known else 0.0


@torch.no_grad()
def score(
    network: JointNetwork, rows: Sequence[Features], inventory: Inventory, properties: Tensor
) -> DevelopmentScores:
    """Scores over all rows; `properties` is (properties, compared + 1), on the network's device."""
    network.eval()
    scores, targets = [], []
    right = predicted = gold = 0
    for chosen in batches(rows, tokens=4096, seed=0):
        batch = on(properties.device, collate(chosen, inventory))
        with mixed_precision(network):
            hidden = network.encode(batch.window)
            found, true = _relations(network, batch, hidden, properties)
            tags = network.tags(hidden).argmax(-1)
        scores.append(found)
        targets.append(true)
        known = batch.tags != IGNORED
        right += int(((tags == batch.tags) & known & (batch.tags > 0)).sum())
        predicted += int(((tags > 0) & known).sum())
        gold += int((known & (batch.tags > 0)).sum())
    tags_f1 = 2 * right / (predicted + gold) if gold else float("nan")
    return DevelopmentScores(best_f1(np.concatenate(scores), np.concatenate(targets)), tags_f1)


def _relations(
    network: JointNetwork, batch: Batch, hidden: Tensor, properties: Tensor
) -> tuple[np.ndarray, np.ndarray]:
    """Scores and truth of all that is annotated in a batch, both (facts,)."""
    if not bool(batch.pairs.mask.any()):
        return np.zeros(0), np.zeros(0, bool)
    mentions = network.read_mentions(hidden, batch.spans, batch.matches)
    pairs = network.pair_vectors(hidden, batch.window.mask, mentions, batch.pairs)
    scores = group_scores(network.relations(pairs[batch.pairs.mask], properties).float(), batch.relations)
    known = batch.relations.weights > CERTAIN
    return scores[known].cpu().numpy(), batch.relations.targets[known].cpu().numpy() > 0


def best_f1(scores: np.ndarray, right: np.ndarray) -> float:
    """F1 at the threshold that makes it greatest; NaN where nothing is right.

    >>> float(best_f1(np.array([0.9, 0.8, 0.1]), np.array([True, True, False])))
    1.0
    """
    if not right.any():
        return float("nan")
    hits = right[np.argsort(-scores, kind="stable")].cumsum()
    return float((2 * hits / (np.arange(1, len(hits) + 1) + right.sum())).max())

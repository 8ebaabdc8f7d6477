"""The four losses of joint training, each over what its batch annotates."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from kgbuild.extract.network import JointNetwork
from kgbuild.train.batches import Batch, RelationTargets
from kgbuild.train.features import IGNORED

CERTAIN = 0.5
"""Weight above which a property counts as known to be false."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Scalars: tags (cross-entropy), relations and attributes (binary cross-entropy), coreference."""

    tags: Tensor
    relations: Tensor
    coreference: Tensor

    @property
    def total(self) -> Tensor:
        """What joint training minimises."""
        return self.entities + self.relations

    @property
    def entities(self) -> Tensor:
        """What the first stage of stepwise training minimises."""
        return 2.0 * self.tags + 0.5 * self.coreference


def joint_losses(network: JointNetwork, batch: Batch, properties: Tensor) -> Losses:
    """Losses of one batch; `properties` is (properties, width + 1)."""
    hidden = network.encode(batch.window)
    mentions = network.mentions(hidden, batch.spans)
    antecedents = network.coreference(mentions, batch.spans, batch.matches)
    zero = hidden.sum() * 0.0
    relations = zero
    if bool(batch.pairs.mask.any()):
        related = network.related(mentions, batch.spans, batch.matches, antecedents)
        pairs = network.pairs(hidden, batch.window.mask, related, batch.spans, batch.pairs)
        scores = network.relations(pairs[batch.pairs.mask], properties)
        relations = relation_loss(scores.float(), batch.relations)
    tags = zero
    if bool((batch.tags != IGNORED).any()):
        tags = functional.cross_entropy(
            network.tags(hidden).flatten(0, 1).float(), batch.tags.flatten(), ignore_index=IGNORED
        )
    coreference = zero
    if bool(batch.candidates.any()):
        coreference = antecedent_loss(antecedents.float(), batch.antecedents, batch.candidates)
    return Losses(tags, relations, coreference)


def relation_loss(scores: Tensor, targets: RelationTargets) -> Tensor:
    """Binary and ranking cross-entropy per true fact; a group scores as its best pair.

    `scores` is (pairs, properties). The ranking term sets each true property of a group against all
    that are known to be false of it, which separates like properties sooner than the binary one.
    """
    scores = group_scores(scores, targets)
    binary = functional.binary_cross_entropy_with_logits(
        scores, targets.targets, weight=targets.weights, reduction="sum"
    )
    row, column = targets.targets.nonzero(as_tuple=True)
    false = (targets.weights > CERTAIN) & (targets.targets == 0)
    rivals = torch.logsumexp(scores.masked_fill(~false, -1e4), 1)
    ranking = functional.softplus(rivals[row] - scores[row, column]).sum()
    return (binary + ranking) / (targets.targets.sum() + 1.0)


def group_scores(scores: Tensor, targets: RelationTargets) -> Tensor:
    """The best score of each group's pairs: (pairs, properties) to (groups, properties)."""
    groups, width = targets.targets.shape
    index = targets.group[:, None].expand(-1, width)
    return scores.new_zeros(groups, width).scatter_reduce(0, index, scores, "amax", include_self=False)


def antecedent_loss(scores: Tensor, gold: Tensor, candidates: Tensor) -> Tensor:
    """Marginal log-likelihood of the gold antecedents, or of "none" (Lee et al., EMNLP 2017)."""
    rows = candidates.any(-1)
    scores = scores[rows].masked_fill(~candidates[rows], -1e4)
    gold = gold[rows]
    none = scores.new_zeros(len(scores), 1)
    everything = torch.logsumexp(torch.cat([none, scores], 1), 1)
    right = torch.where(gold.any(1), torch.logsumexp(scores.masked_fill(~gold, -1e4), 1), none[:, 0])
    return (everything - right).mean()

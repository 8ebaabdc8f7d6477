"""The four losses of joint training, each over what its batch annotates."""

from __future__ import annotations

from collections.abc import Sequence
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
    """Scalars: tags (cross-entropy), relations and attributes (binary cross-entropy), coreference, and what
    the encoder makes of tokens (its distance from what another makes)."""

    tags: Tensor
    relations: Tensor
    coreference: Tensor
    states: Tensor

    @property
    def total(self) -> Tensor:
        """What joint training minimises."""
        return self.entities + self.relations

    @property
    def entities(self) -> Tensor:
        """What the first stage of stepwise training minimises."""
        return 2.0 * self.tags + 0.5 * self.coreference


@dataclass(frozen=True, slots=True)
class Told:
    """What the network says of a batch in one pass: logits, of each None, or none, where nothing trains it.

    `tags` (words, tags) of the words that train, `relations` (groups, properties) for each way of telling
    properties, `antecedents` (batch, mentions, mentions); and the `states` (batch, tokens, hidden) of tokens.
    """

    tags: Tensor | None
    relations: tuple[Tensor, ...]
    antecedents: Tensor | None
    states: Tensor

    @classmethod
    def by(cls, network: JointNetwork, batch: Batch, properties: Sequence[Tensor]) -> Told:
        """One pass, with dropout of its own where the network trains."""
        hidden = network.encode(batch.window)
        mentions = network.read_mentions(hidden, batch.spans, batch.matches)
        relations: tuple[Tensor, ...] = ()
        if bool(batch.pairs.mask.any()):
            pairs = network.pair_vectors(hidden, batch.window.mask, mentions, batch.pairs)[batch.pairs.mask]
            scores = (network.relations(pairs, told) for told in properties)
            relations = tuple(group_scores(each.float(), batch.relations) for each in scores)
        words = batch.tagged
        return cls(
            network.tags(hidden)[words].float() if bool(words.any()) else None,
            relations,
            mentions.antecedents.float() if bool(batch.candidates.any()) else None,
            hidden,
        )

    def losses(self, batch: Batch) -> Losses:
        """How far this is from what is annotated."""
        tags = relations = coreference = states = self.states.sum() * 0.0
        if self.tags is not None:
            tags = tag_loss(self.tags, batch)
        for scores in self.relations:
            relations = relations + relation_loss(scores, batch.relations)
        if self.antecedents is not None:
            coreference = antecedent_loss(self.antecedents, batch.antecedents, batch.candidates)
        if batch.states is not None:
            states = state_loss(self.states, batch.states, batch.window.mask)
        return Losses(tags, relations, coreference, states)


def joint_losses(
    network: JointNetwork, batch: Batch, properties: Sequence[Tensor], *, consistency: float = 0.0
) -> Losses:
    """Losses of one batch; `properties` are all of them, (properties, compared + 1), in each way of telling.

    With `consistency` the batch is read twice, under different dropout: the mean of both losses, and that
    many times how far the two readings are apart (R-Drop, Liang et al., NeurIPS 2021).
    """
    told = Told.by(network, batch, properties)
    losses = told.losses(batch)
    if not consistency:
        return losses
    again = Told.by(network, batch, properties)
    other = again.losses(batch)
    tags, relations = (losses.tags + other.tags) / 2, (losses.relations + other.relations) / 2
    if told.tags is not None and again.tags is not None:
        tags = tags + consistency * divergence(told.tags, again.tags).mean()
    for one, two in zip(told.relations, again.relations, strict=True):
        apart = binary_divergence(one, two) * batch.relations.weights
        relations = relations + consistency * per_fact(apart.sum(), batch.relations)
    coreference, states = (losses.coreference + other.coreference) / 2, (losses.states + other.states) / 2
    return Losses(tags, relations, coreference, states)


def divergence(scores: Tensor, others: Tensor) -> Tensor:
    """The mean of both Kullback-Leibler divergences of two readings' logits (rows, classes): (rows,).

    >>> divergence(torch.tensor([[0.0, 0.0]]), torch.tensor([[0.0, 0.0]])).item()
    0.0
    """
    first, second = scores.log_softmax(-1), others.log_softmax(-1)
    return ((first.exp() - second.exp()) * (first - second)).sum(-1) / 2


def binary_divergence(scores: Tensor, others: Tensor) -> Tensor:
    """The same of logits of single probabilities, each by itself.

    >>> logit = torch.tensor([2.0])
    >>> pair = divergence(torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 0.0]]))
    >>> torch.allclose(binary_divergence(logit, torch.tensor([0.0])), pair)
    True
    """
    return (scores.sigmoid() - others.sigmoid()) * (scores - others) / 2


def state_loss(states: Tensor, others: Tensor, mask: Tensor | None) -> Tensor:
    """How far states (batch, tokens, hidden) are from others: the square of their distance by that of the
    others' length, a mean over tokens (TinyBERT, Jiao et al., Findings of EMNLP 2020, has the former alone).

    >>> state_loss(torch.zeros(1, 2, 4), torch.ones(1, 2, 4), None).item()
    1.0
    """
    shares = (states - others).square().sum(-1) / others.square().sum(-1)
    return shares.mean() if mask is None else shares[mask.bool()].mean()


def tag_loss(scores: Tensor, batch: Batch) -> Tensor:
    """Cross-entropy of the tags of the words that train, (words, tags): a mean by weight.

    What is remembered has probabilities for targets.
    """
    tags = batch.tags[batch.tagged]
    if batch.tag_targets is None:
        return functional.cross_entropy(scores, tags, ignore_index=IGNORED)
    known = tags != IGNORED
    losses = torch.where(
        known,
        functional.cross_entropy(scores, tags, ignore_index=IGNORED, reduction="none"),
        functional.cross_entropy(scores, batch.tag_targets, reduction="none"),
    )
    weights = torch.where(known, 1.0, batch.remembered[batch.tagged])
    return (losses * weights).sum() / weights.sum()


def relation_loss(scores: Tensor, targets: RelationTargets) -> Tensor:
    """Binary and ranking cross-entropy per true fact.

    `scores` is (groups, properties). The ranking term sets each true property of a group against all
    that are known to be false of it, which separates like properties sooner than the binary one. What is
    remembered has probabilities for targets, and no part in the ranking.
    """
    binary = functional.binary_cross_entropy_with_logits(
        scores, targets.targets, weight=targets.weights, reduction="sum"
    )
    row, column = (targets.targets == 1).nonzero(as_tuple=True)
    false = (targets.weights > CERTAIN) & (targets.targets == 0)
    rivals = torch.logsumexp(scores.masked_fill(~false, -1e4), 1)
    ranking = functional.softplus(rivals[row] - scores[row, column]).sum()
    return per_fact(binary + ranking, targets)


def per_fact(total: Tensor, targets: RelationTargets) -> Tensor:
    """A sum over all pairs and properties as a share of the true facts, and one more."""
    return total / ((targets.targets * targets.weights).sum() + 1.0)


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

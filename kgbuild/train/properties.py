"""Few-shot: the vectors of properties, fitted on a network that stays as it is.

A property is known by a vector against which pairs score, so with the network fixed, learning a property is
logistic regression on pair vectors: convex, with no rates or epochs to choose, done in seconds. The prior is
a normal one around what the property is known by before: for a new property that is what its text tells, by
likeness where the network has it. What is learned is kept as the difference to the text's learned vector.
Vectors of other properties, mentions and coreference are not touched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from kgbuild.extract.network import JointNetwork
from kgbuild.extract.precision import mixed_precision
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.train.batches import Batch, Inventory, RelationTargets, batches, collate
from kgbuild.train.device import on
from kgbuild.train.features import Features
from kgbuild.train.losses import group_scores

ITERATIONS = 200
TOKENS = 2048

Evidence = list[tuple[Tensor, RelationTargets]]
"""Pair vectors (pairs, compared), and targets with a column for each property that is fitted."""


def fit_properties(
    network: JointNetwork,
    texts: PropertyTexts,
    inventory: Inventory,
    rows: Sequence[Features],
    names: Collection[str],
    *,
    prior: float,
) -> None:
    """Fit the named properties' rows of the network's memory to what the rows say; no other changes.

    `prior` is the precision of the normal distribution around what they are known by before.
    """
    network.eval()
    columns = torch.tensor(sorted(inventory.columns[name] for name in names), device=network.memory.device)
    with torch.no_grad():
        told, own = on(columns.device, texts).vectors(network)[columns], network.memory[columns].float()
        before, (learned, _) = network.known(told, own), network.apart(told)
        plain = own.any(1, keepdim=True) & ~network.apart(own)[1].any(1, keepdim=True)
        evidence = list(_evidence(network, inventory, rows, columns))
    step = torch.zeros_like(before, requires_grad=True)
    optimizer = torch.optim.LBFGS([step], max_iter=ITERATIONS, line_search_fn="strong_wolfe")

    def moved() -> Tensor:
        """The vectors now; one that was learned without likeness does without."""
        return before + torch.where(plain, network.apart(step)[0], step)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = prior / 2 * (step**2).sum() + _loss(evidence, moved())
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        network.memory[columns] = moved() - learned


def _loss(evidence: Evidence, properties: Tensor) -> Tensor:
    """Binary cross-entropy, summed over what is known; a group scores as its best pair."""
    total = properties.new_zeros(())
    for vectors, targets in evidence:
        scores = group_scores(vectors @ properties[:, :-1].T + properties[:, -1], targets)
        total = total + functional.binary_cross_entropy_with_logits(
            scores, targets.targets, weight=targets.weights, reduction="sum"
        )
    return total


def _evidence(
    network: JointNetwork, inventory: Inventory, rows: Sequence[Features], columns: Tensor
) -> Iterator[tuple[Tensor, RelationTargets]]:
    """What each batch tells of the columns."""
    for chosen in batches(rows, tokens=TOKENS, seed=0):
        batch = on(columns.device, collate(chosen, inventory))
        if bool(batch.pairs.mask.any()):
            yield pair_vectors(network, batch), batch.relations.of(columns)


def pair_vectors(network: JointNetwork, batch: Batch) -> Tensor:
    """Vectors of a batch's pairs in float32, (pairs, compared)."""
    with mixed_precision(network):
        hidden = network.encode(batch.window)
        mentions = network.read_mentions(hidden, batch.spans, batch.matches)
        pairs = network.pair_vectors(hidden, batch.window.mask, mentions, batch.pairs)
    return pairs[batch.pairs.mask].float()

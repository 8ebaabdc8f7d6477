"""Likeness learned on a network that stays as it is: what properties are told by that were never learned.

Where all of a network trains, what the encoder makes of texts fits the properties that train ever better and
others ever less. Here the encoder's states are fixed, and of each pair and each property only the few maps
of `kgbuild.extract.likeness` are learned, in one pass over the data with the loss of relations.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from kgbuild.extract.likeness import Likeness, TextStates, mean_ends
from kgbuild.extract.network import JointNetwork
from kgbuild.extract.precision import mixed_precision
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.train.batches import Batch, Inventory, RelationTargets, batches, collate
from kgbuild.train.device import on
from kgbuild.train.features import Features
from kgbuild.train.losses import group_scores, relation_loss
from kgbuild.train.updates import rate

RATE, WARMUP = 2e-3, 0.1
MOST_PAIRS = 60
"""Pairs of a window that are learned from; true ones are always among them."""
OPENED = 0.2
"""Share of the ends whose classes a step leaves out."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A batch as likeness sees it, in bfloat16.

    `states` (mentions, hidden) of all mentions, `subject` and `object` (pairs,) their places, `context`
    (pairs, attention), and what is annotated.
    """

    states: Tensor
    subject: Tensor
    object: Tensor
    context: Tensor
    targets: RelationTargets


def seen(
    network: JointNetwork, inventory: Inventory, rows: Sequence[Features], *, tokens: int, seed: int
) -> Iterator[Seen]:
    """What likeness learns from, batch after batch in an order by the seed."""
    network.eval()
    for number, chosen in enumerate(batches(rows, tokens=tokens, seed=seed)):
        batch = collate(chosen, inventory, most_pairs=MOST_PAIRS, seed=seed + number)
        if bool(batch.pairs.mask.any()):
            yield _seen(network, on(network.memory.device, batch))


@torch.no_grad()
def _seen(network: JointNetwork, batch: Batch) -> Seen:
    with mixed_precision(network):
        hidden = network.encode(batch.window)
        mentions = network.read_mentions(hidden, batch.spans, batch.matches)
        related = network.related(mentions.vectors, batch.spans, batch.matches, mentions.antecedents)
        context = network.contexts(hidden, batch.window.mask, related, batch.pairs)
    states = mean_ends(hidden, batch.spans.first, batch.spans.last)
    count, valid = states.shape[1], batch.pairs.mask
    row = torch.arange(len(states), device=states.device)[:, None] * count
    return Seen(
        states.flatten(0, 1).bfloat16(),
        (batch.pairs.subject + row)[valid],
        (batch.pairs.object + row)[valid],
        context[valid].bfloat16(),
        batch.relations,
    )


def fit_likeness(
    network: JointNetwork,
    texts: PropertyTexts,
    evidence: Sequence[Seen],
    columns: Collection[int],
    *,
    seed: int,
) -> None:
    """Learn the network's likeness anew, from what is annotated of the properties in these columns."""
    torch.manual_seed(seed)
    config, device = network.config, network.memory.device
    likeness = Likeness(network.encoder_config.hidden_size, config.attention, config.likeness).to(device)
    places = torch.tensor(sorted(columns), device=device)
    with torch.no_grad():
        states = network.texts(on(device, texts).described.at(places))
    optimizer = torch.optim.AdamW(likeness.parameters(), lr=RATE)
    order = np.random.default_rng(seed).permutation(len(evidence))
    for step, number in enumerate(order):
        each = evidence[number]
        for group in optimizer.param_groups:
            group["lr"] = RATE * rate(step, len(order), WARMUP)
        optimizer.zero_grad()
        ends = likeness.mentions(each.states.float())
        pairs = likeness.of_pairs(ends[each.subject], ends[each.object], each.context)
        told = each.targets.of(places)
        scores = group_scores(pairs @ likeness.of_properties(_opened(states)).T, told)
        relation_loss(scores, told).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(likeness.parameters(), 1.0)
        optimizer.step()
    network.likeness = likeness.eval()


def _opened(states: TextStates) -> TextStates:
    """The states with some ends open, as an ontology given at run time may have them."""
    domain, range_ = (
        torch.where(torch.rand(len(each), 1, device=each.device) < OPENED, states.text, each)
        for each in (states.domain, states.range)
    )
    return states._replace(domain=domain, range=range_)

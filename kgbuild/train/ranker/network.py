"""Decisions enter; a fitted network, and its predictions of decisions that it has not seen, leave."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from kgbuild.link.features import CANDIDATE_FEATURES, GROUP_FEATURES
from kgbuild.train.ranker.examples import FOLDS, Example
from kgbuild.train.ranker.work import at_once

HIDDEN = 24
EPOCHS = 15
RATE = 4e-3
DECAY = 1e-2
DROPOUT = 0.2
SEEDS = 4
"""Networks whose mean is taken: it is right more often than any one of them."""


class Network(torch.nn.Module):
    """The scorer in the form in which it is fitted; `Ranker` holds the same in numpy."""

    def __init__(self, mean: torch.Tensor, scale: torch.Tensor, hidden: int = HIDDEN) -> None:
        super().__init__()
        self.mean, self.scale = mean, scale
        wide, narrow = len(CANDIDATE_FEATURES), len(GROUP_FEATURES)
        self.hidden = torch.nn.Linear(wide, hidden)
        self.group_hidden = torch.nn.Linear(narrow, hidden, bias=False)
        self.out = torch.nn.Linear(hidden, 1, bias=False)
        self.nil_hidden = torch.nn.Linear(narrow, hidden // 2)
        self.nil_out = torch.nn.Linear(hidden // 2, 1)

    def forward(self, batch: Batch) -> torch.Tensor:
        """Log probabilities (cases, candidates + 1), the last of NIL."""
        cut = len(CANDIDATE_FEATURES)
        rows = _dropped((batch.rows - self.mean[:cut]) / self.scale[:cut], self.training)
        group = _dropped((batch.groups - self.mean[cut:]) / self.scale[cut:], self.training)
        hidden = torch.tanh(self.hidden(rows) + self.group_hidden(group)[:, None, :])
        scores = self.out(hidden)[..., 0].masked_fill(~batch.mask, -1e9)
        nil = self.nil_out(torch.tanh(self.nil_hidden(group)))
        return torch.log_softmax(torch.cat([scores, nil], dim=1), dim=1)


def _dropped(inputs: torch.Tensor, training: bool) -> torch.Tensor:
    return torch.nn.functional.dropout(inputs, DROPOUT, training)


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples as tensors, padded to the most candidates among them, whose place is NIL's answer."""

    rows: torch.Tensor
    groups: torch.Tensor
    mask: torch.Tensor
    answers: torch.Tensor
    weights: torch.Tensor

    @classmethod
    def of(cls, made: Sequence[Example]) -> Batch:
        """Pad and stack."""
        counts = [len(example.case.candidates) for example in made]
        widest = max(counts)
        rows = torch.zeros(len(made), widest, len(CANDIDATE_FEATURES))
        for place, example in enumerate(made):
            rows[place, : counts[place]] = torch.from_numpy(example.case.candidates)
        answers = [e.answer if e.answer < n else widest for e, n in zip(made, counts, strict=True)]
        return cls(
            rows=rows,
            groups=torch.from_numpy(np.stack([example.case.group for example in made])),
            mask=torch.arange(widest)[None, :] < torch.tensor(counts)[:, None],
            answers=torch.tensor(answers),
            weights=torch.tensor([example.weight for example in made]),
        )


def _batches(made: Sequence[Example], size: int) -> list[Batch]:
    """Batches of examples with like numbers of candidates."""
    ordered = sorted(made, key=lambda example: len(example.case.candidates))
    return [Batch.of(ordered[start : start + size]) for start in range(0, len(ordered), size)]


def fit(made: Sequence[Example], seeds: int = SEEDS) -> Network:
    """The mean of networks that were fitted from different beginnings, as one network."""
    return averaged([fit_one(made, seed) for seed in range(seeds)])


def averaged(networks: Sequence[Network]) -> Network:
    """One network whose scores are the means of those of several, by laying their layers side by side."""
    first, count = networks[0], len(networks)
    whole = Network(first.mean, first.scale, HIDDEN * count)
    parts = [dict(network.named_parameters()) for network in networks]
    with torch.no_grad():
        for name, values in whole.named_parameters():
            held: list[torch.Tensor] = [part[name] for part in parts]
            if name in ("out.weight", "nil_out.weight"):
                values.copy_(torch.cat(held, dim=1) / count)
            elif name == "nil_out.bias":
                values.copy_(torch.stack(held).mean(0))
            else:
                values.copy_(torch.cat(held))
    return whole.eval()


def fit_one(made: Sequence[Example], seed: int = 0) -> Network:
    """Minimise the weighted cross-entropy of the right answers of those that have candidates."""
    torch.manual_seed(seed)
    shuffle = random.Random(seed)
    learnt = [example for example in made if len(example.case.candidates)]
    rows = torch.cat([torch.from_numpy(example.case.candidates) for example in learnt])
    narrow = torch.from_numpy(np.stack([example.case.group for example in learnt]))
    mean = torch.cat([rows.mean(0), narrow.mean(0)])
    network = Network(mean, torch.cat([rows.std(0), narrow.std(0)]).clamp(min=0.05))
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    batches = _batches(shuffle.sample(learnt, len(learnt)), 128)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS)
    for _ in range(EPOCHS):
        for batch in shuffle.sample(batches, len(batches)):
            told = network(batch)
            loss = -(told.gather(1, batch.answers[:, None])[:, 0] * batch.weights).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        schedule.step()
    return network.eval()


def predict(network: Network, made: Sequence[Example]) -> list[torch.Tensor]:
    """Log probabilities of each example's candidates and, last, NIL, at temperature 1."""
    with torch.no_grad():
        return [network(Batch.of([example]))[0] for example in made]


def fold_networks(made: Sequence[Example], seeds: int = SEEDS, workers: int = 1) -> list[Network]:
    """For each fold, a network fitted without it."""

    def without(fold: int) -> Network:
        return fit([example for example in made if example.fold != fold], seeds)

    return at_once(without, range(FOLDS), workers)

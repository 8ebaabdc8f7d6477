"""Decisions enter; a bi-encoder's projections leave, and decisions with what it says of them.

What it says of a decision is said by one that was fitted without the fold of its document, so that the
ranker learns how far it is to be trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.nn import functional

from kgbuild.link.features import CANDIDATE_FEATURES, Case
from kgbuild.link.meaning import (
    FEATURES,
    Array,
    Encoder,
    Meaning,
    Projections,
    features,
    packed,
    told_of,
)
from kgbuild.records import Entity
from kgbuild.train.ranker.examples import FOLDS, Example

SIZE = 64
SEEDS = 2
"""Bi-encoders that are laid side by side: their cosine is about the mean of theirs."""

EPOCHS = 6
BATCH = 128
RATE = 3e-3
DECAY = 0.1
DROPOUT = 0.2
NEAREST, OTHERS = 8, 16
"""Candidates of a name, and right entities of other names in its batch, that the right one is told from."""

COLUMN = CANDIDATE_FEATURES.index(FEATURES[0])


class Gists:
    """Vectors of entities, each computed once."""

    def __init__(self, gist: Callable[[str], Array]) -> None:
        self._gist = gist
        self._held: dict[Entity, Array] = {}

    def __call__(self, entity: Entity) -> Array:
        """(hidden,)."""
        if entity not in self._held:
            self._held[entity] = self._gist(told_of(entity))
        return self._held[entity]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Contexts (batch, width), entities (batch, candidates, hidden) of which the first is right, and mask."""

    contexts: torch.Tensor
    entities: torch.Tensor
    mask: torch.Tensor
    weights: torch.Tensor


class _Towers(torch.nn.Module):
    """Two linear maps and a scale for their cosines."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.mention = torch.nn.Linear(width, SIZE)
        self.entity = torch.nn.Linear(hidden, SIZE)
        self.scale = torch.nn.Parameter(torch.tensor(2.0))

    def forward(self, batch: _Batch) -> torch.Tensor:
        """Logits (batch, candidates)."""
        here = functional.normalize(self.mention(functional.dropout(batch.contexts, DROPOUT)), dim=-1)
        there = functional.normalize(self.entity(functional.dropout(batch.entities, DROPOUT)), dim=-1)
        cosines = torch.einsum("bd,bcd->bc", here, there)
        return (cosines * self.scale.exp().clamp(max=30.0)).masked_fill(~batch.mask, -1e9)


def fit(made: Sequence[Example], gists: Callable[[Entity], Array], digest: str) -> Projections:
    """Projections under which the right entity's cosine is above others'; `digest` is the encoder's."""
    fitted = [_fit_one(made, gists, seed) for seed in range(SEEDS)]
    mention, entity = (np.concatenate(parts, axis=1) for parts in zip(*fitted, strict=True))
    return Projections(digest, SIZE * SEEDS, packed(mention), packed(entity))


def _fit_one(made: Sequence[Example], gists: Callable[[Entity], Array], seed: int) -> tuple[Array, Array]:
    """The two matrices of one bi-encoder."""
    torch.manual_seed(seed)
    dice = np.random.default_rng(seed)
    learnt = [one for one in made if one.context is not None and one.answer < len(one.entities)]
    contexts = torch.from_numpy(np.stack([one.context for one in learnt if one.context is not None]))
    right = torch.from_numpy(np.stack([gists(one.entities[one.answer]) for one in learnt]))
    scales = [(side.mean(0), side.std(0).clamp(min=1e-3)) for side in (contexts, right)]
    towers = _Towers(contexts.shape[1], right.shape[1])
    optimiser = torch.optim.AdamW(towers.parameters(), lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * -(-len(learnt) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    for _ in range(EPOCHS):
        order = dice.permutation(len(learnt))
        for start in range(0, len(order), BATCH):
            batch = _batch([learnt[place] for place in order[start : start + BATCH]], gists, scales)
            told = functional.log_softmax(towers(batch), dim=1)[:, 0]
            optimiser.zero_grad()
            loss = -(told * batch.weights).mean()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    return _folded(towers.mention, scales[0]), _folded(towers.entity, scales[1])


Scale = tuple[torch.Tensor, torch.Tensor]


def _batch(some: Sequence[Example], gists: Callable[[Entity], Array], scales: Sequence[Scale]) -> _Batch:
    """Right entities first, then the other candidates, then right entities of other decisions."""
    chosen: list[list[Entity]] = []
    for one in some:
        right = one.entities[one.answer]
        others = [entity for entity in one.entities if entity is not right][: NEAREST - 1]
        chosen.append([right, *others])
    further = [held[0] for held in chosen[:OTHERS]]
    rows = [[*held, *(entity for entity in further if entity is not held[0])] for held in chosen]
    most = max(map(len, rows))
    (mean, deviation), (entity_mean, entity_deviation) = scales
    entities = torch.zeros(len(rows), most, len(entity_mean))
    for place, held in enumerate(rows):
        entities[place, : len(held)] = torch.from_numpy(np.stack([gists(entity) for entity in held]))
    contexts = torch.from_numpy(np.stack([one.context for one in some if one.context is not None]))
    return _Batch(
        contexts=(contexts - mean) / deviation,
        entities=(entities - entity_mean) / entity_deviation,
        mask=torch.arange(most)[None, :] < torch.tensor([len(held) for held in rows])[:, None],
        weights=torch.tensor([max(one.weight, 0.3) for one in some]),
    )


def _folded(layer: torch.nn.Linear, scale: Scale) -> Array:
    """A layer after a standardisation, as one matrix with a last row of biases."""
    mean, deviation = scale
    matrix = (layer.weight / deviation).T.detach()
    return torch.cat([matrix, (layer.bias.detach() - mean @ matrix)[None]]).numpy()


def compared(made: Sequence[Example], encoder: Encoder) -> tuple[list[Example], Projections]:
    """The decisions with `meaning.FEATURES`, in their order, and projections fitted on all of them."""
    gists = Gists(encoder.gist)
    told = list(made)
    for fold in range(FOLDS):
        learnt = [one for one in made if one.fold != fold and not one.bereft]
        meaning = Meaning(fit(learnt, gists, encoder.digest), encoder)
        known: dict[Entity, Array] = {}
        for place, one in enumerate(made):
            if one.fold == fold:
                told[place] = _filled(one, meaning, known)
    return told, fit([one for one in made if not one.bereft], gists, encoder.digest)


def _filled(one: Example, meaning: Meaning, known: dict[Entity, Array]) -> Example:
    """A decision with what a bi-encoder says of its candidates."""
    if one.context is None or not one.entities:
        return one
    for entity in one.entities:
        if entity not in known:
            known[entity] = meaning.of_entity(entity)
    here = meaning.of_mentions([one.context.astype("<f2").tobytes()])
    rows = one.case.candidates.copy()
    rows[:, COLUMN : COLUMN + len(FEATURES)] = features(here, [known[entity] for entity in one.entities])
    return replace(one, case=Case(rows, one.case.group))


def without(made: Sequence[Example]) -> list[Example]:
    """The decisions as if nothing were said."""
    left: list[Example] = []
    for one in made:
        rows = one.case.candidates.copy()
        rows[:, COLUMN : COLUMN + len(FEATURES)] = 0.0
        left.append(replace(one, case=Case(rows, one.case.group)))
    return left

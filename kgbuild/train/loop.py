"""The training loop: joint, resumable at epochs, its randomness fixed by the seed.

Property vectors come from the encoder under training: each step encodes a sample of the
properties with gradients and takes the others from a table of their last values.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from kgbuild.extract.model import Model, ModelConfig, fresh_model, load_model, save_model
from kgbuild.extract.network import NetworkConfig
from kgbuild.extract.vectors import PropertyTexts, readable
from kgbuild.ontology import load_ontology
from kgbuild.train.batches import Inventory, batches, collate
from kgbuild.train.config import TrainingConfig
from kgbuild.train.corpora import Corpus, with_predicted_mentions
from kgbuild.train.data import read_data
from kgbuild.train.features import Features
from kgbuild.train.losses import Losses, joint_losses

logger = logging.getLogger(__name__)

FORGOTTEN = 0.25
"""Share of the properties whose own vectors a step leaves out."""


QUIET = 0.25
"""Scale of fresh property vectors: scores that start near one another are learned sooner."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where training stands after a step."""

    epoch: int
    step: int
    steps: int
    tokens: int
    losses: Losses


def with_memory(model: Model, names: tuple[str, ...]) -> Model:
    """The model with a row of memory for each property, those that it has kept."""
    old = dict(zip(model.config.trained, model.network.memory.data, strict=True))
    blank = torch.zeros(model.config.network.width + 1)
    rows = torch.stack([old.get(name, blank) for name in names])
    model.network.memory = torch.nn.Parameter(rows)
    network = replace(model.config.network, memory=len(names))
    model.network.config = network
    model.config = replace(model.config, network=network, trained=names)
    return model


class Trainer:
    """One run of a recipe."""

    def __init__(self, config: TrainingConfig) -> None:
        torch.manual_seed(config.seed)
        self.config = config
        self.ontology = load_ontology(Path(config.ontology) if config.ontology else None)
        self.model = self._model()
        encoder = self.model.text_encoder
        self.corpora = [
            Corpus.of(spec, examples, encoder, config.length)
            for spec, examples in read_data(config, self.ontology)
        ]
        self.texts = PropertyTexts.of(self.ontology, encoder, length=self.model.config.property_length)
        self.inventory = Inventory.of(self.ontology, self.texts.names)
        self.table = torch.zeros(len(self.texts.names), self.model.config.network.width + 1)
        self.random = np.random.default_rng(config.seed)

    def _model(self) -> Model:
        names = readable(self.ontology)
        if self.config.start_from:
            model = load_model(Path(self.config.start_from))
            return with_memory(model, names)
        config = ModelConfig(
            1, Path(self.config.output).name, NetworkConfig(memory=len(names)), trained=names
        )
        model = fresh_model(Path(self.config.backbone), config)
        with torch.no_grad():
            model.network.property.weight[:-1] *= QUIET
            model.network.property.bias[-1] = -4.0
        return model

    def run(self, report: Callable[[Progress], None], after_epoch: Callable[[int, Model], None]) -> Model:
        """Train; a checkpoint is written after each epoch."""
        network = self.model.network
        steps = len(list(batches(self.shown(0), tokens=self.config.tokens, seed=0))) * self.config.epochs
        optimizer = self._optimizer()
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: self._rate(step, steps))
        step = 0
        for epoch in range(self.config.epochs):
            shown = self.shown(epoch)
            if epoch or self.config.start_from:
                shown = with_predicted_mentions(shown, network, self.model.text_encoder)
            self.refresh_table()
            network.train()
            seed = self.config.seed * 1000 + epoch
            for rows in batches(shown, tokens=self.config.tokens, seed=seed):
                losses = self._step(rows, optimizer, step)
                schedule.step()
                step += 1
                report(Progress(epoch, step, steps, sum(len(row.ids) for row in rows), losses))
            network.eval()
            save_model(self.model, Path(self.config.output))
            after_epoch(epoch, self.model)
        return self.model

    def shown(self, epoch: int) -> list[Features]:
        """The features of an epoch, data set after data set."""
        return [
            row
            for number, corpus in enumerate(self.corpora)
            for row in corpus.epoch(
                (self.config.seed * 1000 + epoch) * 100 + number, self.model.text_encoder, self.config.length
            )
        ]

    def _optimizer(self) -> torch.optim.Optimizer:
        groups: dict[tuple[bool, bool], list[Tensor]] = {}
        for name, parameter in self.model.network.named_parameters():
            is_matrix = parameter.ndim > 1 and name != "memory"
            groups.setdefault((name.startswith("encoder."), is_matrix), []).append(parameter)
        return torch.optim.AdamW(
            [
                {
                    "params": parameters,
                    "lr": self.config.encoder_rate if is_encoder else self.config.head_rate,
                    "weight_decay": self.config.weight_decay if is_matrix else 0.0,
                }
                for (is_encoder, is_matrix), parameters in groups.items()
            ],
            betas=(0.9, 0.98),
            fused=True,
        )

    def _rate(self, step: int, steps: int) -> float:
        warm = max(1, int(self.config.warmup * steps))
        if step < warm:
            return (step + 1) / warm
        return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))

    def _step(self, rows: Sequence[Features], optimizer: torch.optim.Optimizer, step: int) -> Losses:
        batch = collate(rows, self.inventory, most_pairs=self.config.most_pairs, seed=step)
        with torch.autocast("cpu", torch.bfloat16):
            losses = joint_losses(
                self.model.network,
                batch,
                self._property_vectors(batch.relations.targets, batch.relations.weights),
            )
        optimizer.zero_grad(set_to_none=True)
        losses.total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.network.parameters(), self.config.clip)
        optimizer.step()
        return Losses(losses.tags.detach(), losses.relations.detach(), losses.coreference.detach())

    def _property_vectors(self, targets: Tensor, weights: Tensor) -> Tensor:
        """All property vectors; those of the batch's facts, and a few more, with gradients."""
        true = targets.sum(0).numpy() > 0
        known = (weights.sum(0).numpy() > 0) & ~true
        chosen = self.random.permutation(np.flatnonzero(true))[: self.config.property_sample]
        extra = self.random.permutation(np.flatnonzero(known))[: self.config.property_sample - len(chosen)]
        columns = torch.from_numpy(np.r_[chosen, extra].astype(np.int64))
        if not len(columns):
            return self._remembered(self.table)
        ids, mask = self.texts.rows(columns)
        fresh = self.model.network.properties(ids, mask).float()
        self.table[columns] = fresh.detach()
        return self._remembered(self.table.clone().index_copy(0, columns, fresh))

    def _remembered(self, texts: Tensor) -> Tensor:
        """Text vectors plus what is learned of each property alone; left out of a share of the steps.

        What is left out must be told by the text, as it must for a property never seen.
        """
        kept = torch.from_numpy(self.random.random((len(texts), 1)) >= FORGOTTEN)
        return texts + self.model.network.memory * kept

    @torch.no_grad()
    def refresh_table(self) -> None:
        """Encode every property anew."""
        self.model.network.eval()
        self.table = self.texts.vectors(self.model.network)

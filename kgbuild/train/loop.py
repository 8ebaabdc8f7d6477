"""The training loop: joint, resumable at epochs, its randomness fixed by the seed.

Property vectors come from the encoder under training: each step encodes a sample of the
properties with gradients and takes the others from a table of their last values.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from kgbuild.extract.decode import tagged_spans
from kgbuild.extract.model import Model, ModelConfig, fresh_model, load_model, save_model
from kgbuild.extract.network import NetworkConfig
from kgbuild.extract.vectors import PropertyTexts, readable
from kgbuild.ontology import load_ontology
from kgbuild.train.batches import batches, collate, window_tensors
from kgbuild.train.config import TrainingConfig
from kgbuild.train.data import read_data
from kgbuild.train.examples import Tagging
from kgbuild.train.features import Features, SpanTarget, featurize, with_spans
from kgbuild.train.losses import Losses, joint_losses

logger = logging.getLogger(__name__)

FORGOTTEN = 0.25
"""Share of the properties whose own vectors a step leaves out."""


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
        self.data = [
            (spec, [featurize(item, encoder, length=config.length) for item in examples])
            for spec, examples in read_data(config, self.ontology)
        ]
        self.texts = PropertyTexts.of(self.ontology, encoder, length=self.model.config.property_length)
        self.columns = {name: column for column, name in enumerate(self.texts.names)}
        self.table = torch.zeros(len(self.columns), self.model.config.network.width + 1)
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
        torch.nn.init.constant_(model.network.property.bias[-1], -4.0)
        return model

    def run(self, report: Callable[[Progress], None], after_epoch: Callable[[int, Model], None]) -> Model:
        """Train; a checkpoint is written after each epoch."""
        network = self.model.network
        per_epoch = len(list(self._epoch(0)))
        steps = per_epoch * self.config.epochs
        optimizer = self._optimizer()
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: self._rate(step, steps))
        step = 0
        for epoch in range(self.config.epochs):
            if epoch or self.config.start_from:
                self.add_predicted_mentions()
            self.refresh_table()
            network.train()
            for rows in self._epoch(epoch):
                losses = self._step(rows, optimizer, step)
                schedule.step()
                step += 1
                report(Progress(epoch, step, steps, sum(len(row.ids) for row in rows), losses))
            network.eval()
            save_model(self.model, Path(self.config.output))
            after_epoch(epoch, self.model)
        return self.model

    def _epoch(self, epoch: int) -> Iterator[list[Features]]:
        random = np.random.default_rng(self.config.seed * 1000 + epoch)
        chosen: list[Features] = []
        for spec, features in self.data:
            take = min(spec.take or len(features), len(features))
            for _ in range(spec.repeat):
                chosen += [features[number] for number in np.sort(random.permutation(len(features))[:take])]
        return batches(chosen, tokens=self.config.tokens, seed=self.config.seed * 1000 + epoch)

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
        batch = collate(rows, self.columns, seed=step)
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

    @torch.no_grad()
    def add_predicted_mentions(self) -> None:
        """Give partially annotated examples the mentions that the tagger finds: negatives for pairs."""
        self.model.network.eval()
        for number, (spec, features) in enumerate(self.data):
            if features and features[0].example.tagging is Tagging.PARTIAL:
                self.data[number] = (
                    spec,
                    [item for rows in _chunks(features, 64) for item in self._with_predicted(rows)],
                )

    def _with_predicted(self, rows: Sequence[Features]) -> list[Features]:
        window = window_tensors(rows)
        with torch.autocast("cpu", torch.bfloat16):
            scores = self.model.network.tags(self.model.network.encode(window)).float().softmax(-1).numpy()
        return [
            self._rebuilt(item, row[1 : len(item.ids) - 1]) for item, row in zip(rows, scores, strict=True)
        ]

    def _rebuilt(self, item: Features, probabilities: np.ndarray) -> Features:
        starts = np.flatnonzero(item.tokens.first)
        ends = np.r_[starts[1:], len(item.tokens.ids)] - 1
        targets = featurize(item.example, self.model.text_encoder, length=self.config.length)
        spans = [
            SpanTarget(
                int(item.tokens.start[a]), int(item.tokens.end[b]), int(label), int(entity), bool(gold)
            )
            for a, b, label, entity, gold in zip(
                targets.first - 1, targets.last - 1, targets.label, targets.entity, targets.gold, strict=True
            )
        ]
        taken = [(span.start, span.end) for span in spans]
        for found in tagged_spans(probabilities[starts]):
            start, end = int(item.tokens.start[starts[found.first]]), int(item.tokens.end[ends[found.last]])
            if not any(a < end and start < b for a, b in taken):
                spans.append(SpanTarget(start, end, found.label, -1, False))
        kept = with_spans(item.example, self.model.text_encoder, item.tokens, spans)
        return replace(kept, facts=targets.facts, unknown=targets.unknown)


def _chunks(rows: Sequence[Features], size: int) -> Iterator[Sequence[Features]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]

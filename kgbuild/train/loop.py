"""The training loop: joint, resumable at epochs, its randomness fixed by the seed.

Property vectors come from the encoder under training: each step encodes a sample of the
properties with gradients and takes the others from a table of their last values.
"""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from kgbuild.errors import ConfigurationError
from kgbuild.extract.decode import tagged_spans
from kgbuild.extract.model import Model, ModelConfig, fresh_model, load_model, save_model
from kgbuild.extract.network import NetworkConfig
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.train.batches import batches, collate, window_tensors
from kgbuild.train.config import DataConfig, TrainingConfig
from kgbuild.train.datasets.fewrel import read_fewrel
from kgbuild.train.datasets.gap import read_gap
from kgbuild.train.datasets.knowledgenet import read_knowledgenet
from kgbuild.train.datasets.redocred import read_redocred
from kgbuild.train.examples import Example, Tagging
from kgbuild.train.features import Features, SpanTarget, featurize, with_spans
from kgbuild.train.losses import Losses, joint_losses

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where training stands after a step."""

    epoch: int
    step: int
    steps: int
    tokens: int
    losses: Losses


def kept_for_development(document: str, divisor: int) -> bool:
    """Whether a document trains nothing: by the hash of its id, so that splits never move."""
    return divisor > 0 and int(hashlib.sha256(document.encode()).hexdigest(), 16) % divisor == 0


def read_examples(spec: DataConfig, config: TrainingConfig, ontology: Ontology) -> list[Example]:
    """The training examples of one data set."""
    path = Path(config.data_folder) / spec.path
    readers: dict[str, Callable[[], Iterator[Example]]] = {
        "knowledgenet": lambda: read_knowledgenet(path),
        "redocred": lambda: read_redocred(path, redocred_properties(path)),
        "fewrel": lambda: read_fewrel(path),
        "gap": lambda: read_gap(path),
    }
    if spec.format not in readers:
        raise ConfigurationError(f"no data format is called {spec.format!r}; there are {', '.join(readers)}")
    examples = list(readers[spec.format]())[spec.first : spec.last]
    if spec.format == "knowledgenet":
        examples = [
            example
            for example in examples
            if not kept_for_development(example.id.split(":")[0], config.holdout)
        ]
    missing = {fact.property for example in examples for fact in example.facts} - ontology.properties.keys()
    if missing:
        raise ConfigurationError(
            f"{path} uses {', '.join(sorted(missing))}, which the ontology does not have"
        )
    return examples


def redocred_properties(path: Path) -> frozenset[str]:
    """The properties that occur in a file: those are its inventory."""
    return frozenset(fact.property for example in read_redocred(path, frozenset()) for fact in example.facts)


class Trainer:
    """One run of a recipe."""

    def __init__(self, config: TrainingConfig) -> None:
        torch.manual_seed(config.seed)
        self.config = config
        self.ontology = load_ontology(Path(config.ontology) if config.ontology else None)
        self.model = self._model()
        encoder = self.model.text_encoder
        self.data = [
            (
                spec,
                [
                    featurize(item, encoder, length=config.length)
                    for item in read_examples(spec, config, self.ontology)
                ],
            )
            for spec in config.data
        ]
        self.texts = PropertyTexts.of(self.ontology, encoder, length=self.model.config.property_length)
        self.columns = {name: column for column, name in enumerate(self.texts.names)}
        self.table = torch.zeros(len(self.columns), self.model.config.network.width + 1)
        self.random = np.random.default_rng(config.seed)

    def _model(self) -> Model:
        if self.config.start_from:
            return load_model(Path(self.config.start_from))
        model = fresh_model(
            Path(self.config.backbone), ModelConfig(1, Path(self.config.output).name, NetworkConfig())
        )
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
            groups.setdefault((name.startswith("encoder."), parameter.ndim > 1), []).append(parameter)
        return torch.optim.AdamW(
            [
                {
                    "params": parameters,
                    "lr": self.config.encoder_rate if is_encoder else self.config.head_rate,
                    "weight_decay": self.config.weight_decay if is_matrix else 0.0,
                }
                for (is_encoder, is_matrix), parameters in groups.items()
            ],
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
            return self.table
        ids, mask = self.texts.rows(columns)
        fresh = self.model.network.properties(ids, mask).float()
        self.table[columns] = fresh.detach()
        return self.table.clone().index_copy(0, columns, fresh)

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

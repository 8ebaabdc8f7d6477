"""One step of training: losses, gradients and AdamW's update.

Property vectors come from the encoder under training: each step encodes a sample of the
properties with gradients and takes the others from a table of their last values.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from kgbuild.extract.network import JointNetwork
from kgbuild.extract.precision import mixed_precision
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.train.batches import Batch, Inventory
from kgbuild.train.checkpoint import RunState
from kgbuild.train.config import TrainingConfig
from kgbuild.train.device import on
from kgbuild.train.losses import Losses, joint_losses
from kgbuild.train.remembering import Teacher

ENTITY_PARTS = ("encoder.", "shape_embedding.", "tagger.")
"""What the second stage of stepwise training leaves as it is."""


class Updater:
    """A network with its optimiser and the property table, all on the network's device."""

    def __init__(
        self,
        network: JointNetwork,
        texts: PropertyTexts,
        inventory: Inventory,
        config: TrainingConfig,
        annotated: Collection[str],
        teacher: Teacher | None = None,
    ) -> None:
        """`annotated` are the properties of which the data say where they hold: others stay for likeness to
        tell, since of them a network could learn that they never do. `teacher` is the model with which
        training began, where that reads too."""
        self.network = network
        self.device = network.memory.device
        self.texts = on(self.device, texts)
        self.inventory = inventory
        self.config = config
        if not config.embeddings:
            network.encoder.get_input_embeddings().requires_grad_(False)
        self.optimizer = _optimizer(network, config)
        self.table = torch.zeros(len(texts.names), network.config.compared + 1, device=self.device)
        told = torch.tensor([name in annotated for name in texts.names], device=self.device)
        self.learns = (told | network.memory.any(1)[: len(told)])[:, None]
        self.random = np.random.default_rng(config.seed)
        self.teacher = teacher
        self.average = (
            AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(config.average))  # type: ignore[no-untyped-call]
            if config.average
            else None
        )

    @property
    def state(self) -> RunState:
        """What a checkpoint holds."""
        return RunState(self.network, self.optimizer, self.table, self.random, self.average)

    @property
    def kept(self) -> JointNetwork:
        """The network that is scored and saved: the one that trains, or the moving average of its weights."""
        return self.network if self.average is None else self.average.module  # type: ignore[return-value]

    def freeze_entities(self) -> None:
        """From here on relations train on what the encoder is now (stepwise training)."""
        for name, parameter in self.network.named_parameters():
            if name.startswith(ENTITY_PARTS):
                parameter.requires_grad_(False)

    @torch.no_grad()
    def refresh_table(self) -> None:
        """Encode every property anew."""
        self.network.eval()
        self.table = self.texts.vectors(self.network)

    @torch.no_grad()
    def properties(self) -> Tensor:
        """All property vectors as they would be used now, (properties, compared + 1)."""
        self.kept.eval()
        return self.kept.known(self.texts.vectors(self.kept), self.kept.memory)

    def update(self, batch: Batch, *, rate: float, entities_only: bool = False) -> Losses:
        """Take one step on a batch; `rate` scales the recipe's learning rates."""
        batch = on(self.device, batch)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["peak"]
        self.optimizer.zero_grad(set_to_none=True)
        losses = self._backward(batch, entities_only)
        if self.config.adversarial:
            with _moved_embeddings(self.network, self.config.adversarial):
                self._backward(batch, entities_only)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.config.clip)
        self.optimizer.step()
        if self.average is not None:
            self.average.update_parameters(self.network)
        return losses

    def _backward(self, batch: Batch, entities_only: bool) -> Losses:
        with mixed_precision(self.network):
            properties = self._property_vectors(batch.relations.targets, batch.relations.weights)
            if self.teacher is not None:
                batch = self.teacher.told(batch)
            losses = joint_losses(self.network, batch, properties, consistency=self.config.consistency)
        total = losses.entities if entities_only else losses.total
        (total + self.config.distilled * losses.states).backward()  # type: ignore[no-untyped-call]
        parts = (losses.tags, losses.relations, losses.coreference, losses.states)
        return Losses(*(each.detach() for each in parts))

    def _property_vectors(self, targets: Tensor, weights: Tensor) -> tuple[Tensor, ...]:
        """All property vectors; those of the batch's facts, and a few more, with gradients.

        As they are learned, and then as they are compared where the network does that.
        """
        true = targets.sum(0).cpu().numpy() > 0
        known = (weights.sum(0).cpu().numpy() > 0) & ~true
        chosen = self.random.permutation(np.flatnonzero(true))[: self.config.property_sample]
        extra = self.random.permutation(np.flatnonzero(known))[: self.config.property_sample - len(chosen)]
        columns = torch.from_numpy(np.r_[chosen, extra].astype(np.int64)).to(self.device)
        if not len(columns):
            return self._remembered(self.table)
        fresh = self.network.properties(self.texts.described.at(columns)).float()
        self.table[columns] = fresh.detach()
        return self._remembered(self.table.clone().index_copy(0, columns, fresh))

    def _remembered(self, texts: Tensor) -> tuple[Tensor, ...]:
        """Text vectors plus what is learned of each property alone; left out of a share of the steps.

        What is left out must be told by the text, as it must for a property never seen.
        """
        kept = torch.from_numpy(self.random.random((len(texts), 1)) >= self.config.forgotten)
        own = self.network.memory * kept.to(self.device)
        if self.network.likeness is None:
            return (texts + own,)
        learned, alike = self.network.apart(texts)
        own, compared = self.network.apart(own * self.learns)
        return learned + own + compared.detach(), alike


def rate(step: int, steps: int, warmup: float) -> float:
    """Share of the peak learning rate: a linear rise, then a cosine fall to a fiftieth.

    >>> [round(rate(step, 100, 0.1), 2) for step in (0, 9, 10, 55, 99)]
    [0.1, 1.0, 1.0, 0.51, 0.02]
    """
    warm = max(1, int(warmup * steps))
    if step < warm:
        return (step + 1) / warm
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def _optimizer(network: JointNetwork, config: TrainingConfig) -> torch.optim.Optimizer:
    groups: dict[tuple[bool, bool], list[Tensor]] = {}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        is_matrix = parameter.ndim > 1 and name != "memory"
        groups.setdefault((name.startswith("encoder."), is_matrix), []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "peak": config.encoder_rate if is_encoder else config.head_rate,
                "weight_decay": config.weight_decay if is_matrix else 0.0,
            }
            for (is_encoder, is_matrix), parameters in groups.items()
        ],
        betas=(0.9, 0.98),
        fused=True,
    )


@contextmanager
def _moved_embeddings(network: JointNetwork, length: float) -> Iterator[None]:
    """Word embeddings moved along their gradient (Miyato et al., ICLR 2017, as FGM does it)."""
    [weight] = network.encoder.get_input_embeddings().parameters()
    if weight.grad is None or not weight.grad.norm() > 0:
        yield
        return
    moved = weight.grad * (length / weight.grad.norm())
    with torch.no_grad():
        weight.add_(moved)
    yield
    with torch.no_grad():
        weight.sub_(moved)

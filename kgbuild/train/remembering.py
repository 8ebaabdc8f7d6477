"""Learning without forgetting: where a data set says nothing, the model with which training began does.

Its probabilities stand in for annotation, at the weight that the recipe gives the data set (Li & Hoiem, ECCV
2016), so what a set leaves out is neither unknown nor false, and texts without any annotation train too. They
are what that model says of the very batch, of the mentions and pairs that are in it.
"""

from __future__ import annotations

import copy
from dataclasses import replace

import torch

from kgbuild.extract.network import JointNetwork
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.train.batches import Batch
from kgbuild.train.losses import Told

SUREST = 1e-6
"""Probabilities of relations stay so far from 0 and 1, which are for what is annotated."""


class Teacher:
    """A network as it is now, which stays so."""

    def __init__(self, network: JointNetwork, texts: PropertyTexts, *, distilled: bool = False) -> None:
        """With `distilled` it tells the states of tokens too."""
        self.distilled = distilled
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        memory = self.network.memory
        with torch.no_grad():
            self.properties = self.network.known(texts.vectors(self.network), memory)
        self.learned = memory.any(1)[: len(texts.names)]

    @torch.no_grad()
    def told(self, batch: Batch) -> Batch:
        """The batch with what is to be remembered in its targets, of properties that the network learned."""
        relations = batch.relations
        remembered = relations.remembered * self.learned
        if not self.distilled and not bool(remembered.any()) and not bool(batch.remembered.any()):
            return batch
        said = Told.by(self.network, batch, [self.properties])
        stands_in = remembered > 0
        for scores in said.relations:  # one way of telling, or none where there are no pairs
            likely = scores.sigmoid().clamp(SUREST, 1 - SUREST)
            relations = replace(
                relations,
                targets=torch.where(stands_in, likely, relations.targets),
                weights=torch.where(stands_in, remembered, relations.weights),
            )
        return replace(
            batch,
            relations=relations,
            tag_targets=None if said.tags is None else said.tags.softmax(-1),
            states=said.states if self.distilled else None,
        )

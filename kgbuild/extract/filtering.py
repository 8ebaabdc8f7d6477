"""A first look at pairs of mentions: which may hold anything at all, before what costs is computed of them.

One hidden layer over the two mention vectors, and a weight for their distance. It is fitted to what the
network itself emits (`kgbuild.train.filtering`), so it needs no annotation, and knows nothing of properties
that it was not fitted for: what these license is always kept, and so are offices.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from kgbuild.extract.licence import OFFICE, Licence
from kgbuild.extract.network import DISTANCES, distance_bucket
from kgbuild.extract.offices import are_held
from kgbuild.ontology import Ontology

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PairFilter:
    """The filter's weights, all in float32.

    `subject` and `object` (units, width), `distance` (DISTANCES, units), `weight` (units + 1,), of which
    the last is a bias. A pair is kept where its score is not below 0.
    """

    subject: Tensor
    object: Tensor
    distance: Tensor
    weight: Tensor

    @property
    def tensors(self) -> dict[str, Tensor]:
        """The weights by name."""
        return {name: getattr(self, name) for name in self.__slots__}

    def scores(self, mentions: Tensor, first: Tensor) -> Tensor:
        """Scores of all pairs, (subjects, objects).

        `mentions` (mentions, width), their first tokens (mentions,).
        """
        bucket = distance_bucket(first[None, :] - first[:, None])
        objects = (mentions @ self.object.T)[:, None] + self.distance
        place = bucket + DISTANCES * torch.arange(len(mentions), device=bucket.device)
        told = functional.embedding(place, objects.flatten(0, 1))  # rows by number, faster than indexing
        told += (mentions @ self.subject.T)[:, None]
        return torch.relu_(told) @ self.weight[:-1] + self.weight[-1]


class Pruning:
    """The pairs that are scored, among those that an ontology licenses."""

    def __init__(self, filter_: PairFilter, ontology: Ontology, unknown: Collection[str]) -> None:
        """`unknown` are the properties that the filter was not fitted for.

        Those whose values are offices count for nothing: these are kept by their kind, and what else may be
        held (an office that was given as a mention) is for the filter to judge.
        """
        self._filter = filter_
        self._unknown = Licence(ontology, tuple(each for each in unknown if not are_held(ontology, each)))

    def keeps(self, mentions: Tensor, first: Ints, kinds: Ints) -> Bools:
        """Which pairs may hold something, (subjects, objects); it was not fitted to offices, which are kept.

        `mentions` (mentions, width) in float32, first tokens and kinds (mentions,).
        """
        kept: Bools = (self._filter.scores(mentions, torch.from_numpy(first)) >= 0.0).numpy()
        kept |= self._unknown.allowed(kinds) | (kinds == OFFICE)
        return kept

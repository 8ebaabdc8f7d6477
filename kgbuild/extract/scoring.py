"""The pairs of a window's mentions against the ontology's properties, in the order that costs least.

The arithmetic is that of `JointNetwork.pairs` and `JointNetwork.relations`. What a pair looks for is the sum
of what its two mentions look for, so its attention weights are the products of theirs: exponentials
are taken once a mention and token, and one matrix product gives what all pairs attend to. Only
pairs and properties that the ontology licenses are scored, pairs in blocks that fit the processor's cache.
Where the encoder computes in bfloat16, so do the pairs, but for the attention weights and the last product.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from kgbuild.extract.calibration import PropertyCalibration
from kgbuild.extract.licence import Licence, is_several
from kgbuild.extract.network import DISTANCES, JointNetwork, MaximumTable, distance_bucket

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

PAIRS_AT_ONCE = 1536
TINY = 1e-30  # a pair whose mentions attend to no token in common attends to nothing
SLACK = 1e-3  # of a logit, for what is nearly above the threshold is looked at again


@dataclass(frozen=True, slots=True)
class Group:
    """What subjects of one kind may have: columns of the properties, their vectors and lowest logits.

    `columns` (properties,), `vectors` (width, properties), `bias` and `limits` (properties,).
    """

    columns: Ints
    vectors: Tensor
    bias: Tensor
    limits: Tensor


@dataclass(frozen=True, slots=True)
class Facts:
    """What holds in a window, all (facts,): places of subject and object in it, column, probability."""

    subject: Ints
    object: Ints
    column: Ints
    score: Floats


@dataclass(frozen=True, slots=True)
class Attention:
    """What mentions attend to: `subject` weights (heads, subjects, tokens), `object` weights (heads,
    tokens, objects), `values` (heads, tokens, attention / heads)."""

    subject: Tensor
    object: Tensor
    values: Tensor


class PairScorer:
    """A network's pair scores for the properties of one ontology."""

    def __init__(
        self, network: JointNetwork, properties: Tensor, licence: Licence, calibration: PropertyCalibration
    ) -> None:
        self._network = _as_narrow(network)
        self._properties = properties
        self._licence = licence
        self._calibration = calibration
        with np.errstate(divide="ignore"):
            odds = np.log(calibration.threshold) - np.log1p(-calibration.threshold)
        self._limits = (odds - calibration.shift) / calibration.scale - SLACK
        self._groups: dict[int, Group] = {}

    def facts(self, hidden: Tensor, mentions: Tensor, first: Ints, last: Ints, kinds: Ints) -> Facts:
        """What holds between the mentions of a window.

        `hidden` (tokens, hidden), `mentions` (mentions, width); first and last tokens and kinds (mentions,).
        """
        allowed = self._licence.allowed(kinds)
        subjects, objects = np.flatnonzero(allowed.any(1)), np.flatnonzero(allowed.any(0))
        if not len(subjects):
            nothing = np.zeros(0, np.int64)
            return Facts(nothing, nothing, nothing, np.zeros(0, np.float32))
        subjects = subjects[np.argsort(kinds[subjects], kind="stable")]
        hidden, mentions = (each.to(self._network.encoder.dtype) for each in (hidden, mentions))
        attention = self._attention(hidden, mentions[subjects], mentions[objects])
        ends, table = self._ends(mentions), MaximumTable.of(self._network.between(hidden))
        step = max(1, PAIRS_AT_ONCE // len(subjects))
        found = []
        for at in range(0, len(objects), step):
            part = slice(at, at + step)
            row, column = np.nonzero(allowed[np.ix_(subjects, objects[part])])
            pairs = np.stack([subjects[row], objects[part][column]])
            places = torch.from_numpy(row * len(objects[part]) + column)
            context = self._contexts(attention, part)[places]
            between = _between(table, first[pairs], last[pairs])
            vectors = self._vectors(ends, context, between, pairs, first[pairs])
            found.append(self._above(vectors, pairs, kinds))
        subject, object_, column, score = map(np.concatenate, zip(*found, strict=True))
        return Facts(subject, object_, column, score)

    def _vectors(self, ends: Tensor, context: Tensor, between: Tensor, pairs: Ints, first: Ints) -> Tensor:
        """The vectors of some pairs, (pairs, width); `pairs` and their first tokens are (2, pairs)."""
        network = self._network
        bucket = distance_bucket(torch.from_numpy(first[1] - first[0])).numpy()
        subjects = len(ends) // (DISTANCES + 1) + DISTANCES * pairs[0] + bucket
        places = torch.from_numpy(np.stack([subjects, pairs[1]], 1))
        joined = functional.embedding_bag(places, ends, mode="sum")
        around, width = network.around.weight, network.config.attention
        joined.addmm_(context, around[:, :width].T)
        joined.addmm_(between, around[:, width:].T)
        vectors: Tensor = network.pair(joined).float()
        return vectors

    def _ends(self, mentions: Tensor) -> Tensor:
        """Each mention's part in its pairs: as object, and then as subject at each distance.

        (mentions · (1 + DISTANCES), width).
        """
        network = self._network
        subject = network.subject(mentions)[:, None] + network.distance_embedding.weight
        return torch.cat([network.object(mentions), subject.flatten(0, 1)])

    def _attention(self, hidden: Tensor, subjects: Tensor, objects: Tensor) -> Attention:
        """What subjects and objects, (mentions, width), attend to in a window."""
        network = self._network
        heads = network.config.attention_heads
        of_subject, of_object = torch.split(network.query.weight, network.config.width, dim=1)

        def split(values: Tensor) -> Tensor:
            return values.view(len(values), heads, -1).transpose(0, 1)

        def weights(queries: Tensor) -> Tensor:
            logits: Tensor = split(queries).float() @ keys
            return (logits - logits.amax(-1, keepdim=True)).exp().to(hidden.dtype)

        keys = (split(network.key(hidden).float()) * (heads / network.config.attention) ** 0.5).transpose(
            1, 2
        )
        return Attention(
            weights(functional.linear(subjects, of_subject, network.query.bias)),
            weights(functional.linear(objects, of_object)).transpose(1, 2).contiguous(),
            split(network.context(hidden)).contiguous(),
        )

    def _contexts(self, attention: Attention, part: slice) -> Tensor:
        """What all subjects with some of the objects attend to, (subjects · objects, attention)."""
        heads, subjects, tokens = attention.subject.shape
        object_ = attention.object[..., part]
        width, objects = attention.values.shape[-1], object_.shape[-1]
        weighted = attention.values.new_empty(tokens, objects, width)
        result = attention.values.new_empty(subjects, objects, heads, width)
        total = (attention.subject @ object_).clamp_(min=TINY)
        for head in range(heads):
            torch.mul(object_[head][..., None], attention.values[head][:, None], out=weighted)
            sums = attention.subject[head] @ weighted.view(tokens, -1)
            torch.div(sums.view(subjects, objects, width), total[head][..., None], out=result[:, :, head])
        return result.view(-1, heads * width)

    def _above(self, vectors: Tensor, pairs: Ints, kinds: Ints) -> tuple[Ints, Ints, Ints, Floats]:
        """Subject, object, column and probability of what is above its threshold among some pairs."""
        subject_kinds = kinds[pairs[0]]
        bounds = np.flatnonzero(np.r_[True, subject_kinds[1:] != subject_kinds[:-1], True])
        rows, columns, logits = [], [], []
        for begin, end in pairwise(bounds.tolist()):
            group = self._group(int(subject_kinds[begin]))
            scores = torch.addmm(group.bias, vectors[begin:end], group.vectors)
            above = np.flatnonzero((scores >= group.limits).numpy())
            row, column = np.divmod(above, len(group.columns))
            rows.append(row + begin)
            columns.append(group.columns[column])
            logits.append(scores.numpy()[row, column])
        row, column, logit = np.concatenate(rows), np.concatenate(columns), np.concatenate(logits)
        calibration = self._calibration
        scaled = torch.from_numpy(logit * calibration.scale[column] + calibration.shift[column])
        probability = torch.sigmoid(scaled).numpy()
        subject, object_ = pairs[:, row]
        pronoun = is_several(kinds[subject]) | is_several(kinds[object_])
        keep = probability >= np.where(pronoun, calibration.pronoun[column], calibration.threshold[column])
        keep &= self._licence.holds(kinds[subject], column, kinds[object_])
        return subject[keep], object_[keep], column[keep], probability[keep]

    def _group(self, kind: int) -> Group:
        """What subjects of a kind may have."""
        if kind not in self._groups:
            columns = self._licence.columns(kind)
            chosen = self._properties[torch.from_numpy(columns)]
            self._groups[kind] = Group(
                columns,
                chosen[:, :-1].T.contiguous(),
                chosen[:, -1].contiguous(),
                torch.from_numpy(self._limits[columns]),
            )
        return self._groups[kind]


def _as_narrow(network: JointNetwork) -> JointNetwork:
    """The network with heads as narrow as its encoder, which is shared; itself where that is not narrow."""
    encoder = network.encoder
    if encoder.dtype == torch.float32:
        return network
    return copy.deepcopy(network, {id(encoder): encoder}).to(encoder.dtype)


def _between(table: MaximumTable, first: Ints, last: Ints) -> Tensor:
    """The maxima over what lies between the two mentions of each pair; both (2, pairs)."""
    return table.over(torch.from_numpy(last.min(0) + 1), torch.from_numpy(first.max(0) - 1))

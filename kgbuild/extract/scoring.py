"""The pairs of a window's mentions against the ontology's properties, in the order that costs least.

The arithmetic is that of `JointNetwork.pairs` and `JointNetwork.relations`. What a pair looks for is the sum
of what its two mentions look for, so its attention weights are the products of theirs: exponentials
are taken once a mention and token. Only pairs and properties that the ontology licenses are scored, of
pairs those that a filter keeps (`kgbuild.extract.filtering`), in blocks that fit the processor's cache.
Where the encoder computes in bfloat16, so does what is done for each token and each pair, but for the
attention weights and the last product.
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
from kgbuild.extract.filtering import Pruning
from kgbuild.extract.licence import Licence, is_several
from kgbuild.extract.likeness import mean_ends
from kgbuild.extract.network import DISTANCES, JointNetwork, distance_bucket
from kgbuild.extract.precision import evened, lacking
from kgbuild.extract.ranges import MaximumTable

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

PAIRS_AT_ONCE = 512
EVEN_PAIRS = 64  # pairs are counted in these where they are multiplied in bfloat16
TINY = 1e-30  # a pair whose mentions attend to no token in common attends to nothing
SLACK = 1e-3  # of a logit, for what is nearly above the threshold is looked at again


@dataclass(frozen=True, slots=True)
class Group:
    """What subjects of one kind may have: columns of the properties, their vectors and lowest logits.

    `columns` (properties,), `vectors` (compared, properties), `bias` and `limits` (properties,).
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
    """What mentions attend to: weights `subject` (heads, subjects, tokens) and `object` (heads, objects,
    tokens), what their products add up to, `total` (heads, subjects, objects), and the tokens' `values`
    (heads, tokens, attention / heads)."""

    subject: Tensor
    object: Tensor
    total: Tensor
    values: Tensor


class PairScorer:
    """A network's pair scores for the properties of one ontology."""

    def __init__(
        self,
        network: JointNetwork,
        properties: Tensor,
        licence: Licence,
        calibration: PropertyCalibration,
        *,
        pruning: Pruning | None = None,
    ) -> None:
        self._network = _as_narrow(network)
        width = network.config.width
        self._likeness = network.likeness if bool(properties[:, width:-1].any()) else None
        self._properties = (
            properties if self._likeness else torch.cat([properties[:, :width], properties[:, -1:]], 1)
        )
        self._licence = licence
        self._calibration = calibration
        self._pruning = pruning
        with np.errstate(divide="ignore"):
            odds = np.log(calibration.threshold) - np.log1p(-calibration.threshold)
        self._limits = (odds - calibration.shift) / calibration.scale - SLACK
        self._groups: dict[int, Group] = {}

    def facts(self, hidden: Tensor, mentions: Tensor, first: Ints, last: Ints, kinds: Ints) -> Facts:
        """What holds between the mentions of a window.

        `hidden` (tokens, hidden), `mentions` (mentions, width); first and last tokens and kinds (mentions,).
        """
        allowed = self.allowed(mentions, first, kinds)
        subjects, objects = np.flatnonzero(allowed.any(1)), np.flatnonzero(allowed.any(0))
        if not len(subjects):
            nothing = np.zeros(0, np.int64)
            return Facts(nothing, nothing, nothing, np.zeros(0, np.float32))
        subjects = subjects[np.argsort(kinds[subjects], kind="stable")]
        dtype = self._network.encoder.dtype
        rows = evened(hidden, dtype)
        attention = self._attention(rows, len(hidden), mentions[subjects], mentions[objects])
        ends, table = self._ends(mentions), MaximumTable.of(self._network.between(rows))
        alike = self._alike(hidden, first, last)
        places = np.stack(np.nonzero(allowed[np.ix_(subjects, objects)]))
        found = []
        for at in range(0, places.shape[1], PAIRS_AT_ONCE):
            some = places[:, at : at + PAIRS_AT_ONCE]
            count = some.shape[1]
            even = np.c_[some, np.repeat(some[:, -1:], lacking(count, dtype, EVEN_PAIRS), 1)]
            pairs = np.stack([subjects[even[0]], objects[even[1]]])
            context = _contexts(attention, torch.from_numpy(even))
            around = torch.cat([context, _between(table, first[pairs], last[pairs])], 1)
            vectors = self._vectors(ends, around, pairs, first[pairs])
            if self._likeness and alike is not None:
                beside = self._likeness.of_pairs(alike[pairs[0]], alike[pairs[1]], context)
                vectors = torch.cat([vectors, beside], 1)
            found.append(self._above(vectors[:count], pairs[:, :count], kinds))
        subject, object_, column, score = map(np.concatenate, zip(*found, strict=True))
        return Facts(subject, object_, column, score)

    def allowed(self, mentions: Tensor, first: Ints, kinds: Ints) -> NDArray[np.bool_]:
        """Which pairs of a window are scored, (subjects, objects); arguments as in `facts`."""
        licensed = self._licence.allowed(kinds)
        if self._pruning:
            licensed &= self._pruning.keeps(mentions, first, kinds)
        return licensed

    def _alike(self, hidden: Tensor, first: Ints, last: Ints) -> Tensor | None:
        """Mentions as they are compared with classes, (mentions, likeness); None where nothing is."""
        if self._likeness is None:
            return None
        places = torch.from_numpy(np.stack([first, last]))
        return self._likeness.mentions(mean_ends(hidden.float(), places[0], places[1]))

    def _vectors(self, ends: Tensor, around: Tensor, pairs: Ints, first: Ints) -> Tensor:
        """The vectors of some pairs, (pairs, width); `pairs` and their first tokens are (2, pairs).

        `around` (pairs, attention + between) is what they attend to and what lies between them.
        """
        network, mentions = self._network, (len(ends) - DISTANCES) // 2
        bucket = distance_bucket(torch.from_numpy(first[1] - first[0])).numpy()
        places = np.stack([pairs[0], mentions + pairs[1], 2 * mentions + bucket], 1)
        joined = functional.embedding_bag(torch.from_numpy(places), ends, mode="sum")
        vectors: Tensor = network.pair(joined.addmm_(around, network.around.weight.T)).float()
        return vectors

    def _ends(self, mentions: Tensor) -> Tensor:
        """What is summed for pairs: each mention as subject, each as object, and the distances.

        (2 · mentions + DISTANCES, width).
        """
        network = self._network
        parts = [network.subject(mentions), network.object(mentions), network.distance_embedding.weight]
        return torch.cat(parts).to(network.encoder.dtype)

    def _attention(self, hidden: Tensor, count: int, subjects: Tensor, objects: Tensor) -> Attention:
        """What subjects and objects, (mentions, width), attend to among the first `count` rows."""
        network = self._network
        heads = network.config.attention_heads
        of_subject, of_object = torch.split(network.query.weight, network.config.width, dim=1)

        def split(values: Tensor) -> Tensor:
            return values.view(len(values), heads, -1).transpose(0, 1)

        def weights(queries: Tensor) -> Tensor:
            logits: Tensor = split(queries) @ keys
            logits[..., count:] = -torch.inf
            return logits.sub_(logits.amax(-1, keepdim=True)).exp_()

        keys = (split(network.key(hidden).float()) * (heads / network.config.attention) ** 0.5).transpose(
            1, 2
        )
        subject = weights(functional.linear(subjects, of_subject, network.query.bias))
        object_ = weights(functional.linear(objects, of_object))
        total = (subject @ object_.transpose(1, 2)).clamp_(min=TINY)
        values = split(network.context(hidden)).contiguous()
        return Attention(subject.to(values.dtype), object_.to(values.dtype), total, values)

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
        several = is_several(kinds[subject]) | is_several(kinds[object_])
        keep = probability >= calibration.least(column, several)
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
    """The network with what it does for each token and pair as narrow as its encoder, which is shared.

    Itself where that is not narrow.
    """
    encoder = network.encoder
    if encoder.dtype == torch.float32:
        return network
    found = copy.deepcopy(network, {id(encoder): encoder})
    for part in (found.key, found.context, found.between, found.around, found.pair):
        part.to(encoder.dtype)
    return found


def _contexts(attention: Attention, places: Tensor) -> Tensor:
    """What some pairs attend to, (pairs, attention): `places` (2, pairs) are those of subject and object."""
    subject, object_ = places
    heads, objects, _ = attention.object.shape
    sums = attention.values.new_empty(heads, len(subject), attention.values.shape[-1])
    for head in range(heads):
        weights = attention.subject[head].index_select(0, subject)
        weights *= attention.object[head].index_select(0, object_)
        torch.mm(weights, attention.values[head], out=sums[head])
    totals = attention.total.flatten(1).index_select(1, subject * objects + object_)
    return sums.div_(totals[..., None]).transpose(0, 1).flatten(1)


def _between(table: MaximumTable, first: Ints, last: Ints) -> Tensor:
    """The maxima over what lies between the two mentions of each pair; both (2, pairs)."""
    return table.over(torch.from_numpy(last.min(0) + 1), torch.from_numpy(first.max(0) - 1))

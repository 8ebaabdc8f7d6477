"""Features to padded tensors with their targets; one batch holds examples of one scope."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kgbuild.extract.labels import LABELS, PRONOUN
from kgbuild.extract.licence import Licence
from kgbuild.extract.network import Pairs, Spans, Window
from kgbuild.ontology import Ontology
from kgbuild.train.examples import Fact, Scope
from kgbuild.train.features import IGNORED, Features

VALUES = tuple(number for number, label in enumerate(LABELS) if label.is_value)


@dataclass(frozen=True, slots=True)
class RelationTargets:
    """Targets of groups of pairs: one pair each, or all mention pairs of two entities.

    `group` (pairs,) numbers the group of each valid pair, in the order of `Pairs.mask`; `targets`,
    `weights` and `remembered` are (groups, properties). A weight is 0 where nothing is known, and
    `remembered` that of what the model says with which training began, where that is to stand in.
    """

    group: Tensor
    targets: Tensor
    weights: Tensor
    remembered: Tensor

    def of(self, columns: Tensor) -> RelationTargets:
        """Those of some properties, by their columns."""
        of_groups = (each[:, columns] for each in (self.targets, self.weights, self.remembered))
        return RelationTargets(self.group, *of_groups)


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs and targets of one step; `antecedents` (batch, mentions, mentions) marks gold ones.

    `remembered` (batch, tokens) is the weight at which a word's tag is that of the model with which training
    began, 0 where it is annotated; `tag_targets` (words, tags) is what that says of all words that train, and
    `states` (batch, tokens, hidden) what it makes of all tokens, None where that trains nothing.
    """

    window: Window
    spans: Spans
    pairs: Pairs
    matches: Tensor
    tags: Tensor
    remembered: Tensor
    relations: RelationTargets
    antecedents: Tensor
    candidates: Tensor
    tag_targets: Tensor | None = None
    states: Tensor | None = None

    @property
    def tagged(self) -> Tensor:
        """The words whose tags train, (batch, tokens)."""
        return (self.tags != IGNORED) | (self.remembered > 0)


def pad(rows: Sequence[np.ndarray], value: int, width: int | None = None) -> Tensor:
    """Stack one-dimensional arrays, filled up to the longest."""
    longest = max([1, *map(len, rows)]) if width is None else width
    result = np.full((len(rows), longest), value, np.int64)
    for number, row in enumerate(rows):
        result[number, : len(row)] = row
    return torch.from_numpy(result)


def window_tensors(features: Sequence[Features]) -> Window:
    """The windows of a batch."""
    mask = pad([np.ones(len(item.ids), np.int64) for item in features], 0)
    return Window(pad([item.ids for item in features], 0), mask, pad([item.shapes for item in features], 0))


def span_tensors(features: Sequence[Features]) -> Spans:
    """The mentions of a batch; padding points at token 0."""
    return Spans(
        first=pad([item.first for item in features], 0),
        last=pad([item.last for item in features], 0),
        label=pad([item.label for item in features], 0),
        mask=pad([np.ones(len(item.first), np.int64) for item in features], 0).bool(),
    )


def match_tensor(features: Sequence[Features]) -> Tensor:
    """String matches of the mentions of a batch, (batch, mentions, mentions)."""
    widest = max(1, *(len(item.first) for item in features))
    matched = np.zeros((len(features), widest, widest), np.int64)
    for number, item in enumerate(features):
        matched[number, : len(item.first), : len(item.first)] = item.matches
    return torch.from_numpy(matched)


@dataclass(frozen=True, slots=True)
class Inventory:
    """The properties that are trained: the column of each, and between which types each may hold."""

    columns: dict[str, int]
    licence: Licence

    @classmethod
    def of(cls, ontology: Ontology, names: Sequence[str]) -> Inventory:
        """The inventory of an ontology's properties, in this order."""
        return cls({name: column for column, name in enumerate(names)}, Licence(ontology, names))


def collate(
    features: Sequence[Features], inventory: Inventory, *, most_pairs: int = 1200, seed: int = 0
) -> Batch:
    """A batch with targets over the inventory's columns."""
    random = np.random.default_rng(seed)
    chosen = [_pairs(item, inventory, most_pairs, random) for item in features]
    widest = max(1, *(len(item.first) for item in features))
    gold = np.zeros((len(features), widest, widest), bool)
    allowed = np.zeros((len(features), widest, widest), bool)
    for number, item in enumerate(features):
        size = len(item.first)
        gold[number, :size, :size], allowed[number, :size, :size] = _antecedents(item)
    return Batch(
        window=window_tensors(features),
        spans=span_tensors(features),
        pairs=Pairs(
            pad([pairs[:, 0] for pairs in chosen], 0),
            pad([pairs[:, 1] for pairs in chosen], 0),
            pad([np.ones(len(pairs), np.int64) for pairs in chosen], 0).bool(),
        ),
        matches=match_tensor(features),
        tags=pad([item.tags for item in features], IGNORED),
        remembered=_remembered_words(features),
        relations=_targets(features, chosen, inventory),
        antecedents=torch.from_numpy(gold),
        candidates=torch.from_numpy(allowed),
    )


def _pairs(item: Features, inventory: Inventory, most: int, random: np.random.Generator) -> np.ndarray:
    """Ordered pairs of mention positions to train on, (pairs, 2): those between which anything may hold."""
    if not (item.example.annotated or item.facts or item.remembered) or len(item.first) < 2:
        return np.zeros((0, 2), np.int64)
    if item.example.scope is Scope.PAIR:
        return np.array([[0, 1], [1, 0]])
    subject, object_ = (~np.eye(len(item.first), dtype=bool)).nonzero()
    keep = ~np.isin(item.label[subject], VALUES)
    if item.example.scope is Scope.ENTITY:
        known = (item.entity[subject] >= 0) & (item.entity[object_] >= 0)
        keep &= known & (item.entity[subject] != item.entity[object_])
    pairs = np.stack([subject[keep], object_[keep]], 1)
    positive = _is_positive(item, pairs)
    rest = np.flatnonzero(~positive & _may_hold(item, pairs, inventory))
    if len(rest) + positive.sum() > most:
        rest = random.permutation(rest)[: max(0, most - int(positive.sum()))]
    kept: NDArray[np.int64] = pairs[np.sort(np.r_[np.flatnonzero(positive), rest])]
    return kept


def _may_hold(item: Features, pairs: np.ndarray, inventory: Inventory) -> np.ndarray:
    """Which pairs the types allow some property that trains on this example."""
    kinds = _bits(item)[pairs]
    allowed = inventory.licence.properties(kinds[:, 0], kinds[:, 1])
    if not (item.unannotated or item.remembered):
        trained = item.example.annotated & inventory.columns.keys()
        allowed = allowed[:, [inventory.columns[each] for each in trained]]
    found: NDArray[np.bool_] = np.any(allowed, axis=1)
    return found


def _is_positive(item: Features, pairs: np.ndarray) -> np.ndarray:
    gold = {(fact.subject, fact.object) for fact in (*item.facts, *item.unknown)}
    if item.example.scope is Scope.ENTITY:
        pairs = item.entity[pairs]
    marks: NDArray[np.bool_] = np.array([(int(a), int(b)) in gold for a, b in pairs], bool)
    return marks


def _targets(
    features: Sequence[Features], chosen: Sequence[np.ndarray], inventory: Inventory
) -> RelationTargets:
    groups: list[np.ndarray] = []
    targets: list[np.ndarray] = []
    weights: list[np.ndarray] = []
    remembered: list[np.ndarray] = []
    total = 0
    for item, pairs in zip(features, chosen, strict=True):
        keys = item.entity[pairs] if item.example.scope is Scope.ENTITY else pairs
        unique, inverse = np.unique(keys.reshape(-1, 2), axis=0, return_inverse=True)
        groups.append(inverse.reshape(-1) + total)
        total += len(unique)
        kinds = _kinds(item, pairs, inverse.reshape(-1))
        allowed = inventory.licence.properties(kinds[:, 0], kinds[:, 1])
        target, weight = _of_groups(item, unique, allowed, inventory.columns)
        targets.append(target)
        weights.append(weight)
        remembered.append(np.where(allowed & (weight < 1.0), np.float32(item.remembered), np.float32(0.0)))
    return RelationTargets(
        *(torch.from_numpy(np.concatenate(each)) for each in (groups, targets, weights, remembered))
    )


def _remembered_words(features: Sequence[Features]) -> Tensor:
    """How much the first model tells of each word's tag, (batch, tokens); 0 for the tokens at both ends."""
    rows = torch.zeros(len(features), max(1, *(len(item.ids) for item in features)))
    for row, item in zip(rows, features, strict=True):
        unknown = torch.from_numpy(item.tokens.first & (item.tags[1:-1] == IGNORED))
        row[1 : len(item.ids) - 1] = unknown * item.remembered
    return rows


def _of_groups(
    item: Features, groups: np.ndarray, allowed: NDArray[np.bool_], columns: dict[str, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Targets and weights of one example's groups; what is not allowed, by the types, trains nothing."""
    target = np.zeros((len(groups), len(columns)), np.float32)
    weight = np.full_like(target, item.unannotated)
    for names, known in ((item.elsewhere, 0.0), (item.example.annotated, 1.0)):
        weight[:, [columns[name] for name in names if name in columns]] = known
    if item.example.scope is Scope.STATED and len(groups):
        _stated_only(item, groups, weight, [columns[fact.property] for fact in item.facts])
    weight[~allowed] = 0.0
    rows = {(int(a), int(b)): row for row, (a, b) in enumerate(groups)}
    _mark(target, weight, rows, item.facts, columns, 1.0)
    _mark(target, weight, rows, item.unknown, columns, 0.0)
    return target, weight


def _stated_only(item: Features, groups: np.ndarray, weight: np.ndarray, stated: Sequence[int]) -> None:
    """Of pairs other than the first two mentions, leave what is known of the stated properties.

    What may stand for one of the two (a pronoun, a name like its own) trains nothing.
    """
    subject, object_ = groups.T
    pronoun = item.label == PRONOUN
    as_subject, as_object = (pronoun | (item.matches[end] > 0) for end in (0, 1))
    known = np.where(as_subject[subject], 0.0, 1.0)
    known[(subject == 0) & ~as_object[object_]] = item.unannotated
    other = np.maximum(subject, object_) > 1
    weight[other] = 0.0
    weight[np.ix_(other, stated)] = known[other, None]


def _kinds(item: Features, pairs: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Types of subject and object of each group, as bits: those of any of its mentions; (groups, 2)."""
    found = np.zeros((int(group.max()) + 1 if len(group) else 0, 2), np.int64)
    np.bitwise_or.at(found, group, _bits(item)[pairs])
    return found


def _bits(item: Features) -> np.ndarray:
    """The type of each mention as bits, all of them for pronouns and mentions of unknown type."""
    everything = (1 << len(LABELS)) - 1
    bits: NDArray[np.int64] = np.where(item.label < len(LABELS), 1 << item.label, everything)
    return bits


def _mark(
    target: np.ndarray,
    weight: np.ndarray,
    rows: dict[tuple[int, int], int],
    facts: tuple[Fact, ...],
    properties: dict[str, int],
    known: float,
) -> None:
    for fact in facts:
        row, column = rows.get((fact.subject, fact.object)), properties.get(fact.property)
        if row is not None and column is not None:
            target[row, column] = known
            weight[row, column] = known


def _antecedents(item: Features) -> tuple[np.ndarray, np.ndarray]:
    """Gold antecedents and candidates, both (mentions, mentions); a row without gold trains "none".

    A mention whose entity is unknown has no candidates and trains nothing. Where entities are only
    partly known (KnowledgeNet, GAP), a first mention trains "none" against those that are known, and others
    are set against those and all that is surely another: no pronoun, and no name that shares a word.
    """
    before = item.first[None, :] < item.first[:, None]
    entity = ~np.isin(item.label, VALUES)
    known = (item.entity >= 0) & entity
    gold = before & (item.entity[:, None] == item.entity[None, :]) & known[:, None] & known[None, :]
    candidates = before & known[:, None] & entity[None, :]
    if item.example.scope is Scope.ENTITY:
        candidates &= known[None, :]
    else:
        alike = (gold.astype(np.int64) @ (item.matches > 0)) > 0
        other = gold.any(1)[:, None] & ~alike & (item.label != PRONOUN)[None, :]
        candidates &= known[None, :] | other
    return gold, candidates


def batches(features: Sequence[Features], *, tokens: int, seed: int) -> Iterator[list[Features]]:
    """Batches of at most `tokens` padded tokens, of like length and one scope, in random order."""
    random = np.random.default_rng(seed)
    found: list[list[Features]] = []
    for scope in Scope:
        rows = [item for item in features if item.example.scope is scope]
        noise = random.uniform(0.9, 1.1, len(rows))
        order = sorted(range(len(rows)), key=lambda number: len(rows[number].ids) * noise[number])
        batch: list[Features] = []
        longest = 0
        for number in order:
            longest = max(longest, len(rows[number].ids))
            if batch and longest * (len(batch) + 1) > tokens:
                found.append(batch)
                batch, longest = [], len(rows[number].ids)
            batch.append(rows[number])
        if batch:
            found.append(batch)
    for number in random.permutation(len(found)):
        yield found[number]

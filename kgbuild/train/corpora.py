"""A recipe's data sets as features: made when first shown, or anew each epoch where they are augmented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from kgbuild.extract.encode import TextEncoder
from kgbuild.extract.network import JointNetwork
from kgbuild.extract.precision import mixed_precision
from kgbuild.extract.tagging import TagChain, WordTags
from kgbuild.train.augment import augmented, is_augmented
from kgbuild.train.batches import window_tensors
from kgbuild.train.config import DataConfig
from kgbuild.train.device import on
from kgbuild.train.examples import Example, Tagging
from kgbuild.train.features import Features, SpanTarget, featurize, with_spans

AT_ONCE = 64
FOUND = (Tagging.PARTIAL, Tagging.READ)
"""How examples are tagged that are shown with the mentions that the tagger finds."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """One data set: what the recipe says of it, and its examples; `length` is that of a window."""

    spec: DataConfig
    examples: tuple[Example, ...]
    encoder: TextEncoder
    length: int
    _made: dict[int, Features] = field(default_factory=dict)

    def features(self, numbers: Sequence[int]) -> list[Features]:
        """The features of examples as they stand, made when they are first shown."""
        for number in numbers:
            if number not in self._made:
                self._made[number] = featurize(self.examples[number], self.encoder, length=self.length)
        return [self._made[number] for number in numbers]

    def epoch(self, seed: int) -> list[Features]:
        """What one epoch shows: a draw of the features, or features of augmented examples."""
        random = np.random.default_rng(seed)
        count = len(self.examples)
        take = count if self.spec.take is None else min(self.spec.take, count)
        found: list[Features] = []
        for turn in range(self.spec.repeat):
            drawn = np.sort(random.permutation(len(self.examples))[:take]).tolist()
            if is_augmented(self.spec):
                shown = augmented([self.examples[number] for number in drawn], self.spec, seed=seed + turn)
                found += [featurize(example, self.encoder, length=self.length) for example in shown]
            else:
                found += self.features(drawn)
        known = self.spec.incomplete.union(*(each.annotated for each in self.examples))
        return [self._asked(row, known) for row in found]

    def _asked(self, row: Features, known: frozenset[str]) -> Features:
        """A row that says where a property does not hold as far as the recipe trusts it to."""
        annotated = row.example.annotated - self.spec.incomplete
        example = replace(row.example, annotated=annotated)
        spec = self.spec
        return replace(
            row, example=example, unannotated=spec.unannotated, elsewhere=known, remembered=spec.remembered
        )


@torch.no_grad()
def with_predicted_mentions(
    rows: Sequence[Features], network: JointNetwork, encoder: TextEncoder
) -> list[Features]:
    """The rows, those without all mentions with those that the tagger finds: negatives for pairs, or what is
    remembered of them."""
    network.eval()
    result = list(rows)
    incomplete = [number for number, row in enumerate(rows) if row.example.tagging in FOUND]
    incomplete.sort(key=lambda number: len(rows[number].ids))
    for numbers in _chunks(incomplete, AT_ONCE):
        window = on(network.memory.device, window_tensors([rows[number] for number in numbers]))
        with mixed_precision(network):
            scores = network.tags(network.encode(window)).float().softmax(-1).cpu().numpy()
        for number, row in zip(numbers, scores, strict=True):
            result[number] = _rebuilt(rows[number], row[1 : len(rows[number].ids) - 1], encoder)
    return result


def _rebuilt(item: Features, probabilities: np.ndarray, encoder: TextEncoder) -> Features:
    """One row with the tagger's mentions beside its own; `probabilities` is (tokens, tags)."""
    words = WordTags.of(item.tokens, probabilities, [0])
    spans = [
        SpanTarget(int(item.tokens.start[a]), int(item.tokens.end[b]), int(label), int(entity), bool(gold))
        for a, b, label, entity, gold in zip(
            item.first - 1, item.last - 1, item.label, item.entity, item.gold, strict=True
        )
    ]
    taken = [(span.start, span.end) for span in spans]
    for found in TagChain().spans(words.probabilities, words.bounds):
        start, end = int(words.start[found.first]), int(words.end[found.last])
        if not any(a < end and start < b for a, b in taken):
            spans.append(SpanTarget(start, end, found.label, -1, False))
    kept = with_spans(item.example, encoder, item.tokens, spans)
    return replace(
        kept,
        facts=item.facts,
        unknown=item.unknown,
        unannotated=item.unannotated,
        elsewhere=item.elsewhere,
        remembered=item.remembered,
    )


def _chunks(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]

"""The chain of tags, fitted on development documents that are tagged in full.

Maximum a posteriori: the likelihood of the gold tags of whole sentences (Lafferty, McCallum & Pereira, ICML
2001) under a normal prior: around the chain of the model that training went on from, which more sentences
taught than a small data set has; without one, around the chain that changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.extract.labels import LABELS, TAGS, begin
from kgbuild.extract.tagging import TINY, TagCalibration, WordTags, constraint
from kgbuild.ontology import Ontology
from kgbuild.records import Document
from kgbuild.text.sentences import RuleSegmenter
from kgbuild.train.config import TrainingConfig
from kgbuild.train.data import read_data
from kgbuild.train.examples import AnnotatedMention, Example, Tagging

PRIOR = 6.0
"""Precision of the normal prior of each weight around the chain that changes nothing."""
FIRM_PRIOR = 200.0
"""The same around a chain that was fitted before."""
ITERATIONS = 200
OUTSIDE = 0.5
"""What training on partly tagged sentences adds to the logarithm of a word's being outside, about."""
LONGEST = 150
"""Words of a sentence; longer ones are lists, and are not fitted on."""

Ints = NDArray[np.int64]
Sequence = tuple[NDArray[np.float32], Ints]


def development_examples(config: TrainingConfig, ontology: Ontology) -> list[Example]:
    """The examples of the data sets marked for development in which every mention is annotated."""
    held_out = msgspec.structs.replace(config, data=[spec for spec in config.data if spec.development])
    return [
        example
        for _, examples in read_data(held_out, ontology)
        for example in examples
        if example.tagging is Tagging.FULL and example.mentions
    ]


def fit_tags(
    extractor: NeuralExtractor, examples: Iterable[Example], before: TagCalibration | None = None
) -> TagCalibration | None:
    """The likeliest chain by the gold tags and the chain `before`; without examples it is that one."""
    rows = [row for example in examples for row in _sentences(extractor, example)]
    return fitted(rows, before) if rows else before


def bolder(chain: TagCalibration | None) -> TagCalibration:
    """The chain with all words likelier in mentions, for a model that partly tagged sentences taught.

    >>> bolder(None).shift[:2]
    (-0.5, 0.0)
    """
    known = chain or TagCalibration()
    outside, *others = known.shift or (0.0,) * len(TAGS)
    return replace(known, shift=(outside - OUTSIDE, *others))


def _sentences(extractor: NeuralExtractor, example: Example) -> Iterator[Sequence]:
    document = Document(example.id, "", example.text)
    words = extractor.word_tags(document, RuleSegmenter().segment(document))
    gold = gold_tags(words, example.mentions)
    for begin_, end in zip(words.bounds, (*words.bounds[1:], len(gold)), strict=True):
        if 0 < end - begin_ <= LONGEST:
            yield words.probabilities[begin_:end], gold[begin_:end]


def gold_tags(words: WordTags, mentions: Iterable[AnnotatedMention]) -> Ints:
    """The tag of each word, (words,), from the mentions that have a type."""
    tags = np.zeros(len(words.start), np.int64)
    for mention in mentions:
        inside = np.flatnonzero((words.start < mention.end) & (words.end > mention.start))
        if len(inside) and mention.label in LABELS:
            tags[inside] = begin(mention.label) + 1
            tags[inside[0]] = begin(mention.label)
    return tags


@dataclass(frozen=True, slots=True)
class _Weights:
    scale: Tensor
    shift: Tensor
    first: Tensor
    following: Tensor

    @classmethod
    def of(cls, chain: TagCalibration) -> _Weights:
        """Those of a chain; `scale` is what its scale is above one."""
        sizes = ((), (len(TAGS),), (len(TAGS),), (len(TAGS), len(TAGS)))
        told = (chain.scale - 1.0, chain.shift, chain.first, chain.following)
        return cls(
            *(
                torch.zeros(size, dtype=torch.float64) + torch.tensor(each or 0.0, dtype=torch.float64)
                for size, each in zip(sizes, told, strict=True)
            )
        )

    @property
    def all(self) -> tuple[Tensor, ...]:
        return self.scale, self.shift, self.first, self.following


def fitted(rows: Iterable[Sequence], before: TagCalibration | None = None) -> TagCalibration:
    """The chain fitted to sentences: probabilities (words, tags) and gold tags (words,) of each."""
    padded = _Padded.of(list(rows))
    centre, weights = (_Weights.of(before or TagCalibration()) for _ in range(2))
    precision = PRIOR if before is None else FIRM_PRIOR
    for each in weights.all:
        each.requires_grad_(True)
    optimizer = torch.optim.LBFGS(weights.all, max_iter=ITERATIONS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        moved = sum(
            ((each - middle) ** 2).sum() for each, middle in zip(weights.all, centre.all, strict=True)
        )
        prior = moved * precision / 2
        value = (padded.surprise(weights) + prior) / len(padded.length)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    scale, shift, first, following = (each.detach().numpy().round(4).tolist() for each in weights.all)
    return TagCalibration(1.0 + scale, tuple(shift), tuple(first), tuple(map(tuple, following)))


@dataclass(frozen=True, slots=True)
class _Padded:
    """Sentences, longest first: `scores` (sentences, words, tags), `gold` (sentences, words), `length`."""

    scores: Tensor
    gold: Tensor
    length: Tensor

    @classmethod
    def of(cls, rows: list[Sequence]) -> _Padded:
        rows = sorted(rows, key=lambda row: -len(row[1]))
        longest = len(rows[0][1])
        scores = np.zeros((len(rows), longest, len(TAGS)))
        gold = np.zeros((len(rows), longest), np.int64)
        for number, (probabilities, tags) in enumerate(rows):
            scores[number, : len(tags)] = np.log(np.maximum(probabilities, TINY))
            gold[number, : len(tags)] = tags
        lengths = torch.tensor([len(tags) for _, tags in rows])
        return cls(torch.from_numpy(scores), torch.from_numpy(gold), lengths)

    def surprise(self, weights: _Weights) -> Tensor:
        """The negative logarithm of the likelihood of the gold tags of all sentences."""
        allowed = torch.from_numpy(constraint())
        moves, opening = weights.following + allowed[:-1], weights.first + allowed[-1]
        scores = self.scores * (1.0 + weights.scale) + weights.shift
        gold_scores = scores.gather(2, self.gold[..., None])[..., 0]
        forward = scores[:, 0] + opening
        gold = gold_scores[:, 0] + opening[self.gold[:, 0]]
        surprise = torch.zeros((), dtype=torch.float64)
        for word in range(1, scores.shape[1] + 1):
            going = int((self.length > word).sum())
            surprise = surprise + (forward[going:].logsumexp(1) - gold[going:]).sum()
            if not going:
                break
            before, now = self.gold[:going, word - 1], self.gold[:going, word]
            forward = (forward[:going, :, None] + moves).logsumexp(1) + scores[:going, word]
            gold = gold[:going] + moves[before, now] + gold_scores[:going, word]
        return surprise

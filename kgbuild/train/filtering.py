"""The filter of pairs, fitted to what the calibrated model itself emits; gold annotation is not needed.

Logistic regression with one hidden layer, of whether anything of a pair is emitted. Where the filter cuts is
chosen on documents that it was not fitted on: each half is scored by the filter of the other half.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from kgbuild.extract.extractor import NeuralExtractor, PairView
from kgbuild.extract.filtering import PairFilter
from kgbuild.extract.network import DISTANCES
from kgbuild.ontology import Ontology
from kgbuild.records import Document
from kgbuild.text.sentences import RuleSegmenter
from kgbuild.train.config import TrainingConfig
from kgbuild.train.data import read_data

logger = logging.getLogger(__name__)

UNITS = 64
KEPT = 0.996
"""Share of the emitted facts whose pairs the filter must keep."""
WORDS = 400_000
"""Words to read; the data sets that are marked for development come first."""
FEWEST = 2000
"""Pairs of which something is emitted; of fewer a filter learns too little to be trusted."""
ROUNDS = 15
RATE = 8e-3
PAIRS_AT_ONCE = 4000
"""Pairs of a batch, whose last window may go beyond: a window of a short text weighs little."""
BATCHES = 60
"""Of few pairs a batch has fewer, so that a round has so many batches."""
SHIFT = 3.0
"""The fit starts from few pairs holding anything."""


def texts_to_read(config: TrainingConfig, ontology: Ontology) -> Iterator[str]:
    """Texts of a recipe, those that train nothing first, until they are many enough."""
    found = sorted(read_data(config, ontology), key=lambda row: not row[0].development)
    words = 0
    for text in dict.fromkeys(example.text for _, examples in found for example in examples):
        if words >= WORDS:
            return
        words += len(text.split())
        yield text


def fit_filter(extractor: NeuralExtractor, texts: Iterable[str]) -> PairFilter | None:
    """The filter that keeps all but few of the emitted facts; None where the texts hold too few."""
    segmenter = RuleSegmenter()
    views: list[list[PairView]] = []
    for number, text in enumerate(texts):
        document = Document(str(number), "", text)
        views.append(extractor.pair_views(document, segmenter.segment(document)))
    emitted = sum(int((view.facts > 0).sum()) for document in views for view in document)
    if emitted < FEWEST:
        logger.info("%d pairs hold something, too few to fit a filter: all pairs are scored", emitted)
        return None
    halves = [[view for document in views[odd::2] for view in document] for odd in (0, 1)]
    told = [scored(fitted(own), other) for own, other in (halves, halves[::-1])]
    scores, facts = (np.concatenate(parts) for parts in zip(*told, strict=True))
    least = cut(scores, facts)
    kept = scores >= least
    logger.info(
        "of the pairs that the ontology licenses the filter keeps %.1f %%, with %.2f %% of the emitted facts",
        100 * kept.mean(),
        100 * facts[kept].sum() / facts.sum(),
    )
    whole = fitted([view for half in halves for view in half])
    return replace(whole, weight=torch.cat([whole.weight[:-1], whole.weight[-1:] - least]))


def cut(scores: np.ndarray, facts: np.ndarray) -> float:
    """The highest score from which on pairs have `KEPT` of the facts; both (pairs,).

    >>> cut(np.array([0.5, -1.0, 2.0]), np.array([300, 1, 0]))
    0.5
    """
    order = np.argsort(-scores[facts > 0], kind="stable")
    reached = facts[facts > 0][order].cumsum()
    return float(scores[facts > 0][order][np.searchsorted(reached, KEPT * reached[-1])])


def scored(filter_: PairFilter, views: Sequence[PairView]) -> tuple[np.ndarray, np.ndarray]:
    """Scores and emitted facts of the licensed pairs of some windows, both (pairs,)."""
    with torch.no_grad():
        scores = [filter_.scores(view.mentions, view.first)[view.allowed].numpy() for view in views]
    return np.concatenate(scores), np.concatenate([view.facts[view.allowed].numpy() for view in views])


def fitted(views: Sequence[PairView]) -> PairFilter:
    """The filter under which what was emitted is likeliest."""
    draw = torch.Generator().manual_seed(1)
    width = views[0].mentions.shape[1]

    def drawn(rows: int, columns: int) -> Tensor:
        found: Tensor = (torch.rand(rows, columns, generator=draw) * 2 - 1) / width**0.5
        return found

    weight = torch.cat([drawn(1, UNITS)[0] * (width / UNITS) ** 0.5, torch.tensor([-SHIFT])])
    filter_ = PairFilter(drawn(UNITS, width), drawn(UNITS, width), drawn(DISTANCES, UNITS), weight)
    weights = [each.requires_grad_() for each in filter_.tensors.values()]
    size = min(PAIRS_AT_ONCE, sum(int(view.allowed.sum()) for view in views) // BATCHES)
    orders = [torch.randperm(len(views), generator=draw).tolist() for _ in range(ROUNDS)]
    batches = [batch for order in orders for batch in batched([views[number] for number in order], size)]
    optimizer = torch.optim.AdamW(weights, weight_decay=1e-4)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=len(batches))
    for batch in batches:
        optimizer.zero_grad()
        _surprise(filter_, batch).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        rates.step()
    return PairFilter(**{name: each.detach() for name, each in filter_.tensors.items()})


def batched(views: Sequence[PairView], size: int) -> Iterator[list[PairView]]:
    """Windows in turn, so many that they hold `size` pairs; the last may hold fewer."""
    batch: list[PairView] = []
    pairs = 0
    for view in views:
        batch.append(view)
        pairs += int(view.allowed.sum())
        if pairs >= size:
            yield batch
            batch, pairs = [], 0
    if pairs:
        yield batch


def _surprise(filter_: PairFilter, views: Sequence[PairView]) -> Tensor:
    """Minus the mean logarithm of the likelihood of what was emitted of the pairs of some windows."""
    told = torch.cat([filter_.scores(view.mentions, view.first)[view.allowed] for view in views])
    held = torch.cat([view.facts[view.allowed] > 0 for view in views])
    return functional.binary_cross_entropy_with_logits(told, held.float())

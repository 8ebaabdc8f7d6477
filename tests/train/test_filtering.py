"""A filter of pairs learns what is emitted, and cuts where nearly all of that is kept."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence

import numpy as np
import pytest
import torch

from kgbuild.extract.extractor import PairView
from kgbuild.records import Document, Sentence
from kgbuild.train import filtering
from kgbuild.train.filtering import KEPT, batched, cut, fit_filter, fitted, scored

WIDTH = 12


def views(count: int, seed: int) -> list[PairView]:
    """Windows in which something holds of pairs whose vectors agree in one place, unless they are far."""
    draw = torch.Generator().manual_seed(seed)
    found = []
    for _ in range(count):
        mentions = torch.randn(12, WIDTH, generator=draw)
        first = torch.randint(0, 200, (12,), generator=draw).sort().values
        near = (first[None, :] - first[:, None]).abs() < 96
        holds = (mentions[:, None, 0] > 0.3) & (mentions[None, :, 1] > 0.3) & near
        allowed = ~torch.eye(12, dtype=torch.bool)
        found.append(PairView(mentions, first, allowed, (holds & allowed).long()))
    return found


class Reader:
    """Reads document n as the nth window."""

    def __init__(self, found: list[PairView]) -> None:
        self.found = found

    def pair_views(self, document: Document, sentences: Sequence[Sentence]) -> list[PairView]:
        assert "".join(sentence.text for sentence in sentences) == document.text
        return [self.found[int(document.id)]]


def test_it_keeps_nearly_all_that_is_emitted_and_few_pairs(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(filtering, "FEWEST", 500)
    shown = views(60, 1)
    with caplog.at_level(logging.INFO):
        found = fit_filter(Reader(shown), [f"Text {number}" for number in range(60)])
    assert "the filter keeps" in caplog.text
    assert found is not None
    scores, facts = scored(found, views(30, 2))
    kept = scores >= 0
    assert facts[kept].sum() > 0.97 * facts.sum()
    assert kept.mean() < 0.5


def test_from_too_little_no_filter_is_learned(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert fit_filter(Reader(views(3, 1)), ["One", "Two", "Three"]) is None
    assert "all pairs are scored" in caplog.text


def test_a_fit_is_the_same_each_time() -> None:
    shown = views(6, 1)
    one, two = fitted(shown), fitted(shown)
    assert all(torch.equal(a, b) for a, b in zip(one.tensors.values(), two.tensors.values(), strict=True))


def test_windows_of_short_texts_share_a_batch() -> None:
    long, short = views(2, 1), views(5, 2)
    few = torch.zeros(12, 12, dtype=torch.bool)
    few[0, 1:11] = True
    short = [dataclasses.replace(view, allowed=few) for view in short]
    assert [len(batch) for batch in batched([*short, *long], 30)] == [3, 3, 1]
    assert [len(batch) for batch in batched([*long, *short], 30)] == [1, 1, 3, 2]


def test_the_cut_counts_facts_not_pairs() -> None:
    scores = np.linspace(1.0, -1.0, 1000)
    facts = np.ones(1000, int)
    assert (scores >= cut(scores, facts)).mean() == pytest.approx(KEPT, abs=1e-3)
    facts[0] = 1_000_000
    assert cut(scores, facts) == 1.0

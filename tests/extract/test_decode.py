"""Decoding on hand-written scores."""

from __future__ import annotations

import numpy as np
import pytest

from kgbuild.extract.decode import _best, _viterbi, clusters, tagged_spans
from kgbuild.extract.labels import TAGS


def sequence(*tags: str) -> np.ndarray:
    """Probabilities that favour these tags."""
    scores = np.full((len(tags), len(TAGS)), 0.01, np.float32)
    for position, tag in enumerate(tags):
        scores[position, TAGS.index(tag)] = 0.9
    return scores


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        (["O", "O"], []),
        (["B-person", "I-person", "O"], [(0, 1, 0)]),
        (["B-person", "B-person"], [(0, 0, 0), (1, 1, 0)]),
        (["B-location", "I-location", "B-time"], [(0, 1, 2), (2, 2, 3)]),
    ],
)
def test_spans_of_clear_tags(tags: list[str], spans: list[tuple[int, int, int]]) -> None:
    assert [(span.first, span.last, span.label) for span in tagged_spans(sequence(*tags))] == spans


def test_an_inside_tag_never_starts_a_span_nor_follows_another_label() -> None:
    stray = tagged_spans(sequence("I-person", "O"))
    assert all(span.first <= span.last for span in stray)
    mixed = tagged_spans(sequence("B-person", "I-location"))
    assert all(span.label in (0, 2) for span in mixed)
    assert len({span.label for span in mixed if span.first == 0}) == 1


def test_score_is_the_mean_of_both_sides_of_the_label() -> None:
    [span] = tagged_spans(sequence("B-person", "I-person"))
    assert span.score == pytest.approx(0.91)


def test_clusters_join_over_chains_and_leave_out_singletons() -> None:
    assert clusters(6, [-1, -1, 0, 2, -1, 1]) == ((0, 2, 3), (1, 5))


@pytest.mark.parametrize("sharpness", [1.0, 8.0])
def test_the_short_way_to_the_best_tags_finds_what_viterbi_finds(sharpness: float) -> None:
    chance = np.random.default_rng(0)
    for _ in range(50):
        scores = np.exp(sharpness * chance.random((4, len(TAGS)), np.float32))
        scores /= scores.sum(1, keepdims=True)
        assert _best(scores) == _viterbi(np.log(scores))

"""The chain of tags, on hand-written scores and against all sequences tried one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from kgbuild.extract import tagging
from kgbuild.extract.labels import TAGS
from kgbuild.extract.mentions import tagged_mentions
from kgbuild.extract.tagging import TagCalibration, TagChain, TaggedSpan, WordTags, constraint


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
    found = TagChain().spans(sequence(*tags), [0])
    assert [(span.first, span.last, span.label) for span in found] == spans


def test_an_inside_tag_never_starts_a_span_nor_follows_another_label() -> None:
    stray = TagChain().spans(sequence("I-person", "O"), [0])
    assert [(span.first, span.last) for span in stray] in ([], [(0, 0)])
    [mixed] = TagChain().spans(sequence("B-person", "I-location"), [0])
    assert mixed.label in (0, 2)


def test_no_span_crosses_sentences() -> None:
    found = TagChain().spans(sequence("B-person", "I-person", "I-person"), [0, 2])
    assert next((span.first, span.last) for span in found) == (0, 1)
    assert all(not span.first < 2 <= span.last for span in found)


def test_no_words_have_no_spans() -> None:
    assert TagChain().spans(np.zeros((0, len(TAGS)), np.float32), [0]) == []


def _calibration(chance: np.random.Generator) -> TagCalibration:
    tags = len(TAGS)
    shift, first = chance.normal(size=tags), chance.normal(size=tags)
    following = chance.normal(size=(tags, tags))
    return TagCalibration(0.7, tuple(shift), tuple(first), tuple(map(tuple, following)))


def _all_sequences(
    probabilities: np.ndarray, fitted: TagCalibration
) -> tuple[tuple[int, ...], dict[tuple[int, ...], float]]:
    """The best sequence and the probability of each, over the tags of two labels."""
    scores = fitted.scale * np.log(probabilities) + np.array(fitted.shift)
    moves = np.array(fitted.following) + constraint()[:-1]
    opening = np.array(fitted.first) + constraint()[-1]
    told = {}
    for tags in itertools.product(range(len(TAGS)), repeat=len(scores)):
        total = opening[tags[0]] + sum(scores[range(len(tags)), tags])
        told[tags] = total + sum(moves[a, b] for a, b in itertools.pairwise(tags))
    best = max(told, key=lambda tags: told[tags])
    highest = told[best]
    weights = {tags: np.exp(value - highest) for tags, value in told.items()}
    whole = sum(weights.values())
    return best, {tags: weight / whole for tags, weight in weights.items()}


def _holds(tags: tuple[int, ...], span: TaggedSpan) -> bool:
    opens = 1 + 2 * span.label
    inside = tags[span.first] == opens and all(
        tags[word] == opens + 1 for word in range(span.first + 1, span.last + 1)
    )
    return inside and (span.last + 1 == len(tags) or tags[span.last + 1] != opens + 1)


@pytest.mark.parametrize("seed", range(6))
def test_the_best_tags_and_their_probabilities_are_those_of_all_sequences(seed: int) -> None:
    chance = np.random.default_rng(seed)
    probabilities = chance.dirichlet(np.full(len(TAGS), 0.3), size=4).astype(np.float32) + 1e-6
    fitted = _calibration(chance)
    best, told = _all_sequences(probabilities.astype(float), fitted)
    found = TagChain(fitted).spans(probabilities, [0])
    assert [(span.first, span.label) for span in found] == [
        (word, (tag - 1) // 2) for word, tag in enumerate(best) if tag % 2 == 1
    ]
    for span in found:
        expected = sum(chance for tags, chance in told.items() if _holds(tags, span))
        assert span.score == pytest.approx(expected, abs=1e-6)


def test_words_that_are_surely_outside_part_the_chain_without_a_difference(monkeypatch) -> None:
    chance = np.random.default_rng(3)
    probabilities = chance.dirichlet(np.full(len(TAGS), 0.3), size=12).astype(np.float32) + 1e-6
    probabilities[[3, 4, 8]] = 1e-9
    probabilities[[3, 4, 8], 0] = 1.0
    chain = TagChain(_calibration(chance))
    parted = chain.spans(probabilities, [0, 6])
    monkeypatch.setattr(tagging, "SURE", 2.0)
    whole = chain.spans(probabilities, [0, 6])
    assert len(whole) > 2
    assert [(s.first, s.last, s.label) for s in parted] == [(s.first, s.last, s.label) for s in whole]
    assert [s.score for s in parted] == pytest.approx([s.score for s in whole], abs=1e-4)


def test_a_run_ends_before_a_word_outside_and_what_may_precede_that_counts() -> None:
    begin = TAGS.index("B-person")
    following = np.zeros((len(TAGS), len(TAGS)))
    following[begin, 0] = -9.0
    probabilities = np.full((2, len(TAGS)), 1e-6, np.float32)
    probabilities[0, [0, begin]] = 0.3, 0.7
    probabilities[1, 0] = 1.0
    fitted = TagCalibration(following=tuple(map(tuple, following)))
    assert TagChain(fitted).spans(probabilities, [0]) == []
    [alone] = TagChain(fitted).spans(probabilities[:1], [0])
    assert (alone.first, alone.last) == (0, 0), "a sentence's end asks nothing"


def test_a_mention_does_not_end_in_a_word_that_joins_it_to_the_next() -> None:
    text = "an Oscar for June of the Two And the Plug-in"
    starts = np.array([0, 3, 9, 13, 18, 21, 25, 29, 33, 37])
    ends = np.array([2, 8, 12, 17, 20, 24, 28, 32, 36, 44])
    tags = [
        "O",
        "B-other",
        "I-other",
        "B-time",
        "I-time",
        "I-time",
        "B-other",
        "I-other",
        "I-other",
        "B-other",
    ]
    found = tagged_mentions(text, WordTags(starts, ends, sequence(*tags), (0,)), TagChain())
    assert [(each.text, text[each.start : each.end]) for each in found] == [
        ("Oscar", "Oscar"),
        ("June", "June"),
        ("Two And", "Two And"),
        ("Plug-in", "Plug-in"),
    ]

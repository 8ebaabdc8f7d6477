"""The chain of tags, fitted to sentences whose scores are wrong in one way."""

from __future__ import annotations

import numpy as np
import pytest

from kgbuild.extract.labels import TAGS
from kgbuild.extract.tagging import TagChain, WordTags
from kgbuild.records import Label
from kgbuild.train.examples import AnnotatedMention
from kgbuild.train.tagging import fitted, gold_tags

BEGIN, INSIDE = TAGS.index("B-person"), TAGS.index("I-person")


def probabilities(*tags: dict[int, float]) -> np.ndarray:
    found = np.full((len(tags), len(TAGS)), 1e-4, np.float32)
    for word, chances in enumerate(tags):
        for tag, chance in chances.items():
            found[word, tag] = chance
    return found


SPLIT = probabilities({0: 0.98}, {BEGIN: 0.9, 0: 0.09}, {BEGIN: 0.5, INSIDE: 0.4}, {0: 0.98})
"""Two words that the scores read as two names."""


def test_names_that_are_read_in_two_are_read_whole_once_it_was_fitted() -> None:
    before = TagChain().spans(SPLIT, [0])
    assert [(span.first, span.last) for span in before] == [(1, 1), (2, 2)]
    fit = fitted([(SPLIT, np.array([0, BEGIN, INSIDE, 0]))] * 40)
    [after] = TagChain(fit).spans(SPLIT, [0])
    assert (after.first, after.last) == (1, 2)
    assert after.score > 0.8


def test_scores_that_are_too_sure_get_a_scale_below_one() -> None:
    sure = probabilities({BEGIN: 0.98}, {0: 0.98})
    told = [(sure, np.array([BEGIN if number % 4 else 0, 0])) for number in range(80)]
    fit = fitted(told)
    [span] = TagChain(fit).spans(sure, [0])
    assert span.score == pytest.approx(0.75, abs=0.06)
    assert fit.scale < 1


def test_a_chain_that_was_fitted_before_yields_to_many_sentences_only() -> None:
    whole = fitted([(SPLIT, np.array([0, BEGIN, INSIDE, 0]))] * 400)
    apart = (SPLIT, np.array([0, BEGIN, BEGIN, 0]))
    few, many = (TagChain(fitted([apart] * count, whole)).spans(SPLIT, [0]) for count in (5, 4000))
    assert [(span.first, span.last) for span in few] == [(1, 2)]
    assert [(span.first, span.last) for span in many] == [(1, 1), (2, 2)]


def test_gold_tags_are_those_of_the_words_that_a_mention_touches() -> None:
    start, end = np.array([0, 4, 8, 14]), np.array([3, 7, 13, 15])
    words = WordTags(start, end, np.zeros((4, len(TAGS)), np.float32), (0,))
    mentions = [AnnotatedMention(4, 13, Label.PERSON), AnnotatedMention(0, 3, None)]
    assert gold_tags(words, mentions).tolist() == [0, BEGIN, INSIDE, 0]

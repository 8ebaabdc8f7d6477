"""Mentions' vectors: means of the hidden states of their pieces, and of those around."""

import numpy as np
import torch

from kgbuild.extract.contexts import AROUND, with_contexts
from kgbuild.extract.encode import Tokens
from kgbuild.extract.mentions import Found, located
from kgbuild.records import Label, Mention


def found(*spans: tuple[int, int], pieces: int) -> Found:
    """Mentions over pieces of one character each."""
    places = np.arange(pieces)
    tokens = Tokens(places, places, places + 1, places, np.zeros(pieces, np.int64))
    return located([Mention(a, b, "x" * (b - a), Label.OTHER, 0.9) for a, b in spans], tokens)


def states(values: list[float]) -> torch.Tensor:
    """One hidden dimension."""
    return torch.tensor(values)[:, None]


def vectors(given: Found) -> list[list[float]]:
    return [np.frombuffer(mention.vector, "<f2").tolist() for mention in given.mentions]


def test_a_vector_tells_of_the_mention_and_of_what_is_around() -> None:
    held = with_contexts(found((0, 1), (1, 3), pieces=4), states([1.0, 2.0, 4.0, 5.0]))
    assert vectors(held) == [[1.0, 3.0], [3.0, 3.0]]


def test_what_is_far_away_does_not_count() -> None:
    pieces = AROUND + 2
    held = with_contexts(found((0, 1), pieces=pieces), states([1.0] * (pieces - 1) + [99.0]))
    assert vectors(held) == [[1.0, 1.0]]


def test_no_text_has_no_vectors() -> None:
    assert with_contexts(found(pieces=0), states([])).mentions == ()

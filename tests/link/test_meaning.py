"""The bi-encoder: mentions' vectors against the gist of entities."""

import numpy as np
import pytest

from kgbuild.link.features import CANDIDATE_FEATURES, Features
from kgbuild.link.meaning import (
    FEATURES,
    Encoder,
    Meaning,
    Projections,
    features,
    match_features,
    mean_vector,
    packed,
)
from kgbuild.link.surface import groups
from kgbuild.records import Document, Entity, Extraction, Label, Mention

RIVER, BANK = Entity("Q1", "Lena", description="river"), Entity("Q2", "Lena", description="bank")


def gist(text: str) -> np.ndarray:
    """Two dimensions: rivers and banks."""
    return np.array(["river" in text, "bank" in text], np.float32)


ENCODER = Encoder("abc", gist)
SAME = np.concatenate([np.eye(2, dtype=np.float32), np.zeros((1, 2), np.float32)])
MEANING = Meaning(Projections("abc", 2, packed(SAME), packed(SAME)), ENCODER)


def vector(river: float, bank: float) -> bytes:
    return np.array([river, bank], "<f2").tobytes()


def test_an_entity_fits_a_context_that_is_about_it() -> None:
    here = MEANING.of_mentions([vector(3.0, 0.0), vector(1.0, 0.0)])
    assert here is not None
    assert here.tolist() == [1.0, 0.0]
    river, bank = features(here, [MEANING.of_entity(RIVER), MEANING.of_entity(BANK)])
    assert (river[:2], bank[:2]) == ((1.0, 1.0), (0.0, -1.0))
    assert river[2] + bank[2] == pytest.approx(1.0)


def test_mentions_without_vectors_say_nothing() -> None:
    assert MEANING.of_mentions([]) is None
    assert MEANING.of_mentions([b"", vector(1.0, 0.0)[:2]]) is None
    assert features(None, [np.ones(2, np.float32)]) == [(0.0, 0.0, 0.0)]
    assert features(np.ones(2, np.float32), [None]) == [(0.0, 0.0, 0.0)]
    mean = mean_vector([b"", vector(1.0, 0.0), vector(0.0, 1.0)], 2)
    assert mean is not None
    assert mean.tolist() == [0.5, 0.5]


def test_one_candidate_leads_nobody() -> None:
    assert match_features(np.array([0.25], np.float32)) == [(0.25, 0.0, 1.0)]


def test_features_of_a_document_hold_it() -> None:
    text = "the Lena flows north"
    mention = Mention(4, 8, "Lena", Label.LOCATION, 0.9, vector(1.0, 0.0))
    extraction = Extraction("d", 0, len(text), (mention,))
    document, found = Document("d", "urn:d", text), groups(extraction)
    place = CANDIDATE_FEATURES.index(FEATURES[0])
    for compared, expected in ((MEANING, [1.0, 0.0]), (None, [0.0, 0.0])):
        (case,) = Features({}, compared).cases(document, extraction, found, [[RIVER, BANK]])
        assert case.candidates[:, place].tolist() == expected

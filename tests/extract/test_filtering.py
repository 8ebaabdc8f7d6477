"""The filter of pairs: its arithmetic, what it may drop, and that it stays with its model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.extract.filtering import PairFilter, Pruning
from kgbuild.extract.licence import OFFICE, kind
from kgbuild.extract.model import Model, load_model, save_model
from kgbuild.extract.network import DISTANCES, distance_bucket
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.records import Document, Extraction, Label
from kgbuild.text.sentences import RuleSegmenter

DOCUMENT = Document("1", "", "Ada Byron was born in London. She met Charles Babbage in Turin in 1840.")
FIRST = np.array([0, 3, 40, 45], np.int64)
KINDS = np.array([kind([label]) for label in (Label.PERSON, Label.LOCATION, Label.PERSON, Label.TIME)])


@pytest.fixture(scope="module")
def schema() -> Ontology:
    return load_ontology()


def drawn(width: int, bias: float = 0.0) -> PairFilter:
    torch.manual_seed(2)
    weight = torch.cat([torch.randn(5), torch.tensor([bias])])
    return PairFilter(torch.randn(5, width), torch.randn(5, width), torch.randn(DISTANCES, 5), weight)


def read(model: Model, schema: Ontology, threshold: float | None = None) -> Extraction:
    extractor = NeuralExtractor(model, schema, threshold=threshold)
    return extractor.extract(DOCUMENT, RuleSegmenter().segment(DOCUMENT))


def test_scores_are_a_hidden_layer_s_over_both_mentions_and_their_distance() -> None:
    found, mentions = drawn(8, 0.25), torch.randn(4, 8)
    scores = found.scores(mentions, torch.from_numpy(FIRST))
    for subject in range(4):
        for object_ in range(4):
            bucket = distance_bucket(torch.tensor(FIRST[object_] - FIRST[subject]))
            hidden = found.subject @ mentions[subject] + found.object @ mentions[object_]
            told = found.weight[:-1] @ torch.relu(hidden + found.distance[bucket]) + 0.25
            assert scores[subject, object_] == pytest.approx(float(told), abs=1e-4)


def test_what_it_was_not_fitted_for_is_always_kept(schema: Ontology) -> None:
    shut = drawn(8, -1e6)
    all_known = Pruning(shut, schema, ())
    new = Pruning(shut, schema, ("P19",))  # place of birth: persons to places
    given = torch.randn(4, 8), FIRST, KINDS
    assert not all_known.keeps(*given).any()
    assert {tuple(pair) for pair in np.argwhere(new.keeps(*given)).tolist()} == {(0, 1), (2, 1)}


def test_of_who_holds_what_offices_alone_are_always_kept(schema: Ontology) -> None:
    new = Pruning(drawn(8, -1e6), schema, ("P39",))  # position held
    kinds = np.array([*KINDS[:3], OFFICE])
    kept = new.keeps(torch.randn(4, 8), FIRST, kinds)
    assert {object_ for _, object_ in np.argwhere(kept).tolist()} == {3}


def test_a_model_keeps_its_filter_and_reads_less_with_it(
    tiny_model: Model, schema: Ontology, tmp_path: Path
) -> None:
    whole = NeuralExtractor(tiny_model, schema)
    tiny_model.filter = drawn(tiny_model.network.config.width, -1e6)
    tiny_model.config = replace(tiny_model.config, filtered=whole.names)
    save_model(tiny_model, tmp_path / "model")
    again = load_model(tmp_path / "model")
    assert again.filter is not None
    for name, tensor in tiny_model.filter.tensors.items():
        assert torch.equal(again.filter.tensors[name], tensor)
    extractor = NeuralExtractor(again, schema)
    mentions = torch.randn(4, again.network.config.width)
    assert whole.scorer.allowed(mentions, FIRST, KINDS).any()
    assert not extractor.scorer.allowed(mentions, FIRST, KINDS).any()


def test_with_a_threshold_of_one_s_own_every_pair_is_scored(tiny_model: Model, schema: Ontology) -> None:
    before = read(tiny_model, schema, 0.0)
    names = NeuralExtractor(tiny_model, schema).names
    tiny_model.filter = drawn(tiny_model.network.config.width, -1e6)
    tiny_model.config = replace(tiny_model.config, filtered=names)
    assert read(tiny_model, schema, 0.0) == before
    closed = read(tiny_model, schema)
    assert closed.relations == closed.attributes == ()
    assert closed.mentions == before.mentions

"""Pairs and properties compared as they stand: cosines of what the same maps make of both."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch.nn.functional import cosine_similarity

from kgbuild.extract.likeness import CONTEXT, END, Likeness
from kgbuild.extract.model import Model
from kgbuild.extract.network import JointNetwork, Pairs, Spans
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.ontology import Ontology, load_ontology


@pytest.fixture(scope="module")
def schema() -> Ontology:
    return load_ontology()


@pytest.fixture
def compared(tiny_model: Model) -> Model:
    """A model that compares, in a width of 6."""
    sizes = dataclasses.replace(tiny_model.config.network, likeness=6)
    torch.manual_seed(5)
    tiny_model.network = JointNetwork(tiny_model.network.encoder, sizes).eval()
    tiny_model.config = dataclasses.replace(tiny_model.config, network=sizes)
    return tiny_model


def test_products_are_weighted_cosines_and_an_open_end_counts_nothing() -> None:
    torch.manual_seed(1)
    likeness = Likeness(10, 6)
    hidden, first, last = torch.randn(20, 10), torch.tensor([3, 8]), torch.tensor([5, 8])
    context, text = torch.randn(1, 7), torch.randn(2, 7)
    domain, range_ = torch.randn(2, 10), torch.randn(2, 10)
    range_[1] = 0.0
    with torch.no_grad():
        ends = likeness.mentions(hidden, first, last)
        pair = likeness.of_pairs(ends[:1], ends[1:], context)
        found = pair @ likeness.of_properties(text, domain, range_).T
        told = [likeness.end((hidden[a] + hidden[b]) / 2) for a, b in ((3, 5), (8, 8))]
        wanted = CONTEXT * cosine_similarity(context, text)
        wanted += END * cosine_similarity(told[0][None], likeness.end(domain))
        wanted += END * cosine_similarity(told[1][None], likeness.end(range_)) * torch.tensor([1.0, 0.0])
    torch.testing.assert_close(found[0], wanted)


def test_a_property_is_compared_by_its_text_and_its_ends(compared: Model, schema: Ontology) -> None:
    network, texts = compared.network, PropertyTexts.of(schema, compared)
    vectors = texts.vectors(network)
    assert vectors.shape == (len(texts.names), network.config.compared + 1)
    assert network.config.compared == network.config.width + 2 * 6 + network.config.attention
    plain = texts.names.index("P641")  # sport: of anything
    assert not vectors[plain, network.config.width : network.config.width + 6].any()
    assert vectors[plain, network.config.width + 6 : network.config.width + 12].any()
    whole = texts.described
    alone = network.properties(whole.at(torch.tensor([plain])))
    torch.testing.assert_close(alone[0], vectors[plain], rtol=1e-4, atol=1e-5)


def test_an_end_that_is_not_restricted_is_no_trouble_in_narrow_numbers(
    compared: Model, schema: Ontology
) -> None:
    texts = PropertyTexts.of(schema, compared)
    wide = texts.vectors(compared.network)
    compared.network.encoder.bfloat16()
    narrow = texts.vectors(compared.network)
    assert torch.isfinite(narrow).all()
    assert 0 < (wide - narrow).abs().max() < 0.2


def test_a_pair_is_compared_by_its_ends_in_order(compared: Model) -> None:
    network = compared.network
    hidden, mentions = torch.randn(1, 12, 32), torch.randn(1, 2, network.config.width)
    spans = Spans(*(torch.tensor([each]) for each in ([1, 6], [2, 8], [0, 1])), torch.ones(1, 2).bool())
    pairs = Pairs(torch.tensor([[0, 1]]), torch.tensor([[1, 0]]), torch.ones(1, 2).bool())
    with torch.no_grad():
        one, other = network.pairs(hidden, None, mentions, spans, pairs)[0]
    width = network.config.width
    assert one.shape == (network.config.compared,)
    torch.testing.assert_close(one[width : width + 6], other[width + 6 : width + 12])
    torch.testing.assert_close(one[width + 6 : width + 12], other[width : width + 6])
    assert not torch.allclose(one[width : width + 6], one[width + 6 : width + 12])

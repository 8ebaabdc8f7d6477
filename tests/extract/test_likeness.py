"""Pairs and properties compared as they stand: cosines of what the same maps make of both."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch import nn
from torch.nn.functional import cosine_similarity

from kgbuild.extract.likeness import BIAS, CONTEXT, END, Likeness, TextStates, mean_ends
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


def test_products_are_weighted_cosines_and_a_bias() -> None:
    torch.manual_seed(1)
    likeness = Likeness(10, 7, 6)
    for part in (likeness.context, likeness.bias):
        nn.init.normal_(part.weight)
    hidden, first, last = torch.randn(20, 10), torch.tensor([3, 8]), torch.tensor([5, 8])
    context = torch.randn(1, 7)
    states = TextStates(torch.randn(2, 10), torch.randn(2, 7), torch.randn(2, 10), torch.randn(2, 10))
    with torch.no_grad():
        ends = likeness.mentions(mean_ends(hidden, first, last))
        pair = likeness.of_pairs(ends[:1], ends[1:], context)
        found = pair @ likeness.of_properties(states).T
        told = [likeness.end((hidden[a] + hidden[b]) / 2) for a, b in ((3, 5), (8, 8))]
        wanted = CONTEXT * cosine_similarity(likeness.context(context), likeness.context(states.context))
        wanted += END * cosine_similarity(told[0][None], likeness.end(states.domain))
        wanted += END * cosine_similarity(told[1][None], likeness.end(states.range))
        wanted += likeness.bias(states.text)[:, 0]
    torch.testing.assert_close(found[0], wanted)


def test_at_first_contexts_count_as_they_are_and_nothing_alike_is_unlikely() -> None:
    likeness = Likeness(10, 7, 6)
    context = torch.randn(3, 7)
    torch.testing.assert_close(likeness.context(context), context)
    assert (likeness.bias(torch.randn(4, 10)) == BIAS).all()


def test_an_open_end_is_compared_with_the_text(compared: Model, schema: Ontology) -> None:
    texts = PropertyTexts.of(schema, compared)
    with torch.no_grad():
        states = compared.network.texts(texts.described)
    sport, birthplace = texts.names.index("P641"), texts.names.index("P19")
    assert torch.equal(states.domain[sport], states.text[sport]), "sport: of anything"
    assert not torch.equal(states.range[sport], states.text[sport])
    assert not torch.equal(states.domain[birthplace], states.text[birthplace])


def test_a_property_is_compared_by_its_text_and_its_ends(compared: Model, schema: Ontology) -> None:
    network, texts = compared.network, PropertyTexts.of(schema, compared)
    vectors = texts.vectors(network)
    assert vectors.shape == (len(texts.names), network.config.compared + 1)
    assert network.config.compared == network.config.width + 2 * 6 + network.config.attention + 1
    plain = texts.names.index("P641")  # sport: of anything
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


def test_what_was_learned_and_likeness_lie_apart(compared: Model, schema: Ontology) -> None:
    network = compared.network
    told = PropertyTexts.of(schema, compared).vectors(network)
    learned, alike = network.apart(told)
    torch.testing.assert_close(learned + alike, told)
    width = network.config.width
    assert not learned[:, width:-1].any()
    assert not alike[:, :width].any()
    assert not alike[:, -1].any(), "the bias of the learned vector"
    assert alike[:, -2].all(), "the bias of likeness"


def test_a_property_is_told_by_likeness_until_something_is_learned_of_it(
    compared: Model, schema: Ontology
) -> None:
    network, texts = compared.network, PropertyTexts.of(schema, compared)
    compared.config = dataclasses.replace(compared.config, trained=("P19", "P57"))
    network.memory = nn.Parameter(torch.zeros(2, network.config.compared + 1))
    with torch.no_grad():
        network.memory[1, 3] = 0.5
    learned, alike = network.apart(texts.vectors(network))
    known = texts.known_by(compared)
    first, second = texts.names.index("P19"), texts.names.index("P57")
    torch.testing.assert_close(known[first], alike[first])
    torch.testing.assert_close(known[second], learned[second] + network.memory[1])
    assert set(texts.unlearned(compared)) == set(texts.names) - {"P57"}


def test_names_of_classes_are_read_only_where_they_are_compared(
    compared: Model, schema: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, texts = compared.network, PropertyTexts.of(schema, compared)
    compared.config = dataclasses.replace(compared.config, trained=texts.names)
    torch.manual_seed(3)
    network.memory = nn.Parameter(torch.randn(len(texts.names), network.config.compared + 1))
    told = texts.vectors(network)
    read: list[int] = []
    pooled = JointNetwork._pooled
    monkeypatch.setattr(
        JointNetwork, "_pooled", lambda own, given: read.append(len(given.ids)) or pooled(own, given)
    )
    known = texts.known_by(compared)
    torch.testing.assert_close(known, network.known(told, network.memory))
    assert read == [len(texts.names)], "all was learned"
    with torch.no_grad():
        network.memory[4] = 0.0
    texts.known_by(compared)
    assert read == [len(texts.names)] * 2 + [len(texts.described.ends.ids)]
    network.likeness = None
    read.clear()
    network.properties(texts.described)
    assert read == [len(texts.names)], "nothing is compared"


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

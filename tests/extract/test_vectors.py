"""Properties as texts for the encoder: what stands in them, and how much of it."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from kgbuild.errors import ConfigurationError
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.extract.labels import property_text
from kgbuild.extract.network import Texts
from kgbuild.extract.vectors import END_LENGTH, PropertyTexts
from kgbuild.ontology import ValueKind, load_ontology


def read(texts: Texts, row: int) -> list[int]:
    """The token ids of one of some texts."""
    ids: list[int] = texts.ids[row][texts.mask[row].bool()].tolist()
    return ids


@pytest.mark.parametrize("aliases", [True, False])
def test_a_property_is_read_by_its_label_description_and_where_the_model_does_so_aliases(
    tiny_model, aliases: bool
) -> None:
    ontology = load_ontology()
    tiny_model.config = dataclasses.replace(tiny_model.config, aliases=aliases, property_length=200)
    texts = PropertyTexts.of(ontology, tiny_model, withheld=["P22"])
    assert "P22" not in texts.names
    spouse = ontology.properties["P26"]
    assert spouse.aliases
    row = texts.names.index("P26")
    written = property_text(spouse.label, spouse.description, spouse.aliases if aliases else ())
    encoder = tiny_model.text_encoder
    pieces = encoder.tokens(written, cased=False).ids.tolist()
    assert read(texts.described.text, row) == [encoder.begin, *pieces, encoder.end]


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("P57", "of work: person"),
        ("P26", "of person or fictional character: person or fictional character"),
        ("P1082", "of geographic location or ethnic group: quantity"),
        ("P641", "of something: sport"),
        ("P571", ""),
    ],
)
def test_a_property_is_read_by_the_classes_of_its_ends_where_the_model_does_so(
    tiny_model, name: str, ends: str
) -> None:
    ontology = load_ontology()
    tiny_model.config = dataclasses.replace(tiny_model.config, ends=True, property_length=200)
    texts = PropertyTexts.of(ontology, tiny_model)
    row = texts.names.index(name)
    defined = ontology.properties[name]
    written = property_text(defined.label, defined.description, ends=ends)
    encoder = tiny_model.text_encoder
    pieces = encoder.tokens(written, cased=False).ids.tolist()
    assert read(texts.described.text, row) == [encoder.begin, *pieces, encoder.end]


@pytest.mark.parametrize(
    ("name", "domain", "range_"),
    [
        ("P57", "work", "person"),
        ("P1082", "geographic location or ethnic group", "quantity"),
        ("P641", "", "sport"),
        ("P571", "", "time"),
        ("P276", "", ""),
    ],
)
def test_the_classes_of_both_ends_are_told_by_themselves(
    tiny_model, name: str, domain: str, range_: str
) -> None:
    texts = PropertyTexts.of(load_ontology(), tiny_model)
    row, encoder = texts.names.index(name), tiny_model.text_encoder
    names = texts.described.ends
    assert names.ids.shape[1] == END_LENGTH
    assert len(names.ids) < len(texts.names), "each name is read once"
    for told, place in ((domain, texts.described.domain[row]), (range_, texts.described.range[row])):
        pieces = encoder.tokens(told, cased=False).ids.tolist()[: END_LENGTH - 2]
        assert read(names, int(place)) == ([encoder.begin, *pieces, encoder.end] if told else [])


def test_some_of_the_texts_are_cut_to_the_longest_of_them(tiny_model) -> None:
    texts = PropertyTexts.of(load_ontology(), tiny_model)
    whole, rows = texts.described, [texts.names.index(name) for name in ("P641", "P571")]
    some = whole.at(torch.tensor(rows))
    assert some.text.ids.shape[1] == max(len(read(whole.text, row)) for row in rows)
    assert [read(some.text, place) for place in (0, 1)] == [read(whole.text, row) for row in rows]
    for told, kept in ((whole.domain, some.domain), (whole.range, some.range)):
        assert [read(some.ends, place) for place in kept.tolist()] == [
            read(whole.ends, place) for place in told[rows].tolist()
        ]
    assert len(some.ends.ids) == 3, "nothing, sport and time"
    nothing = whole.at(torch.tensor(rows)).ends.at(some.domain)
    assert nothing.ids.shape == (2, 1), "of texts that are missing a place is left"
    assert not nothing.mask.any()


def test_texts_are_cut_to_what_the_model_reads_of_them(tiny_model) -> None:
    tiny_model.config = dataclasses.replace(tiny_model.config, aliases=True, property_length=9)
    found = PropertyTexts.of(load_ontology(), tiny_model)
    texts = found.described.text
    assert texts.ids.shape == (len(found.names), 9)
    assert int(texts.mask.sum(1).max()) == 9
    assert set(texts.ids[texts.mask.sum(1) == 9, -1].tolist()) == {tiny_model.text_encoder.end}


def test_an_ontology_of_which_nothing_is_read_says_what_to_declare(tiny_model) -> None:
    whole = load_ontology()
    texts = {name: each for name, each in whole.properties.items() if each.kind is ValueKind.TEXT}
    assert texts
    for properties in ({}, texts):
        with pytest.raises(ConfigurationError, match="whose values are entities, dates or quantities"):
            NeuralExtractor(tiny_model, dataclasses.replace(whole, properties=properties))

"""Offices: what is one, what an extractor keeps of them, and what they leave as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pytest
import torch

from kgbuild.extract.coreference import References
from kgbuild.extract.extractor import NeuralExtractor, _held
from kgbuild.extract.filtering import PairFilter, Pruning
from kgbuild.extract.licence import OFFICE, Licence, kind
from kgbuild.extract.mentions import Found
from kgbuild.extract.model import Model
from kgbuild.extract.network import DISTANCES
from kgbuild.extract.offices import are_held, offices
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.records import Document, Extraction, Label, Mention
from kgbuild.text.sentences import RuleSegmenter

PLACE, FIRM, PERSON = Label.LOCATION, Label.ORGANISATION, Label.PERSON
NAMES = {
    **dict.fromkeys(("Georgia", "French", "Prussia", "India", "Peru"), PLACE),
    **dict.fromkeys(("Labour Party", "House of Lords", "Royal Society", "Congress"), FIRM),
    **dict.fromkeys(("Kemp", "President Bush"), PERSON),
}


def names(text: str, known: Mapping[str, Label] = NAMES) -> list[Mention]:
    return [
        Mention(*match.span(), name, label, 1.0)
        for name, label in known.items()
        for match in re.finditer(rf"\b{name}\b", text)
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Kemp, the governor of Georgia, won.", ["governor of Georgia"]),
        ("the first Prime Minister of India", ["Prime Minister of India"]),
        ("the French president and a Georgia state senator", ["French president", "Georgia state senator"]),
        ("She was minister for women and youth in Peru.", ["minister for women and youth"]),
        ("minister of finance of Prussia", ["minister of finance of Prussia"]),
        ("Secretary of State for Education", ["Secretary of State for Education"]),
        ("ambassador to Peru, consul in Georgia", ["ambassador to Peru", "consul in Georgia"]),
        ("president of the Royal Society", ["president of the Royal Society"]),
        ("member of the House of Lords, member of the Labour Party", ["member of the House of Lords"]),
        ("prime minister, vice president, a general", ["prime minister"]),
        ("the president resigned; the governor too", []),
        ("a president for Peru, a king in India", []),
        ("President Bush of Georgia", []),
        ("head-of Georgia, presidents of Peru", []),
        ("the French general secretary", ["French general secretary"]),
        ("a Georgia head coach, a Peru general strike", []),
        ("beat Georgia count", []),
        ("member of Congress", ["member of Congress"]),
        ("general secretary of the Labour Party", ["general secretary of the Labour Party"]),
        ("secretary general of the Labour Party", ["secretary general of the Labour Party"]),
    ],
)
def test_an_office_is_told_by_what_it_is_of_or_by_its_noun_alone(text: str, found: list[str]) -> None:
    read = offices(text, names(text))
    assert [each.text for each in read] == found
    assert all(each.text == text[each.start : each.end] and each.label is Label.OTHER for each in read)


def test_the_place_s_article_may_belong_to_its_name() -> None:
    text = "president of the United States"
    for known in ("United States", "the United States"):
        assert [each.text for each in offices(text, names(text, {known: PLACE}))] == [text]


def test_only_what_has_no_other_values_is_held(schema: Ontology) -> None:
    full = load_ontology()
    assert are_held(full, "P39")
    assert not are_held(full, "P106"), "occupations are positions, and other things"
    assert not are_held(full, "P155"), "what may follow anything"


def test_an_office_is_a_value_of_what_is_held_alone() -> None:
    licence = Licence(load_ontology(), ("P39", "P106", "P800"))
    person, office, other = kind([PERSON]), OFFICE, kind([Label.OTHER])
    rows = licence.properties(np.array([person, person, office]), np.array([office, other, person]))
    assert rows.tolist() == [[True, False, False], [True, True, True], [False, False, False]]


def test_no_filter_drops_an_office() -> None:
    shut = PairFilter(
        torch.randn(5, 8), torch.randn(5, 8), torch.randn(DISTANCES, 5), torch.tensor([0.0] * 5 + [-1.0])
    )
    kinds = np.array([kind([PERSON]), OFFICE, kind([PLACE])])
    kept = Pruning(shut, load_ontology(), ()).keeps(torch.randn(3, 8), np.array([0, 3, 5]), kinds)
    assert kept.tolist() == [[False, True, False]] * 3


TEXT = "Ada, the mayor of Rome, met the governor of Bonn. She left. Later the mayor of Rome wrote to Ada."


def read(model: Model, schema: Ontology, threshold: float) -> Extraction:
    document = Document("d", "urn:d", TEXT)
    known = [
        Mention(match.start(), match.end(), match[0], PERSON if match[0] == "Ada" else PLACE, 1.0)
        for match in re.finditer("Ada|Rome|Bonn", TEXT)
    ]
    with torch.no_grad():
        model.network.tagger.bias[0] = 9.0  # nothing else is a mention
    extractor = NeuralExtractor(model, schema, threshold=threshold)
    return extractor.extract_around(document, RuleSegmenter().segment(document), known)


def test_an_extractor_keeps_offices_that_somebody_holds(tiny_model: Model) -> None:
    full = load_ontology()
    every, none = read(tiny_model, full, 0.0), read(tiny_model, full, 1.0)
    held = [each.text for each in every.mentions if each.label is Label.OTHER]
    assert held == ["mayor of Rome", "governor of Bonn", "mayor of Rome"]
    assert not [each for each in none.mentions if each.label is Label.OTHER]
    assert [each for each in every.mentions if each.label is not Label.OTHER] == list(none.mentions)
    starts = [(each.start, each.end) for each in every.mentions]
    assert starts == sorted(starts)
    for relation in every.relations:
        texts = every.mentions[relation.subject].text, every.mentions[relation.object].text
        if "of" in texts[0] + texts[1]:
            assert relation.property == "P39", texts
            assert texts[0] in ("Ada", "She")


def test_an_office_that_nobody_holds_leaves_the_same_one_that_somebody_does(tiny_model: Model) -> None:
    full = load_ontology()
    some = read(tiny_model, full, 0.0)
    scores = sorted(
        each.score for each in some.relations if some.mentions[each.object].text == "mayor of Rome"
    )
    held = read(tiny_model, full, scores[-1])
    places = [at for at, each in enumerate(held.mentions) if each.text == "mayor of Rome"]
    assert len(places) < 2 or scores[0] == scores[-1]
    assert all(at not in group for group in held.clusters for at in places)


def test_offices_stand_alone(tiny_model: Model) -> None:
    every, none = read(tiny_model, load_ontology(), 0.0), read(tiny_model, load_ontology(), 1.0)

    def clusters(found: Extraction) -> list[list[tuple[int, str]]]:
        groups = [[found.mentions[place] for place in group] for group in found.clusters]
        return [[(each.start, each.text) for each in group] for group in groups]

    assert clusters(every) == clusters(none)


def test_an_ontology_without_offices_reads_none(tiny_model: Model, schema: Ontology) -> None:
    extractor = NeuralExtractor(tiny_model, schema, threshold=0.0)
    assert not extractor.reads_offices


def test_what_is_left_out_moves_all_that_stands_behind_it() -> None:
    spans = [(0, 3), (4, 9), (10, 13), (14, 19)]
    mentions = tuple(Mention(a, b, "x" * (b - a), Label.PERSON, 1.0) for a, b in spans)
    kinds = np.array([kind([PERSON]), OFFICE, kind([PERSON]), OFFICE])
    found = Found(mentions, np.arange(4), np.arange(4), np.zeros(4, np.int64), kinds)
    references = References(np.array([-1, -1, 0, 1]), np.array([0.1, 0.2, 0.3, 0.4]))
    left, facts, moved = _held(found, {(2, 7, 3): 0.9}, references)
    assert [(each.start, each.end) for each in left.mentions] == [(0, 3), (10, 13), (14, 19)]
    assert facts == {(1, 7, 2): 0.9}
    assert moved.antecedent.tolist() == [-1, 0, -1], "what was left out is nobody's antecedent"
    assert moved.certainty.tolist() == [0.1, 0.3, 0.4]


def test_a_filter_is_not_fitted_to_offices(tiny_model: Model) -> None:
    document = Document("d", "urn:d", "The prime minister met the pope.")
    with torch.no_grad():
        tiny_model.network.tagger.bias[0] = 9.0
    extractor = NeuralExtractor(tiny_model, load_ontology(), threshold=0.0)
    assert not [len(view.first) for view in extractor.pair_views(document, ()) if len(view.first)]

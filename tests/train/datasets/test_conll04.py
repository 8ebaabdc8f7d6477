"""CoNLL04: both forms of its files, its relations as properties, and rows that are refused."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from kgbuild.errors import DatasetError
from kgbuild.ontology import load_ontology
from kgbuild.records import Label
from kgbuild.train.datasets.conll04 import RELATIONS, conll04_ontology, read_conll04
from kgbuild.train.examples import Fact, Scope, Tagging

DATA = Path(__file__).parents[4] / "shared" / "data" / "conll04"
TOKENS = ["In", "1963", "Lee", "Oswald", "of", "Dallas", "shot", "Kennedy", "."]
TAGGED = {
    "tokens": TOKENS,
    "tags": ["O", "U-Other", "B-Peop", "L-Peop", "O", "U-Loc", "O", "U-Peop", "O"],
    "relations": [{"head": 1, "tail": 3, "type": "Kill"}, {"head": 1, "tail": 2, "type": "Live_In"}],
    "orig_id": 7,
}
SPANNED = {
    "tokens": TOKENS,
    "entities": [
        {"type": "Peop", "start": 7, "end": 8},
        {"type": "Peop", "start": 2, "end": 4},
        {"type": "Loc", "start": 5, "end": 6},
        {"type": "Other", "start": 1, "end": 2},
    ],
    "relations": [{"head": 1, "tail": 0, "type": "Kill"}, {"head": 1, "tail": 2, "type": "Live_In"}],
}


def file(folder: Path, *rows: Any) -> Path:
    path = folder / "train.json"
    path.write_text(json.dumps(rows))
    return path


@pytest.mark.parametrize("row", [TAGGED, SPANNED])
def test_the_victim_is_killed_by_the_killer(tmp_path: Path, row: Any) -> None:
    [example] = read_conll04(file(tmp_path, row))
    assert example.text == " ".join(TOKENS)
    said = {example.text[m.start : m.end]: m.label for m in example.mentions}
    assert said == {
        "1963": Label.TIME,
        "Lee Oswald": Label.PERSON,
        "Dallas": Label.LOCATION,
        "Kennedy": Label.PERSON,
    }
    names = [example.text[m.start : m.end] for m in example.mentions]
    assert {(names[f.subject], f.property, names[f.object]) for f in example.facts} == {
        ("Kennedy", "P157", "Lee Oswald"),
        ("Lee Oswald", "P551", "Dallas"),
    }
    assert example.annotated == {"P108", "P131", "P157", "P159", "P551"}
    assert (example.scope, example.tagging) == (Scope.MENTION, Tagging.FULL)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tags": ["O"]}, r"train\.json: sentence 1 \(from 0\): it has 9 tokens and 1 tags"),
        ({"tags": ["U-Pet"] * 9}, "the entity type 'Pet' is unknown"),
        ({"tags": ["Peop"] * 9}, "'Peop' is no tag"),
        ({"tags": None}, "neither tags nor entities"),
        ({"relations": [{"head": 0, "tail": 4, "type": "Kill"}]}, "the entities 0 and 4 of 4"),
        ({"relations": [{"head": 0, "tail": 1, "type": "Love"}]}, "the relation 'Love' is unknown"),
        ({"entities": [{"type": "Loc", "start": 8, "end": 10}]}, "8:10 lies outside 9 tokens"),
        ({"tokens": "In"}, r"train\.json: Expected `array`"),
    ],
)
def test_a_bad_sentence_is_named(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(DatasetError, match=said):
        list(read_conll04(file(tmp_path, TAGGED, {**TAGGED, **change})))


def test_the_ontology_has_the_five_relations_as_the_shipped_one_words_them() -> None:
    own, shipped = conll04_ontology(), load_ontology()
    assert own.properties.keys() == {each.property for each in RELATIONS.values()}
    for name in own.properties.keys() & shipped.properties.keys():
        ours, theirs = own.properties[name], shipped.properties[name]
        assert (ours.label, ours.description) == (theirs.label, theirs.description)
    assert own.domain_labels("P551") == {Label.PERSON}
    assert own.range_labels("P131") == {Label.LOCATION}


@pytest.mark.skipif(not DATA.is_dir(), reason="the data set is not in ../shared/data")
def test_the_published_counts() -> None:
    examples = [each for name in ("train", "dev") for each in read_conll04(DATA / f"{name}.json.gz")]
    assert len(examples) == 922 + 231
    facts = Counter(fact.property for example in examples for fact in example.facts)
    assert facts == {"P551": 421, "P159": 347, "P108": 325, "P131": 312, "P157": 221}
    assert all(
        example.mentions[fact.subject].label is Label.PERSON
        for example in examples
        for fact in example.facts
        if fact.property in ("P551", "P108", "P157")
    )
    assert Fact(1, "P159", 0) not in examples[0].facts
    assert examples[0].facts == (Fact(2, "P159", 1),)

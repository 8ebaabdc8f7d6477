"""Text2KGBench's files: sentences with their ontology, and triples whose ends stand in the text."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from kgbuild.errors import DatasetError
from kgbuild.ontology import ValueKind, load_ontology
from kgbuild.records import Label
from kgbuild.train.datasets.gold_strings import find
from kgbuild.train.datasets.text2kgbench import (
    DBPEDIA,
    ontology_of,
    read_ontologies,
    read_sentences,
    read_text2kgbench,
)
from kgbuild.train.examples import Scope

WIKIDATA: dict[str, Any] = {
    "title": "Film",
    "id": "ont_1_film",
    "concepts": [{"qid": "Q11424", "label": "film"}, {"qid": "Q5", "label": "human"}],
    "relations": [
        {"pid": "P57", "label": "director", "domain": "Q11424", "range": "Q5"},
        {"pid": "P577", "label": "publication date", "domain": "Q11424", "range": ""},
        {"pid": "P9999999", "label": "Shown at ", "domain": "Q11424", "range": "Q123456789"},
        {"pid": "P9999999", "label": "Shown at ", "domain": "Q5", "range": ""},
    ],
}
DBPEDIA_FILM: dict[str, Any] = {
    "title": "Film",
    "id": "ont_2_film",
    "concepts": [{"qid": "Person", "label": "Person"}],
    "relations": [
        {"pid": "runningTime", "label": "runningTime", "domain": "Film", "range": "number"},
        {"pid": "birthDate", "label": "birthDate", "domain": "Person", "range": "Date"},
    ],
}
ROWS: list[dict[str, Any]] = [
    {
        "id": "ont_1_film_train_1",
        "sub_label": "Alien",
        "rel_label": "director",
        "obj_label": "Ridley Scott",
        "sent": "Alien, by Ridley Scott, came out on May 25, 1979.",
    },
    {
        "id": "ont_1_film_test_2",
        "sent": "Alien, by Ridley Scott, came out on May 25, 1979.",
        "triples": [
            {"sub": "Alien", "rel": "publication date", "obj": "25 May 1979"},
            {"sub": "Alien", "rel": "Shown at", "obj": "Ridley_Scott"},
            {"sub": "Alien", "rel": "director", "obj": "nobody here"},
            {"sub": "Alien", "rel": "unheard of", "obj": "Ridley Scott"},
        ],
    },
]


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A test suite laid out as it is published."""
    for folder in ("train", "ontologies"):
        (tmp_path / folder).mkdir()
    (tmp_path / "ontologies" / "1_film_ontology.json").write_text(json.dumps(WIKIDATA))
    (tmp_path / "ontologies" / "2_film_ontology.json").write_text(json.dumps(DBPEDIA_FILM))
    content = "\n".join(map(json.dumps, ROWS)).encode()
    (tmp_path / "train" / "ont_1_film_train.jsonl.gz").write_bytes(gzip.compress(content))
    return tmp_path


def test_both_forms_of_a_row_are_read_from_a_folder_or_file_with_the_ontology_beside(suite: Path) -> None:
    for path in (suite, suite / "train", suite / "train" / "ont_1_film_train.jsonl.gz"):
        first, second = read_sentences(path)
        assert first.ontology.id == second.ontology.id == "ont_1_film"
        assert [each.obj for each in first.triples] == ["Ridley Scott"]
        assert len(second.triples) == 4


def test_of_several_folders_of_sentences_one_must_be_given(suite: Path) -> None:
    (suite / "train").rename(suite / "ground_truth")
    assert len(list(read_sentences(suite))) == 2
    shutil.copytree(suite / "ground_truth", suite / "dev")
    with pytest.raises(DatasetError, match=r"several folders of sentences \(dev, ground_truth\)"):
        list(read_sentences(suite))
    assert len(list(read_sentences(suite / "dev"))) == 2


def test_an_ontology_takes_kinds_and_texts_from_what_is_known() -> None:
    import msgspec

    from kgbuild.train.datasets.text2kgbench import OntologyRow

    known = load_ontology()
    found = ontology_of(msgspec.convert(WIKIDATA, OntologyRow), known)
    assert found.properties["P577"].kind is ValueKind.TIME
    assert found.properties["P57"].description == known.properties["P57"].description
    assert found.range_labels("P57") == {Label.PERSON}
    assert found.properties["P9999999"].domain == ("Q11424", "Q5")
    assert found.properties["P9999999"].range == ()
    assert len(found.range_labels("P9999999")) == 4
    other = ontology_of(msgspec.convert(DBPEDIA_FILM, OntologyRow), known)
    time, born = other.properties[DBPEDIA + "runningTime"], other.properties[DBPEDIA + "birthDate"]
    assert (time.label, time.kind, born.kind) == ("running time", ValueKind.QUANTITY, ValueKind.TIME)
    assert "running time of the Film" in time.description
    assert other.domain_labels(born.id) == {Label.PERSON}


def test_triples_whose_ends_stand_in_the_sentence_train_their_pair(suite: Path) -> None:
    examples = list(read_text2kgbench(suite, load_ontology()))
    said = [
        ([each.text[m.start : m.end] for m in each.mentions], [fact.property for fact in each.facts])
        for each in examples
    ]
    assert said == [
        (["Alien", "Ridley Scott"], ["P57"]),
        (["Alien", "May 25, 1979"], ["P577"]),
        (["Alien", "Ridley_Scott".replace("_", " ")], ["P9999999"]),
    ]
    assert [each.mentions[1].label for each in examples] == [Label.PERSON, Label.TIME, None]
    assert all(each.scope is Scope.STATED and each.annotated >= {"P57", "P577"} for each in examples)


def test_what_two_rows_say_of_one_pair_is_one_example(suite: Path) -> None:
    more = {**ROWS[0], "id": "ont_1_film_train_3", "rel_label": "Shown at"}
    path = suite / "train" / "ont_1_film_train.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, [ROWS[0], more])).encode()))
    [example] = read_text2kgbench(suite, load_ontology())
    assert [fact.property for fact in example.facts] == ["P57", "P9999999"]


def test_common_nouns_that_are_objects_are_mentions_elsewhere_too(suite: Path) -> None:
    texts = ("Alien is a horror film.", "Heat is no horror film.", "Alien is a horror film by Ridley Scott.")
    told = [
        ("Alien", "genre", "horror film"),
        ("Heat", "genre", "horror film"),
        tuple(ROWS[1]["triples"][0].values()),
    ]
    rows = [
        {
            "id": f"ont_1_film_{number}",
            "sent": text,
            "triples": [dict(zip(("sub", "rel", "obj"), triple, strict=True))],
        }
        for number, (text, triple) in enumerate(zip(texts, told, strict=True))
    ]
    rows[2]["triples"] = [{"sub": "Alien", "rel": "director", "obj": "Ridley Scott"}]
    with_genre = {**WIKIDATA, "relations": [*WIKIDATA["relations"], {"pid": "P136", "label": "genre"}]}
    (suite / "ontologies" / "1_film_ontology.json").write_text(json.dumps(with_genre))
    path = suite / "train" / "ont_1_film_train.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    *_, last = read_text2kgbench(suite, load_ontology())
    assert [last.text[each.start : each.end] for each in last.mentions] == [
        "Alien",
        "Ridley Scott",
        "horror film",
    ]
    assert last.mentions[2].label is Label.OTHER


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("1979-05-25", "on May 25, 1979 it", "May 25, 1979"),
        ("01 January 1979", "since 1979.", "1979"),
        ("Paul Pogba", "Paul Labile Pogba plays", "Paul Labile Pogba"),
        ("Anaheim, California", "Anaheim, part of California", None),
        ("Old French", "an old French romance", "old French"),
        ("art", "a party", None),
        ('"STV"', "on STV", "STV"),
        ("Up: Live (1992)", "on Up : Live ( 1992 ) and", "Up : Live ( 1992 )"),
        ("", "on STV", None),
    ],
)
def test_gold_strings_are_found_as_they_are_written(name: str, text: str, found: str | None) -> None:
    span = find(name, text)
    assert (text[slice(*span)] if span else None) == found


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"id": "ont_9_x_1", "sent": "A."}, "1: no ontology has the id that 'ont_9_x_1' begins with"),
        ({"id": "ont_1_film_1", "sent": "A."}, "1: ont_1_film_1 has a triple without"),
        ({"id": "ont_1_film_1"}, "1: Object missing required field `sent`"),
    ],
)
def test_a_broken_row_is_refused_with_its_place(suite: Path, row: Any, message: str) -> None:
    path = suite / "train" / "ont_1_film_train.jsonl"
    path.with_suffix(".jsonl.gz").unlink()
    path.write_text(json.dumps(row))
    with pytest.raises(DatasetError, match=message) as caught:
        list(read_sentences(suite))
    assert str(path) in str(caught.value)


def test_missing_ontologies_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}")
    with pytest.raises(DatasetError, match="json files for"):
        read_ontologies(tmp_path / "a.jsonl")

"""Text2KGBench's score on hand-made readings, and its command's shape on a suite written here."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from kgbuild.evaluate.counts import Counts
from kgbuild.evaluate.surface import label, names, triples, value
from kgbuild.evaluate.text2kgbench import Reading, averages, counts, figures, predictions, score
from kgbuild.ontology import load_ontology
from kgbuild.records import Attribute, Extraction, Label, Mention, Relation
from kgbuild.train.datasets.text2kgbench import (
    DBPEDIA,
    OntologyRow,
    RelationRow,
    Sentence,
    TripleRow,
    ontology_of,
)

RELATIONS = tuple(
    RelationRow(pid, label, "Q11424", "")
    for pid, label in (("P57", "director"), ("P161", "cast member"), ("P577", "publication date"))
)
FILM = OntologyRow("ont_1_film", "Film", (), RELATIONS)
GOLD = (TripleRow("Alien", "director", "Ridley Scott"), TripleRow("Alien", "cast member", "John Hurt"))


def reading(
    *predicted: tuple[str, str, str], gold: tuple[TripleRow, ...] = GOLD, ontology: OntologyRow = FILM
) -> Reading:
    return Reading(Sentence("ont_1_film_test_1", "…", gold, ontology), dict.fromkeys(predicted, 0.5))


def test_names_are_compared_without_case_spaces_and_underscores() -> None:
    found = figures(reading(("alien", "director", "Ridley_scott"), ("Alien", "cast member", "Tom Skerritt")))
    assert found == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "ontology_conformance": 1.0}


def test_relations_that_the_gold_of_the_sentence_has_not_are_left_out() -> None:
    found = figures(reading(("Alien", "director", "Ridley Scott"), ("Alien", "publication date", "1979")))
    assert (found["precision"], found["recall"]) == (1.0, 0.5)
    assert figures(reading(("Alien", "publication date", "1979")))["precision"] == 0.0


def test_conformance_is_the_share_of_known_relations_and_whole_where_nothing_was_read() -> None:
    found = figures(reading(("Alien", "director", "Ridley Scott"), ("Alien", "made by", "Ridley Scott")))
    assert found["ontology_conformance"] == 0.5
    assert figures(reading()) == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "ontology_conformance": 1.0}


def test_sentences_are_averaged_by_ontology() -> None:
    right = reading(("Alien", "director", "Ridley Scott"), ("Alien", "cast member", "John Hurt"))
    other = OntologyRow("ont_2_art", "Art", (), RELATIONS)
    found = averages([right, reading(), reading(ontology=other)])
    assert [found[name]["f1"] for name in ("ont_1_film", "ont_2_art")] == [0.5, 0.0]
    assert counts([right, reading()])["director"] == Counts(1, 1, 2)


def test_predictions_are_what_the_benchmark_s_scorer_reads() -> None:
    [line] = predictions([reading(("Alien", "cast member", "John Hurt"))]).splitlines()
    assert json.loads(line)["triples"] == [["Alien", "cast_member", "John Hurt"]]


def test_an_entity_goes_by_its_longest_name_and_a_lone_pronoun_by_none() -> None:
    text = "Ada Hart left. Hart and she met him and Ben."
    spans = (
        ("Ada Hart", Label.PERSON),
        ("Hart and", Label.PERSON),
        ("she", Label.PERSON),
        ("him", Label.PERSON),
        ("Ben", Label.PERSON),
    )
    mentions = tuple(
        Mention(text.index(each), text.index(each) + len(each), each.split(" and")[0], label, 1.0)
        for each, label in spans
    )
    read = Extraction(
        "",
        0,
        len(text),
        mentions,
        (
            Relation(2, "P57", 4, 0.4),
            Relation(1, "P57", 4, 0.9),
            Relation(1, "P57", 0, 0.9),
            Relation(3, "P57", 4, 0.9),
        ),
        (Attribute(2, "P577", 0, 4, "May 1979", 0.3),),
        ((0, 1, 2),),
    )
    assert names(read, text) == {**dict.fromkeys((0, 1, 2), "Ada Hart"), 4: "Ben"}
    found = triples(read, ontology_of(FILM, load_ontology()), text)
    assert found == {("Ada Hart", "P57", "Ben"): 0.9, ("Ada Hart", "P577", "01 May 1979"): 0.3}


@pytest.mark.parametrize(
    ("text", "start", "end", "kind", "written"),
    [
        ("Ada May Hart (born 1985)", 0, 12, Label.PERSON, "Ada Hart"),
        ("Ada May Hart sings.", 0, 12, Label.PERSON, "Ada May Hart"),
        ("Ada M. Hart (born 1985)", 0, 11, Label.PERSON, "Ada M. Hart"),
        ("Ada van Hart (born 1985)", 0, 12, Label.PERSON, "Ada van Hart"),
        ("One Fine Day (1985)", 0, 12, Label.OTHER, "One Fine Day"),
        ('Ada "Addy" Hart sings.', 0, 15, Label.PERSON, "Ada Hart"),
        ('"Heroes" is by Ada.', 0, 8, Label.OTHER, '"Heroes"'),
        ("In the Hague", 3, 12, Label.LOCATION, "Hague"),
        ("The Hague", 0, 9, Label.LOCATION, "The Hague"),
        ("The western galaxias", 0, 20, Label.OTHER, "western galaxias"),
    ],
)
def test_names_are_written_as_wikidata_labels_them(
    text: str, start: int, end: int, kind: Label, written: str
) -> None:
    assert label(Mention(start, end, text[start:end], kind, 1.0), text) == written


def test_an_article_alone_names_nothing() -> None:
    read = Extraction("", 0, 10, (Mention(0, 3, "The", Label.OTHER, 1.0),), (), (), ())
    assert names(read, "The film") == {}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("24 June 2009", "24 June 2009"),
        ("June 24, 2009", "24 June 2009"),
        ("June 2009", "01 June 2009"),
        ("2009", "01 January 2009"),
        ("the 1990s", "the 1990s"),
        ("someday", "someday"),
    ],
)
def test_dates_are_written_as_wikidata_tekgen_has_them(text: str, written: str) -> None:
    assert value(text, "P577", ontology_of(FILM, load_ontology())) == written


@pytest.mark.parametrize(
    ("name", "text", "written"),
    [
        ("birthDate", "June 24, 2009", "2009-06-24"),
        ("birthDate", "2009", "2009"),
        ("numberOfStudents", "27,400 students", "27400"),
        ("runwayLength", "2,776", "2776.0"),
        ("runwayLength", "2776.5 metres", "2776.5"),
        ("runwayLength", "rather long", "rather long"),
    ],
)
def test_values_are_written_as_dbpedia_has_them(name: str, text: str, written: str) -> None:
    ranges = {"birthDate": "Date"}
    rows = (RelationRow(name, name, "Thing", ranges.get(name, "number")),)
    ontology = ontology_of(OntologyRow("ont_1_x", "X", (), rows), load_ontology())
    assert value(text, DBPEDIA + name, ontology) == written


@pytest.mark.parametrize("packed", [True, False])
def test_a_suite_is_scored_with_its_own_ontologies(task: Any, tmp_path: Path, packed: bool) -> None:
    (tmp_path / "ontologies").mkdir()
    relations = [{"pid": "P57", "label": "director ", "domain": "", "range": ""}]
    for name in ("1_film", "2_art"):
        row = {"id": f"ont_{name}", "title": name, "concepts": [], "relations": relations}
        (tmp_path / "ontologies" / f"{name}_ontology.json").write_text(json.dumps(row))
    (tmp_path / "train").mkdir()
    gold = [{"sub": "Alien", "rel": "director ", "obj": "Ridley Scott"}]
    rows = [
        json.dumps({"id": f"ont_{name}_1", "sent": "Alien is by Ridley Scott in 1979.", "triples": gold})
        for name in ("1_film", "2_art")
    ]
    content = "\n".join(rows).encode()
    path = tmp_path / "train" / ("a.jsonl.gz" if packed else "a.jsonl")
    path.write_bytes(gzip.compress(content) if packed else content)
    outcome = score(task(tmp_path))
    found = outcome.report.as_json()
    assert (found["count"], found["sentences"], found["ontology_conformance"]) == (2, 2, 1.0)
    assert found["by_ontology"].keys() == {"ont_1_film", "ont_2_art"}
    assert found["by_property"].keys() == {"director"}
    assert found["f1"] == pytest.approx(sum(row["f1"] for row in found["by_ontology"].values()) / 2, abs=1e-4)
    assert len(outcome.predictions.splitlines()) == 2

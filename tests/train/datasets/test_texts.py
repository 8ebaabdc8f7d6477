"""Texts without annotation: what is read of them, and that another model has to say what trains."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from kgbuild.errors import ConfigurationError, SourceError
from kgbuild.extract.model import Model
from kgbuild.ontology import load_ontology
from kgbuild.train.config import DataConfig, TrainingConfig
from kgbuild.train.corpora import Corpus, with_predicted_mentions
from kgbuild.train.data import FORMATS, read_data
from kgbuild.train.datasets.texts import LONGEST, read_linking, read_texts
from kgbuild.train.examples import Example, Scope, Tagging
from kgbuild.train.features import IGNORED

SENTENCE = "Ada Hart has lived in Rome since 1998, and in Oslo before."


def test_documents_are_read_as_a_build_reads_them(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(f"<html><body><article><p>{SENTENCE}</p></article></body></html>")
    (tmp_path / "b.jsonl").write_text(json.dumps({"id": "x", "text": SENTENCE}) + "\n")
    found = list(read_texts(tmp_path))
    assert [(each.id, each.text) for each in found] == [("a.html:0", SENTENCE), ("b.jsonl/x:0", SENTENCE)]
    assert {(each.mentions, each.annotated, each.tagging) for each in found} == {
        ((), frozenset(), Tagging.READ)
    }
    assert found[0].scope is Scope.MENTION


def test_long_documents_are_cut_between_sentences(tmp_path: Path) -> None:
    text = " ".join([SENTENCE] * 100)
    (tmp_path / "a.txt").write_text(text)
    found = list(read_texts(tmp_path))
    assert " ".join(each.text for each in found) == text
    assert len({each.id for each in found}) == len(found)
    assert all(len(each.text) <= LONGEST for each in found)
    assert all(
        len(one.text) + len(SENTENCE) + 1 > LONGEST and one.text.endswith(SENTENCE)
        for one, _ in pairwise(found)
    )


def test_a_sentence_that_is_too_long_is_a_text_by_itself(tmp_path: Path) -> None:
    long = "Ada " + "and Bob " * 300 + "came."
    (tmp_path / "a.txt").write_text(f"{SENTENCE} {long} {SENTENCE}")
    assert [each.text for each in read_texts(tmp_path)] == [SENTENCE, long, SENTENCE]


def test_a_document_that_cannot_be_read_is_named_and_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    (tmp_path / "b.txt").write_text(SENTENCE)
    assert [each.id for each in read_texts(tmp_path)] == ["b.txt:0"]
    (record,) = caplog.records
    assert "a.png is left out (unsupported type: " in record.getMessage()
    with pytest.raises(SourceError, match="there is nothing at"):
        list(read_texts(tmp_path / "gone"))


def test_files_of_mentions_give_their_texts(tmp_path: Path) -> None:
    row = {"string": "rome", "text": f" {SENTENCE} ", "correct_id": "Q220", "wrong_id": "Q1"}
    with gzip.open(tmp_path / "contexts.json.gz", "wt") as file:
        json.dump([row, row], file)
    one, two = read_linking(tmp_path / "contexts.json.gz")
    assert (one.text, one.mentions, one.tagging) == (SENTENCE, (), Tagging.READ)
    assert one.document != two.document


def recipe(folder: Path, **spec: object) -> TrainingConfig:
    data = [DataConfig(format="texts", path="notes", **spec)]
    return TrainingConfig(backbone="", output="", start_from="m", data=data, data_folder=str(folder))


def test_texts_that_nothing_says_anything_of_are_refused(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text(SENTENCE)
    ontology = load_ontology()
    with pytest.raises(ConfigurationError, match=r"notes tells nothing but .*; give it remembered"):
        read_data(recipe(tmp_path), ontology)
    [(_, examples)] = read_data(recipe(tmp_path, remembered=1.0), ontology)
    assert [each.text for each in examples] == [SENTENCE]


def test_any_data_set_lends_its_texts(tmp_path: Path) -> None:
    killing = {
        "tokens": ["Ada", "killed", "Bob"],
        "tags": ["U-Peop", "O", "U-Peop"],
        "relations": [{"head": 0, "tail": 1, "type": "Kill"}],
    }
    (tmp_path / "train.json").write_text(json.dumps([killing, killing]))
    (tmp_path / "conll").write_text("Ada B-PER\nleft O\n\nBob B-PER\nleft O\n")
    config, ontology = recipe(tmp_path), load_ontology()  # which has no P157, killed by

    def read(**keys: object) -> list[Example]:
        [(_, found)] = read_data(msgspec.structs.replace(config, data=[DataConfig(**keys)]), ontology)
        return found

    with pytest.raises(ConfigurationError, match="P157"):
        read(format="conll04", path="train.json", remembered=1.0)
    one, two = read(format="conll04", path="train.json", remembered=1.0, unlabelled=True)
    assert one == Example(one.id, "Ada killed Bob", (), tagging=Tagging.READ)
    assert one.document != two.document
    (bob,) = read(format="columns", path="conll", first=1, remembered=1.0, unlabelled=True)
    assert bob.text == "Bob left"
    with pytest.raises(ConfigurationError, match="tells nothing but"):
        read(format="columns", path="conll", unlabelled=True)


def test_a_text_that_is_lent_hides_how_it_was_written_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lowered = Example("1", "ada left", (), tagging=Tagging.NONE, cased=False)
    monkeypatch.setitem(FORMATS, "texts", lambda _wanted: [lowered])
    [(_, examples)] = read_data(recipe(tmp_path, remembered=1.0, unlabelled=True), load_ontology())
    assert examples == [Example("1:0", "ada left", (), tagging=Tagging.READ, cased=False)]


def test_mentions_are_those_that_the_model_finds_and_all_words_are_its(
    tmp_path: Path, tiny_model: Model, tiny_encoder
) -> None:
    (tmp_path / "a.txt").write_text(SENTENCE)
    corpus = Corpus(DataConfig(format="texts", remembered=1.0), tuple(read_texts(tmp_path)), tiny_encoder, 64)
    (row,) = corpus.epoch(seed=1)
    assert not len(row.first)
    (read,) = with_predicted_mentions([row], tiny_model.network, tiny_encoder)
    assert len(read.first)
    assert not read.gold.any()
    for each in (row, read):
        assert (each.tags == IGNORED).all()

"""DocBin files written by spaCy: entities, coreference by knowledge-base id, relations, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span

from kgbuild.errors import DatasetError
from kgbuild.records import Label
from kgbuild.train.datasets.docbin import read_docbin
from kgbuild.train.examples import AnnotatedMention, Fact, Tagging

PAIR = (0, 4)


@pytest.fixture
def document() -> Doc:
    found = spacy.blank("en")("Ada Hart lives in Rome. Ada left.")
    found.ents = [
        Span(found, 0, 2, "PERSON", kb_id="Q1"),
        Span(found, 4, 5, "GPE"),
        Span(found, 6, 7, "PERSON", kb_id="Q1"),
    ]
    return found


def stored(folder: Path, *documents: Doc) -> Path:
    path = folder / "mine.spacy"
    DocBin(store_user_data=True, docs=documents).to_disk(path)
    return path


def with_relations(document: Doc, relations: Any) -> Doc:
    Doc.set_extension("rel", default=None, force=True)
    document._.rel = relations
    return document


def test_entities_are_mentions_and_one_knowledge_base_id_one_entity(tmp_path: Path, document: Doc) -> None:
    [example] = read_docbin(stored(tmp_path, document))
    assert example.id == "mine.spacy:0"
    assert example.text == "Ada Hart lives in Rome. Ada left."
    assert example.mentions == (
        AnnotatedMention(0, 8, Label.PERSON, 0),
        AnnotatedMention(18, 22, Label.LOCATION, -1),
        AnnotatedMention(24, 27, Label.PERSON, 0),
    )
    assert (example.facts, example.annotated, example.tagging) == ((), frozenset(), Tagging.FULL)


def test_relations_lie_where_spacy_s_project_puts_them(tmp_path: Path, document: Doc) -> None:
    marked = with_relations(document, {PAIR: {"P551": 1.0, "P19": 0.0}, (6, 4): {"P551": 0.0}})
    Doc.remove_extension("rel")
    [example] = read_docbin(stored(tmp_path, marked), {"P551", "P19"})
    assert example.facts == (Fact(0, "P551", 1),)
    assert example.annotated == {"P551", "P19"}


def test_missing_entities_make_the_tagging_partial_or_none(tmp_path: Path, document: Doc) -> None:
    nothing = spacy.blank("en")("Nobody looked at this.")
    document.set_ents(list(document.ents), default="missing")
    path = stored(tmp_path, document, nothing)
    assert [each.tagging for each in read_docbin(path)] == [Tagging.PARTIAL, Tagging.NONE]


@pytest.mark.parametrize(
    ("relations", "said"),
    [
        ({PAIR: {"P9": 1.0}}, r"document 1 \(from 0\): the property 'P9' is not among"),
        ({(1, 4): {"P551": 1.0}}, r"document 1 .*P551 is between the tokens \(1, 4\)"),
        ([["P551"]], r"document 1 .*must be a dictionary"),
    ],
)
def test_a_bad_relation_is_named(tmp_path: Path, document: Doc, relations: Any, said: str) -> None:
    good = spacy.blank("en")("Ada left.")
    path = stored(tmp_path, good, with_relations(document, relations))
    Doc.remove_extension("rel")
    with pytest.raises(DatasetError, match=rf"mine\.spacy: {said}"):
        list(read_docbin(path, {"P551"}))


def test_an_unknown_type_is_named(tmp_path: Path, document: Doc) -> None:
    document.ents = [Span(document, 0, 1, "PET")]
    with pytest.raises(DatasetError, match=r"mine\.spacy: document 0 .*'PET' is unknown"):
        list(read_docbin(stored(tmp_path, document)))


@pytest.mark.parametrize("content", [b"", b"no DocBin"])
def test_another_kind_of_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.spacy"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=r"mine\.spacy is no DocBin"):
        list(read_docbin(path))

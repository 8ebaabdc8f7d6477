"""Sentences of quantities among those of documents: where they stand, and of whom they tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgbuild.records import Label
from kgbuild.train.datasets.document_templates import COPIES, MOST, read_document_templates
from kgbuild.train.examples import AnnotatedMention, Example, Scope, Tagging

TEXT = "Rome lies in Italy . It was founded by two brothers . Ada lived there ."


def document(name: str, *mentions: tuple[str, Label, int], text: str = TEXT) -> Example:
    spans = []
    for surface, label, entity in mentions:
        start = text.index(surface)
        spans.append(AnnotatedMention(start, start + len(surface), label, entity))
    return Example(name, text, tuple(spans), annotated=frozenset({"P17"}), scope=Scope.ENTITY)


@pytest.fixture
def examples(tmp_path: Path) -> list[Example]:
    path = tmp_path / "templates.tsv"
    path.write_text(
        "P1082\tlocation\tcount:300-9000\tSome {o} people live in {s}.\n"
        "-\tlocation\tcount:300-9000\tIn {s} {o} houses burned down.\n"
        "P119\tperson\tlocation\t{s} lies in {o}.\n"
    )
    places = ("Rome", Label.LOCATION, 0), ("Italy", Label.LOCATION, 1), ("two", Label.NUMBER, 2)
    documents = [document(f"d{number}", *places) for number in range(30)]
    documents.append(document("digits", ("12", Label.NUMBER, 0), text="It has 12 gates ."))
    return list(read_document_templates(path, documents, seed=1))


def test_documents_without_digits_tell_of_their_own_entities_and_of_new_ones(examples) -> None:
    assert len(examples) == 30 * COPIES
    told = set()
    for example in examples:
        spans = {each.entity: [] for each in example.mentions}
        for each in example.mentions:
            spans[each.entity].append(example.text[each.start : each.end])
        assert example.annotated == {"P1082"}
        assert (example.scope, example.tagging) == (Scope.ENTITY, Tagging.FULL)
        assert spans[0][0] == "Rome"
        assert spans[2] == ["two"]
        for fact in example.facts:
            [number] = spans[fact.object]
            assert fact.property == "P1082"
            [subject] = {
                each for each in spans[fact.subject] if f"{number} people live in {each}." in example.text
            }
            told.add("new" if fact.subject > 2 else subject)
    assert told == {"new", "Rome", "Italy", "it"}


def test_some_numbers_tell_nothing(examples) -> None:
    numbers = [
        sum(each.label is Label.NUMBER and each.entity != 2 for each in example.mentions)
        for example in examples
    ]
    assert max(numbers) == MOST
    assert sum(numbers) > sum(len(example.facts) for example in examples) > 0

"""Wiki80 (Han et al., EMNLP 2019, OpenNRE): cased sentences with one pair and its property."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from kgbuild.errors import DatasetError
from kgbuild.ontology import Ontology
from kgbuild.records import Label
from kgbuild.train.datasets.files import files, read_lines
from kgbuild.train.datasets.redocred import token_offsets
from kgbuild.train.examples import AnnotatedMention, Example, Fact, Scope, Tagging

RENAMED = {
    "original network": "P449",
    "participant of": "P1344",
    "located on terrain feature": "P706",
    "distributor": "P750",
    "position played on team / speciality": "P413",
}
"""Labels of 2018 that Wikidata has changed since."""

TYPES = {"PERSON": Label.PERSON, "ORG": Label.ORGANISATION, "GPE": Label.LOCATION, "LOC": Label.LOCATION}
"""OntoNotes types that the data set's tagger is mostly right about; the others are left unknown."""


class EndRow(msgspec.Struct, frozen=True):
    """One of the pair: half-open token positions, and the type that a tagger gave it."""

    pos: tuple[int, int]
    type: str = ""


class SentenceRow(msgspec.Struct, frozen=True):
    """A sentence with its head and tail."""

    token: list[str]
    h: EndRow
    t: EndRow
    relation: str


def read_wiki80(path: Path, ontology: Ontology) -> Iterator[Example]:
    """An example for each sentence: the other properties of the data set are false for its pair."""
    ids = {each.label: name for name, each in ontology.properties.items()} | RENAMED
    rows = [
        (file, number, row) for file in files(path, "*.txt*") for number, row in read_lines(file, SentenceRow)
    ]
    for file, number, row in rows:
        if row.relation not in ids:
            raise DatasetError(f"{file}:{number}: no property of the ontology is called {row.relation!r}")
    properties = frozenset(ids[row.relation] for _, _, row in rows)
    for file, number, row in rows:
        text, [offsets] = token_offsets([[token.strip() or "-" for token in row.token]])
        if not all(0 <= end.pos[0] < end.pos[1] <= len(offsets) for end in (row.h, row.t)):
            raise DatasetError(
                f"{file}:{number}: the spans {row.h.pos} and {row.t.pos} lie outside the sentence"
            )
        head, tail = (
            AnnotatedMention(offsets[end.pos[0]][0], offsets[end.pos[1] - 1][1], TYPES.get(end.type))
            for end in (row.h, row.t)
        )
        yield Example(
            id=f"{file.name}:{number}",
            text=text,
            mentions=(head, tail),
            facts=(Fact(0, ids[row.relation], 1),),
            annotated=properties,
            scope=Scope.PAIR,
            tagging=Tagging.NONE,
        )

"""KnowledgeNet (Mesquita et al., EMNLP 2019): passages with facts between mentions.

Each passage is an example: the properties in `annotated` are exhaustive, pronouns are mentions,
and mentions that take part in no fact are not annotated at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from kgbuild.errors import DatasetError
from kgbuild.records import Label
from kgbuild.train.datasets.files import files, read_lines
from kgbuild.train.examples import AnnotatedMention, Example, Fact, Scope, Tagging

PERSON, ORGANISATION, LOCATION, TIME = (Label.PERSON, Label.ORGANISATION, Label.LOCATION, Label.TIME)


class PropertyMap(msgspec.Struct, frozen=True):
    """A property of KnowledgeNet in Wikidata's terms.

    `properties` say the fact as it stands and `inverses` the other way round; the first named is
    trained as true, and the others are left unknown where the fact holds.
    """

    properties: tuple[str, ...]
    inverses: tuple[str, ...]
    subject: Label
    object: Label


PROPERTIES: dict[str, PropertyMap] = {
    "EMPLOYEE_OR_MEMBER_OF": PropertyMap(("P108", "P463"), (), PERSON, ORGANISATION),
    "PLACE_OF_RESIDENCE": PropertyMap(("P551",), (), PERSON, LOCATION),
    "SPOUSE": PropertyMap(("P26",), (), PERSON, PERSON),
    "PLACE_OF_BIRTH": PropertyMap(("P19",), (), PERSON, LOCATION),
    "EDUCATED_AT": PropertyMap(("P69",), (), PERSON, ORGANISATION),
    "HEADQUARTERS": PropertyMap(("P159",), (), ORGANISATION, LOCATION),
    "CHILD_OF": PropertyMap(("P22", "P25"), ("P40",), PERSON, PERSON),
    "DATE_OF_BIRTH": PropertyMap(("P569",), (), PERSON, TIME),
    "FOUNDED_BY": PropertyMap(("P112",), (), ORGANISATION, PERSON),
    "CEO": PropertyMap(("P169",), (), ORGANISATION, PERSON),
    "NATIONALITY": PropertyMap(("P27",), (), PERSON, LOCATION),
    "POLITICAL_AFFILIATION": PropertyMap(("P102",), (), PERSON, ORGANISATION),
    "DATE_OF_DEATH": PropertyMap(("P570",), (), PERSON, TIME),
    "SUBSIDIARY_OF": PropertyMap(("P749",), ("P355",), ORGANISATION, ORGANISATION),
    "DATE_FOUNDED": PropertyMap(("P571",), (), ORGANISATION, TIME),
}


class FactRow(msgspec.Struct, frozen=True):
    """A fact: [start, end, text, IRI or None] of both sides, offsets in the document."""

    property: str
    subject: tuple[int, int, str, str | None]
    object: tuple[int, int, str, str | None]


class PassageRow(msgspec.Struct, frozen=True):
    """A passage; `start` is its offset in the document."""

    start: int
    end: int
    text: str
    annotated: tuple[str, ...]
    facts: tuple[FactRow, ...]


class DocumentRow(msgspec.Struct, frozen=True):
    """A line of a fold's file."""

    document: str
    passages: tuple[PassageRow, ...]


def read_rows(path: Path) -> Iterator[DocumentRow]:
    """The documents of one fold's file, or of all in a folder."""
    for file in files(path, "fold*.jsonl*"):
        for number, row in read_lines(file, DocumentRow):
            for passage in row.passages:
                unknown = {*passage.annotated, *(fact.property for fact in passage.facts)} - PROPERTIES.keys()
                if unknown:
                    raise DatasetError(f"{file}:{number}: {min(unknown)} is no property of KnowledgeNet")
            yield row


def read_knowledgenet(path: Path) -> Iterator[Example]:
    """An example for each passage."""
    for row in read_rows(path):
        for passage in row.passages:
            yield _example(row.document, passage)


def _example(document: str, passage: PassageRow) -> Example:
    labels: dict[tuple[int, int], Label] = {}
    entities: dict[tuple[int, int], str] = {}
    for fact in passage.facts:
        map_ = PROPERTIES[fact.property]
        for side, label in ((fact.subject, map_.subject), (fact.object, map_.object)):
            span = (side[0] - passage.start, side[1] - passage.start)
            labels.setdefault(span, label)
            if side[3]:
                entities[span] = side[3]
    spans = sorted(labels)
    position = {span: number for number, span in enumerate(spans)}
    names = {iri: number for number, iri in enumerate(sorted(set(entities.values())))}
    facts: set[Fact] = set()
    unknown: set[Fact] = set()
    for fact in passage.facts:
        map_ = PROPERTIES[fact.property]
        subject = position[fact.subject[0] - passage.start, fact.subject[1] - passage.start]
        object_ = position[fact.object[0] - passage.start, fact.object[1] - passage.start]
        said = [Fact(subject, name, object_) for name in map_.properties]
        inverse = [Fact(object_, name, subject) for name in map_.inverses]
        certain = inverse if fact.property == "CHILD_OF" else [*said[:1], *inverse]
        facts.update(certain)
        unknown.update({*said, *inverse} - set(certain))
    maps = [PROPERTIES[name] for name in passage.annotated]
    return Example(
        id=f"{document}:{passage.start}",
        text=passage.text,
        mentions=tuple(
            AnnotatedMention(*span, labels[span], names[entities[span]] if span in entities else -1)
            for span in spans
        ),
        facts=tuple(sorted(facts, key=lambda fact: (fact.subject, fact.property, fact.object))),
        unknown=tuple(sorted(unknown - facts, key=lambda fact: (fact.subject, fact.property, fact.object))),
        annotated=frozenset(name for map_ in maps for name in (*map_.properties, *map_.inverses)),
        scope=Scope.MENTION,
        tagging=Tagging.PARTIAL,
    )

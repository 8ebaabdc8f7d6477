"""CoNLL04 (Roth and Yih, CoNLL 2004): news sentences with four entity types and five relations.

Two forms are read: BILOU `tags` (TablERT's), and `entities` with half-open token spans (SpERT's).
Heads and tails of relations are positions among the entities.

The relations become Wikidata's properties, so that the network that is conditioned on the ontology
reads them by label and description. `Kill` has a property the other way round only: P157, killed
by. `conll04.ttl` beside this file is the ontology of the five.

`Other` holds dates, amounts and miscellaneous names alike. What reads as a date or an amount is
trained as such, so that the set agrees with the others; scoring takes all three for `Other`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import msgspec

from kgbuild.errors import DatasetError
from kgbuild.facts.dates import read_time
from kgbuild.facts.quantities import read_quantity
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.records import Label
from kgbuild.train.datasets.columns import TAG, Chunk, chunks
from kgbuild.train.datasets.files import read_json
from kgbuild.train.datasets.redocred import token_offsets
from kgbuild.train.examples import AnnotatedMention, Example, Fact, Scope, Tagging

TYPES: dict[str, Label] = {
    "Peop": Label.PERSON,
    "Org": Label.ORGANISATION,
    "Loc": Label.LOCATION,
    "Other": Label.OTHER,
}
_CLOCK_OR_CALENDAR = re.compile(
    r"\b(GMT|EST|[ap] ?\.?m\b|o 'clock|(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
    r"|Jan|Feb|March|Mar\b|April|Apr|May|June|Jun\b|July|Jul\b|Aug|Sept|Oct|Nov|Dec)",
)


@dataclass(frozen=True, slots=True)
class RelationMap:
    """A relation of CoNLL04: its property, and whether that goes from the tail to the head."""

    property: str
    reversed: bool = False


RELATIONS: dict[str, RelationMap] = {
    "Live_In": RelationMap("P551"),
    "Located_In": RelationMap("P131"),
    "OrgBased_In": RelationMap("P159"),
    "Work_For": RelationMap("P108"),
    "Kill": RelationMap("P157", reversed=True),
}


class EntityRow(msgspec.Struct, frozen=True):
    """An entity in SpERT's form; `start` and `end` are half-open token positions."""

    type: str
    start: int
    end: int


class RelationRow(msgspec.Struct, frozen=True):
    """A relation between positions among the sentence's entities."""

    type: str
    head: int
    tail: int


class SentenceRow(msgspec.Struct, frozen=True):
    """A sentence with its entities in one of the two forms."""

    tokens: list[str]
    relations: list[RelationRow]
    tags: list[str] | None = None
    entities: list[EntityRow] | None = None
    orig_id: int | str | None = None


@dataclass(frozen=True, slots=True)
class AnnotatedSentence:
    """A sentence that was checked: `relations` point into `entities`."""

    id: str
    tokens: tuple[str, ...]
    entities: tuple[Chunk, ...]
    relations: tuple[RelationRow, ...]
    orig_id: int | str | None


def conll04_ontology() -> Ontology:
    """The five properties, each between the types of CoNLL04 that it holds between."""
    return load_ontology(Path(str(resources.files("kgbuild.train.datasets") / "conll04.ttl")))


def read_sentences(path: Path) -> Iterator[AnnotatedSentence]:
    """The sentences of a file."""
    rows: list[SentenceRow] = read_json(path, list[SentenceRow])
    for number, row in enumerate(rows):
        try:
            yield _checked(row, f"{path.name}:{number}")
        except ValueError as error:
            raise DatasetError(f"{path}: sentence {number} (from 0): {error}") from error


def _checked(row: SentenceRow, id: str) -> AnnotatedSentence:
    """The sentence; ValueError where its parts do not fit one another."""
    entities = _entities(row)
    for entity in entities:
        if not 0 <= entity.first < entity.end <= len(row.tokens):
            raise ValueError(f"the entity {entity.first}:{entity.end} lies outside {len(row.tokens)} tokens")
        if entity.type not in TYPES:
            raise ValueError(f"the entity type {entity.type!r} is unknown; there are {', '.join(TYPES)}")
    for relation in row.relations:
        if relation.type not in RELATIONS:
            raise ValueError(f"the relation {relation.type!r} is unknown; there are {', '.join(RELATIONS)}")
        if not all(0 <= end < len(entities) for end in (relation.head, relation.tail)):
            raise ValueError(
                f"{relation.type} is between the entities {relation.head} and {relation.tail} "
                f"of {len(entities)}; positions count from 0"
            )
    return AnnotatedSentence(id, tuple(row.tokens), entities, tuple(row.relations), row.orig_id)


def _entities(row: SentenceRow) -> tuple[Chunk, ...]:
    if row.entities is not None:
        return tuple(Chunk(each.start, each.end, each.type) for each in row.entities)
    if row.tags is None:
        raise ValueError("it has neither tags nor entities; give one of them")
    if len(row.tags) != len(row.tokens):
        raise ValueError(f"it has {len(row.tokens)} tokens and {len(row.tags)} tags")
    wrong = [tag for tag in row.tags if not TAG.fullmatch(tag)]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is no tag; write O, or B-, I-, L- or U- and a type")
    return tuple(chunks(row.tags))


def read_conll04(path: Path) -> Iterator[Example]:
    """An example for each sentence; all five properties are annotated exhaustively."""
    for sentence in read_sentences(path):
        text, [offsets] = token_offsets([sentence.tokens])
        yield Example(
            id=sentence.id,
            text=text,
            mentions=tuple(_mention(text, offsets, entity) for entity in sentence.entities),
            facts=tuple(_fact(relation) for relation in sentence.relations),
            annotated=frozenset(each.property for each in RELATIONS.values()),
            scope=Scope.MENTION,
            tagging=Tagging.FULL,
        )


def _mention(text: str, offsets: Sequence[tuple[int, int]], entity: Chunk) -> AnnotatedMention:
    start, end = offsets[entity.first][0], offsets[entity.end - 1][1]
    label = TYPES[entity.type]
    return AnnotatedMention(start, end, value_label(text[start:end]) if label is Label.OTHER else label)


def _fact(relation: RelationRow) -> Fact:
    map_ = RELATIONS[relation.type]
    ends = (relation.tail, relation.head) if map_.reversed else (relation.head, relation.tail)
    return Fact(ends[0], map_.property, ends[1])


def value_label(text: str) -> Label:
    """Whether an entity of type `Other` is a time, a number or another name.

    >>> [value_label(text).value for text in ("13 Feb 94", "2100 GMT", "$12 billion", "Civil War")]
    ['time', 'time', 'number', 'other']
    """
    if _CLOCK_OR_CALENDAR.search(text) or read_time(text):
        return Label.TIME
    if read_quantity(text) or text[:1].isdigit() or text[:1] == "$":
        return Label.NUMBER
    return Label.OTHER

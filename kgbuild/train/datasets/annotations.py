"""Users' annotations: kgbuild's own plain form, one text a line of JSON; docs/data.md describes it.

All that can be wrong with a line is found when it is read, before anything is trained: keys that
are not there or too many, offsets outside the text or at other words than the mention says, mentions
that overlap, unknown labels, facts between mentions or entities that are not there, and properties
that the ontology does not have.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal

import msgspec

from kgbuild.errors import DatasetError
from kgbuild.records import Label
from kgbuild.train.datasets.entity_types import label_of
from kgbuild.train.datasets.files import files, read_lines
from kgbuild.train.examples import AnnotatedMention, Example, Fact, Scope, Tagging

Entities = dict[str | int, int]
"""The number of each entity, by the name that the line gives it."""


class MentionRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A mention: half-open code points, its type, the entity that it names, its words for a check."""

    start: int
    end: int
    label: str
    entity: str | int | None = None
    text: str | None = None


class FactRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fact between positions of mentions, or between entities as the mentions name them."""

    subject: int | str
    property: str
    object: int | str


class TextRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A line; without `annotated`, the properties of its facts are."""

    id: str
    text: str
    mentions: tuple[MentionRow, ...]
    facts: tuple[FactRow, ...] = ()
    annotated: tuple[str, ...] | None = None
    tagging: Literal["full", "partial"] = "full"
    scope: Literal["mention", "entity"] = "mention"


def read_annotations(path: Path, properties: Container[str] | None = None) -> Iterator[Example]:
    """An example for each line of a file, or of the `*.jsonl*` files in a folder.

    `properties` are the ids that the ontology lets be read; None accepts any. Raises DatasetError with the
    file and the line.
    """
    for file in files(path, "*.jsonl*"):
        seen: dict[str, int] = {}
        for number, row in read_lines(file, TextRow):
            try:
                if row.id in seen:
                    raise ValueError(f"the id {row.id!r} is that of line {seen[row.id]}; give each its own")
                seen[row.id] = number
                yield _example(row, properties)
            except ValueError as error:
                raise DatasetError(f"{file}:{number}: {error}") from error


def _example(row: TextRow, properties: Container[str] | None) -> Example:
    """One line as an example; ValueError says what is wrong with it."""
    entities = {
        name: number
        for number, name in enumerate(
            dict.fromkeys(each.entity for each in row.mentions if each.entity is not None)
        )
    }
    mentions = tuple(_mention(each, row.text, entities) for each in row.mentions)
    _check_overlap(mentions)
    facts = tuple(_fact(each, row, entities) for each in row.facts)
    said = frozenset(fact.property for fact in facts)
    annotated = said if row.annotated is None else frozenset(row.annotated)
    check_properties(said | annotated, properties)
    if facts and not annotated:
        raise ValueError(
            "it has facts but annotated is empty, so that they would train nothing; name a property"
        )
    return Example(
        id=row.id,
        text=row.text,
        mentions=mentions,
        facts=facts,
        annotated=annotated,
        scope=Scope(row.scope),
        tagging=Tagging(row.tagging),
    )


def check_properties(names: Iterable[str], properties: Container[str] | None) -> None:
    """ValueError for a property that is not among the ontology's; None accepts any."""
    for name in sorted(names):
        if properties is not None and name not in properties:
            raise ValueError(
                f"the property {name!r} is not among those that the ontology lets be read; "
                "declare it there with an rdfs:label and a kind other than text"
            )


def _mention(row: MentionRow, text: str, entities: Entities) -> AnnotatedMention:
    if not 0 <= row.start < row.end <= len(text):
        raise ValueError(f"the mention {row.start}:{row.end} lies outside the text of {len(text)} characters")
    words = text[row.start : row.end]
    if row.text is not None and row.text != words:
        raise ValueError(
            f"the mention {row.start}:{row.end} says {row.text!r} where the text has {words!r}; "
            "offsets count Unicode code points from 0, the end left out"
        )
    label = label_of(row.label)
    if label is None:
        raise ValueError(f"kgbuild has no label for {row.label!r}; use one of {', '.join(Label)}")
    return AnnotatedMention(row.start, row.end, label, -1 if row.entity is None else entities[row.entity])


def _check_overlap(mentions: Sequence[AnnotatedMention]) -> None:
    ordered = sorted((each.start, each.end) for each in mentions)
    for before, after in pairwise(ordered):
        if after[0] < before[1]:
            raise ValueError(
                f"the mentions {before[0]}:{before[1]} and {after[0]}:{after[1]} overlap; keep one of them"
            )


def _fact(row: FactRow, text: TextRow, entities: Entities) -> Fact:
    ends = []
    for end in (row.subject, row.object):
        if text.scope == "entity":
            if end not in entities:
                raise ValueError(
                    f"no mention has the entity {end!r} of {row.property}; name one that is there"
                )
            ends.append(entities[end])
        else:
            if not isinstance(end, int) or not 0 <= end < len(text.mentions):
                raise ValueError(
                    f"{row.property} is between {row.subject!r} and {row.object!r}; "
                    f"give positions among the {len(text.mentions)} mentions, counted from 0"
                )
            ends.append(end)
    return Fact(ends[0], row.property, ends[1])


def lines_of(examples: Iterable[Example]) -> str:
    """Examples in this form again.

    >>> example = Example("1", "Ada left", (AnnotatedMention(0, 3, Label.PERSON),))
    >>> lines_of([example])
    '{"id":"1","text":"Ada left","mentions":[{"start":0,"end":3,"label":"person"}],"annotated":[]}\\n'
    """
    return "".join(msgspec.json.encode(_row(example)).decode() + "\n" for example in examples)


def _row(example: Example) -> TextRow:
    return TextRow(
        id=example.id,
        text=example.text,
        mentions=tuple(
            MentionRow(each.start, each.end, each.label.value, each.entity if each.entity >= 0 else None)
            for each in example.mentions
            if each.label is not None
        ),
        facts=tuple(FactRow(each.subject, each.property, each.object) for each in example.facts),
        annotated=tuple(sorted(example.annotated)),
        tagging="full" if example.tagging is Tagging.FULL else "partial",
        scope="entity" if example.scope is Scope.ENTITY else "mention",
    )

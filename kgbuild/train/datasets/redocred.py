"""Re-DocRED (Tan et al., EMNLP 2022) in DocRED's form: documents with entities and relations."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from kgbuild.errors import DatasetError
from kgbuild.records import Label
from kgbuild.train.datasets.files import read_json
from kgbuild.train.examples import AnnotatedMention, Example, Fact, Scope, Tagging

TYPES: dict[str, Label] = {
    "PER": Label.PERSON,
    "ORG": Label.ORGANISATION,
    "LOC": Label.LOCATION,
    "TIME": Label.TIME,
    "NUM": Label.NUMBER,
    "MISC": Label.OTHER,
    "BLANK": Label.OTHER,
}


LONGEST_PASSAGE = 3
"""Sentences of a passage, at most."""


class MentionRow(msgspec.Struct, frozen=True):
    """A mention; `pos` are half-open token positions in the sentence."""

    sent_id: int
    pos: tuple[int, int]
    type: str
    name: str = ""


class LabelRow(msgspec.Struct, frozen=True):
    """A relation between entities (positions in the vertex set)."""

    h: int
    t: int
    r: str
    evidence: list[int] = []


class DocumentRow(msgspec.Struct, frozen=True):
    """A document."""

    title: str
    sents: list[list[str]]
    vertexSet: list[list[MentionRow]]  # noqa: N815 - the data set's own name
    labels: list[LabelRow] = []


def token_offsets(sentences: Sequence[Sequence[str]]) -> tuple[str, list[list[tuple[int, int]]]]:
    """Sentences' tokens joined by spaces, and each token's span in that text.

    >>> token_offsets([["A", "dog"], ["."]])
    ('A dog .', [[(0, 1), (2, 5)], [(6, 7)]])
    """
    offsets: list[list[tuple[int, int]]] = []
    position = 0
    for sentence in sentences:
        row = []
        for token in sentence:
            row.append((position, position + len(token)))
            position += len(token) + 1
        offsets.append(row)
    return " ".join(token for sentence in sentences for token in sentence), offsets


def read_rows(path: Path) -> list[DocumentRow]:
    """The documents of a file."""
    rows: list[DocumentRow] = read_json(path, list[DocumentRow])
    return rows


def read_redocred(path: Path) -> Iterator[Example]:
    """An example for each document; the properties that occur in the file are exhaustive in all of it.

    The documents of a file that gives no labels at all train entities and coreference only.
    """
    rows = read_rows(path)
    annotated = frozenset(label.r for row in rows for label in row.labels)
    for number, row in enumerate(rows):
        yield example(row, annotated, f"{path}: document {number}")


def read_passages(path: Path) -> Iterator[Example]:
    """The documents in passages of one to three sentences, an example for each.

    A document's facts are what its whole text tells. Those whose evidence lies in a passage are true
    there, the others unknown.
    """
    rows = read_rows(path)
    annotated = frozenset(label.r for row in rows for label in row.labels)
    for number, row in enumerate(rows):
        yield from passages(row, annotated, f"{path}: document {number}")


def passages(row: DocumentRow, annotated: frozenset[str], place: str) -> Iterator[Example]:
    """The passages of one document, the same each time; `place` names it in errors."""
    source = random.Random(row.title)
    first = 0
    while first < len(row.sents):
        end = first + source.randint(1, LONGEST_PASSAGE)
        yield passage(row, range(first, end), annotated, place)
        first = end


def passage(row: DocumentRow, sentences: range, annotated: frozenset[str], place: str) -> Example:
    """Some sentences of a document as an example; entities keep their numbers."""
    mentions = [
        [
            msgspec.structs.replace(each, sent_id=each.sent_id - sentences.start)
            for each in entity
            if each.sent_id in sentences
        ]
        for entity in row.vertexSet
    ]
    told = [label for label in row.labels if label.evidence and set(label.evidence) <= set(sentences)]
    part = DocumentRow(row.title, row.sents[sentences.start : sentences.stop], mentions, told)
    made = example(part, annotated, place)
    facts = {Fact(label.h, label.r, label.t) for label in row.labels}
    return replace(
        made,
        id=f"{row.title}:{sentences.start}",
        unknown=tuple(sorted(facts - set(made.facts), key=_order)),
    )


def example(row: DocumentRow, annotated: frozenset[str], place: str) -> Example:
    """One document as an example; `place` names it in errors."""
    text, offsets = token_offsets(row.sents)
    spans: dict[tuple[int, int], tuple[Label, int]] = {}
    for entity, mentions in enumerate(row.vertexSet):
        for mention in mentions:
            if mention.type not in TYPES:
                raise DatasetError(f"{place} ({row.title}): the entity type {mention.type!r} is unknown")
            try:
                tokens = offsets[mention.sent_id][mention.pos[0] : mention.pos[1]]
                span = (tokens[0][0], tokens[-1][1])
            except IndexError as error:
                raise DatasetError(
                    f"{place} ({row.title}): tokens {mention.pos} lie outside sentence {mention.sent_id}"
                ) from error
            spans.setdefault(span, (TYPES[mention.type], entity))
    return Example(
        id=row.title,
        text=text,
        mentions=tuple(AnnotatedMention(*span, *spans[span]) for span in sorted(spans)),
        facts=tuple(sorted({Fact(label.h, label.r, label.t) for label in row.labels}, key=_order)),
        annotated=annotated,
        scope=Scope.ENTITY,
        tagging=Tagging.FULL,
    )


def _order(fact: Fact) -> tuple[int, str, int]:
    return fact.subject, fact.property, fact.object

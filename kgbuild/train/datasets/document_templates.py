"""Sentences from templates among those of documents, so that quantities are read in whole documents too.

Documents of the data sets before it are taken that are tagged in full and write no number in digits.
One to three templates of quantities are told of entities that a document has, or of names new to it,
each behind one of its sentences. So every such number has one fact or none, and is nothing else of
anything else there; what a document has in words ("two") tells none of its entities' quantities.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from kgbuild.records import Label
from kgbuild.train.datasets.templates import (
    NOTHING,
    Names,
    Template,
    filled,
    names_of,
    number,
    read_rows,
    told_by,
)
from kgbuild.train.examples import AnnotatedMention, Example, Fact, Scope, Tagging

COPIES = 2
"""Examples of each document."""
MOST = 3
"""Sentences that a document is given."""
KNOWN = 0.5
"""Share of the sentences that tell of an entity of the document by a name, where it has one of the type."""
MEANT = 0.25
"""Share that tell of one by a pronoun, where the sentence before names one."""
PRONOUN = "it"
_STOP = re.compile(r"[.!?](?= |$)")


def read_document_templates(path: Path, documents: Iterable[Example], *, seed: int) -> Iterator[Example]:
    """Each fitting document with sentences of quantities; names and numbers are drawn by the seed."""
    documents = list(documents)
    names = names_of(documents)
    rows = [row for row in read_rows(path) if row.numbers and names[row.subject]]
    draw = random.Random(seed)
    fitting = [each for each in documents if each.scope is Scope.ENTITY and _is_without_digits(each)]
    for copy, document in itertools.product(range(COPIES), fitting):
        if places := _stops(document):
            chosen = draw.sample(places, min(len(places), draw.randint(1, MOST)))
            told = [(place, draw.choice(rows)) for place in chosen]
            example = _telling(document, told, told_by(rows), names, draw)
            yield replace(example, id=f"{document.id}:templates:{copy}")


def _is_without_digits(document: Example) -> bool:
    return document.tagging is Tagging.FULL and all(
        mention.label is not Label.NUMBER
        or not any(map(str.isdigit, document.text[mention.start : mention.end]))
        for mention in document.mentions
    )


def _stops(document: Example) -> list[int]:
    """Where sentences end: behind a full stop outside the mentions."""
    inside = {at for mention in document.mentions for at in range(mention.start, mention.end)}
    return [match.end() for match in _STOP.finditer(document.text) if match.start() not in inside]


def _telling(
    document: Example,
    told: Sequence[tuple[int, Template]],
    properties: frozenset[str],
    names: Names,
    draw: random.Random,
) -> Example:
    """The document with the sentences behind their places; from the last on, so that places stay."""
    text, mentions, stops = document.text, list(document.mentions), _stops(document)
    facts: list[Fact] = []
    fresh = max((mention.entity for mention in mentions), default=-1) + 1
    for place, row in sorted(told, key=lambda each: -each[0]):
        started = max((stop for stop in stops if stop < place), default=0)
        name, subject = _subject(document, range(started, place), row.subject, names, draw)
        if subject < 0:
            subject, fresh = fresh, fresh + 1
        assert row.numbers
        sentence, of_subject, of_object = filled(row, name, number(row.numbers, draw))
        sentence = sentence[:1].upper() + sentence[1:]
        at = place + 1
        text = f"{text[:place]} {sentence}{text[place:]}"
        mentions = [_behind(mention, place, len(sentence) + 1) for mention in mentions]
        mentions.append(AnnotatedMention(at + of_subject[0], at + of_subject[1], row.subject, subject))
        mentions.append(AnnotatedMention(at + of_object[0], at + of_object[1], Label.NUMBER, fresh))
        if row.property != NOTHING:
            facts.append(Fact(subject, row.property, fresh))
        fresh += 1
    return replace(
        document,
        text=text,
        mentions=tuple(mentions),
        facts=tuple(facts),
        unknown=(),
        annotated=properties,
    )


def _behind(mention: AnnotatedMention, place: int, size: int) -> AnnotatedMention:
    if mention.start < place:
        return mention
    return replace(mention, start=mention.start + size, end=mention.end + size)


def _subject(
    document: Example, sentence: range, label: Label, names: Names, draw: random.Random
) -> tuple[str, int]:
    """A name of the type, or a pronoun, with its entity in the document; -1 for a new one.

    `sentence` are the characters of the one before, whose names a pronoun may mean.
    """
    known = [each for each in document.mentions if each.label is label and each.entity >= 0]
    before = [each for each in known if each.start in sentence]
    share = draw.random()
    if share < MEANT and before and label is not Label.PERSON:
        return PRONOUN, draw.choice(before).entity
    if share < MEANT + KNOWN and known:
        chosen = draw.choice(known)
        return document.text[chosen.start : chosen.end], chosen.entity
    return draw.choice(names[label]), -1

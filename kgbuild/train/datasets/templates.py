"""Sentences from templates, for properties that no annotated corpus has: mostly quantities.

A row names a property ("-" for none), the type of its subject, what its object is, and a sentence. Names are
drawn from the mentions of other examples; numbers are written in the common styles. An example
joins two sentences, so that what one says is false of the other's names.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kgbuild.errors import DatasetError
from kgbuild.records import Label
from kgbuild.train.datasets.files import read_bytes
from kgbuild.train.examples import AnnotatedMention, Example, Fact, Scope, Tagging

Names = Mapping[Label, Sequence[str]]
Filled = tuple[str, tuple[int, int], tuple[int, int]]
"""A sentence with the spans of its subject and its object."""


NOTHING = "-"
"""The property of a sentence that tells nothing of its names, and teaches what a number may be besides."""


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence with {s} and {o}; `numbers` is the range of {o} where it is a number."""

    property: str
    subject: Label
    object: Label
    numbers: tuple[int, int] | None
    sentence: str


def read_rows(path: Path) -> list[Template]:
    """The templates of a file; lines that begin with # are left out."""
    found = []
    table = csv.reader(io.StringIO(read_bytes(path).decode()), delimiter="\t", quoting=csv.QUOTE_NONE)
    for number, row in enumerate(table, 1):
        if not row or row[0].startswith("#"):
            continue
        try:
            name, subject, told, sentence = row
            kind, _, span = told.partition(":")
            low, high = map(int, span.split("-")) if span else (0, 0)
            object_ = Label.NUMBER if kind == "count" else Label(kind)
            if "{s}" not in sentence or "{o}" not in sentence:
                raise ValueError("the sentence needs {s} and {o}")
            found.append(Template(name, Label(subject), object_, (low, high) if span else None, sentence))
        except ValueError as error:
            raise DatasetError(f"{path}:{number}: {error}") from error
    return found


def told_by(rows: Sequence[Template]) -> frozenset[str]:
    """The properties that templates tell."""
    return frozenset(row.property for row in rows) - {NOTHING}


def names_of(examples: Sequence[Example]) -> dict[Label, list[str]]:
    """The names in fully tagged examples, by type, each once, in order."""
    found: dict[Label, dict[str, None]] = {label: {} for label in Label}
    for example in examples:
        if example.tagging is Tagging.FULL:
            for mention in example.mentions:
                if mention.label is not None:
                    found[mention.label][example.text[mention.start : mention.end]] = None
    return {label: list(names) for label, names in found.items()}


def read_templates(path: Path, names: Names, *, copies: int, seed: int) -> Iterator[Example]:
    """So many examples of each template, their names and numbers drawn by the seed.

    DatasetError where there are no names of a type that they tell of.
    """
    rows = read_rows(path)
    properties = told_by(rows)
    told = {row.subject for row in rows} | {row.object for row in rows if not row.numbers}
    if lacking := sorted(label for label in told if not names.get(label)):
        raise DatasetError(
            f"{path.name} needs names of {', '.join(lacking)}; they are taken from the data sets before it "
            "that are tagged in full"
        )
    draw = random.Random(seed)
    for copy in range(copies):
        for number, row in enumerate(rows):
            text = ""
            mentions: list[AnnotatedMention] = []
            facts: list[Fact] = []
            others = [each for each in rows if each.property != row.property]
            for template in draw.sample([row, draw.choice(others)], 2):
                sentence, subject, object_ = _filled(template, names, draw)
                at = len(text)
                if template.property != NOTHING:
                    facts.append(Fact(len(mentions), template.property, len(mentions) + 1))
                mentions += [
                    AnnotatedMention(at + subject[0], at + subject[1], template.subject, len(mentions)),
                    AnnotatedMention(at + object_[0], at + object_[1], template.object, len(mentions) + 1),
                ]
                text += sentence + " "
            yield Example(
                id=f"{path.name}:{number}:{copy}",
                text=text,
                mentions=tuple(mentions),
                facts=tuple(facts),
                annotated=properties,
                scope=Scope.MENTION,
                tagging=Tagging.PARTIAL,
            )


def _filled(template: Template, names: Names, draw: random.Random) -> Filled:
    subject = draw.choice(names[template.subject])
    object_ = number(template.numbers, draw) if template.numbers else draw.choice(names[template.object])
    return filled(template, subject, object_)


def filled(template: Template, subject: str, object_: str) -> Filled:
    """The sentence, and the spans of subject and object in it."""
    sentence, spans = template.sentence, {}
    for slot, name in sorted(
        (("{s}", subject), ("{o}", object_)), key=lambda row: template.sentence.index(row[0])
    ):
        start = sentence.index(slot)
        sentence = sentence[:start] + name + sentence[start + len(slot) :]
        spans[slot] = (start, start + len(name))
    return sentence, spans["{s}"], spans["{o}"]


def number(span: tuple[int, int], draw: random.Random) -> str:
    """A number of the range, evenly over magnitudes, as it is commonly written."""
    low, high = span
    value = low * (high / low) ** draw.random()
    if high <= 1000 and draw.random() < 0.5:
        return f"{value:.1f}" if draw.random() < 0.7 else f"{value:.2f}"
    style = draw.random()
    if value >= 1_000_000 and style < 0.4:
        return f"{value / 1_000_000:.1f} million"
    if value >= 10_000 and style < 0.5:
        value = round(value, -3)
    return f"{round(value):,}" if style < 0.85 else str(round(value))

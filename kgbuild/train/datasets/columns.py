"""Column files: a token and its tag in each line, an empty line after each sentence.

The form of the CoNLL-2003 shared task (Tjong Kim Sang and De Meulder, 2003) and of WNUT17, wikigold
and CrossNER. The first column is the token and the last its tag, in IOB1, IOB2, BIOES or BILOU;
columns are parted by tabs, or by spaces where a line has no tab.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kgbuild.errors import DatasetError
from kgbuild.records import Label
from kgbuild.train.datasets.entity_types import label_of
from kgbuild.train.datasets.files import read_bytes
from kgbuild.train.datasets.redocred import token_offsets
from kgbuild.train.examples import AnnotatedMention, Example, Tagging

NAMES = re.compile(
    r"(.*\.(conll|iob|iob2|bio|bioes|bilou)(\.txt)?|.*\.annotated|(train|dev|valid|test)\.(txt|tsv))(\.gz)?"
)
"""What column files are called, in a folder that holds others too."""
TAG = re.compile(r"O|[BIELSU]-\S+")
DOCUMENT_START = "-DOCSTART-"


@dataclass(frozen=True, slots=True)
class Chunk:
    """The tokens `first` up to `end`, half-open, that bear one type."""

    first: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """A sentence; `line` is the number of its first line in the file."""

    file: Path
    line: int
    tokens: tuple[str, ...]
    tags: tuple[str, ...]


def chunks(tags: Sequence[str]) -> list[Chunk]:
    """The chunks of a tag sequence, by the rules of conlleval: a type that changes begins a chunk.

    >>> [(each.first, each.end, each.type) for each in chunks(["I-PER", "I-PER", "B-PER", "O", "I-LOC"])]
    [(0, 2, 'PER'), (2, 3, 'PER'), (4, 5, 'LOC')]
    >>> [(each.first, each.end) for each in chunks(["B-PER", "L-PER", "U-PER", "S-LOC"])]
    [(0, 2), (2, 3), (3, 4)]
    """
    found: list[Chunk] = []
    start, current = -1, ""
    for position, tag in enumerate((*tags, "O")):
        side, _, kind = tag.partition("-")
        if start >= 0 and (side in "OBSU" or kind != current):
            found.append(Chunk(start, position, current))
            start = -1
        if start < 0 and side != "O":
            start, current = position, kind
        if side in "ELSU":
            found.append(Chunk(start, position + 1, current))
            start = -1
    return found


def column_files(path: Path) -> list[Path]:
    """The path itself, or the column files in a folder and those below it, sorted."""
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*") if NAMES.fullmatch(file.name))
    if not found:
        raise DatasetError(f"{path} holds no column file, such as train.txt or dev.conll; name the file")
    return found


def read_sentences(path: Path) -> Iterator[TaggedSentence]:
    """The sentences of a file, or of all column files in a folder."""
    for file in column_files(path):
        try:
            text = read_bytes(file).decode()
        except UnicodeDecodeError as error:
            raise DatasetError(f"{file} is not UTF-8 (byte {error.start}); save it as UTF-8") from error
        yield from _sentences(file, text)


def _sentences(file: Path, text: str) -> Iterator[TaggedSentence]:
    first, rows = 1, list[tuple[str, str]]()
    for number, line in enumerate((*text.split("\n"), ""), 1):
        if line.strip() and not line.startswith(DOCUMENT_START):
            first = first if rows else number
            rows.append(_row(file, number, line))
        elif rows:
            tokens, tags = zip(*rows, strict=True)
            yield TaggedSentence(file, first, tokens, tags)
            rows = []


def _row(file: Path, number: int, line: str) -> tuple[str, str]:
    """Token and tag of a line."""
    columns = [column.strip() for column in line.split("\t")] if "\t" in line else line.split()
    if len(columns) < 2 or not columns[0]:
        raise DatasetError(f"{file}:{number}: {line.strip()!r} is no token with a tag; give both")
    token, tag = columns[0], columns[-1]
    if not TAG.fullmatch(tag):
        raise DatasetError(
            f"{file}:{number}: {tag!r} is no tag; write O, or B-, I-, E-, L-, S- or U- and a type"
        )
    if tag != "O":
        try:
            label_of(tag[2:])
        except ValueError as error:
            raise DatasetError(f"{file}:{number}: {error}") from error
    return token, tag


def read_columns(path: Path) -> Iterator[Example]:
    """An example for each sentence, its tokens joined by spaces; types that are no names have no label.

    A file that tags neither times nor numbers says nothing of them, so its tagging is partial.
    """
    for file in column_files(path):
        yield from _with_tagging([_example(sentence) for sentence in read_sentences(file)])


def _example(sentence: TaggedSentence) -> Example:
    text, [offsets] = token_offsets([sentence.tokens])
    return Example(
        id=f"{sentence.file.name}:{sentence.line}",
        text=text,
        mentions=tuple(
            AnnotatedMention(offsets[each.first][0], offsets[each.end - 1][1], label_of(each.type))
            for each in chunks(sentence.tags)
        ),
    )


def _with_tagging(examples: Sequence[Example]) -> Iterable[Example]:
    labels = {mention.label for example in examples for mention in example.mentions}
    if {Label.TIME, Label.NUMBER} <= labels:
        return examples
    return [replace(example, tagging=Tagging.PARTIAL) for example in examples]

"""FewRel 1.0 (Han et al., EMNLP 2018): sentences, lower-cased, with one pair and its property."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from kgbuild.errors import DatasetError
from kgbuild.train.datasets.files import files, read_lines
from kgbuild.train.datasets.redocred import token_offsets
from kgbuild.train.examples import AnnotatedMention, Example, Fact, Scope, Tagging


class SentenceRow(msgspec.Struct, frozen=True):
    """A sentence; `h` and `t` are half-open token spans of head and tail."""

    pid: str
    tokens: list[str]
    h: tuple[int, int]
    t: tuple[int, int]


def read_fewrel(path: Path) -> Iterator[Example]:
    """An example for each sentence: the other properties of its file are false for its pair."""
    rows = [
        (file, number, row)
        for file in files(path, "*.jsonl*")
        for number, row in read_lines(file, SentenceRow)
    ]
    properties = frozenset(row.pid for _, _, row in rows)
    for file, number, row in rows:
        text, [offsets] = token_offsets([row.tokens])
        if not all(0 <= span[0] < span[1] <= len(offsets) for span in (row.h, row.t)):
            raise DatasetError(f"{file}:{number}: the spans {row.h} and {row.t} lie outside the sentence")
        head, tail = (
            AnnotatedMention(offsets[span[0]][0], offsets[span[1] - 1][1], None) for span in (row.h, row.t)
        )
        yield Example(
            id=f"{file.name}:{number}",
            text=text,
            mentions=(head, tail),
            facts=(Fact(0, row.pid, 1),),
            annotated=properties,
            scope=Scope.PAIR,
            tagging=Tagging.NONE,
            cased=False,
        )

"""GAP (Webster et al., TACL 2018): an ambiguous pronoun and two names, one of them its antecedent."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kgbuild.errors import DatasetError
from kgbuild.records import Label
from kgbuild.train.datasets.files import read_bytes
from kgbuild.train.examples import AnnotatedMention, Example, Scope, Tagging


@dataclass(frozen=True, slots=True)
class GapRow:
    """A text with the offsets of its two names and the pronoun, and which name that means: 0, 1, or None."""

    id: str
    text: str
    names: tuple[tuple[int, int], tuple[int, int]]
    pronoun: tuple[int, int]
    meant: int | None


def rows(path: Path) -> Iterator[GapRow]:
    """The rows of a file. Raises `DatasetError` with the file and the line."""
    table = csv.DictReader(io.StringIO(read_bytes(path).decode()), delimiter="\t", quoting=csv.QUOTE_NONE)
    for number, row in enumerate(table, 2):
        try:
            starts = [int(row[f"{name}-offset"]) for name in ("A", "B", "Pronoun")]
            first, second, pronoun = (
                (start, start + len(row[name]))
                for start, name in zip(starts, ("A", "B", "Pronoun"), strict=True)
            )
            right = [row[f"{name}-coref"].upper() == "TRUE" for name in ("A", "B")]
            meant = right.index(True) if any(right) else None
            yield GapRow(row.get("ID") or str(number), row["Text"], (first, second), pronoun, meant)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise DatasetError(f"{path}:{number}: not a row of GAP ({error})") from error


def read_gap(path: Path) -> Iterator[Example]:
    """An example for each row whose pronoun refers to one of the two names."""
    for row in rows(path):
        if row.meant is None:
            continue
        mentions = sorted([(*row.names[0], 0), (*row.names[1], 1), (*row.pronoun, row.meant)])
        yield Example(
            id=row.id,
            text=row.text,
            mentions=tuple(AnnotatedMention(a, b, Label.PERSON, entity) for a, b, entity in mentions),
            scope=Scope.MENTION,
            tagging=Tagging.NONE,
        )

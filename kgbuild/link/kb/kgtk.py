"""KGTK's tables (Ilievski et al., ESWC 2020): gzipped rows enter; triples, texts and dates leave."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kgbuild.errors import KnowledgeBaseError

_STRING = re.compile(r"^'(.*)'@[\w-]+$", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)")
_TIME = re.compile(r"^\^(-?)0*(\d+)-(\d\d)-(\d\d)T[^/]*/(\d+)$")


def iso_date(time: str) -> str | None:
    """A KGTK time as an ISO date of its precision, or None where it is coarser than a year.

    >>> iso_date("^1867-11-07T00:00:00Z/11"), iso_date("^1960-01-01T00:00:00Z/9")
    ('1867-11-07', '1960')
    """
    match = _TIME.match(time)
    if not match or int(match[5]) < 9:
        return None
    parts = (f"{match[1]}{int(match[2]):04d}", match[3], match[4])
    return "-".join(parts[: int(match[5]) - 8])


def unquoted(text: str) -> str:
    """A KGTK string without its quotes, escapes and language.

    >>> unquoted(r"'Rosie O\\'Donnell'@en")
    "Rosie O'Donnell"
    """
    match = _STRING.match(text)
    return _ESCAPE.sub(r"\1", match[1] if match else text)


def triples(path: Path) -> Iterator[tuple[str, str, str]]:
    """node1, label and node2 of each row of a KGTK table, whatever the order of its columns."""
    rows = lines(path)
    heading = next(rows, "").split("\t")
    try:
        subject, pid, value = (heading.index(name) for name in ("node1", "label", "node2"))
    except ValueError as error:
        raise KnowledgeBaseError(f"{path} is not a KGTK table: its heading is {heading}") from error
    for number, line in enumerate(rows, start=2):
        cells = line.split("\t")
        if len(cells) < len(heading):
            raise KnowledgeBaseError(
                f"{path}, line {number}: {len(cells)} cells, not {len(heading)}: {line!r}"
            )
        yield cells[subject], cells[pid], cells[value]


def lines(path: Path) -> Iterator[str]:
    """Lines of a gzipped UTF-8 file, without their ends."""
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
            for line in file:
                yield line.rstrip("\n").rstrip("\r")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise KnowledgeBaseError(f"cannot read the table {path}: {error}") from error


def json_of(path: Path) -> Any:
    """What a gzipped file of JSON holds."""
    try:
        return json.loads("\n".join(lines(path)))
    except json.JSONDecodeError as error:
        raise KnowledgeBaseError(f"{path} is not JSON: {error}") from error

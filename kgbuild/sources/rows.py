"""JSONL, CSV and TSV: files of which each row is a document.

Fields are `text`, and where there are `id`, `title`, `language`, `published` or `date`; others are
ignored. Rows are read one at a time, so a file of any size takes the memory of its largest row.
"""

from __future__ import annotations

import csv
import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from kgbuild.sources.reading import Reading, UnreadableError, decode, reading

LARGEST_ROW = 100_000_000  # bytes
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Row:
    """A row's reading, or why there is none; `id` is the stated one, or else `line`'s number."""

    line: int
    id: str
    content_hash: str
    result: Reading | UnreadableError


class _Line(msgspec.Struct):
    """A line of JSON."""

    text: str
    id: str | int | None = None
    title: str | None = None
    language: str | None = None
    published: str | int | float | None = None
    date: str | int | float | None = None


def unique(rows: Iterator[Row]) -> Iterator[Row]:
    """Refuse the rows whose id an earlier one has; ids seen are kept on disk, not in memory."""
    # an empty name is a temporary database that SQLite spills to disk and deletes
    with closing(sqlite3.connect("", check_same_thread=False)) as seen:
        seen.execute("CREATE TABLE seen (id TEXT PRIMARY KEY) WITHOUT ROWID")
        for row in rows:
            refused = isinstance(row.result, UnreadableError)
            if refused or seen.execute("INSERT OR IGNORE INTO seen VALUES (?)", (row.id,)).rowcount:
                yield row
            else:
                detail = f"an earlier row has the id {row.id!r}: make ids unique"
                yield _refused(row.line, row.content_hash, "duplicate id", detail)


def jsonl_rows(stream: BinaryIO) -> Iterator[Row]:
    """The documents of a JSONL file; blank lines are skipped."""
    for number, line in enumerate(_lines(stream), 1):
        content = line.strip()
        if content:
            yield _json_row(number, content)


def _json_row(number: int, content: bytes) -> Row:
    content_hash = hashlib.sha256(content).hexdigest()
    try:
        row = msgspec.json.decode(decode(content), type=_Line)
        published = row.date if row.published is None else row.published
        result = reading(
            row.text,
            title=row.title,
            language=row.language,
            published=None if published is None else str(published),
        )
    except UnreadableError as error:
        return _refused(number, content_hash, error.reason, error.detail)
    except msgspec.ValidationError as error:
        reason = "no text field" if "`text`" in str(error) or "`$.text`" in str(error) else "wrong field"
        return _refused(number, content_hash, reason, f"{error}: a row is an object with a string `text`")
    except (msgspec.DecodeError, RecursionError) as error:
        return _refused(number, content_hash, "not JSON", f"{error}: write one whole JSON object a line")
    return Row(number, _stated_id(row.id, number), content_hash, result)


def csv_rows(stream: BinaryIO, delimiter: str | None = None) -> Iterator[Row]:
    """The documents of a CSV file with a header; the delimiter is the one that gives a text column."""
    csv.field_size_limit(max(csv.field_size_limit(), LARGEST_ROW))
    consumed: list[bytes] = []
    lines = _decoded(stream, consumed)
    header = next(lines, "")
    try:
        columns, delimiter = _columns(header, (delimiter,) if delimiter else _DELIMITERS)
    except UnreadableError:
        decode(b"".join(consumed))  # bytes that are no text are told before columns that are missing
        raise
    heading = consumed.pop() if consumed else b""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 2  # counted from 1, after the header
        consumed.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            why = _not_csv(error, b"".join(consumed))
            yield _refused(number, _digest(heading, consumed), why.reason, why.detail)
            continue
        if cells:
            yield _csv_row(number, _digest(heading, consumed), columns, cells)


def _not_csv(error: csv.Error, content: bytes) -> UnreadableError:
    """Why a row cannot be split into cells: its bytes are no text, or the text is not CSV."""
    try:
        decode(content)
    except UnreadableError as refused:
        return refused
    what = "a carriage return stands in a cell" if "new-line" in str(error) else str(error)
    return UnreadableError("not CSV", f"{what}: quote cells that hold quotation marks or line breaks")


def _csv_row(number: int, content_hash: str, columns: Sequence[str], cells: Sequence[str]) -> Row:
    if len(cells) != len(columns):
        detail = f"has {len(cells)} cells and the header has {len(columns)}: quote cells that hold delimiters"
        return _refused(number, content_hash, "uneven row", detail)
    fields: Mapping[str, str] = dict(zip(columns, cells, strict=True))
    try:
        result = reading(
            decode("\n".join(cells).encode("utf-8", "surrogateescape")) and fields["text"],
            title=fields.get("title"),
            language=fields.get("language"),
            published=fields.get("published") or fields.get("date"),
        )
    except UnreadableError as error:
        return _refused(number, content_hash, error.reason, error.detail)
    return Row(number, _stated_id(fields.get("id"), number), content_hash, result)


def _columns(header: str, delimiters: Sequence[str]) -> tuple[list[str], str]:
    """The columns' names in small letters, and the delimiter."""
    for delimiter in delimiters:
        try:
            names = next(csv.reader([header], delimiter=delimiter), [])
        except csv.Error as error:
            raise UnreadableError("not CSV", f"line 1: {error}") from error
        columns = [name.strip().lower() for name in names]
        if "text" in columns:
            return columns, delimiter
    raise UnreadableError(
        "no text field", f"no column of {header.strip()[:200]!r} is called text: rename one"
    )


def _decoded(stream: BinaryIO, consumed: list[bytes]) -> Iterator[str]:
    """Lines as text; their bytes go to `consumed`. Bytes that are not UTF-8 are found later, by row."""
    for line in _lines(stream):
        consumed.append(line)
        yield line.decode("utf-8", "surrogateescape")


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines of a file that is text by its beginning, without a byte-order mark."""
    line = stream.readline(LARGEST_ROW)
    if not line:
        raise UnreadableError("empty", "the file holds nothing")
    if b"\0" in line[:4096]:
        raise UnreadableError("control characters", "begins with control characters: it is not UTF-8 text")
    line = line.removeprefix(b"\xef\xbb\xbf")
    while line:
        yield line
        line = stream.readline(LARGEST_ROW)


def _digest(heading: bytes, consumed: Sequence[bytes]) -> str:
    """Hash of a row and of the header that says what its cells are."""
    return hashlib.sha256(heading + b"".join(consumed).strip(b"\r\n")).hexdigest()


def _stated_id(id: str | int | None, number: int) -> str:
    """The row's own id where it has one, else its line's number."""
    stated = "" if id is None else str(id).strip()
    return stated or str(number)


def _refused(number: int, content_hash: str, reason: str, detail: str) -> Row:
    return Row(number, str(number), content_hash, UnreadableError(reason, f"line {number}: {detail}"))

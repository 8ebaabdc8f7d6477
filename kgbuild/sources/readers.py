"""Bytes to text, by MIME type.

In go the bytes of a file of one document; out comes a `Reading`, or `UnreadableError` with the reason.
Files of many documents (JSONL, CSV) are in `kgbuild.sources.rows`. Parsers are imported when the
first file of their kind is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from kgbuild.sources.reading import Reading, UnreadableError, decode, reading

if TYPE_CHECKING:
    from kgbuild.sources.rows import Row

TEXT = "text/plain"
MARKDOWN = "text/markdown"
HTML = "text/html"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
JSONL = "application/x-ndjson"
CSV = "text/csv"
TSV = "text/tab-separated-values"

MIME_TYPES: Mapping[str, str] = {
    ".txt": TEXT,
    ".text": TEXT,
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": HTML,
    ".pdf": PDF,
    ".docx": DOCX,
    ".jsonl": JSONL,
    ".ndjson": JSONL,
    ".csv": CSV,
    ".tsv": TSV,
}
"""What a file name's ending says of its content."""

ROWS = (JSONL, CSV, TSV)
"""Types of which one file holds many documents."""


def mime_type(path: str) -> str:
    """The MIME type of a path by its ending, or `UnreadableError`.

    >>> mime_type("news/2021/a.HTML")
    'text/html'
    """
    ending = PurePosixPath(path).suffix.lower()
    if ending not in MIME_TYPES:
        known = ", ".join(MIME_TYPES)
        shown = f"ends in {ending!r}" if ending else "has no ending"
        raise UnreadableError("unsupported type", f"its name {shown}; what is read ends in {known}")
    return MIME_TYPES[ending]


def read(content: bytes, mime: str) -> Reading:
    """Read the one document that these bytes are.

    >>> read(b"Ann was born in Rome.", "text/plain").text
    'Ann was born in Rome.'
    """
    reader = _READERS.get(mime)
    if reader is None:
        raise UnreadableError("unsupported type", f"no reader for {mime}; there are {', '.join(_READERS)}")
    if not content.strip():
        raise UnreadableError("empty", "the file holds nothing")
    try:
        return reader(content)
    except RecursionError as error:
        raise UnreadableError("too deeply nested", "its parts are nested too deeply to be read") from error


def read_rows(stream: BinaryIO, mime: str) -> Iterator[Row]:
    """The documents of a file of rows, one by one; ids are unique."""
    from kgbuild.sources.rows import csv_rows, jsonl_rows, unique

    if mime == JSONL:
        return unique(jsonl_rows(stream))
    return unique(csv_rows(stream, "\t" if mime == TSV else None))


def read_text(content: bytes) -> Reading:
    """Plain text: UTF-8, or as its byte-order mark says."""
    return reading(decode(content))


def read_markdown(content: bytes) -> Reading:
    """Markdown (CommonMark with tables and front matter)."""
    from kgbuild.sources.markup import markdown_reading

    return markdown_reading(decode(content))


def read_html(content: bytes) -> Reading:
    """HTML: the main content."""
    from kgbuild.sources.markup import declared_charset, html_reading

    return html_reading(decode(content, declared_charset(content)))


def read_pdf(content: bytes) -> Reading:
    """PDF: its text, lines joined into paragraphs."""
    from kgbuild.sources.pdf import pdf_reading

    return pdf_reading(content)


def read_docx(content: bytes) -> Reading:
    """Word documents (Office Open XML): paragraphs and tables."""
    from kgbuild.sources.word import docx_reading

    return docx_reading(content)


_READERS: Mapping[str, Callable[[bytes], Reading]] = {
    TEXT: read_text,
    MARKDOWN: read_markdown,
    HTML: read_html,
    PDF: read_pdf,
    DOCX: read_docx,
}

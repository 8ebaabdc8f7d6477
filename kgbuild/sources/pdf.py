"""PDF to text: lines joined into paragraphs, words that were split over lines made whole.

PDF says where glyphs lie and nothing of paragraphs; they are told apart by line spacing, height,
indentation and short last lines. Running heads and page numbers are left out.
"""

from __future__ import annotations

import ctypes
import re
import statistics
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from kgbuild.sources.reading import Reading, UnreadableError, reading

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

_TAIL = 4096  # bytes at the end in which the end-of-file mark must be
_PAGE_NUMBER = re.compile(r"\W*(?:page\s*)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?\W*", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?:。！？][\"'”’)\]]*$")
_WRITTEN_LINE = re.compile("[^\r\n\ufffe]+\ufffe?")  # PDFium writes U+FFFE for a hyphen and line break
_BROKEN_WORD = re.compile(r"(\w+)[-\u2010\u00ad\x02\ufffe]$")
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_NO_TITLE = re.compile(r"untitled.*|microsoft word - .*|.*\.(?:docx?|tex|indd|pdf|qxd)", re.IGNORECASE)
_NO_DATES = ("19700101000000", "19800101000000", "20000101000000")  # what reproducible builds stamp
_pdfium = threading.Lock()  # PDFium may not be called from two threads at a time


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text and its box, in points from the lower left corner of page `page`."""

    text: str
    page: int
    left: float
    right: float
    top: float
    height: float


def pdf_reading(content: bytes) -> Reading:
    """The text of a PDF, with the title, language and creation date of its metadata."""
    if b"%PDF-" not in content[:1024]:
        raise UnreadableError("not a PDF", "does not begin with %PDF-: it is another format, or is damaged")
    if b"%%EOF" not in content[-_TAIL:]:
        raise UnreadableError("damaged PDF", "has no end-of-file mark (%%EOF): it is cut off; fetch it again")
    with _pdfium:
        document = _open(content)
        try:
            lines = [line for number in range(len(document)) for line in _lines(document, number)]
            pages, title, language = len(document), document.get_metadata_value("Title"), _language(document)
            created = document.get_metadata_value("CreationDate").removeprefix("D:")
        finally:
            document.close()
    if not lines:
        raise UnreadableError("no text", f"its {pages} pages hold images only: run text recognition first")
    text = "\n\n".join(paragraphs(without_running_heads(lines, pages)))
    if created.startswith(_NO_DATES):
        created = ""
    title = "" if _NO_TITLE.fullmatch(title.strip()) else title
    return reading(text.translate(_LIGATURES), title=title, language=language, published=created)


def _open(content: bytes) -> PdfDocument:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            detail = "needs a password: save it without one"
            raise UnreadableError("encrypted PDF", detail) from error
        raise UnreadableError("damaged PDF", f"cannot be opened ({error}): fetch it again") from error


def _language(document: PdfDocument) -> str | None:
    """The language in the document's catalogue."""
    import pypdfium2.raw as pdfium

    size = pdfium.FPDFCatalog_GetLanguage(document, None, 0)
    if size <= 2:
        return None
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFCatalog_GetLanguage(document, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")


def _lines(document: PdfDocument, number: int) -> Iterator[Line]:
    """The lines of one page, in the order in which the file draws them."""
    import pypdfium2

    try:
        page: PdfPage = document[number]
        textpage = page.get_textpage()
    except pypdfium2.PdfiumError as error:
        raise UnreadableError("damaged PDF", f"page {number + 1} cannot be read ({error})") from error
    characters = textpage.count_chars()
    for written in _WRITTEN_LINE.finditer(textpage.get_text_range()):
        text = written[0].strip()
        first = written.end() - len(written[0].lstrip())
        last = written.start() + len(written[0].rstrip()) - 1
        if text and last < characters:
            left, bottom, _, top = textpage.get_charbox(first, loose=True)
            right = textpage.get_charbox(last, loose=True)[2]
            yield Line(text, number, left, right, top, top - bottom)


def without_running_heads(lines: Sequence[Line], pages: int) -> list[Line]:
    """Leave out page numbers, and what heads or foots more than half of the pages.

    The first running head stays: it may be the title.

    >>> def line(text, page): return Line(text, page, 72, 500, 700, 11)
    >>> texts = [("Lives", f"Text {page}", f"Note {page}", "Press") for page in (0, 1)]
    >>> lines = [line(text, page) for page in (0, 1) for text in texts[page]]
    >>> [line.text for line in without_running_heads(lines, 2)]
    ['Lives', 'Text 0', 'Note 0', 'Text 1', 'Note 1']
    """
    length = Counter(line.page for line in lines)
    edges = [
        (index, line)
        for index, line in enumerate(lines)
        if index in (0, len(lines) - 1)
        or line.page != lines[index - 1].page
        or line.page != lines[index + 1].page
    ]
    shapes = Counter(_shape(line) for _, line in edges)
    seen: set[str] = set()
    dropped = set()
    for index, line in edges:
        repeated = length[line.page] > 2 and shapes[_shape(line)] > max(1, pages / 2)
        numbered = length[line.page] > 1 and _PAGE_NUMBER.fullmatch(line.text)
        heads = index == 0 or line.page != lines[index - 1].page
        if numbered or (repeated and (_shape(line) in seen or not heads)):
            dropped.add(index)
        seen.add(_shape(line))
    return [line for index, line in enumerate(lines) if index not in dropped]


def _shape(line: Line) -> str:
    """A line's text with its numbers made alike."""
    return re.sub(r"\d+", "#", line.text)


def paragraphs(lines: Sequence[Line]) -> Iterator[str]:
    """Lines joined into paragraphs."""
    if not lines:
        return
    spacings = [a.top - b.top for a, b in pairwise(lines) if a.page == b.page]
    downward = [spacing for spacing in spacings if spacing > 0]
    usual = statistics.median(downward) if downward else 0.0
    margin = max(line.right for line in lines)
    whole = frozenset(re.findall(r"\w+-\w+", " ".join(line.text for line in lines)))
    paragraph = lines[0].text
    for above, below in pairwise(lines):
        if _breaks(above, below, usual, margin):
            yield paragraph
            paragraph = below.text
        else:
            paragraph = _joined(paragraph, below.text, whole)
    yield paragraph


def _breaks(above: Line, below: Line, usual: float, margin: float) -> bool:
    """Whether a paragraph ends between two lines; `usual` is the line spacing, `margin` the right edge."""
    ended = _SENTENCE_END.search(above.text) is not None
    spacing = above.top - below.top
    if above.page != below.page or spacing < -above.height:  # the next page, or the next column
        return ended or not below.text[0].islower()
    if abs(above.height - below.height) > 0.15 * max(above.height, below.height):
        return True
    if spacing > 1.15 * max(usual, above.height):
        return True
    indented = below.left - above.left > 0.5 * below.height
    short = above.right < margin - 0.15 * (margin - above.left)
    return ended and (indented or short)


def _joined(paragraph: str, line: str, whole: frozenset[str]) -> str:
    """Join a line to its paragraph; a hyphen goes unless the file writes the word with one elsewhere."""
    broken = _BROKEN_WORD.search(paragraph)
    rest = re.match(r"\w+", line)
    if broken is None or rest is None:
        return f"{paragraph} {line}"
    stem = paragraph[: broken.end(1)]
    if line[0].islower() and broken[1].isalpha() and f"{broken[1]}-{rest[0]}" not in whole:
        return stem + line
    return f"{stem}-{line}"

"""Word documents (Office Open XML) to text.

Paragraphs and table rows in the order of the document, apart by a blank line; headers, footers,
footnotes and text boxes are left out.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from kgbuild.sources.reading import Reading, UnreadableError, reading

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.table import Table

_LARGEST = 500_000_000  # bytes that the parts may unpack to
_TEMPLATE_STAMP = datetime(2013, 12, 23, 23, 15)  # of python-docx's empty document: says nothing


def docx_reading(content: bytes) -> Reading:
    """The text of a document, with its title, language and creation date."""
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import XMLSyntaxError

    if content[:4] == b"\xd0\xcf\x11\xe0":
        detail = "is an old Word file (.doc) or has a password: save it as .docx without one"
        raise UnreadableError("not a DOCX", detail)
    if content[:2] != b"PK":
        raise UnreadableError("not a DOCX", "is not a zip archive, as DOCX files are")
    try:
        return _read(content)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise UnreadableError("damaged DOCX", f"is cut off or damaged ({error}): fetch it again") from error
    except (KeyError, ValueError, RuntimeError, PackageNotFoundError, XMLSyntaxError) as error:
        raise UnreadableError("damaged DOCX", f"is not a whole Word document ({error})") from error


def _read(content: bytes) -> Reading:
    import docx

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > _LARGEST:
        raise UnreadableError("too large", f"unpacks to {unpacked:,} bytes; at most {_LARGEST:,} are read")
    document = docx.Document(io.BytesIO(content))
    properties = document.core_properties
    created = properties.created
    if created is not None and created.replace(tzinfo=None) == _TEMPLATE_STAMP:
        created = None
    return reading(
        "\n\n".join(_blocks(document)),
        title=properties.title or _title_paragraph(document),
        language=properties.language,
        published=None if created is None else created.date(),
    )


def _blocks(document: WordDocument) -> Iterator[str]:
    from docx.table import Table

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            yield from _rows(block)
        elif block.text.strip():
            yield block.text


def _rows(table: Table) -> Iterator[str]:
    """Each row's cells in one paragraph; a merged cell counts once."""
    for row in table.rows:
        cells = {cell._tc: " ".join(cell.text.split()) for cell in row.cells}
        texts = [text for text in cells.values() if text]
        if texts:
            yield " | ".join(texts)


def _title_paragraph(document: WordDocument) -> str | None:
    """The paragraph in a title or top heading style near the beginning."""
    styles = document.styles
    titles = {styles[name].style_id for name in ("Title", "Heading 1") if name in styles}
    for paragraph in document.paragraphs[:5]:
        if paragraph._p.style in titles and paragraph.text.strip():  # by id: names are slow to find
            return paragraph.text
    return None

"""Real files of the formats that have no plain text form."""

import io
from collections.abc import Callable, Sequence

import pytest

Text = tuple[float, float, float, str]
"""Left edge, baseline and size in points, and what is written there."""


def write_pdf(pages: Sequence[Sequence[Text]], info: str = "", catalogue: str = "") -> bytes:
    """A PDF 1.4 file of lines in Helvetica; `info` and `catalogue` are raw dictionary entries."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(pages)))
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalogue} >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for index, lines in enumerate(pages):
        drawn = "\n".join(
            f"BT /F1 {size} Tf 1 0 0 1 {left} {base} Tm ({text.translate(ESCAPES)}) Tj ET"
            for left, base, size, text in lines
        )
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            f"/Contents {5 + 2 * index} 0 R >>"
        )
        objects.append(f"<< /Length {len(drawn.encode('cp1252'))} >>\nstream\n{drawn}\nendstream")
    objects.append(f"<< {info} >>")
    output = io.BytesIO(b"%PDF-1.4\n")
    output.seek(0, io.SEEK_END)
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(output.tell())
        output.write(f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252"))
    start = output.tell()
    output.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    output.write("".join(f"{offset:010} 00000 n \n" for offset in offsets).encode())
    output.write(
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>\n"
        f"startxref\n{start}\n%%EOF\n".encode()
    )
    return output.getvalue()


ESCAPES = str.maketrans({"(": r"\(", ")": r"\)", "\\": r"\\"})


@pytest.fixture
def make_pdf() -> Callable[..., bytes]:
    return write_pdf


@pytest.fixture
def docx_bytes() -> bytes:
    """A Word document with a heading, two paragraphs, a table and core properties."""
    import datetime

    import docx

    document = docx.Document()
    document.add_heading("Ann Lee", level=1)
    document.add_paragraph("Ann Lee was born in Rome.")
    table = document.add_table(rows=2, cols=2)
    for row, cells in zip(table.rows, [("Name", "Born"), ("Ann Lee", "1912")], strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_paragraph("She died in Paris.")
    document.core_properties.title = "A life"
    document.core_properties.language = "en-GB"
    document.core_properties.created = datetime.datetime(2021, 3, 4, 10, 0)
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()

import io
import zipfile
from datetime import date

import docx
import pytest

from kgbuild.sources.reading import UnreadableError
from kgbuild.sources.word import docx_reading


def saved(document: docx.document.Document) -> bytes:
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


def reason(content: bytes) -> str:
    with pytest.raises(UnreadableError) as caught:
        docx_reading(content)
    return caught.value.reason


def test_paragraphs_and_tables_in_order(docx_bytes: bytes) -> None:
    document = docx_reading(docx_bytes)
    assert document.text.split("\n\n") == [
        "Ann Lee",
        "Ann Lee was born in Rome.",
        "Name | Born",
        "Ann Lee | 1912",
        "She died in Paris.",
    ]
    assert (document.title, document.language, document.published) == ("A life", "en-GB", date(2021, 3, 4))


def test_a_merged_cell_counts_once() -> None:
    document = docx.Document()
    table = document.add_table(rows=1, cols=3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Ann Lee"
    table.cell(0, 2).text = "1912"
    assert docx_reading(saved(document)).text == "Ann Lee | 1912"


def test_no_date_or_title_is_made_up() -> None:
    document = docx.Document()
    document.add_paragraph("Ann left.")
    found = docx_reading(saved(document))
    assert (found.title, found.published) == (None, None)


def test_the_title_paragraph_is_the_title() -> None:
    document = docx.Document()
    document.add_heading("A life", level=0)
    assert docx_reading(saved(document)).title == "A life"


def test_an_empty_document_is_refused() -> None:
    assert reason(saved(docx.Document())) == "no text"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_torn_file_is_refused(docx_bytes: bytes, share: float) -> None:
    assert reason(docx_bytes[: int(len(docx_bytes) * share)]) == "damaged DOCX"


def test_damage_inside_is_refused(docx_bytes: bytes) -> None:
    middle = len(docx_bytes) // 2
    assert reason(docx_bytes[:middle] + b"\0" * 200 + docx_bytes[middle + 200 :]) == "damaged DOCX"


def test_another_archive_is_refused() -> None:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("notes.txt", "Ann left.")
    assert reason(output.getvalue()) == "damaged DOCX"


def test_an_old_word_file_is_refused() -> None:
    assert reason(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100) == "not a DOCX"


def test_an_archive_that_unpacks_to_too_much_is_refused() -> None:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("word/document.xml", b"<w/>")
        archive.filelist[0].file_size = 600_000_000
    assert reason(output.getvalue()) == "too large"

import hashlib
import io
from datetime import date

import pytest

from kgbuild.sources.readers import CSV, JSONL, TSV, read_rows
from kgbuild.sources.reading import Reading, UnreadableError
from kgbuild.sources.rows import Row


def rows(content: bytes, mime: str = JSONL) -> list[Row]:
    return list(read_rows(io.BytesIO(content), mime))


def summary(content: bytes, mime: str = JSONL) -> list[tuple[str, str]]:
    """Each row's id, with its text or the reason why it has none."""
    return [
        (row.id, row.result.text if isinstance(row.result, Reading) else row.result.reason)
        for row in rows(content, mime)
    ]


def test_fields_of_a_json_line() -> None:
    line = '{"text": "Köln\\r\\nist alt.", "id": 7, "title": "K", "language": "de", "date": "2021-03-04"}'
    (row,) = rows(line.encode())
    assert (row.line, row.id) == (1, "7")
    assert row.result == Reading("Köln\nist alt.", "K", "de", date(2021, 3, 4))
    assert row.content_hash == hashlib.sha256(line.encode()).hexdigest()


def test_a_line_break_at_the_end_changes_no_hash() -> None:
    assert rows(b'{"text": "Ann"}')[0].content_hash == rows(b'{"text": "Ann"}\r\n')[0].content_hash


def test_bad_lines_do_not_stop_the_others() -> None:
    content = (
        b'\xef\xbb\xbf{"text": "Ann"}\n\n{"text": "torn\n{"id": "a"}\n{"text": 5}\n[1]\n{"text": "caf\xe9"}\n'
        b'{"text": "\\ud800"}\n{"text": " "}\n{"text": "x", "title": []}\n{"id": "b", "text": "Bob\\u0000"}\n'
        b'{"text": "cut o'
    )
    assert summary(content) == [
        ("1", "Ann"),
        ("3", "not JSON"),
        ("4", "no text field"),
        ("5", "no text field"),
        ("6", "wrong field"),
        ("7", "not UTF-8"),
        ("8", "not JSON"),
        ("9", "no text"),
        ("10", "wrong field"),
        ("b", "Bob"),
        ("12", "not JSON"),
    ]


def test_a_refusal_names_its_line() -> None:
    (row,) = rows(b'{"id": "x"}\n')
    assert isinstance(row.result, UnreadableError)
    assert row.result.detail.startswith("line 1: Object missing required field `text`")


def test_ids_are_unique() -> None:
    content = b'{"text": "a", "id": "2"}\n{"text": "b"}\n{"text": "c", "id": 2}\n{"text": "d", "id": "e"}\n'
    assert summary(content) == [("2", "a"), ("2", "duplicate id"), ("3", "duplicate id"), ("e", "d")]


@pytest.mark.parametrize("mime", [JSONL, CSV, TSV])
def test_files_that_are_no_text_at_all(mime: str) -> None:
    for content, reason in [(b"", "empty"), (b"\x89PNG\0\0", "control characters")]:
        with pytest.raises(UnreadableError, match=reason):
            rows(content, mime)


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n", b"text\tid\n\x89P\rG\n", b"\x01\x02\n", b"text\n\x01\r\x02\n"]
)
def test_binary_tables_are_told_as_such(content: bytes) -> None:
    try:
        (told,) = (row.result for row in rows(content, TSV))
    except UnreadableError as error:
        told = error
    assert isinstance(told, UnreadableError)
    assert told.reason in {"not UTF-8", "control characters"}


def test_a_carriage_return_alone_is_told() -> None:
    (row,) = rows(b"id\ttext\n1\tab\rcd\n", TSV)
    assert isinstance(row.result, UnreadableError)
    assert row.result.detail.startswith("line 2: a carriage return stands in a cell: quote cells")


def test_csv_with_quoted_line_breaks() -> None:
    content = b'ID,Text,published\r\na,"Ann, called ""Lee"",\r\nleft.",2021-03-04\r\n,Bob stayed.,\r\n'
    first, second = rows(content, CSV)
    assert (first.line, first.id, second.line, second.id) == (2, "a", 4, "4")
    assert first.result == Reading('Ann, called "Lee",\nleft.', published=date(2021, 3, 4))
    assert second.result == Reading("Bob stayed.")


def test_csv_hashes_depend_on_the_row_and_the_header() -> None:
    one, two, three = rows(b"text,title\nAnn,x\nBob,y\nAnn,x", CSV)
    assert one.content_hash == three.content_hash != two.content_hash
    assert rows(b"title,text\nAnn,x\n", CSV)[0].content_hash != one.content_hash


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str) -> None:
    content = delimiter.join(["id", "text"]) + "\n" + delimiter.join(["a", "Ann left."])
    assert summary(content.encode(), CSV) == [("a", "Ann left.")]


def test_bad_csv_rows_do_not_stop_the_others() -> None:
    content = b'id,text\na,Ann\nb,Bob,too many\nc\nd,caf\xe9\ne,"x"y\nf,Fay\ng,"never closed\n'
    assert summary(content, CSV) == [
        ("a", "Ann"),
        ("3", "uneven row"),
        ("4", "uneven row"),
        ("5", "not UTF-8"),
        ("6", "not CSV"),
        ("f", "Fay"),
        ("8", "not CSV"),
    ]


def test_a_table_without_a_text_column_is_refused() -> None:
    with pytest.raises(UnreadableError, match="no column of 'id,body' is called text"):
        rows(b"id,body\n1,Ann\n", CSV)


def test_a_long_cell_is_read() -> None:
    text = "Ann was born in Rome. " * 20_000
    (row,) = rows(f'text\n"{text}"\n'.encode(), CSV)
    assert row.result == Reading(text.strip())

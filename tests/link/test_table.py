"""The index in memory, from the user's table."""

from pathlib import Path

import pytest

from kgbuild.errors import KnowledgeBaseError
from kgbuild.link.kinds import kind
from kgbuild.link.table import TableIndex
from kgbuild.records import Label

TABLE = """id\tlabel\taliases\tdescription\ttypes
https://example.org/acme\tAcme Corporation\tAcme|ACME Corp\tmaker of anvils\torganisation
https://example.org/road-runner\tRoad Runner\t\t\tperson
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "entities.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_is_looked_up_by_any_name(tmp_path: Path) -> None:
    index = TableIndex.read(write(tmp_path, TABLE))
    for surface in ("acme", "ACME Corp.", "Acme Corporation", "the Acme Corporation's", "Acme Corporatoin"):
        assert [c.entity for c in index.candidates(surface)] == ["https://example.org/acme"]
    assert index.candidates("") == ()
    assert index.candidates("Wile E. Coyote") == ()
    assert len(index) == 2


def test_types_may_be_words(tmp_path: Path) -> None:
    index = TableIndex.read(write(tmp_path, TABLE))
    acme = index.entity("https://example.org/acme")
    assert acme is not None
    assert kind(acme) is Label.ORGANISATION
    assert acme.description == "maker of anvils"


def test_the_version_follows_the_content(tmp_path: Path) -> None:
    one = TableIndex.read(write(tmp_path, TABLE)).version
    assert TableIndex.read(write(tmp_path, TABLE)).version == one
    assert TableIndex.read(write(tmp_path, TABLE.replace("anvils", "rockets"))).version != one


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the heading must be"),
        ("id\tname\n", "line 1: the heading must be"),
        ("id\tlabel\nQ1\t\n", "line 2: an id that is new and a label"),
        ("id\tlabel\nQ1\ta\t\nQ2\tb\tc\n", "line 3: 3 cells, and the heading has 2"),
        ("id\tlabel\nQ1\ta\n\nQ1\tb\n", "line 4: an id that is new and a label"),
        ("id\tlabel\nX1\ta\n", "line 2: the id 'X1' is neither an item's"),
        (
            "id\tlabel\ttypes\nQ1\ta\tcountry\n",
            "line 2: the type 'country' is neither .* organisation, .* person",
        ),
    ],
)
def test_a_broken_table(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(KnowledgeBaseError, match=message):
        TableIndex.read(write(tmp_path, text))


def test_a_table_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="cannot read the table"):
        TableIndex.read(tmp_path / "missing.tsv")
    (tmp_path / "latin.tsv").write_bytes(b"id\tlabel\nQ1\tZ\xfcrich\n")
    with pytest.raises(KnowledgeBaseError, match="must be UTF-8"):
        TableIndex.read(tmp_path / "latin.tsv")

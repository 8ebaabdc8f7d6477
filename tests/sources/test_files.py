import hashlib
import os
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import pytest

from kgbuild.errors import SourceError
from kgbuild.iris import Iris
from kgbuild.records import Document, Rejection
from kgbuild.sources.files import FileSource


def read(location: str | Path) -> dict[str, str]:
    """Each document's id with its text, or the reason why it has none."""
    return {
        found.id if isinstance(found, Document) else found.document_id: found.text
        if isinstance(found, Document)
        else found.reason
        for found in FileSource(location, iris=Iris()).documents()
    }


@pytest.fixture
def corpus(tmp_path: Path, make_pdf: Callable[..., bytes], docx_bytes: bytes) -> Path:
    """A folder with a file of each format, and with torn ones."""
    root = tmp_path / "news"
    (root / "b").mkdir(parents=True)
    pdf = make_pdf([[(72, 700, 11, "Pat was born in Oslo.")]])
    contents = {
        "a.txt": b"Ann was born in Rome.",
        "b/c.md": b"# Bob\n\nBob left.",
        "b/d.HTML": b"<p>Dan stayed in Bonn.</p>",
        "e.pdf": pdf,
        "f.docx": docx_bytes,
        "g.jsonl": b'{"text": "Gil"}\n{"text": "Guy", "id": "guy/2"}\n{"bad\n',
        "h.csv": b"text,id\nHal,1\n",
        "torn.pdf": pdf[:200],
        "torn.docx": docx_bytes[:500],
        "empty.txt": b"",
        "garbage.txt": bytes(range(256)),
        "latin.txt": "Köln".encode("latin-1"),
        "photo.png": b"\x89PNG",
        "_expected.json": b"{}",
        ".hidden.txt": b"hidden",
    }
    for name, content in contents.items():
        (root / name).write_bytes(content)
    (root / "_notes").mkdir()
    (root / "_notes" / "n.txt").write_bytes(b"notes")
    return root


EXPECTED = {
    "a.txt": "Ann was born in Rome.",
    "b/c.md": "Bob\n\nBob left.",
    "b/d.HTML": "Dan stayed in Bonn.",
    "e.pdf": "Pat was born in Oslo.",
    "empty.txt": "empty",
    "f.docx": "Ann Lee\n\nAnn Lee was born in Rome.\n\nName | Born\n\nAnn Lee | 1912\n\nShe died in Paris.",
    "g.jsonl/1": "Gil",
    "g.jsonl/guy/2": "Guy",
    "g.jsonl/3": "not JSON",
    "garbage.txt": "not UTF-8",
    "h.csv/1": "Hal",
    "latin.txt": "not UTF-8",
    "photo.png": "unsupported type",
    "torn.docx": "damaged DOCX",
    "torn.pdf": "damaged PDF",
}


def test_every_format_in_a_stable_order(corpus: Path) -> None:
    assert list(read(corpus).items()) == list(EXPECTED.items())


def test_identity_and_hash(corpus: Path) -> None:
    source = FileSource(corpus, iris=Iris("https://kg.example.org/"))
    documents = {found.id: found for found in source.documents() if isinstance(found, Document)}
    bob = documents["b/c.md"]
    assert source.corpus == "news"
    assert bob.uri == "https://kg.example.org/document/news/b/c.md"
    assert bob.mime == "text/markdown"
    assert bob.content_hash == hashlib.sha256(b"# Bob\n\nBob left.").hexdigest()
    assert documents["g.jsonl/1"].content_hash == hashlib.sha256(b'{"text": "Gil"}').hexdigest()


def test_a_rejection_says_the_mend(corpus: Path) -> None:
    found = {
        r.document_id: r for r in FileSource(corpus, iris=Iris()).documents() if isinstance(r, Rejection)
    }
    detail = "is not UTF-8 (byte 0xF6 at offset 1): convert it to UTF-8"
    assert found["latin.txt"] == Rejection("ingest", "latin.txt", "not UTF-8", detail)


def test_count_opens_nothing_and_agrees(corpus: Path) -> None:
    assert FileSource(corpus, iris=Iris()).count() == 13


def test_a_single_file(corpus: Path) -> None:
    source = FileSource(corpus / "_notes" / "n.txt", corpus="mine", iris=Iris())
    (document,) = source.documents()
    assert isinstance(document, Document)
    assert (document.id, document.uri) == ("n.txt", "https://kg.example.org/document/mine/n.txt")
    assert FileSource(corpus / "a.txt", iris=Iris()).corpus == "news"


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    files = fsspec.filesystem("memory")
    yield files
    files.rm("/kgbuild-news", recursive=True)


def test_a_url(corpus: Path, memory: fsspec.AbstractFileSystem) -> None:
    memory.put(f"{corpus}/", "/kgbuild-news", recursive=True)
    source = FileSource("memory://kgbuild-news", iris=Iris())
    assert source.corpus == "kgbuild-news"
    assert list(read("memory://kgbuild-news").items()) == list(EXPECTED.items())
    assert read("memory://kgbuild-news/a.txt") == {"a.txt": "Ann was born in Rome."}


def test_a_zip_archive(corpus: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "lives.zip", "w") as archive:
        for path in sorted(corpus.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(corpus))
    location = f"zip://::{tmp_path / 'lives.zip'}"
    assert FileSource(location, iris=Iris()).corpus == "lives"
    assert list(read(location).items()) == list(EXPECTED.items())


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("no/such/folder", "nothing at 'no/such/folder'"),
        ("memory://no-such-folder", "nothing at 'memory://no-such-folder'"),
        ("gopher://news", "Protocol not known: gopher"),
        ("zip://::no-such.zip", "nothing at"),
    ],
)
def test_what_is_not_there_is_an_error(location: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        FileSource(location, iris=Iris())


def test_a_broken_archive_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"no archive")
    with pytest.raises(SourceError, match="not a zip file"):
        FileSource(f"zip://::{tmp_path / 'x.zip'}", iris=Iris())


def test_links_that_lead_nowhere_or_back(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "a.txt").write_text("Ann left.")
    (root / "gone.txt").symlink_to(root / "missing.txt")
    (root / "sub" / "loop").symlink_to(root)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.txt").write_text("Bob left.")
    (root / "linked").symlink_to(tmp_path / "elsewhere")
    (root / "sub" / "same.txt").symlink_to(root / "sub" / "a.txt")
    os.mkfifo(root / "pipe.txt")
    (root / "sub" / "pipe.txt").symlink_to(root / "pipe.txt")
    assert read(root) == {
        "gone.txt": "unreadable",
        "linked/b.txt": "Bob left.",
        "pipe.txt": "unsupported type",
        "sub/a.txt": "Ann left.",
        "sub/pipe.txt": "unsupported type",
        "sub/same.txt": "Ann left.",
    }
    (tmp_path / "link").symlink_to(root)
    assert list(read(tmp_path / "link")) == list(read(root))


def test_a_file_name_that_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "ok.txt").write_text("Ann left.")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text("Bob left.")
    assert read(tmp_path) == {"caf?.txt": "file name not UTF-8", "ok.txt": "Ann left."}


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_what_may_not_be_read_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / "secret.txt").chmod(0)
    (tmp_path / "open.txt").write_text("Ann left.")
    assert read(tmp_path) == {"closed": "unreadable", "open.txt": "Ann left.", "secret.txt": "unreadable"}


def test_files_that_come_later_are_seen(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ann left.")
    source = FileSource(tmp_path, iris=Iris())
    assert len(list(source.documents())) == 1
    (tmp_path / "b.txt").write_text("Bob left.")
    assert len(list(source.documents())) == 2


def test_a_source_travels_to_another_process(corpus: Path) -> None:
    source = FileSource(corpus, iris=Iris())
    assert list(pickle.loads(pickle.dumps(source)).documents()) == list(source.documents())


def test_the_version_names_readers_and_parsers(tmp_path: Path) -> None:
    version = FileSource(tmp_path, iris=Iris()).version
    assert version.startswith("readers/1+trafilatura-")
    assert "pypdfium2-" in version


def test_importing_the_source_imports_no_parser() -> None:
    heavy = (
        "{'trafilatura', 'docx', 'pypdfium2', 'markdown_it', 'lxml', 'fsspec', 'msgspec', 'yaml', 'spacy'}"
    )
    code = f"import sys, kgbuild.sources.files; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"

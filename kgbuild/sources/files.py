"""Documents from a file or folder, on this machine or wherever fsspec reaches.

In goes a path or an fsspec URL (`s3://bucket/news`, `zip://::news.zip`, `memory://news`); out come
documents, or the reason why a file has none. One file, or one row, is in memory at a time.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO

from kgbuild.errors import SourceError
from kgbuild.iris import Iris
from kgbuild.records import Document, Rejection
from kgbuild.sources.readers import ROWS, mime_type, read, read_rows
from kgbuild.sources.reading import Reading, UnreadableError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

LARGEST_FILE = 200_000_000  # bytes of a file that is one document
_PARSERS = ("trafilatura", "pypdfium2", "python-docx", "markdown-it-py")


@dataclass(frozen=True, slots=True)
class _File:
    """A file: its path in the file system, and in the corpus."""

    path: str
    id: str


class FileSource:
    """The documents below a folder, or in one file, ordered by path.

    Files and folders whose names begin with "." or "_" are left out: notes, settings and answers
    may lie beside a corpus. A document's id is its path from the folder, with "/" and, in a file of
    rows, the row's id or line number after it. `corpus` names the whole in the documents' IRIs;
    without it the folder's name does. Raises `SourceError` where nothing can be read there.
    """

    def __init__(self, location: str | os.PathLike[str], *, corpus: str | None = None, iris: Iris) -> None:
        self.version = readers_version()
        self._location = os.fspath(location)
        self._iris = iris
        self._files, self._root = _file_system(self._location)
        self._is_file = self._look()
        self.corpus = corpus or _corpus_name(self._location, self._root, is_file=self._is_file)

    def documents(self) -> Iterator[Document | Rejection]:
        """Read every file, in the order of paths; a file that cannot be read does not stop the others."""
        self._files.invalidate_cache()
        for found in self._walk():
            if isinstance(found, Rejection):
                yield found
            else:
                yield from self._read(found)

    def count(self) -> int:
        """The number of files, without opening them; a file of rows counts once."""
        return sum(1 for found in self._walk())

    def _look(self) -> bool:
        """Whether the location is one file; `SourceError` where it is neither that nor a folder."""
        try:
            is_file = bool(self._files.isfile(self._root))
            if is_file or self._files.isdir(self._root):
                return is_file
        except OSError as error:
            message = f"{self._location!r} cannot be read ({error}): check the rights to it"
            raise SourceError(message) from error
        raise SourceError(
            f"there is nothing at {self._location!r}: give the path of a file or folder, or an fsspec URL"
        )

    def _walk(self) -> Iterator[_File | Rejection]:
        """The files of the corpus, in order."""
        if self._is_file:
            yield _File(self._root, PurePosixPath(self._root).name)
        else:
            yield from self._folder(self._root, "", ())

    def _folder(self, path: str, id: str, above: tuple[str, ...]) -> Iterator[_File | Rejection]:
        """The files below a folder; `above` holds the real paths of the folders that lead to it."""
        try:
            entries = self._files.ls(path, detail=True)
        except OSError as error:
            yield _rejection(id or ".", UnreadableError("unreadable", _shown(error)))
            return
        here = os.path.realpath(path)
        for entry in sorted(entries, key=_name):
            name = _name(entry)
            if name.startswith((".", "_")) or not name or entry["name"].rstrip("/") == path.rstrip("/"):
                continue
            below = f"{id}/{name}" if id else name
            kind = _kind(entry)
            if kind == "other":
                yield _rejection(below, UnreadableError("unsupported type", "is neither a file nor a folder"))
            elif kind != "directory":
                yield _File(entry["name"], below)
            elif not (entry.get("islink") and os.path.realpath(entry["name"]) in (*above, here)):
                yield from self._folder(entry["name"], below, (*above, here))

    def _read(self, file: _File) -> Iterator[Document | Rejection]:
        """The documents of one file."""
        try:
            _check_name(file.id)
            mime = mime_type(file.id)
            with self._files.open(file.path, "rb") as stream:
                if mime in ROWS:
                    yield from self._rows(file, mime, stream)
                else:
                    content = _content(stream)
                    content_hash = hashlib.sha256(content).hexdigest()
                    yield self._document(file.id, read(content, mime), mime, content_hash)
        except UnreadableError as error:
            yield _rejection(file.id, error)
        except OSError as error:
            yield _rejection(file.id, UnreadableError("unreadable", _shown(error)))

    def _rows(self, file: _File, mime: str, stream: BinaryIO) -> Iterator[Document | Rejection]:
        empty = True
        for row in read_rows(stream, mime):
            empty = False
            name = f"{file.id}/{row.id}"
            if isinstance(row.result, UnreadableError):
                yield _rejection(name, row.result)
            else:
                yield self._document(name, row.result, mime, row.content_hash)
        if empty:
            raise UnreadableError("empty", "the file holds no rows")

    def _document(self, id: str, reading: Reading, mime: str, content_hash: str) -> Document:
        return Document(
            id=id,
            uri=self._iris.document(self.corpus, id),
            text=reading.text,
            title=reading.title,
            language=reading.language,
            published=reading.published,
            mime=mime,
            content_hash=content_hash,
        )


def readers_version() -> str:
    """Version of the readers and of the parsers below them; another one may read another text."""
    from importlib.metadata import version

    return "+".join(["readers/1", *(f"{name}-{version(name)}" for name in _PARSERS)])


def _file_system(location: str) -> tuple[AbstractFileSystem, str]:
    """The file system of a path or URL, and the path in it."""
    from zipfile import BadZipFile

    from fsspec.core import url_to_fs

    try:
        files, root = url_to_fs(location)
    except FileNotFoundError as error:
        raise SourceError(f"there is nothing at {location!r}: check the path inside the URL") from error
    except (ValueError, ImportError, BadZipFile, OSError) as error:
        raise SourceError(f"{location!r} cannot be opened: {error}") from error
    return files, str(root)


def _corpus_name(location: str, root: str, *, is_file: bool) -> str:
    """The name of the folder, of a file's folder, or of the archive that is the whole corpus."""
    path = PurePosixPath(root)
    name = path.parent.name if is_file else path.name
    if not name:
        name = PurePosixPath(location.rsplit("::", maxsplit=1)[-1]).stem if "::" in location else ""
    return name or "corpus"


def _name(entry: dict[str, Any]) -> str:
    return PurePosixPath(entry["name"]).name


def _kind(entry: dict[str, Any]) -> str:
    """What an entry, or what a link of the local file system leads to, is: "file", "directory" or "other"."""
    if not entry.get("islink"):
        return str(entry["type"])
    path = Path(entry["name"])
    if path.is_dir():
        return "directory"
    return "file" if path.is_file() or not path.exists() else "other"


def _check_name(id: str) -> None:
    try:
        id.encode()
    except UnicodeEncodeError as error:
        raise UnreadableError("file name not UTF-8", "its name is not UTF-8: rename it") from error


def _content(stream: BinaryIO) -> bytes:
    content = stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        detail = f"holds over {LARGEST_FILE:,} bytes: split it, or write its parts as lines of a JSONL file"
        raise UnreadableError("too large", detail)
    return content


def _rejection(id: str, error: UnreadableError) -> Rejection:
    shown = id.encode("utf-8", "replace").decode()
    return Rejection("ingest", shown, error.reason, error.detail)


def _shown(error: OSError) -> str:
    return f"cannot be opened ({error.strerror or error}): check that it exists and may be read"

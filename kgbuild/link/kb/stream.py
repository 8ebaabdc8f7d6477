"""A file of lines, compressed or not, or standard input, enters; blocks of whole lines leave.

Offsets are bytes of the text that was unpacked, so that they mean the same in every packing.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

import zstandard

from kgbuild.errors import KnowledgeBaseError

BLOCK = 4 * 2**20
LONGEST_LINE = 256 * 2**20
TAIL = 1024
STDIN = "-"
_PACKED = 256 * 2**10


class CutShortError(KnowledgeBaseError):
    """The input ends, or cannot be unpacked, in the middle; what was whole before has been given."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines; `start` is the offset of the first, `read` the bytes of the file read so far."""

    start: int
    data: bytes
    read: int

    @property
    def end(self) -> int:
        """Offset just after the last line."""
        return self.start + len(self.data)


class LineStream:
    """The lines of a file, or of standard input where the path is "-", packed with gzip, bzip2 or zstd.

    With `start` they are those from that offset on; `tail` is the fingerprint of what must lie before
    it. `size` is the file's size in bytes, where it is known.
    """

    def __init__(self, path: str, *, start: int = 0, tail: str = "") -> None:
        self.path, self.start, self.tail = path, start, tail
        self.size = _size(path)

    def blocks(self, length: int = BLOCK) -> Iterator[Block]:
        """Whole lines, about `length` bytes at a time; a last line without an end is a block of its own.

        Raises `CutShortError` after the last whole line where the packed file is damaged there, and
        `KnowledgeBaseError` where it cannot be opened or is not the one that was read before.
        """
        with _open(self.path) as file:
            chunks = self._from_start(file)
            held = b""
            at, cut = self.start, None
            while cut is None:
                parts, size = [held], len(held)
                try:
                    while size < length and (chunk := next(chunks, b"")):
                        parts.append(chunk)
                        size += len(chunk)
                except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
                    cut = error
                data = b"".join(parts)
                end = data.rfind(b"\n") + 1
                if end:
                    yield Block(at, data[:end], _position(file))
                elif size > LONGEST_LINE:
                    raise KnowledgeBaseError(
                        f"{self.path} has no end of line in {size:,} bytes; a dump has one entity a line"
                    )
                at, held = at + end, data[end:]
                if size < length:
                    break
            if cut is not None:
                raise CutShortError(f"{self.path} cannot be unpacked beyond byte {at:,}: {cut}") from cut
            if held:
                yield Block(at, held, _position(file))

    def _from_start(self, file: BufferedReader) -> Iterator[bytes]:
        """The chunks of the unpacked file from `start` on."""
        kind = _kind(file.peek(4)[:4])
        if not kind and self.start and self.path != STDIN:
            file.seek(max(0, self.start - TAIL))
            self._check(file.read(min(self.start, TAIL)))
            yield from iter(lambda: file.read(_PACKED * 4), b"")
            return
        before, at = b"", 0
        for chunk in _unpacked(kind, file):
            if at >= self.start:
                yield chunk
                continue
            at += len(chunk)
            whole = before + chunk
            if at >= self.start:
                end = len(whole) - (at - self.start)
                self._check(whole[max(0, end - TAIL) : end])
                if whole[end:]:
                    yield whole[end:]
            before = whole[-TAIL:]
        if at < self.start:
            self._check(b"")

    def _check(self, tail: bytes) -> None:
        if self.tail and fingerprint(tail) != self.tail:
            raise KnowledgeBaseError(
                f"{self.path} is not the file that was being read: what lies before byte {self.start:,} "
                "differs; give the same file, or begin anew with --restart"
            )


def fingerprint(data: bytes) -> str:
    """What tells the last `TAIL` bytes of a text from others."""
    return hashlib.sha256(data[-TAIL:]).hexdigest()


def _kind(head: bytes) -> str:
    """How a file that begins so is packed, or "".

    >>> _kind(b"BZh9"), _kind(b'[\\n{"')
    ('bz2', '')
    """
    if head[:2] == b"\x1f\x8b":
        return "gzip"
    if head[:3] == b"BZh":
        return "bz2"
    return "zstd" if head == b"\x28\xb5\x2f\xfd" else ""


def _unpacked(kind: str, file: BufferedReader) -> Iterator[bytes]:
    """Chunks of what a file holds."""
    if kind == "zstd":
        yield from _zstd(file)
        return
    opened: gzip.GzipFile | bz2.BZ2File | BufferedReader = file
    if kind == "gzip":
        opened = gzip.GzipFile(fileobj=file, mode="rb")
    elif kind == "bz2":
        opened = bz2.BZ2File(file)
    yield from iter(lambda: opened.read(_PACKED * 4), b"")


def _zstd(file: BufferedReader) -> Iterator[bytes]:
    """Chunks of a zstd file of one frame or more; EOFError where the last is not whole."""
    unpacker = zstandard.ZstdDecompressor(max_window_size=2**31).decompressobj()
    fed = False
    while chunk := file.read(_PACKED):
        while chunk:
            unpacked = unpacker.decompress(chunk)
            fed = True
            chunk = b""
            if unpacked:
                yield unpacked
            if unpacker.eof:
                chunk = unpacker.unused_data
                unpacker = zstandard.ZstdDecompressor(max_window_size=2**31).decompressobj()
                fed = False
    if fed:
        raise EOFError("the last zstd frame is not whole")


def _open(path: str) -> BufferedReader:
    if path == STDIN:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise KnowledgeBaseError(f"{path} cannot be read: {error.strerror}; check the path") from error


def _size(path: str) -> int | None:
    try:
        return Path(path).stat().st_size if path != STDIN else None
    except OSError as error:
        raise KnowledgeBaseError(f"{path} cannot be read: {error.strerror}; check the path") from error


def _position(file: BufferedReader) -> int:
    """Bytes of the file that were read, or 0 where it does not say."""
    try:
        return file.tell()
    except OSError:
        return 0

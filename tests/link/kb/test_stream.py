"""Lines from files in every packing, from any offset, and from damaged ones."""

import bz2
import gzip
from pathlib import Path

import pytest
import zstandard

from kgbuild.errors import KnowledgeBaseError
from kgbuild.link.kb.stream import CutShortError, LineStream, fingerprint

TEXT = b"".join(b'{"line": %d}\n' % number for number in range(20_000))
PACK = {
    "json": lambda data: data,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
    "frames.zst": lambda data: zstandard.compress(data[:777]) + zstandard.compress(data[777:]),
    "members.gz": lambda data: gzip.compress(data[:777]) + gzip.compress(data[777:]),
    "streams.bz2": lambda data: bz2.compress(data[:777]) + bz2.compress(data[777:]),
}


def write(folder: Path, packing: str, data: bytes) -> str:
    path = folder / f"dump.{packing}"
    path.write_bytes(data)
    return str(path)


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("start", [0, 14, TEXT.index(b"\n", 150_000) + 1])
def test_blocks_are_whole_lines_and_know_where_they_lie(tmp_path: Path, packing: str, start: int) -> None:
    path = write(tmp_path, packing, PACK[packing](TEXT))
    tail = fingerprint(TEXT[:start]) if start else ""
    blocks = list(LineStream(path, start=start, tail=tail).blocks(10_000))
    assert b"".join(block.data for block in blocks) == TEXT[start:]
    for block in blocks:
        assert TEXT[block.start : block.end] == block.data
        assert block.data.endswith(b"\n")


@pytest.mark.parametrize("packing", ["json", "gz"])
def test_going_on_with_another_file_is_refused(tmp_path: Path, packing: str) -> None:
    path = write(tmp_path, packing, PACK[packing](TEXT.replace(b"line", b"LINE")))
    with pytest.raises(KnowledgeBaseError, match=r"is not the file that was being read.*--restart"):
        list(LineStream(path, start=1_400, tail=fingerprint(TEXT[:1_400])).blocks())


@pytest.mark.parametrize("packing", ["json", "gz"])
def test_going_on_beyond_the_end_is_refused(tmp_path: Path, packing: str) -> None:
    path = write(tmp_path, packing, PACK[packing](TEXT[:1_000]))
    with pytest.raises(KnowledgeBaseError, match="is not the file"):
        list(LineStream(path, start=1_400, tail=fingerprint(TEXT[:1_400])).blocks())


@pytest.mark.parametrize("packing", [name for name in PACK if name != "json"])
def test_what_is_whole_in_a_file_that_is_cut_short_is_given(tmp_path: Path, packing: str) -> None:
    noise = b"".join(b"%d %s\n" % (n, fingerprint(b"%d" % n).encode()) for n in range(60_000))
    packed = PACK[packing](noise)
    path = write(tmp_path, packing, packed[: len(packed) * 3 // 4])
    found: list[bytes] = []
    blocks = LineStream(path).blocks(100_000)
    with pytest.raises(CutShortError, match=r"cannot be unpacked beyond byte [0-9,]+"):
        found.extend(block.data for block in blocks)
    data = b"".join(found)
    assert noise.startswith(data)
    assert data.endswith(b"\n")


@pytest.mark.parametrize("packing", ["gz", "bz2", "zst"])
def test_a_corrupt_file_is_told(tmp_path: Path, packing: str) -> None:
    packed = bytearray(PACK[packing](TEXT))
    packed[len(packed) // 2 : len(packed) // 2 + 50] = b"\xff" * 50
    path = write(tmp_path, packing, bytes(packed))
    with pytest.raises(CutShortError, match="cannot be unpacked"):
        list(LineStream(path).blocks())


def test_a_last_line_without_an_end_is_a_block_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path, "json", b"a\nb")
    assert [block.data for block in LineStream(path).blocks()] == [b"a\n", b"b"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match=r"missing\.json cannot be read: No such file"):
        LineStream(str(tmp_path / "missing.json"))

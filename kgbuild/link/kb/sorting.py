"""Byte strings enter in any order, more than memory holds; they leave sorted."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

LIMIT = 96 * 2**20
"""Bytes of memory after which a run is sorted and written."""

OVERHEAD = 48
"""Bytes that Python takes for a byte string beside its content, with its place in a list."""

CHUNK = 256 * 2**10
MOST_RUNS = 64

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[bytes]).decode


class Sorter:
    """An external merge sort; its runs are files `folder`/`name`-00000 and so on.

    A run that is written stays until `remove`, so that a sort can go on after a kill: `runs` is what
    to give to another sorter. Raises OSError where the disk is full.
    """

    def __init__(self, folder: Path, name: str, *, limit: int = LIMIT, runs: Sequence[str] = ()) -> None:
        self.folder, self.name, self.limit = folder, name, limit
        self.runs = list(runs)
        self._numbered = 1 + max((int(run.rsplit("-", 1)[1]) for run in runs), default=-1)
        self._held: list[bytes] = []
        self._size = 0

    @property
    def full(self) -> bool:
        """Whether memory holds as much as it should."""
        return self._size >= self.limit

    def extend(self, records: list[bytes]) -> None:
        """Take records into memory; the caller, or `add`, sees to spilling them when `full`."""
        self._held += records
        self._size += sum(map(len, records)) + OVERHEAD * len(records)

    def add(self, records: list[bytes]) -> None:
        """Take records, and write a run where memory is full."""
        self.extend(records)
        if self.full:
            self.spill()

    def spill(self) -> None:
        """Write what memory holds as a run."""
        if self._held:
            self._held.sort()
            self.runs.append(self._write(iter([self._held])))
            self._held, self._size = [], 0

    def sorted(self) -> Iterator[list[bytes]]:
        """All records in rising order, in lists of bounded size."""
        while len(self.runs) > MOST_RUNS:
            some, self.runs = self.runs[:MOST_RUNS], self.runs[MOST_RUNS:]
            self.runs.append(self._write(self._merged(some)))
            self._delete(some)
        if not self.runs:
            self._held.sort()
            yield from _slices(self._held)
            return
        self.spill()
        yield from self._merged(self.runs)

    def remove(self) -> None:
        """Delete the runs and forget what memory holds."""
        self._delete(self.runs)
        self.runs, self._held, self._size = [], [], 0

    def _delete(self, runs: list[str]) -> None:
        for run in runs:
            (self.folder / run).unlink(missing_ok=True)

    def _write(self, lists: Iterator[list[bytes]]) -> str:
        name = f"{self.name}-{self._numbered:05d}"
        self._numbered += 1
        with (self.folder / name).open("wb") as file:
            for records in lists:
                for chunk in _slices(records):
                    message = _encode(chunk)
                    file.write(len(message).to_bytes(4, "big") + message)
        return name

    def _merged(self, runs: Sequence[str]) -> Iterator[list[bytes]]:
        """The records of several runs, merged a chunk at a time.

        Up to the least of the last records of the chunks at hand, no chunk that is still to be read
        holds anything; these records are put together and sorted, which costs little where they are
        a few sorted stretches (Tim Peters' sort finds them).
        """
        files = [(self.folder / run).open("rb") for run in runs]
        try:
            chunks = [_read(file) for file in files]
            starts = [0] * len(files)
            while bounds := [chunk[-1] for chunk in chunks if chunk]:
                bound = min(bounds)
                merged: list[bytes] = []
                for place, chunk in enumerate(chunks):
                    if not chunk:
                        continue
                    end = bisect_right(chunk, bound, lo=starts[place])
                    merged += chunk[starts[place] : end]
                    starts[place] = end
                    if end == len(chunk):
                        chunks[place], starts[place] = _read(files[place]), 0
                merged.sort()
                yield merged
        finally:
            for file in files:
                file.close()


def _read(file: BinaryIO) -> list[bytes]:
    """The next chunk of a run, or an empty list at its end."""
    length = int.from_bytes(file.read(4), "big")
    return _decode(file.read(length)) if length else []


def _slices(records: list[bytes]) -> Iterator[list[bytes]]:
    """A list in parts of about `CHUNK` bytes."""
    if not records:
        return
    sample = records[:: max(1, len(records) // 100)]
    step = max(1, CHUNK * len(sample) // (sum(map(len, sample)) + len(sample)))
    for start in range(0, len(records), step):
        yield records[start : start + step]

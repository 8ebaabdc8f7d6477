"""A dump in Wikidata's JSON format enters; what an index is written from leaves, a run at a time.

After each run a checkpoint says how far the dump was read, so that a scan that was killed, or that
came to the end of a damaged file, goes on there.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from kgbuild.errors import KnowledgeBaseError
from kgbuild.link.kb.classes import ClassTree
from kgbuild.link.kb.parse import Choice, Parsed, parse_all
from kgbuild.link.kb.sorting import LIMIT, Sorter
from kgbuild.link.kb.stream import STDIN, TAIL, CutShortError, LineStream, fingerprint
from kgbuild.link.kb.write import Told

logger = logging.getLogger(__name__)

STATE_FILE = "scan.json"
VERSION = 1
MOST_BAD = 100
"""Lines that could not be read whose offsets are kept; all are counted."""


class State(msgspec.Struct):
    """How far a scan has come: a checkpoint.

    `offset` counts bytes of the unpacked dump, `bad` holds offsets of lines that could not be read;
    `whole` says that the dump, of `size` bytes in its file, was read to its end.
    """

    choice: Choice
    version: int = VERSION
    offset: int = 0
    tail: str = ""
    head: str = ""
    counts: dict[str, int] = {}
    bad: list[tuple[int, str]] = []
    items: list[str] = []
    others: list[str] = []
    pairs: list[str] = []
    opened: bool = False
    closed: bool = False
    whole: bool = False
    path: str = ""
    size: int | None = None


class Scan:
    """A dump read into the folder `work`; `resumed` is the offset at which it went on.

    Raises `KnowledgeBaseError` where the folder holds a scan of another choice of items.
    """

    def __init__(self, work: Path, choice: Choice, *, limit: int = LIMIT) -> None:
        self.work = work
        self.state = _restore(work, choice)
        self.resumed = self.state.offset
        self._items = Sorter(work, "items", limit=limit, runs=self.state.items)
        self._others = Sorter(work, "others", limit=limit, runs=self.state.others)
        self._pairs = bytearray()

    def read(self, path: str, told: Told, *, workers: int = 1, accept_cut: bool = False) -> None:
        """Read the dump from where the scan stands to its end, with checkpoints.

        Raises `KnowledgeBaseError` where the dump cannot be read to its end, once what was whole is
        kept; with `accept_cut` it counts as all.
        """
        stream = LineStream(path, start=self.state.offset, tail=self.state.tail)
        state = self.state
        if state.whole:
            if (state.path, state.size) != (_absolute(path), stream.size) or not self._begins_so(path):
                raise KnowledgeBaseError(
                    f"{self.work} holds what was read of {state.path}; "
                    f"to read {path} instead, begin anew with --restart"
                )
            return
        try:
            self._read(stream, told, workers)
        except CutShortError as error:
            self._checkpoint()
            if not accept_cut:
                raise KnowledgeBaseError(self._told_cut(path, error)) from error
            logger.warning("%s; going on with what was read", error)
        if not self.counts["taken"]:
            raise KnowledgeBaseError(
                f"no item was taken from {path}: {_listed(self.counts)}; "
                "is it a Wikidata dump in JSON, and do the languages and filters fit?"
            )
        state.whole, state.path, state.size = True, _absolute(path), stream.size
        self._checkpoint()

    @property
    def counts(self) -> Counter[str]:
        """What the lines held: "lines", "taken", reasons for leaving items out, and bad lines."""
        return Counter(self.state.counts)

    def items(self) -> Iterator[list[bytes]]:
        """What was taken, as `write.sortable` records in order."""
        return self._items.sorted()

    def others(self) -> Sorter:
        """Labels of the items that were left out, `key + zero byte + label` each."""
        return Sorter(self.work, "others", runs=self.state.others)

    def classes(self) -> ClassTree:
        """The order of all classes of the dump, of those too that were left out."""
        parts = [np.frombuffer((self.work / name).read_bytes(), np.uint32) for name in self.state.pairs]
        return ClassTree(np.concatenate(parts) if parts else np.empty(0, np.uint32))

    def _read(self, stream: LineStream, told: Told, workers: int) -> None:
        position = 0
        for parsed in parse_all(self.state.choice, stream.blocks(), workers):
            if parsed.bad and not parsed.tail.endswith(b"\n"):
                raise CutShortError(f"{stream.path} ends within the line at byte {self.state.offset:,}")
            self._take(parsed)
            told("reading", parsed.read - position, stream.size)
            position = parsed.read
            if self._items.full or self._others.full:
                self._checkpoint()
        if self.state.opened and not self.state.closed:
            raise CutShortError(
                f"{stream.path} ends at byte {self.state.offset:,} without the ] that closes its list"
            )

    def _begins_so(self, path: str) -> bool:
        """Whether a source begins as the one that was read."""
        first = next(LineStream(path).blocks(), None)
        return first is not None and fingerprint(first.data[:TAIL]) == self.state.head

    def _take(self, parsed: Parsed) -> None:
        """Keep what a block held."""
        state = self.state
        self._items.extend(parsed.items)
        self._others.extend(parsed.others)
        self._pairs += parsed.pairs.tobytes()
        state.counts = dict(Counter(state.counts) + parsed.counts)
        state.bad += parsed.bad[: MOST_BAD - len(state.bad)]
        if parsed.start == 0:
            state.head = fingerprint(parsed.head)
        state.offset, state.tail = parsed.end, fingerprint(parsed.tail)
        state.opened |= parsed.opened
        state.closed |= parsed.closed

    def _checkpoint(self) -> None:
        """Write what memory holds, then how far the scan has come."""
        self._items.spill()
        self._others.spill()
        state = self.state
        if self._pairs:
            name = f"pairs-{len(state.pairs):05d}"
            (self.work / name).write_bytes(self._pairs)
            state.pairs.append(name)
            self._pairs = bytearray()
        state.items, state.others = list(self._items.runs), list(self._others.runs)
        partial = self.work / f"{STATE_FILE}.new"
        partial.write_bytes(msgspec.json.encode(state))
        partial.replace(self.work / STATE_FILE)
        logger.info("read to byte %s: %s", f"{state.offset:,}", _listed(self.counts))

    def _told_cut(self, path: str, error: CutShortError) -> str:
        return (
            f"{error}; {_listed(self.counts)} so far, and kept: mend or fetch the rest of {path} and run the "
            "same command again to go on from there, or add --accept-cut to make do with it"
        )


def _restore(work: Path, choice: Choice) -> State:
    """The checkpoint in a folder, or a new one."""
    try:
        state = msgspec.json.decode((work / STATE_FILE).read_bytes(), type=State)
    except FileNotFoundError:
        return State(choice)
    except (OSError, msgspec.MsgspecError) as error:
        raise KnowledgeBaseError(f"{work / STATE_FILE} is damaged; begin anew with --restart") from error
    if state.version != VERSION or state.choice != choice:
        raise KnowledgeBaseError(
            f"{work} holds a build with other options that was not finished; "
            "give the same options to go on with it, or begin anew with --restart"
        )
    return state


def _listed(counts: Counter[str]) -> str:
    """Counts in words.

    >>> _listed(Counter(lines=3, taken=2))
    '3 lines, 2 taken'
    """
    return ", ".join(f"{count:,} {what}" for what, count in counts.items()) or "nothing was read"


def _absolute(path: str) -> str:
    return path if path == STDIN else str(Path(path).absolute())

"""A block of a dump's lines enters; the items in it, ready to be sorted, leave."""

from __future__ import annotations

import os
import threading
from array import array
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait

import msgspec

from kgbuild.link.format import key, long
from kgbuild.link.kb.stream import TAIL, Block, CutShortError
from kgbuild.link.kb.wikidata import Reader
from kgbuild.link.kb.write import sortable

NOT_JSON, NOT_AN_ENTITY = "not JSON", "not an entity as the format has it"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which items are taken, and what of them.

    The first of `languages` in which an item has a label gives its label; the others give aliases.
    `types` are QIDs of classes of which, or of classes under which, an item must be (none: all);
    items right in one of `excluded` are left out.
    """

    languages: tuple[str, ...] = ("en",)
    min_sitelinks: int = 0
    types: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


@dataclass(slots=True)
class Parsed:
    """What a block from `start` to `end` holds; `head` and `tail` are its first and last bytes.

    `read` is how far the file has been read. `items` are `write.sortable` records; `others` are
    `key + zero byte + label` of items that a filter leaves out; `pairs` are numbers of a class and
    one right above it, in turn; `bad` are the offset of a line that could not be read, and why;
    `opened` and `closed` tell of a list's brackets.
    """

    start: int
    end: int
    head: bytes
    tail: bytes
    read: int
    items: list[bytes] = field(default_factory=list)
    others: list[bytes] = field(default_factory=list)
    pairs: array[int] = field(default_factory=lambda: array("I"))
    counts: Counter[str] = field(default_factory=Counter)
    bad: list[tuple[int, str]] = field(default_factory=list)
    opened: bool = False
    closed: bool = False


def parse(reader: Reader, block: Block) -> Parsed:
    """Read the lines of a block; a line that cannot be read is counted and does not end it."""
    parsed = Parsed(block.start, block.end, block.data[:TAIL], block.data[-TAIL:], block.read)
    counts, read = parsed.counts, reader.read
    at = block.start
    for line in block.data.split(b"\n"):
        body = line.strip(b", \t\r")
        if len(body) > 1:
            try:
                found = read(body)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                why = NOT_AN_ENTITY if isinstance(error, msgspec.ValidationError) else NOT_JSON
                counts[why] += 1
                parsed.bad.append((at, why))
            else:
                counts["lines"] += 1
                if found.entity is not None:
                    parsed.items.append(sortable(found.entity))
                else:
                    counts[found.why] += 1
                    if found.label:
                        parsed.others.append(key(long(found.id)) + b"\0" + found.label.encode())
                for above in found.above:
                    if isinstance(above, int) and isinstance(found.id, int):
                        parsed.pairs.extend((found.id, above))
        elif body:
            parsed.opened |= body == b"["
            parsed.closed |= body == b"]"
        at += len(line) + 1
    counts["taken"] += len(parsed.items)
    return parsed


def parse_all(choice: Choice, blocks: Iterable[Block], workers: int = 1) -> Iterator[Parsed]:
    """Parse blocks in order, in this process or in several; a bounded number is held at a time."""
    if workers <= 1:
        reader = _reader(choice.languages, choice.min_sitelinks)
        yield from (parse(reader, block) for block in blocks)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_end_with_parent) as pool:
        waiting: deque[Future[Parsed]] = deque()
        cut = None
        try:
            for block in blocks:
                waiting.append(pool.submit(_parse, choice, block))
                if len(waiting) >= 2 * workers:
                    yield waiting.popleft().result()
        except CutShortError as error:
            cut = error
        while waiting:
            yield waiting.popleft().result()
        if cut is not None:
            raise cut


def _end_with_parent() -> None:
    """See to it that a worker ends when the process that began it is killed, and cannot tell it to."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _parse(choice: Choice, block: Block) -> Parsed:
    """What a worker does."""
    return parse(_reader(choice.languages, choice.min_sitelinks), block)


@cache
def _reader(languages: tuple[str, ...], min_sitelinks: int) -> Reader:
    return Reader(languages, min_sitelinks=min_sitelinks)

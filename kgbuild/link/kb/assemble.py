"""A dump and a choice of items enter; an index of them leaves, with a report of what was read."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kgbuild.link.format import Meta
from kgbuild.link.kb.build import Origin, checked, partial, untold, write_index
from kgbuild.link.kb.dump import Scan
from kgbuild.link.kb.parse import Choice
from kgbuild.link.kb.select import Selection
from kgbuild.link.kb.sorting import LIMIT
from kgbuild.link.kb.write import Told


@dataclass(frozen=True, slots=True)
class Way:
    """How a build goes about it; none of this changes the index.

    `workers` are processes that parse; `accept_cut` makes do with a dump that is cut short; `restart`
    forgets what an unfinished build has done; `limit` are bytes of memory for what is sorted at once.
    """

    workers: int = 1
    accept_cut: bool = False
    restart: bool = False
    limit: int = LIMIT


@dataclass(frozen=True, slots=True)
class Report:
    """What a build read and wrote; `bad` are offsets of lines that could not be read, and why.

    `resumed` is the offset at which it went on where an earlier one was killed.
    """

    meta: Meta
    counts: Counter[str]
    bad: tuple[tuple[int, str], ...] = ()
    resumed: int = 0


def build_from_dump(
    path: str,
    out: str | os.PathLike[str],
    choice: Choice,
    *,
    way: Way | None = None,
    told: Told = untold,
) -> Report:
    """Build the index `out` of a dump at `path`, "-" for standard input.

    What it has done is kept beside `out` until the index is whole, so that the same call goes on
    after a kill. Raises `KnowledgeBaseError` where the dump cannot be read (to its end), where it
    holds no item that the choice takes, and where `out` is something other than an index.
    """
    target = checked(out)
    scan = scan_dump(path, target, choice, way or Way(), told)
    selection = Selection(scan)
    meta = write_index(
        selection.items(),
        target,
        Origin(source_name(path), {**msgspec.to_builtins(choice), "form": "wikidata"}, composed=True),
        extra={"classes": selection.class_rows(), "labels": selection.labels()},
        told=told,
    )
    shutil.rmtree(partial(target))
    counts = scan.counts + selection.counts
    return Report(meta, counts, tuple(scan.state.bad), scan.resumed)


def scan_dump(path: str, target: Path, choice: Choice, way: Way, told: Told) -> Scan:
    """Read a dump into the folder beside an index to be, from where an earlier scan stopped."""
    work = partial(target)
    if way.restart:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    scan = Scan(work, choice, limit=way.limit)
    scan.read(path, told, workers=way.workers, accept_cut=way.accept_cut)
    return scan


def source_name(path: str) -> str:
    """A short name of a source, for versions.

    >>> source_name("dumps/latest-all.json.bz2"), source_name("-")
    ('latest-all', 'stdin')
    """
    name = path.rstrip("/").rsplit("/", 1)[-1]
    return "stdin" if name == "-" else name.split(".", 1)[0] or "index"

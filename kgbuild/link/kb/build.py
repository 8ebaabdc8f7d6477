"""Entities enter; an index folder leaves, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import lmdb
import msgspec

from kgbuild.errors import KnowledgeBaseError
from kgbuild.link.format import (
    DATA_FILE,
    FORMAT,
    LABEL_BIT,
    TABLES,
    Meta,
    key,
    number_key,
    pack_entity,
    pack_numbers,
)
from kgbuild.link.names import normalise
from kgbuild.records import Entity

Rows = dict[str, list[tuple[bytes, bytes]]]


def build_index(entities: Iterable[Entity], path: str | os.PathLike[str], *, source: str = "") -> Meta:
    """Write an index of these entities to the folder `path` and return what it says of itself.

    The work is done in a hidden folder beside it, which takes its name when all is written: a build
    that is killed leaves the older index, or none. The same entities make the same bytes, whatever
    their order. `source` says in a few words where they come from.

    Raises `KnowledgeBaseError` where two entities have one id, where there are none, and where
    `path` is something other than an index.
    """
    target = Path(path)
    if target.exists() and not _is_index(target):
        raise KnowledgeBaseError(f"{target} is not an index and is not overwritten; name another folder")
    ordered = _in_order(entities)
    rows = _rows(ordered)
    meta = Meta(
        format=FORMAT,
        source=source,
        entities=len(ordered),
        names=len(rows["names"]),
        tokens=len(rows["tokens"]),
        digest=content_digest(rows),
    )
    rows["meta"] = [(b"meta", msgspec.json.encode(meta))]
    partial = target.parent / f".{target.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        _write(rows, partial)
        _take_name(partial / "final", target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return meta


def content_digest(rows: Mapping[str, Iterable[tuple[bytes, bytes]]]) -> str:
    """SHA-256 (hex) of every entry of every table but `meta`, in the order of keys."""
    state = hashlib.sha256()
    for table in TABLES[1:]:
        for name, value in rows[table]:
            state.update(b"%d:%d:" % (len(name), len(value)))
            state.update(name)
            state.update(value)
    return state.hexdigest()


def _is_index(folder: Path) -> bool:
    """Whether a folder is empty or holds an index and nothing else."""
    return folder.is_dir() and {entry.name for entry in folder.iterdir()} <= {DATA_FILE}


def _in_order(entities: Iterable[Entity]) -> list[Entity]:
    """Most popular first, then by id; the numbers of the index are places in this list."""
    ordered = sorted(entities, key=lambda entity: (-entity.prior, entity.id))
    seen: set[str] = set()
    for entity in ordered:
        if entity.id in seen:
            raise KnowledgeBaseError(f"{entity.id} is given twice; merge the two before building an index")
        seen.add(entity.id)
    if not ordered:
        raise KnowledgeBaseError("there are no entities to build an index of; check the input's path")
    return ordered


def _rows(ordered: list[Entity]) -> Rows:
    """The entries of each table, sorted by key."""
    names: dict[str, dict[int, int]] = defaultdict(dict)
    tokens: dict[str, dict[int, None]] = defaultdict(dict)
    for number, entity in enumerate(ordered):
        for name, bit in _names(entity):
            names[name][number] = names[name].get(number, 0) | bit
            for token in name.split():
                tokens[token][number] = None
    return {
        "entities": [(number_key(number), pack_entity(entity)) for number, entity in enumerate(ordered)],
        "numbers": sorted((key(entity.id), number_key(number)) for number, entity in enumerate(ordered)),
        "names": sorted(
            (key(name), pack_numbers([number << 1 | bit for number, bit in held.items()]))
            for name, held in names.items()
        ),
        "tokens": sorted((key(token), pack_numbers(list(held))) for token, held in tokens.items()),
    }


def _names(entity: Entity) -> Iterator[tuple[str, int]]:
    """The normal forms of an entity's names, with `LABEL_BIT` for its label; empty ones left out."""
    for position, name in enumerate((entity.label, *entity.aliases)):
        normal = normalise(name)
        if normal:
            yield normal, LABEL_BIT if position == 0 else 0


def _write(rows: Rows, partial: Path) -> None:
    """Fill `partial`/work, then copy it without its free pages to `partial`/final."""
    work, final = partial / "work", partial / "final"
    work.mkdir(parents=True)
    final.mkdir()
    bytes_held = sum(len(name) + len(value) + 32 for entries in rows.values() for name, value in entries)
    size = (2 * bytes_held // 4096 + 256) * 4096
    with lmdb.open(str(work), map_size=size, max_dbs=len(TABLES), sync=False, lock=False) as environment:
        with environment.begin(write=True) as transaction:
            for table in TABLES:
                database = environment.open_db(table.encode(), txn=transaction)
                for name, value in rows[table]:
                    transaction.put(name, value, append=True, db=database)
        environment.sync(True)
        environment.copy(str(final), compact=True)


def _take_name(final: Path, target: Path) -> None:
    """Put the finished folder in the place of an older index, if there is one."""
    if target.exists():
        target.rename(final.parent / "older")
    final.rename(target)

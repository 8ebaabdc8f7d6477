"""Entities enter; an index folder leaves, whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from kgbuild.errors import KnowledgeBaseError
from kgbuild.link.format import DATA_FILE, FORMAT, VECTORS, Meta, StoredEntity, stored
from kgbuild.link.kb.sorting import Sorter
from kgbuild.link.kb.write import BATCH, IndexWriter, Rows, Told, sortable
from kgbuild.records import Entity


def untold(doing: str, more: int, total: int | None) -> None:
    """Tells nobody of a build's progress."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What an index says of where it is from: `source` in a few words, and the options of its build.

    `composed` has descriptions composed from types and facts when an entity is read.
    """

    source: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    composed: bool = False


def build_index(
    entities: Iterable[Entity | StoredEntity], path: str | os.PathLike[str], *, source: str = ""
) -> Meta:
    """Write an index of these entities to the folder `path` and return what it says of itself.

    The work is done in a hidden folder beside it, which takes its name when all is written: a build
    that is killed leaves the older index, or none. The same entities make the same bytes, whatever
    their order. Memory does not grow with their number. `source` says in a few words where they
    come from.

    Raises `KnowledgeBaseError` where two entities have one id, where there are none, and where
    `path` is something other than an index.
    """
    target = checked(path)
    work = partial(target)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        sorter = Sorter(work, "items")
        waiting = iter(entities)
        while some := [sortable(_stored(entity)) for entity in islice(waiting, BATCH)]:
            sorter.add(some)
        meta = write_index(sorter.sorted(), target, Origin(source))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return meta


def write_index(
    records: Iterable[list[bytes]],
    target: Path,
    origin: Origin,
    *,
    extra: Mapping[str, Iterable[Rows]] | None = None,
    told: Told = untold,
) -> Meta:
    """Write an index of `sortable` records, given in order, and give it the target's name.

    `extra` holds rows of the tables "classes" and "labels", read when the entities are written. Raises
    `KnowledgeBaseError` as `build_index` does.
    """
    final = partial(target) / "final"
    shutil.rmtree(final, ignore_errors=True)
    writer = IndexWriter(final, partial(target))
    try:
        names, tokens, numbers = writer.entities(records, told)
        if not writer.rows["entities"]:
            raise KnowledgeBaseError("there are no entities to build an index of; check the input's path")
        for table, sorter in (("numbers", numbers), ("names", names), ("tokens", tokens)):
            writer.look_up(table, sorter, told)
        for table, rows in (extra or {}).items():
            writer.put(table, rows)
        meta = Meta(
            format=FORMAT,
            source=origin.source,
            entities=writer.rows["entities"],
            names=writer.rows["names"],
            tokens=writer.rows["tokens"],
            digest=writer.digest(),
            composed=origin.composed,
            options=origin.options,
        )
        writer.finish(meta)
    finally:
        writer.close()
    take_name(final, target)
    return meta


def checked(path: str | os.PathLike[str]) -> Path:
    """The path of an index that is to be; `KnowledgeBaseError` where something else lies there."""
    target = Path(path)
    if target.exists() and not _is_index(target):
        raise KnowledgeBaseError(f"{target} is not an index and is not overwritten; name another folder")
    return target


def partial(target: Path) -> Path:
    """Where an index is worked on; it begins with a dot and never opens as an index."""
    return target.parent / f".{target.name}.partial"


def take_name(final: Path, target: Path) -> None:
    """Put the finished folder in the place of an older index, if any, whose vectors it takes over."""
    older = final.parent / "older"
    shutil.rmtree(older, ignore_errors=True)
    if target.exists():
        target.rename(older)
    final.rename(target)
    for vectors in older.glob(f"{VECTORS}*"):
        vectors.rename(target / vectors.name)


def _is_index(folder: Path) -> bool:
    """Whether a folder is empty or holds an index, vectors of entities, and nothing else."""
    return folder.is_dir() and all(
        entry.name == DATA_FILE or entry.name.startswith(VECTORS) for entry in folder.iterdir()
    )


def _stored(entity: Entity | StoredEntity) -> StoredEntity:
    return stored(entity) if isinstance(entity, Entity) else entity

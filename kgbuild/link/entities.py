"""Numbers of entities enter; entities as an index tells of them, facts in words, leave."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from kgbuild.link.environment import IndexFile, damaged
from kgbuild.link.format import (
    Id,
    StoredEntity,
    key,
    long,
    number_key,
    prior_of,
    unpack,
    unpack_class,
    unpack_named,
)
from kgbuild.link.kb.compose import compose
from kgbuild.link.kinds import ROOTS
from kgbuild.records import Entity

CACHED_ENTITIES = 20_000
CACHED_LABELS = 100_000
_ROOT_ORDER = {root: place for place, root in enumerate(ROOTS)}


class Entities:
    """The entities of an index' file by their numbers; the latest are remembered.

    Raises `KnowledgeBaseError` where the file is damaged.
    """

    def __init__(self, file: IndexFile) -> None:
        self._file = file
        self.of = lru_cache(CACHED_ENTITIES)(self.read)
        self._label = lru_cache(CACHED_LABELS)(self._read_label)
        self._roots = lru_cache(CACHED_LABELS)(self._read_roots)

    def number(self, id: str) -> int | None:
        """The number of an entity by its id, or one that is said to be the same."""
        message = self._file.get("numbers", key(id)) if id else None
        return None if message is None else int.from_bytes(message, "big")

    def read(self, number: int) -> Entity:
        """An entity with its facts in words, and the general classes that its own lie under."""
        held = self.stored(number)
        facts: list[tuple[str, str]] = []
        for pid, value in zip(held.facts[::2], held.facts[1::2], strict=True):
            told = value if isinstance(value, str) else self._label(long(_one(value)))
            if told:
                facts.append((long(_one(pid), "P"), told))
        types = tuple(map(long, held.types))
        roots = dict.fromkeys(root for name in types for root in self._roots(name))
        description = held.description
        if self._file.meta.composed:
            kinds = list(filter(None, map(self._label, types)))
            description = "; ".join(filter(None, (description, compose(kinds, facts))))
        return Entity(
            id=long(held.id),
            label=held.label,
            aliases=tuple(held.aliases),
            description=description,
            types=tuple(dict.fromkeys((*types, *sorted(roots, key=_ROOT_ORDER.__getitem__)))),
            facts=tuple(facts),
            prior=prior_of(held),
            same=tuple(held.same),
        )

    def stored(self, number: int) -> StoredEntity:
        """An entity as it is stored."""
        message = self._file.get("entities", number_key(number))
        if message is None:
            raise damaged(self._file.path)
        try:
            return unpack(message)
        except msgspec.MsgspecError as error:
            raise damaged(self._file.path) from error

    def _read_label(self, id: str) -> str:
        """The label of an entity, or of something that facts name and the index leaves out, or ""."""
        number = self._file.get("numbers", key(id))
        if number is None:
            label = self._file.get("labels", key(id))
            return label.decode("utf-8", "surrogatepass") if label else ""
        message = self._file.get("entities", number)
        return unpack_named(message).label if message else ""

    def _read_roots(self, id: str) -> tuple[str, ...]:
        """The general classes that a class lies under, as the table of classes has them."""
        message = self._file.get("classes", key(id))
        if message is None:
            return ()
        bits = unpack_class(message).roots
        return tuple(root for place, root in enumerate(ROOTS) if bits >> place & 1)


def _one(value: Id | list[str]) -> Id:
    """An id that may be stored as a list of one."""
    return value[0] if isinstance(value, list) else value

"""A knowledge base on disk: a memory-mapped, read-only index of names, shared by processes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process

from kgbuild.link.entities import Entities
from kgbuild.link.environment import IndexFile
from kgbuild.link.format import ID_BITS, MOST_SHARERS, StoredEntity, key, long, unpack_numbers
from kgbuild.link.names import normalise, variants
from kgbuild.records import Candidate, Entity

FEW = 8
"""Bearers of a name from which on numpy is faster than Python."""

CACHED_STARTS = 1024
_LOW = (1 << ID_BITS) - 1
FUZZY_POOL = 32
"""Entities, the most popular ones with words spelled like a name's, whose names are compared with it."""

NEAR_SPELLINGS = 4
LONGEST_MISSPELLED = 6

FUZZY_CUTOFF = 82.0
"""Least similarity (rapidfuzz's ratio, 0 to 100) of a name that is taken for a misspelling."""

NEAR_WORDS = 20_000
"""Words of the same first letters that are compared with one that the index does not have."""


class LmdbIndex:
    """A `CandidateIndex` over a folder that `build_index` wrote.

    Raises `KnowledgeBaseError` where the folder is missing, damaged, or of another format. Safe to
    pickle and to use after a fork: each process maps the same pages.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = IndexFile(path)
        self.path, self.meta = self._file.path, self._file.meta
        self.version = f"{self.meta.source or 'index'}/{self.meta.format}/{self.meta.digest[:16]}"
        self._entities = Entities(self._file)
        self._first_ids = np.asarray(self._file.ids[0])
        self._words = lru_cache(CACHED_STARTS)(self._read_words)

    def __len__(self) -> int:
        """How many entities it holds."""
        return self.meta.entities

    def __reduce__(self) -> tuple[type[LmdbIndex], tuple[Path]]:
        return LmdbIndex, (self.path,)

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of what it holds."""
        return self.meta.digest

    def candidates(self, surface: str, limit: int = 30) -> tuple[Candidate, ...]:
        """Entities that a surface form may name: same name first, then near ones, popular first.

        The order of nearness: the same normal form; another way to write it (`names.variants`);
        names that hold all its words; names that are spelled almost like it. The score is the
        entity's prior.
        """
        numbers: dict[int, None] = {}
        for number in self._near(surface):  # no further than needed: an exact match is found at once
            numbers[number] = None
            if len(numbers) >= limit:
                break
        found = (self._entities.of(number) for number in numbers)
        return tuple(Candidate(entity.id, entity.label, entity.prior) for entity in found)

    def exact(self, name: str, limit: int = 30) -> tuple[str, ...]:
        """Ids of the entities that bear just this name, however it is written, most popular first.

        The most popular `limit` of them: a list lies in the file in that order.
        """
        normal = normalise(name)
        message = self._file.value("names", key(normal)) if normal else None
        if message is None:
            return ()
        ids, message = self._file.ids, message[: 4 * limit]
        if len(ids) == 1 and len(message) > 4 * FEW:
            found = self._first_ids[np.frombuffer(message, "<u4") >> 1].tolist()
        elif len(ids) == 1:
            (part,) = ids
            found = [part[word >> 1] for word in unpack_numbers(message)]
        else:
            found = [ids[word >> 1 >> ID_BITS][word >> 1 & _LOW] for word in unpack_numbers(message)]
        if 0 in found:
            return tuple([self._id(word >> 1) for word in unpack_numbers(message)])
        return tuple(("Q%d " * len(found) % tuple(found)).split())

    def _id(self, number: int) -> str:
        """The id of an entity; the table of ids has those that are QIDs."""
        return long(self._entities.stored(number).id)

    def entity(self, id: str) -> Entity | None:
        """What the index tells of one entity, or None where it has none."""
        number = self._entities.number(id)
        return None if number is None else self._entities.of(number)

    def neighbours(self, id: str) -> frozenset[str]:
        """Ids of what the entity's facts and classes name, and of its other neighbours.

        Only those are known that the index was given as ids: an index of a dump has them.
        """
        held = self.stored(id)
        if held is None:
            return frozenset()
        values = (value for value in held.facts[1::2] if not isinstance(value, str))
        named = (value[0] if isinstance(value, list) else value for value in values)
        return frozenset(map(long, (*named, *held.types, *held.links)))

    def stored(self, id: str) -> StoredEntity | None:
        """An entity as it is stored, or None where the index has none of this id."""
        number = self._entities.number(id)
        return None if number is None else self._entities.stored(number)

    def entities(self) -> Iterator[Entity]:
        """Every entity, most popular first but for those that an update added, which come last."""
        last = b""
        while numbers := self._file.keys_after("entities", last):
            last = numbers[-1]
            yield from (self._entities.read(int.from_bytes(number, "big")) for number in numbers)

    def verify(self) -> None:
        """Read everything and raise `KnowledgeBaseError` where it is not what was written."""
        self._file.verify()

    def _near(self, surface: str) -> Iterator[int]:
        """Numbers of entities, nearest names first; some come more than once."""
        normal = normalise(surface)
        if not normal:
            return
        yield from self._named(normal)
        others = variants(surface)
        for other in others:
            yield from self._named(other)
        shortest = min((normal, *others), key=len)
        holding = self._holding(shortest.split())
        yield from holding
        if not holding:
            yield from self._misspelled(normal)
            yield from self._partly(normal.split())

    def _named(self, normal: str) -> Iterator[int]:
        """Entities with exactly this normal form among their names."""
        message = self._file.get("names", key(normal))
        return (word >> 1 for word in unpack_numbers(message)) if message is not None else iter(())

    def _holding(self, words: Iterable[str]) -> list[int]:
        """Entities whose names hold all of these words, not always in one name."""
        return _in_all([self._sharing(word) for word in words])

    def _partly(self, words: list[str]) -> Iterator[int]:
        """Entities named by the words without the first, or the last, one or two."""
        for cut in (1, 2):
            if len(words) > cut + 1:
                yield from self._named(" ".join(words[cut:]))
                yield from self._named(" ".join(words[:-cut]))

    def _sharing(self, word: str) -> list[int]:
        """The most popular entities that have a word in a name."""
        message = self._file.get("tokens", key(word))
        return [] if message is None else unpack_numbers(message[: 4 * MOST_SHARERS]).tolist()

    def _misspelled(self, normal: str) -> list[int]:
        """Entities with a name spelled almost like this, most alike first."""
        near = [self._near_words(word) for word in normal.split()[:LONGEST_MISSPELLED]]
        lists = [sorted({number for word in words for number in self._sharing(word)}) for words in near]
        pool = _in_all(lists)[:FUZZY_POOL]
        alike = ((self._likeness(normal, number), number) for number in pool)
        return [number for score, number in sorted(alike, key=self._nearest_first) if score > 0.0]

    def _nearest_first(self, alike: tuple[float, int]) -> tuple[float, float, str]:
        """What a likeness and a number are ordered by; numbers alone order an updated index wrongly."""
        entity = self._entities.of(alike[1])
        return -alike[0], -entity.prior, entity.id

    def _near_words(self, word: str) -> list[str]:
        """Words of the index, of the same first two letters, spelled like this word."""
        if len(word) < 4:
            return [word]
        known = self._words(word[:2])
        alike = process.extract(
            word, known, scorer=fuzz.ratio, limit=NEAR_SPELLINGS, score_cutoff=FUZZY_CUTOFF
        )
        return [near for near, _, _ in alike]

    def _read_words(self, start: str) -> tuple[str, ...]:
        """Words of the index that begin so."""
        known = self._file.keys_from("tokens", start.encode("utf-8", "surrogatepass"), NEAR_WORDS)
        return tuple(held.decode("utf-8", "replace") for held in known)

    def _likeness(self, normal: str, number: int) -> float:
        """Similarity of the entity's nearest name, or 0 below the cutoff."""
        entity = self._entities.of(number)
        names = (normalise(name) for name in (entity.label, *entity.aliases))
        return max(fuzz.ratio(normal, name, score_cutoff=FUZZY_CUTOFF) for name in names)


def _in_all(lists: list[list[int]]) -> list[int]:
    """Numbers that are in every list, in rising order.

    >>> _in_all([[1, 3, 5], [3, 4, 5]])
    [3, 5]
    """
    if not lists or not all(lists):
        return []
    shortest, *longer = sorted(lists, key=len)
    sets = [set(numbers) for numbers in longer]
    return [number for number in shortest if all(number in held for held in sets)]

"""Several knowledge bases side by side: a mention may mean what any of them has."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, zip_longest

from kgbuild.link.index import LmdbIndex
from kgbuild.records import Candidate, Entity


class SeveralIndexes:
    """A `CandidateIndex` over others; where two have the same entity, the earlier one tells of it.

    Entities are the same where they have one id, or where one index says so (`owl:sameAs`).
    """

    def __init__(self, indexes: Sequence[LmdbIndex]) -> None:
        self.indexes = tuple(indexes)
        self.version = "+".join(index.version for index in self.indexes)

    def __len__(self) -> int:
        """How many entities they hold together, those that several have counted for each."""
        return sum(map(len, self.indexes))

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of what they hold."""
        return hashlib.sha256("".join(index.digest for index in self.indexes).encode()).hexdigest()

    def candidates(self, surface: str, limit: int = 30) -> tuple[Candidate, ...]:
        """The nearest of each index in turn, then the next ones; one for each entity."""
        found = (index.candidates(surface, limit) for index in self.indexes)
        in_turn = filter(None, chain.from_iterable(zip_longest(*found)))
        chosen: dict[str, Candidate] = {}
        for candidate in in_turn:
            canonical = self.canonical(candidate.entity)
            if canonical not in chosen:
                entity = self.entity(canonical) if canonical != candidate.entity else None
                told = Candidate(entity.id, entity.label, candidate.score) if entity else candidate
                chosen[canonical] = told
        return tuple(chosen.values())[:limit]

    def exact(self, name: str, limit: int = 30) -> tuple[str, ...]:
        """Ids of the entities that bear just this name: those of each index in turn, one for each entity."""
        found = zip_longest(*(index.exact(name, limit) for index in self.indexes))
        ids = map(self.canonical, filter(None, chain.from_iterable(found)))
        return tuple(dict.fromkeys(ids))[:limit]

    def entity(self, id: str) -> Entity | None:
        """What the first index that knows an id, its own or another's for the same, tells of it."""
        told = next(filter(None, (index.entity(id) for index in self.indexes)), None)
        return told and replace(told, same=self.same(told.id))

    def neighbours(self, id: str) -> frozenset[str]:
        """What any of them names beside an entity."""
        return frozenset(chain.from_iterable(index.neighbours(id) for index in self.indexes))

    def same(self, id: str) -> tuple[str, ...]:
        """Other ids of the same entity, as any of them has them."""
        held = filter(None, (index.entity(id) for index in self.indexes))
        others = dict.fromkeys(chain.from_iterable((each.id, *each.same) for each in held))
        return tuple(other for other in others if other != id)

    def canonical(self, id: str) -> str:
        """The id by which the first index that knows an entity knows it."""
        for index in self.indexes:
            held = next(filter(None, map(index.entity, (id, *self.same(id)))), None)
            if held is not None:
                return held.id
        return id


def beside(indexes: Iterable[LmdbIndex]) -> LmdbIndex | SeveralIndexes:
    """One index as it is, several as one."""
    held = tuple(indexes)
    return held[0] if len(held) == 1 else SeveralIndexes(held)

"""What of an entity is compared with texts, computed once for each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kgbuild.link.kinds import ROOTS, kind
from kgbuild.link.meaning import Meaning
from kgbuild.link.names import normalise
from kgbuild.link.sports import sports_of
from kgbuild.link.teams import is_team
from kgbuild.link.usage import is_people
from kgbuild.records import Entity, Label

RAREST = 9.0
"""The weight (inverse document frequency) of a word that the table of weights does not hold."""

LIGHTEST = 2.0
"""Words of less weight than this say nothing of an entity."""

ALIASES_READ = 8
CACHED = 50_000
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Profile:
    """An entity's names, and the words of its facts, in the forms in which they are compared.

    `weight` is the summed weight of its words; `roots` says which general classes hold, in the order
    of `kinds.ROOTS`, and `team` whether it is a sports team. `meaning` is its projected vector, where
    contexts are compared.
    """

    entity: Entity
    names: tuple[str, ...]
    name_words: frozenset[str]
    words: frozenset[str]
    facts: frozenset[str]
    weight: float
    kind: Label | None
    roots: tuple[float, ...]
    team: bool
    sports: tuple[str, ...] = ()
    people: bool = False
    meaning: NDArray[np.float32] | None = None

    @property
    def label(self) -> str:
        """The label's normal form, or "" where it has none."""
        return self.names[0] if self.names else ""


def words_of(text: str) -> frozenset[str]:
    """The words of a text, case folded.

    >>> sorted(words_of("Born 1867-11-07 in Warsaw"))
    ['07', '11', '1867', 'born', 'in', 'warsaw']
    """
    return frozenset(_WORD.findall(text.casefold()))


class Profiles:
    """Makes profiles, and remembers the latest; `weights` are inverse document frequencies."""

    def __init__(
        self, weights: Mapping[str, float], meaning: Meaning | None = None, cached: int = CACHED
    ) -> None:
        self._weights = weights
        self.meaning = meaning
        self.of = lru_cache(cached)(self._of)

    def weight(self, words: Iterable[str]) -> float:
        """Summed weight of words."""
        weights = self._weights
        return sum(weights.get(word, RAREST) for word in words)

    def _of(self, entity: Entity) -> Profile:
        names = tuple(dict.fromkeys(filter(None, map(normalise, (entity.label, *entity.aliases)))))
        facts = [value for _, value in entity.facts]
        text = " ".join((entity.label, *entity.aliases[:ALIASES_READ], entity.description, *facts))
        words = frozenset(word for word in words_of(text) if self._weights.get(word, RAREST) > LIGHTEST)
        held = set(entity.types)
        return Profile(
            entity=entity,
            names=names,
            name_words=frozenset(word for name in names for word in name.split()),
            words=words,
            facts=frozenset(normalise(value) for value in facts) - set(names),
            weight=self.weight(words) + 1.0,
            kind=kind(entity),
            roots=tuple(float(root in held) for root in ROOTS),
            team=is_team(entity),
            sports=sports_of(entity.label, entity.description),
            people=is_people(entity),
            meaning=self.meaning.of_entity(entity) if self.meaning else None,
        )

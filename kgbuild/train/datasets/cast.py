"""The names that stories give to whom and what they tell of, from annotated texts.

A name is drawn at most once in a story, so no two entities there have one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from kgbuild.records import Label
from kgbuild.train.datasets.templates import names_of
from kgbuild.train.examples import Example, Fact, Scope


class Role(StrEnum):
    """What a slot of a story may be."""

    PERSON = "people"
    PLACE = "places"
    ORGANISATION = "organisations"
    WORK = "works"
    AWARD = "awards"
    TIME = "days"
    OFFICE = "offices"

    @property
    def label(self) -> Label | None:
        """The type of a mention of it; none for an office, which has no tags."""
        return _LABELS.get(self)


_LABELS = {
    Role.PERSON: Label.PERSON,
    Role.PLACE: Label.LOCATION,
    Role.ORGANISATION: Label.ORGANISATION,
    Role.WORK: Label.OTHER,
    Role.AWARD: Label.OTHER,
    Role.TIME: Label.TIME,
}
_MADE = frozenset({"P50", "P57", "P58", "P86", "P161", "P162", "P175", "P577"})
"""Properties of books, films and music: their subjects are works."""
_HONOURS = frozenset({"P166"})
"""Properties whose objects are awards."""

Cast = Mapping[Role, Sequence[str]]


def cast_of(examples: Sequence[Example]) -> dict[Role, list[str]]:
    """The names in annotated texts by what they name, each once; people's have two or three words."""
    names = names_of(examples)
    return {
        Role.PERSON: [name for name in names[Label.PERSON] if name.count(" ") in (1, 2)],
        Role.PLACE: list(names[Label.LOCATION]),
        Role.ORGANISATION: list(names[Label.ORGANISATION]),
        Role.WORK: list(dict.fromkeys(_things(examples, _MADE, lambda fact: fact.subject))),
        Role.AWARD: list(dict.fromkeys(_things(examples, _HONOURS, lambda fact: fact.object))),
    }


def drawn(cast: Cast, most: int, draw: random.Random) -> dict[Role, Iterator[str]]:
    """Up to `most` names of each role, in random order."""
    return {role: iter(draw.sample(list(names), min(most, len(names)))) for role, names in cast.items()}


def _things(
    examples: Iterable[Example], properties: frozenset[str], end: Callable[[Fact], int]
) -> Iterator[str]:
    """The names of things at one end of facts; those of fully cased texts."""
    for example in examples:
        if not example.cased:
            continue
        ends = {end(fact) for fact in example.facts if fact.property in properties}
        for number, mention in enumerate(example.mentions):
            place = mention.entity if example.scope is Scope.ENTITY else number
            if place in ends and mention.label is Label.OTHER:
                yield example.surface(mention)

"""Pronouns and definite nouns that no cluster resolves: the entity that they most likely refer to.

A pronoun of a person goes to the nearest person named before it whose other pronouns agree with it;
"the country" goes to the nearest linked entity before it that is described as a country. What the
text names and the knowledge base does not have stays a candidate, so that a pronoun of somebody
unknown is not given to somebody known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from kgbuild.link.surface import Group
from kgbuild.pronouns import HE, SHE, SPEAKING
from kgbuild.records import Extraction, Label, Mention

FARTHEST = 400
"""Characters between a reference and the mention that it is resolved to, at most."""

CERTAINTY = 0.7
"""Share of a link's score that a reference to it has: about as many are right on annotated news."""

SALIENCE = 100.0
"""Characters that a group may lie farther away for each doubling (times log 2) of its mentions."""

_IT = frozenset(["it", "its", "itself"])
_PERSON_NOUNS = frozenset(
    [
        *("star", "singer", "songwriter", "singer-songwriter", "actor", "actress", "author", "writer"),
        *("artist", "president", "senator", "minister", "director", "physicist", "chemist", "player"),
        "politician",
    ]
)
_THING_NOUNS = frozenset(
    [
        *("country", "nation", "city", "town", "village", "river", "state", "island", "region", "company"),
        *("university", "team", "club", "band", "party", "war", "film", "book", "county", "lake"),
        "airline",
    ]
)
_COUNTRY = ("country", "nation", "sovereign state")
_SAME = {"nation": _COUNTRY, "country": _COUNTRY, "town": ("city",), "city": ("town",)}
_HEAD_END = re.compile(r" (?:in|of|on|at|by|for|from) |[;,(]")
"""Where the first noun of a description ends: "head of government of a country" is none."""


@dataclass(frozen=True, slots=True)
class Named:
    """A group as a reference sees it: where it is named, whether a person, its pronouns and description."""

    number: int
    places: tuple[int, ...]
    person: bool | None
    pronouns: frozenset[str]
    description: str


def referents(
    extraction: Extraction, groups: Sequence[Group], descriptions: Sequence[str]
) -> Iterator[tuple[int, int]]:
    """(group without a name, group that its mention refers to), for those that can be told.

    `descriptions` are those of the entities that the groups were linked to, "" for none.
    """
    mentions = extraction.mentions
    named = [
        _named(number, group, mentions, description)
        for number, (group, description) in enumerate(zip(groups, descriptions, strict=True))
        if group.names
    ]
    for number, group in enumerate(groups):
        if group.names:
            continue
        first = mentions[group.members[0]]
        words = frozenset(mentions[place].text.lower() for place in group.members)
        found = _referent(first, words, named)
        if found is not None:
            yield number, found.number
            named = [_joined(each, words, group, mentions) if each is found else each for each in named]


def _named(number: int, group: Group, mentions: Sequence[Mention], description: str) -> Named:
    places = tuple(mentions[place].start for place in group.members)
    words = frozenset(mentions[place].text.lower() for place in group.members)
    person = None if group.label is None else group.label is Label.PERSON
    return Named(number, places, person, words & (HE | SHE | _IT), description)


def _joined(each: Named, words: frozenset[str], group: Group, mentions: Sequence[Mention]) -> Named:
    """A group with one more reference to it."""
    places = (*each.places, *(mentions[place].start for place in group.members))
    return Named(
        each.number, places, each.person, each.pronouns | (words & (HE | SHE | _IT)), each.description
    )


def _referent(first: Mention, words: frozenset[str], named: Sequence[Named]) -> Named | None:
    """The group that a mention refers to."""
    if words & (HE | SHE | SPEAKING):
        return _nearest(first, [each for each in named if each.person and _agrees(words, each)])
    noun = first.text.lower().split()
    if len(noun) < 2 or noun[0] != "the":
        return None
    head = noun[-1]
    if head in _PERSON_NOUNS:
        return _nearest(first, [each for each in named if each.person])
    if head not in _THING_NOUNS:
        return None
    kinds = (head, *_SAME.get(head, ()))
    told = re.compile(rf"\b(?:{'|'.join(kinds)})\b")
    return _nearest(first, [each for each in named if told.search(_said(each.description, kinds))])


def _said(description: str, kinds: tuple[str, ...]) -> str:
    """The part of a description that says what something is; what lies in a country often names it."""
    return _HEAD_END.split(description, maxsplit=1)[0] if _COUNTRY[0] in kinds else description[:80]


def _agrees(words: frozenset[str], each: Named) -> bool:
    """Whether a person's other pronouns do not speak against these; a description may tell the sex."""
    if words & HE:
        return not each.pronouns & SHE and not re.search(
            r"\b(?:actress|queen|woman|duchess)\b", each.description
        )
    if words & SHE:
        return not each.pronouns & HE and not re.search(r"\b(?:king|duke|pope)\b", each.description)
    return True


def _nearest(first: Mention, named: Sequence[Named]) -> Named | None:
    """The group that is mentioned shortly before, and often: distance counts against number."""
    reach: list[tuple[float, int, Named]] = []
    for each in named:
        before = [place for place in each.places if place < first.start]
        if before and first.start - max(before) <= FARTHEST:
            salience = SALIENCE * log(len(before)) - (first.start - max(before))
            reach.append((salience, -each.number, each))
    return max(reach)[2] if reach else None

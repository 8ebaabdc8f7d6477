"""Facts from a gloss: what the few words by which a table describes an item say of it.

An item that no table gives a type to is often described as "American actor" or "city in Texas,
United States". The class, the occupations, the country and the year in such words are facts, and
facts are what descriptions here are composed from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kgbuild.link.demonyms import COUNTRIES

_COUNTRIES = COUNTRIES | dict.fromkeys(("u.s.", "us", "usa", "united states"), "United States of America")

_YEAR = re.compile(r"\b(1[0-9]{3}|20[0-9]{2})\b")
_HEAD_END = re.compile(
    r"\b(?:in|of|by|from|for|at|on|based|located|that|which|who|near|with|held|used|to)\b|;|\("
)
_PARTS = re.compile(r",|\band\b|/")
_BY = re.compile(r"\bby ((?:[A-Z][\w.'’-]*)(?: [A-Z][\w.'’-]*)+)")
_IN = re.compile(r"\b(?:in|from) ((?:the )?[A-Z].*)$")
_OF = re.compile(r"\bof ((?:the )?[A-Z].*)$")
_PLACE = re.compile(
    r"\b(?:area|borough|capital|city|county|district|island|municipality|neighbou?rhood|province|region|seat|"
    r"state|suburb|territory|town|village)\b"
)
_NAMES = frozenset(COUNTRIES.values())


@dataclass(frozen=True, slots=True)
class Gloss:
    """What a gloss says: names of classes or occupations, most important first, and facts."""

    heads: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


def read_gloss(gloss: str, classes: Mapping[str, str]) -> Gloss:
    """Read a gloss, given the ids of known classes and occupations by lower-case label.

    >>> read_gloss("American actor and comedian", {"actor": "Q33999", "comedian": "Q245068"}).heads
    ('actor', 'comedian')
    >>> read_gloss("city in Texas, United States", {"city": "Q515"})
    Gloss(heads=('city',), facts=(('P131', 'Texas'), ('P17', 'United States of America')))
    """
    facts: list[tuple[str, str]] = []
    end = _HEAD_END.search(gloss)
    head = (gloss[: end.start()] if end else gloss).lower()
    for adjective, country in _COUNTRIES.items():
        if re.search(rf"\b{re.escape(adjective)}(?!\w)", head):
            facts.append(("P17", country))
    heads = [name for part in _PARTS.split(head) if (name := _known_suffix(part.split(), classes))]
    facts += [("P577", year) for year in _YEAR.findall(head)[:1]]
    if by := _BY.search(gloss):
        facts.append(("P57", by.group(1)))
    place = _IN.search(gloss) or (_OF.search(gloss) if _PLACE.search(head) else None)
    if place:
        facts += _places(place.group(1))
    return Gloss(tuple(dict.fromkeys(heads)), tuple(dict.fromkeys(facts)))


def _places(tail: str) -> list[tuple[str, str]]:
    """The places that "in" or "of" leads to: capitalised parts between commas.

    >>> _places("Carinthia, Austria")
    [('P131', 'Carinthia'), ('P17', 'Austria')]
    """
    found: list[tuple[str, str]] = []
    for part in re.split(r",| in ", tail):
        name = part.strip(" .;").removeprefix("the ")
        if not name[:1].isupper() or len(name) > 40:
            break
        country = name if name in _NAMES else _COUNTRIES.get(name.lower())
        found.append(("P17", country) if country else ("P131", name))
    return found[:3]


def _known_suffix(words: list[str], classes: Mapping[str, str]) -> str | None:
    """The longest run of words at the end that names a class."""
    for start in range(len(words)):
        name = " ".join(words[start:])
        if name in classes:
            return name
    return None

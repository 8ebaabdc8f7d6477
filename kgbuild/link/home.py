"""Offices and institutions that a text names without their country: the names that they have with it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kgbuild.link.demonyms import COUNTRIES, country_of
from kgbuild.link.names import normalise, singular
from kgbuild.link.surface import Group, is_name
from kgbuild.protocols import CandidateIndex
from kgbuild.records import Extraction, Label, Mention

OFFICES = frozenset(
    [
        *("president", "vice president", "prime minister", "deputy prime minister", "first minister"),
        *("premier", "governor", "lieutenant governor", "governor general", "senator", "chancellor"),
        *("king", "queen", "emperor", "empress", "monarch", "first lady", "secretary of state"),
        *("foreign minister", "speaker", "defence minister", "defense minister", "finance minister"),
        *("foreign secretary", "home secretary", "attorney general", "solicitor general", "chief justice"),
        *("ambassador", "mayor", "archbishop", "bishop", "duke", "duchess", "prince", "princess", "sultan"),
        *("minister", "congressman", "representative", "federal judge", "judge", "secretary of defense"),
        *("vice chancellor", "chairman", "chief of staff"),
    ]
)
_DETERMINER = re.compile(r"^(?:the|his|her|their|our|its|my|a|an)\s+", re.IGNORECASE)
_OF = re.compile(r"\s+(?:of|for|at)\b")
PLACES = 5
"""Places of a document, the ones named most often, with which an office is looked up."""

PLACES_ASKED = 12
"""Places of a document whose countries count."""

COUNTRIES_TRIED = 3
LONGEST = 4
DEFAULT = "united states"
_SHORT = frozenset(["us", "usa", "america", "united states of america"])
_ENGLISH = {"United States of America": "United States", "People's Republic of China": "China"}
_NAMED = frozenset(normalise(_ENGLISH.get(name, name)) for name in COUNTRIES.values())
_ADJECTIVES = {normalise(_ENGLISH.get(name, name)): word for word, name in COUNTRIES.items()}


@dataclass(frozen=True, slots=True)
class Homes:
    """The places, and the countries among them, that a document names, most often named first."""

    places: tuple[str, ...]
    countries: tuple[str, ...]


def homes(extraction: Extraction, index: CandidateIndex) -> Homes:
    """Places of a document, and countries: those that it names, or that adjectives or places in it belong to.

    The United States are the last country, for who writes of them at home does not say so.
    """
    places = Counter(place for mention in extraction.mentions for place in _places(mention))
    countries: Counter[str] = Counter()
    for place, count in places.most_common(PLACES_ASKED):
        country = place if place in _NAMED else _lies_in(place, index)
        if country:
            countries[country] += count
    named = [country for country, _ in countries.most_common(COUNTRIES_TRIED)]
    often = [place for place, _ in places.most_common(PLACES)]
    return Homes(tuple(dict.fromkeys((*named, *often))), tuple(dict.fromkeys((*named, DEFAULT))))


def _places(mention: Mention) -> Iterator[str]:
    """The normal forms of the places that a mention names: "Madison, Wisconsin" are two."""
    country = country_of(mention.text)
    if country is not None:
        yield normalise(_ENGLISH.get(country, country))
    elif mention.label is Label.LOCATION and is_name(mention.text):
        for part in mention.text.split(","):
            place = normalise(part).removeprefix("the ")
            if place:
                yield DEFAULT if place in _SHORT else place


def _lies_in(place: str, index: CandidateIndex) -> str | None:
    """The country of the most popular bearer of a name."""
    entity = next(filter(None, map(index.entity, index.exact(place, 1))), None)
    country = next((value for pid, value in entity.facts if pid == "P17"), None) if entity else None
    return country and normalise(_ENGLISH.get(country, country))


def home_names(group: Group, there: Homes, after: str = "") -> tuple[str, ...]:
    """The names that a group's first name may be short for, as an office or institution of a place.

    `after` is the text that follows the first mention: an office "of" something is not the country's.

    >>> there = Homes(("france", "united states"), ("france", "united states"))
    >>> home_names(Group((0,), ("the Prime Minister",), None), there)[0]
    'prime minister of france'
    >>> home_names(Group((0,), ("National Assembly",), Label.ORGANISATION), there)[0]
    'french national assembly'
    """
    return () if _OF.match(after) else tuple(dict.fromkeys(_names(group, there)))


def _names(group: Group, there: Homes) -> Iterator[str]:
    words = normalise(_DETERMINER.sub("", group.name)).split()
    country = country_of(words[0]) if words else None
    if country and len(words) > 1:
        place = normalise(_ENGLISH.get(country, country))
        yield from _of(" ".join(words[1:]), (place,))
        yield f"{place} {' '.join(words[1:])}"
        return
    name = " ".join(words)
    office = name if name in OFFICES else singular(name)
    if office in OFFICES:
        yield from _of(office, (*there.places, DEFAULT) if is_name(group.name) else there.places)
    elif group.label is Label.ORGANISATION and is_name(group.name) and 0 < len(words) <= LONGEST:
        forms = [name]
        if words[-1] in ("department", "ministry", "office") and len(words) > 1:
            forms.append(f"{words[-1]} of {' '.join(words[:-1])}")
        for form in forms:
            for place in there.countries:
                yield f"{_ADJECTIVES.get(place, place)} {form}"
                yield f"{place} {form}"
                yield f"{form} of {place}"
        if len(words) == 1:
            yield f"{name} party"


def _of(name: str, places: Sequence[str]) -> Iterator[str]:
    for place in places:
        yield f"{name} of {place}"
        yield f"{name} of the {place}"

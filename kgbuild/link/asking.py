"""Adjectives of countries: whether "French" asks for France or for the French.

Sets of links give the people for a plural and where the adjective stands before a person, and the country
elsewhere; statements ask for the country always. Features say whether a candidate is what is asked for, so
that what is learnt of one manner holds for the other (decision 043).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kgbuild.link.demonyms import country_of
from kgbuild.link.profile import Profile
from kgbuild.link.usage import before_noun, before_person
from kgbuild.records import Label, Mention

FEATURES = ("is_people", "is_as_asked", "is_not_as_asked", "is_people_alone", "is_place_alone")


@dataclass(frozen=True, slots=True)
class Asked:
    """How much the first mentions of a group ask for a people, for a place, and stand before no noun.

    All are 0 for a name that is no adjective of a country; shares of its mentions otherwise.
    """

    people: float = 0.0
    place: float = 0.0
    alone: float = 0.0

    @classmethod
    def of(cls, name: str, mentions: Sequence[Mention], text: str, *, nations: bool) -> Asked:
        """What some mentions of one name ask for; with `nations`, always the country."""
        if country_of(name) is None:
            return cls()
        persons = 0.0 if nations else sum(_of_people(each, text) for each in mentions) / len(mentions)
        alone = 0.0 if nations else sum(not before_noun(each, text) for each in mentions) / len(mentions)
        return cls(persons, 1.0 - persons, alone)


def _of_people(mention: Mention, text: str) -> bool:
    """Whether a mention is a plural ("Americans"), or stands before a person ("an American writer")."""
    return mention.text.endswith("s") or before_person(mention, text)


def features(profile: Profile, asked: Asked) -> tuple[float, ...]:
    """`FEATURES` of a candidate."""
    people, place = profile.people, profile.kind is Label.LOCATION
    return (
        float(people),
        people * asked.people + place * asked.place,
        people * asked.place + place * asked.people,
        people * asked.alone,
        place * asked.alone,
    )

"""Sport around a mention: the words that tell of it, and the national teams that a country stands for."""

from __future__ import annotations

import re
from collections.abc import Collection

from kgbuild.link.demonyms import COUNTRIES, country_of
from kgbuild.records import Entity

SPORTS = frozenset(
    [
        *("athletes", "ball", "baseball", "basketball", "batsman", "bowled", "captain", "championship"),
        *("championships", "club", "clubs", "coach", "cricket", "cup", "defeated", "defender", "football"),
        *("forward", "game", "games", "goal", "goalkeeper", "goals", "half", "hockey", "inning", "innings"),
        *("kicker", "league", "manager", "match", "matches", "midfielder", "nba", "nfl", "nhl", "offense"),
        *("olympic", "olympics", "overtime", "pitcher", "pitched", "play", "played", "player", "players"),
        *("playing", "playoff", "playoffs", "points", "qualifier", "quarter", "quarterback", "receiver"),
        *(
            "rugby",
            "scored",
            "season",
            "seasons",
            "series",
            "shot",
            "soccer",
            "squad",
            "striker",
            "substitute",
        ),
        *("team", "teammate", "teams", "test", "tournament", "touchdown", "victory", "wicket", "win", "wins"),
        *("won", "world"),
    ]
)
"""Words that texts about sport use."""

TELLING = 2
"""Such words near a mention from which on it may be of a team."""

_TEAM = re.compile(r"\b(?:club|franchise|squad|team)\b")
_PLAYED = re.compile(r"\b(?:base|basket|foot)ball$|\bhockey$|\bcricket$")

_ENGLISH = {"United States of America": "United States", "People's Republic of China": "China"}
_COUNTRIES = frozenset(COUNTRIES.values()) | frozenset(_ENGLISH.values())
_NAMES = (
    "{} national football team",
    "{} cricket team",
    "{} national rugby union team",
    "{} national cricket team",
    "{} men's national soccer team",
)


def sport(words: Collection[str]) -> int:
    """How many different words of sport a context has.

    >>> sport(["England", "captain", "match"])
    2
    """
    return sum(word in SPORTS for word in words)


def is_team(entity: Entity) -> bool:
    """Whether an entity is described, or named, as a sports team.

    >>> is_team(Entity("Q213959", "Boston Red Sox", description="baseball team in Boston"))
    True
    """
    if _TEAM.search(entity.description):
        return True
    return " " in entity.label and _PLAYED.search(entity.label) is not None


def national_teams(name: str) -> tuple[str, ...]:
    """Names of the teams that a country, or the adjective of one, stands for in sport.

    >>> national_teams("English")[:2], national_teams("Berlin")
    (('England national football team', 'England cricket team'), ())
    """
    country = country_of(name) or name
    country = _ENGLISH.get(country, country)
    return tuple(team.format(country) for team in _NAMES) if country in _COUNTRIES else ()

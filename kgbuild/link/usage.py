"""How a text uses a name: before a noun of persons, before the place that it lies in."""

from __future__ import annotations

import re

from kgbuild.link.names import normalise
from kgbuild.link.words import word_lists
from kgbuild.records import Entity, Mention

STATES = {
    **{"Ala": "alabama", "Ariz": "arizona", "Ark": "arkansas", "Calif": "california", "Colo": "colorado"},
    **{"Conn": "connecticut", "Del": "delaware", "Fla": "florida", "Ga": "georgia", "Ill": "illinois"},
    **{"Ind": "indiana", "Kan": "kansas", "Ky": "kentucky", "La": "louisiana", "Md": "maryland"},
    **{"Mass": "massachusetts", "Mich": "michigan", "Minn": "minnesota", "Miss": "mississippi"},
    **{"Mo": "missouri", "Mont": "montana", "Neb": "nebraska", "Nev": "nevada", "N.H": "new hampshire"},
    **{"N.J": "new jersey", "N.M": "new mexico", "N.Y": "new york", "N.C": "north carolina"},
    **{"N.D": "north dakota", "Okla": "oklahoma", "Ore": "oregon", "Pa": "pennsylvania"},
    **{"R.I": "rhode island", "S.C": "south carolina", "S.D": "south dakota", "Tenn": "tennessee"},
    **{"Tex": "texas", "Vt": "vermont", "Va": "virginia", "Wash": "washington", "W.Va": "west virginia"},
    **{"Wis": "wisconsin", "Wyo": "wyoming"},
}
"""States as American newspapers shorten them, before a full stop."""

PERSONS = word_lists()["person"]
_PERSON = re.compile(r"(?:[a-z]{3,}(?:ist|cian|grapher|keeper|man|men|woman|women|player|maker|dragoon))s?$")
_LOWER = re.compile(r" ([a-z]+)")
_STOPS = frozenset(
    [
        *(
            "of",
            "in",
            "on",
            "at",
            "by",
            "to",
            "for",
            "from",
            "with",
            "and",
            "or",
            "but",
            "then",
            "when",
            "while",
        ),
        *(
            "who",
            "which",
            "that",
            "as",
            "the",
            "a",
            "an",
            "also",
            "is",
            "was",
            "were",
            "are",
            "has",
            "had",
            "have",
        ),
        *("did", "do", "does", "will", "would", "could", "can", "may", "might"),
    ]
)
"""Words that no noun begins with: a name before one of them stands alone."""

_FARTHEST = 6
_PEOPLE = re.compile(r"\b(?:citizens|people|nationality|ethnic group|ethnicity)\b")
_NEXT = re.compile(r" ?, ?((?:[A-Z][\w'-]*\.?)(?:[A-Z]\.?)?(?: [A-Z][\w'-]+){0,2})")
_SHORT = re.compile(rf"\b({'|'.join(map(re.escape, STATES))})\.")


def before_person(mention: Mention, text: str) -> bool:
    """Whether the noun that a mention stands before is one of persons.

    >>> text = "the French landscape painter and the French army"
    >>> [before_person(Mention(at, at + 6, "French", "location", 1.0), text) for at in (4, 37)]
    [True, False]
    """
    for word in re.split(r"[ \u00a0]+", text[mention.end : mention.end + 80].lstrip("'’ "))[:_FARTHEST]:
        plain = word.lower().strip("\"'“”`")
        bare = re.sub(r"\W.*", "", plain)
        if bare in _STOPS or not bare:
            return False
        if bare in PERSONS or bare.removesuffix("s") in PERSONS or _PERSON.match(bare):
            return True
        if bare != plain:
            return False
    return False


def before_noun(mention: Mention, text: str) -> bool:
    """Whether a word in lower case, and no small one, follows a mention.

    >>> text = "the French wine of the French ."
    >>> [before_noun(Mention(at, at + 6, "French", "location", 1.0), text) for at in (4, 23)]
    [True, False]
    """
    after = _LOWER.match(text, mention.end)
    return after is not None and after[1] not in _STOPS


def next_place(mention: Mention, text: str) -> str:
    """The normal form of the name that follows a mention after a comma, states written out, or "".

    >>> next_place(Mention(0, 7, "Decatur", "location", 1.0), "Decatur , Ga. , is near Atlanta.")
    'georgia'
    """
    found = _NEXT.match(text[mention.end : mention.end + 60])
    if not found:
        return ""
    name = found[1].rstrip(".")
    return STATES.get(name) or normalise(name)


def written_out(text: str) -> frozenset[str]:
    """The words of the states that a text names in short.

    >>> sorted(written_out("ALBANY, N.Y. (AP)"))
    ['new', 'york']
    """
    return frozenset(word for short in _SHORT.findall(text) for word in STATES[short].split())


def is_people(entity: Entity) -> bool:
    """Whether an entity is described as a people.

    >>> is_people(Entity("Q846570", "Americans", description="citizens or residents of the United States"))
    True
    """
    return _PEOPLE.search(entity.description[:80]) is not None

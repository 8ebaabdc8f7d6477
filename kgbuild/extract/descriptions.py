"""Definite descriptions that stand for something named before: "The film was directed by …".

They are read where they begin a clause. There they mostly go on about what the text is about; elsewhere
("a partner in the firm") what they mean is harder to tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kgbuild.records import Label

_NOUNS: dict[Label, str] = {
    Label.OTHER: (
        "film movie picture documentary series album song single novel book poem play opera musical game"
    ),
    Label.LOCATION: (
        "city town village municipality parish suburb county district province region state country nation"
        " republic island river lake mountain peninsula"
    ),
    Label.ORGANISATION: (
        "company firm group corporation bank airline studio brewery bakery newspaper agency band orchestra"
        " choir team club league party union university college school institute academy museum foundation"
        " association society organisation organization hospital"
    ),
}
DESCRIPTIONS: dict[str, Label] = {
    f"{determiner} {noun}": label
    for label, nouns in _NOUNS.items()
    for noun in nouns.split()
    for determiner in ("the", "this")
}
"""Definite descriptions, case-folded, and the type of what they stand for."""

_NOUN = "|".join(sorted({each.split()[1] for each in DESCRIPTIONS}))
_APART = "of|in|on|at|by|for|from|to|with|near|that|which|who|whose|where|called|named"
_DESCRIPTION = re.compile(rf"\b(?:[Tt]he|[Tt]his) (?:{_NOUN})\b(?!-|\s+(?:{_APART})\b|\s+[A-Z0-9\"“'‘])")
"""A description that nothing behind it tells apart from others of its kind."""
_ADJUNCT = r"(?:on|in|at|by|since|after|from|until|during)\b[^,.;]{1,22},? "
_LEAD = re.compile(rf"(?:^|[.!?;][\"”'’]?\s+|\n\s*|\b(?:and|but) )(?:{_ADJUNCT})?$", re.IGNORECASE)
"""The beginning of a clause, with at most a time or place: "In 2020 the city had …"."""
_REACH = 48
"""Characters before a description that are looked at."""


def descriptions(text: str) -> Iterator[re.Match[str]]:
    """The descriptions that begin a clause.

    >>> text = "The film won. He left the firm. In 1950 the town, once rich, had a mill, and the mill closed."
    >>> [found[0] for found in descriptions(text)]
    ['The film', 'the town']
    >>> list(descriptions("The city of Portland grew. The film Alien won. In the state they vote."))
    []
    """
    for found in _DESCRIPTION.finditer(text):
        if _LEAD.search(text[max(0, found.start() - _REACH) : found.start()]):
            yield found

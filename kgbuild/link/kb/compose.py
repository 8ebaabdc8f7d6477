"""Facts of an item enter; the short description that tells it from others of its name leaves."""

from __future__ import annotations

from collections.abc import Sequence

Facts = Sequence[tuple[str, str]]

_WORDS = {
    "P17": "country",
    "P27": "citizen of",
    "P19": "born in",
    "P569": "born",
    "P570": "died",
    "P571": "founded",
    "P577": "published",
    "P57": "director",
    "P50": "author",
    "P86": "composer",
    "P175": "performer",
    "P131": "in",
    "P159": "headquarters",
    "P495": "from",
    "P136": "genre",
    "P102": "party",
    "P69": "educated at",
    "P108": "employer",
    "P641": "sport",
    "P112": "founder",
    "P30": "continent",
}
"""How a description says a property, in the order in which it says them."""

KEY_FACTS = 4
_YEARS = ("P569", "P570", "P571", "P577")


def compose(kinds: Sequence[str], facts: Facts) -> str:
    """A description from the labels of an item's types and its facts (property id, value label).

    >>> compose(["city", "capital"], [("P17", "Germany")])
    'city, capital; country Germany'
    >>> compose(["human"], [("P106", "physicist"), ("P569", "1867-11-07"), ("P27", "Poland")])
    'physicist; citizen of Poland; born 1867'
    """
    work = [value for pid, value in facts if pid == "P106"]
    heads = work[:3] if work and kinds[:1] in (["human"], []) else list(kinds[:2])
    parts = [", ".join(dict.fromkeys(heads))] if heads else []
    told: dict[str, str] = {}
    for pid, value in facts:
        told.setdefault(pid, year(value) if pid in _YEARS else value)
    inside = [value for pid, value in facts if pid == "P131"]
    told.update({"P131": ", ".join(inside[:2])} if inside else {})
    said = [f"{words} {told[pid]}" for pid, words in _WORDS.items() if pid in told]
    parts += said[:KEY_FACTS]
    return "; ".join(parts)


def year(date: str) -> str:
    """The year of an ISO date, without leading zeros.

    >>> year("1867-11-07"), year("-0044-03-15"), year("0079")
    ('1867', '44 BCE', '79')
    """
    if date.startswith("-"):
        return f"{int(date[1:].split('-', maxsplit=1)[0])} BCE"
    return str(int(date.split("-", maxsplit=1)[0]))

"""A line of Wikidata's JSON dump enters; the item as an index stores it leaves.

Only the fields that are needed are decoded: labels, descriptions and aliases of the chosen
languages, the claims of `PROPERTIES`, and the number of sitelinks.
Source: https://doc.wikimedia.org/Wikibase/master/php/docs_topics_json.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import log1p
from operator import attrgetter
from typing import Any

import msgspec

from kgbuild.link.format import PRIOR_STEPS, Id, StoredEntity, short
from kgbuild.link.kb.tables import DATES, FACTS, MOST_FACTS, MOST_OF_ONE
from kgbuild.link.kinds import CLASS

INSTANCE_OF, SUBCLASS_OF = "P31", "P279"
LINKS = ("P150", "P47", "P36", "P190", "P155", "P156", "P127", "P355", "P800", "P166", "P54", "P39")
"""More properties whose values are an item's neighbours, beside those of its facts."""

PROPERTIES = tuple(dict.fromkeys((INSTANCE_OF, SUBCLASS_OF, *DATES, *FACTS, *LINKS)))
MOST_LINKS = 32
MOST_SITELINKS = 400
ANY_LANGUAGE = "mul"
"""Wikidata's code for a label that holds in every language without one of its own."""

_TIME = re.compile(r"([+-])0*(\d{1,16})-(\d\d)-(\d\d)T")


class Text(msgspec.Struct, gc=False):
    """A label, description or alias."""

    value: str = ""


class Value(msgspec.Struct, gc=False):
    """The value of an item or a time; fields of the other kind are empty."""

    id: str = ""
    number: int = msgspec.field(default=0, name="numeric-id")
    time: str = ""
    precision: int = 0


class DataValue(msgspec.Struct, gc=False):
    """A value with its kind; kinds that are not read are whatever they are."""

    value: Value | str | float | bool | list[msgspec.Raw] | None = None


class Snak(msgspec.Struct, gc=False, frozen=True):
    """A property's value; `datavalue` is missing where the snak is "somevalue" or "novalue"."""

    datavalue: DataValue | None = None


class Claim(msgspec.Struct, gc=False):
    """A statement, without its qualifiers and references."""

    mainsnak: Snak = Snak()
    rank: str = "normal"


class Site(msgspec.Struct, gc=False):
    """A sitelink, which is only counted."""


class Found(msgspec.Struct, frozen=True, gc=False):
    """What a line held: `entity`, or in `why` the reason for leaving it out; the classes above it.

    `label` is there for an item that a filter leaves out, since facts of others may name it.
    """

    entity: StoredEntity | None = None
    why: str = ""
    id: Id = ""
    label: str = ""
    above: tuple[Id, ...] = ()


NOT_AN_ITEM, NO_LABEL, FEW_SITELINKS = "not an item", "without a label", "with too few sitelinks"


class Reader:
    """Reads lines for a choice of languages (the first is the label's) and a least number of sitelinks.

    `decode` raises `msgspec.DecodeError` for a line that is not JSON, and its subclass
    `msgspec.ValidationError` for JSON that is not an entity as the format has it.
    """

    def __init__(self, languages: Sequence[str] = ("en",), *, min_sitelinks: int = 0) -> None:
        self.min_sitelinks = min_sitelinks
        chosen = tuple(dict.fromkeys((*languages, ANY_LANGUAGE)))
        self._fields = tuple(f"language_{place}" for place in range(len(chosen)))
        names = dict(zip(self._fields, chosen, strict=True))
        one = _struct("One", dict.fromkeys(self._fields, Text | None), names, default=None)
        many = _struct("Many", dict.fromkeys(self._fields, list[Text]), names, default=())
        claims = _struct("Claims", dict.fromkeys(PROPERTIES, list[Claim]), {}, default=())
        either = {name: kind | list[msgspec.Raw] | None for name, kind in (("one", one), ("many", many))}
        item = msgspec.defstruct(
            "Item",
            [
                ("type", str, "item"),
                ("id", str, ""),
                ("labels", either["one"], None),
                ("descriptions", either["one"], None),
                ("aliases", either["many"], None),
                ("claims", claims | list[msgspec.Raw] | None, None),
                ("sitelinks", dict[str, Site] | list[msgspec.Raw] | None, None),
            ],
            gc=False,
        )
        self.decode = msgspec.json.Decoder(item).decode
        self._claims = claims

    def read(self, line: bytes) -> Found:
        """What a line without its end and comma holds."""
        item: Any = self.decode(line)
        if item.type != "item" or item.id[:1] != "Q":
            return Found(why=NOT_AN_ITEM)
        qid = short(item.id)
        labels = self._texts(item.labels)
        claims = item.claims if isinstance(item.claims, self._claims) else None
        above = tuple(_items(claims.P279)) if claims is not None else ()
        if not labels:
            return Found(why=NO_LABEL, id=qid, above=above)
        sitelinks = len(item.sitelinks) if item.sitelinks else 0
        if sitelinks < self.min_sitelinks:
            return Found(why=FEW_SITELINKS, id=qid, label=labels[0], above=above)
        descriptions = self._texts(item.descriptions)
        facts, links = _facts(claims)
        entity = StoredEntity(
            id=qid,
            label=labels[0],
            aliases=self._aliases(labels, item.aliases),
            description=descriptions[0] if descriptions else "",
            types=_types(claims, above),
            facts=facts,
            prior=round(popularity(sitelinks, len(facts) // 2) * PRIOR_STEPS),
            links=links,
        )
        return Found(entity=entity, id=qid, above=above)

    def _texts(self, held: Any) -> list[str]:
        """The texts of the chosen languages, in their order."""
        if not held or isinstance(held, list):
            return []
        found = (getattr(held, field) for field in self._fields)
        return [text.value for text in found if text is not None and text.value.strip()]

    def _aliases(self, labels: list[str], held: Any) -> list[str]:
        """Every other name, once; the labels of the other languages come first."""
        names = dict.fromkeys(labels)
        if held and not isinstance(held, list):
            for field in self._fields:
                for text in getattr(held, field):
                    names[text.value] = None
        if len(names) == 1:
            return []
        del names[labels[0]]
        return [name for name in names if name.strip()]


def popularity(sitelinks: int, facts: int) -> float:
    """An item's prior in [0, 1]: its sitelinks on a logarithmic scale, and a little for its facts.

    >>> popularity(0, 0), popularity(30, 10), popularity(400, 24)
    (0.0, 0.5651, 1.0)
    """
    told = min(1.0, log1p(sitelinks) / log1p(MOST_SITELINKS))
    return round(0.95 * told + 0.05 * min(1.0, facts / MOST_FACTS), 4)


def iso_date(time: str, precision: int) -> str | None:
    """A Wikibase time as an ISO date of its precision, or None where it is coarser than a year.

    >>> iso_date("+1867-11-07T00:00:00Z", 11), iso_date("-0044-00-00T00:00:00Z", 9)
    ('1867-11-07', '-0044')
    """
    match = _TIME.match(time)
    if not match or precision < 9:
        return None
    year = f"{'-' if match[1] == '-' else ''}{int(match[2]):04d}"
    return "-".join((year, match[3], match[4])[: min(precision, 11) - 8])


def _best(claims: Iterable[Claim]) -> list[Claim]:
    """The claims of the best rank; those that are deprecated never count."""
    held = [claim for claim in claims if claim.rank != "deprecated"]
    if len(held) > 1:
        return [claim for claim in held if claim.rank == "preferred"] or held
    return held


def _items(held: Sequence[Claim]) -> list[Id]:
    """The items that a property's best claims name."""
    if len(held) == 1:
        item = _item(held[0]) if held[0].rank != "deprecated" else ""
        return [item] if item else []
    return list(dict.fromkeys(filter(None, map(_item, _best(held)))))


def _item(claim: Claim) -> Id:
    """The item that a claim names, or "" where it names none."""
    held = claim.mainsnak.datavalue
    if held is None or not isinstance(held.value, Value):
        return ""
    value = held.value
    return value.number if value.number and value.id[:1] in _ITEM else short(value.id)


def _date(claim: Claim) -> str | None:
    held = claim.mainsnak.datavalue
    if held is None or not isinstance(held.value, Value):
        return None
    return iso_date(held.value.time, held.value.precision)


def _types(claims: Any, above: tuple[Id, ...]) -> list[Id]:
    """The classes of an item; of an item that only is a class, the classes above it and `CLASS`."""
    types = _items(claims.P31) if claims is not None else []
    if types or not above:
        return types
    return list(dict.fromkeys((*above, short(CLASS))))


def _facts(claims: Any) -> tuple[list[Any], list[Id]]:
    """Facts as a flat list (property, value, property, value, ...), and other items that are named."""
    if claims is None:
        return [], []
    facts: list[Any] = []
    links: list[Id] = []
    for number, held in zip(_DATES, _dates(claims), strict=True):
        date = next(filter(None, map(_date, _best(held))), None) if held else None
        if date:
            facts += (number, date)
    for number, held in zip(_FACTS, _named(claims), strict=True):
        if held:
            values = _items(held)
            for value in values[:MOST_OF_ONE]:
                facts += (number, [value] if isinstance(value, str) else value)
            links += values[MOST_OF_ONE:]
    for held in _linked(claims):
        if held:
            links += _items(held)
    if len(facts) > 2 * MOST_FACTS:
        links[:0] = [value for value in facts[2 * MOST_FACTS + 1 :: 2] if isinstance(value, int)]
        del facts[2 * MOST_FACTS :]
    return facts, list(dict.fromkeys(links))[:MOST_LINKS] if links else links


_ITEM = ("Q", "")
_DATES = tuple(int(pid[1:]) for pid in DATES)
_FACTS = tuple(int(pid[1:]) for pid in FACTS)
_dates, _named, _linked = attrgetter(*DATES), attrgetter(*FACTS), attrgetter(*LINKS)


def _struct(name: str, fields: dict[str, Any], rename: dict[str, str], *, default: Any) -> Any:
    """A Struct whose fields all may be missing."""
    return msgspec.defstruct(
        name, [(field, kind, default) for field, kind in fields.items()], rename=rename or None, gc=False
    )

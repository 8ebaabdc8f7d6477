"""Whether a knowledge base has a value already, lacks it, or says something else.

In go a value of a statement and what a knowledge base tells of the same subject and property; out
comes a `Verdict`. A knowledge base may tell items by their label only, as an index does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum

from kgbuild.facts.timeline import compatible, refines
from kgbuild.ontology import Ontology
from kgbuild.records import (
    Entity,
    ItemValue,
    QuantityValue,
    Rejection,
    Statement,
    TextValue,
    TimeValue,
    Value,
)

Told = Value | str
"""A value as a knowledge base has it; a string is the label of an item, or an ISO date."""

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_DATE = re.compile(r"(?P<sign>-?)(?P<year>\d{4,})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?")


class Verdict(StrEnum):
    """What a knowledge base makes of a statement."""

    KNOWN = "known"
    NEW = "new"
    CONTRADICTING = "contradicting"


def judge(value: Value, told: Iterable[Told], *, names: Iterable[str] = (), functional: bool) -> Verdict:
    """What a knowledge base makes of a value, from all that it tells of the subject and property.

    `names` are those of a value that is an item. A date is known where the knowledge base has it as
    precisely, new where it is more precise than what it has. Where it has only other values, a
    property of one value (`functional`) is contradicted, and any other has one more.

    >>> judge(TimeValue(1879), ["1879-03-14"], functional=True)
    <Verdict.KNOWN: 'known'>
    >>> judge(TimeValue(1879, 3, 14, 11), ["1879"], functional=True)
    <Verdict.NEW: 'new'>
    >>> judge(ItemValue("Q3012"), ["Berlin"], names=["Ulm"], functional=True)
    <Verdict.CONTRADICTING: 'contradicting'>
    """
    known = [_read(each, value) for each in told]
    own = {_plain(name) for name in names}
    if any(_has(each, value, own) for each in known):
        return Verdict.KNOWN
    if functional and known and not any(_may_be(each, value) for each in known):
        return Verdict.CONTRADICTING
    return Verdict.NEW


def told_of(entity: Entity | None, property_id: str) -> tuple[str, ...]:
    """What an index tells of an entity's property: labels of items, and dates.

    >>> told_of(Entity("Q937", "Albert Einstein", facts=(("P19", "Ulm"), ("P569", "1879"))), "P19")
    ('Ulm',)
    """
    return tuple(value for pid, value in entity.facts if pid == property_id) if entity else ()


def is_known(statement: Statement, entities: Mapping[str, Entity], ontology: Ontology) -> bool:
    """Whether a knowledge base tells a statement already; `entities` is what it tells, by id."""
    value = statement.value
    entity = entities.get(value.entity) if isinstance(value, ItemValue) else None
    names = (entity.label, *entity.aliases) if entity else ()
    told = told_of(entities.get(statement.subject), statement.property)
    functional = ontology.properties[statement.property].functional
    return judge(value, told, names=names, functional=functional) is Verdict.KNOWN


def known_already(statement: Statement, document_id: str, stage: str) -> Rejection:
    """That a statement is not made because it is known."""
    said = f"{statement.subject} {statement.property}: {statement.evidence[0].quote}"
    return Rejection(stage, document_id, "already known", said)


def read_date(text: str) -> TimeValue | None:
    """A date as tables have it: year, month and day as far as known; "-0044" is 44 BCE.

    >>> read_date("-0044-03"), read_date("Ulm")
    (TimeValue(year=-43, month=3, day=None, precision=10), None)
    """
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year = 1 - int(match["year"]) if match["sign"] else int(match["year"])
    month, day = match["month"], match["day"]
    return TimeValue(
        year, int(month) if month else None, int(day) if day else None, 9 + bool(month) + bool(day)
    )


def _read(told: Told, value: Value) -> Told:
    """What is told, as a value of the kind that is asked for; the label of an item stays one."""
    match told, value:
        case str(date), TimeValue():
            return read_date(date) or told
        case str(number), QuantityValue(_, unit):
            plain = number.replace(",", "")
            return QuantityValue(Decimal(plain), unit) if _NUMBER.fullmatch(plain) else told
        case str(content), TextValue():
            return TextValue(content)
    return told


def _has(told: Told, value: Value, names: set[str]) -> bool:
    """Whether what is told says the value, or says it more precisely."""
    match told, value:
        case str(label), ItemValue():
            return _plain(label) in names
        case TimeValue(), TimeValue():
            return told == value or refines(told, value)
        case QuantityValue(amount), QuantityValue(other, unit):
            return amount == other and unit in (told.unit, None)
        case TextValue(content), TextValue(text):
            return _plain(content) == _plain(text)
    return told == value


def _may_be(told: Told, value: Value) -> bool:
    """Whether both may be right all the same."""
    return isinstance(told, TimeValue) and isinstance(value, TimeValue) and compatible(told, value)


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())

"""Values to simple terms and value nodes, as Wikidata has them."""

from __future__ import annotations

import pyoxigraph as ox

from kgbuild.iris import KGB, WD, WIKIBASE, XSD, entity_iri
from kgbuild.rdf.terms import TYPE, Pairs, Term, decimal, node, text
from kgbuild.records import ItemValue, QuantityValue, TextValue, TimeValue, Value

_GREGORIAN = ox.NamedNode(WD + "Q1985727")
_TIME, _TIME_VALUE, _PRECISION, _TIMEZONE, _CALENDAR = (
    node(WIKIBASE + name)
    for name in ("TimeValue", "timeValue", "timePrecision", "timeTimezone", "timeCalendarModel")
)
_DATE = node(KGB + "date")
_NO_UNIT = ox.NamedNode(WD + "Q199")


def year(number: int) -> str:
    """An astronomical year as XML Schema 1.1 writes it.

    >>> year(-43), year(12), year(2026)
    ('-0043', '0012', '2026')
    """
    return f"{'-' if number < 0 else ''}{abs(number):04d}"


def honest_date(value: TimeValue) -> ox.Literal | None:
    """A date with no more than was said: gYear, gYearMonth or date; none where XML Schema has none.

    >>> print(honest_date(TimeValue(1912, 6, None, 10)))
    "1912-06"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>
    """
    lexical = year(value.year)
    match value:
        case TimeValue(_, int(month), int(day), precision) if precision >= 11:
            return ox.Literal(f"{lexical}-{month:02d}-{day:02d}", datatype=node(XSD + "date"))
        case TimeValue(_, int(month), _, precision) if precision >= 10:
            return ox.Literal(f"{lexical}-{month:02d}", datatype=node(XSD + "gYearMonth"))
        case TimeValue(_, _, _, precision) if precision >= 9:
            return ox.Literal(lexical, datatype=node(XSD + "gYear"))
    return None


def read_moment(moment: ox.Literal, precision: int) -> TimeValue:
    """The inverse of `simple_value` for a point in time of a precision.

    >>> read_moment(simple_value(TimeValue(-43, 3, None, 10)), 10)
    TimeValue(year=-43, month=3, day=None, precision=10)
    """
    number, month, day = moment.value.partition("T")[0].rsplit("-", 2)
    return TimeValue(
        int(number), int(month) if precision >= 10 else None, int(day) if precision >= 11 else None, precision
    )


def simple_value(value: Value) -> Term:
    """A value as `ps:` and `wdt:` have it; dates are padded to a dateTime as Wikidata's are.

    >>> print(simple_value(TimeValue(1912, 6, None, 10)))
    "1912-06-01T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>
    """
    match value:
        case ItemValue(entity):
            return node(entity_iri(entity))
        case TimeValue(number, month, day):
            lexical = f"{year(number)}-{month or 1:02d}-{day or 1:02d}T00:00:00Z"
            return ox.Literal(lexical, datatype=node(XSD + "dateTime"))
        case QuantityValue(amount):
            return decimal(amount)
        case TextValue(content, language):
            return text(content, language)


def value_pairs(value: Value) -> Pairs:
    """What a value node says; nothing for the values that need no node."""
    match value:
        case TimeValue(precision=precision):
            pairs: Pairs = [
                (TYPE, _TIME),
                (_TIME_VALUE, simple_value(value)),
                (_PRECISION, ox.Literal(precision)),
                (_TIMEZONE, ox.Literal(0)),
                (_CALENDAR, _GREGORIAN),
            ]
            date = honest_date(value)
            return [*pairs, (_DATE, date)] if date else pairs
        case QuantityValue(amount, unit):
            return [
                (TYPE, node(WIKIBASE + "QuantityValue")),
                (node(WIKIBASE + "quantityAmount"), decimal(amount)),
                (node(WIKIBASE + "quantityUnit"), node(entity_iri(unit)) if unit else _NO_UNIT),
            ]
    return []

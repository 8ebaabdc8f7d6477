"""The text of a value to a value of the kind that its property takes.

What enters is a span of a document; what leaves is a `Value`, or None where the span cannot be read
as one. How values are written as RDF is `kgbuild.rdf`'s to say.
"""

from __future__ import annotations

from kgbuild.facts.dates import MONTH, YEAR, read_time
from kgbuild.facts.periods import read_period
from kgbuild.facts.quantities import quantity_at, read_quantity
from kgbuild.facts.units import measures
from kgbuild.ontology import Property, ValueKind
from kgbuild.records import Document, QuantityValue, TextValue, TimeValue, Value

__all__ = ["read_period", "read_quantity", "read_time", "read_value"]

_FIRST_OF_PERIOD = frozenset({"P580", "P2031"})
_LAST_OF_PERIOD = frozenset({"P582", "P2032", "P576"})


def read_value(property: Property, document: Document, start: int, end: int) -> Value | None:
    """The value written at `start`:`end` of a document, or None where it is none that the property has.

    Of a range of time, the properties for a first or last point (start time, end time, work period,
    dissolution) take that point; others take the month or year that holds the whole range.

    >>> from kgbuild.ontology import load_ontology
    >>> document = Document("a", "https://kg.example.org/document/a", "The war of 1914-18 took place.")
    >>> properties = load_ontology().properties
    >>> read_value(properties["P582"], document, 11, 18)
    TimeValue(year=1918, month=None, day=None, precision=9)
    >>> read_value(properties["P585"], document, 11, 18) is None
    True
    """
    text = document.text[start:end]
    match property.kind:
        case ValueKind.TIME:
            return _time_of(property.id, text, document)
        case ValueKind.QUANTITY:
            return _quantity_of(property, document.text, start, end)
        case ValueKind.TEXT:
            plain = " ".join(text.split())
            return TextValue(plain) if plain else None
        case ValueKind.ITEM:
            return None


def _quantity_of(property: Property, text: str, start: int, end: int) -> QuantityValue | None:
    """A quantity, if what it measures is what the property is about: no height in kilometres."""
    value = quantity_at(text, start, end)
    if value and property.measures and not measures(value.unit, property.measures):
        return None
    return value


def _time_of(property_id: str, text: str, document: Document) -> TimeValue | None:
    """A point in time; of a range, the end that the property is about, or the month or year it is in."""
    point = read_time(text, published=document.published)
    period = None if point else read_period(text, published=document.published)
    if period is None:
        return point
    first, last = period
    if property_id in _FIRST_OF_PERIOD:
        return first
    if property_id in _LAST_OF_PERIOD:
        return last
    if first.year != last.year or first.precision < YEAR or last.precision < YEAR:
        return None
    if first.month == last.month:
        return TimeValue(first.year, first.month, precision=MONTH)
    return TimeValue(first.year, precision=YEAR)

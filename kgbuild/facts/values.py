"""The text of a value to a value of the kind that its property takes.

What enters is a span of a document; what leaves is a `Value`, or None where the span cannot be read
as one. How values are written as RDF is `kgbuild.rdf`'s to say.
"""

from __future__ import annotations

from kgbuild.facts.dates import read_time
from kgbuild.facts.quantities import quantity_at, read_quantity
from kgbuild.ontology import ValueKind
from kgbuild.records import Document, TextValue, Value

__all__ = ["read_quantity", "read_time", "read_value"]


def read_value(kind: ValueKind, document: Document, start: int, end: int) -> Value | None:
    """The value written at `start`:`end` of a document, or None where it is none of that kind.

    >>> document = Document("a", "https://kg.example.org/document/a", "It was founded in May 1912.")
    >>> read_value(ValueKind.TIME, document, 18, 26)
    TimeValue(year=1912, month=5, day=None, precision=10)
    >>> read_value(ValueKind.ITEM, document, 0, 2) is None
    True
    """
    text = document.text[start:end]
    match kind:
        case ValueKind.TIME:
            return read_time(text, published=document.published)
        case ValueKind.QUANTITY:
            return quantity_at(document.text, start, end)
        case ValueKind.TEXT:
            plain = " ".join(text.split())
            return TextValue(plain) if plain else None
        case ValueKind.ITEM:
            return None

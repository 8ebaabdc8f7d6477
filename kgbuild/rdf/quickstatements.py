"""Statements as QuickStatements commands (V1, https://www.wikidata.org/wiki/Help:QuickStatements).

A statement is a line of columns divided by tabs: subject, property, value, then qualifiers, then for
each document a reference with its URL (P854).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kgbuild.records import ItemValue, QuantityValue, TextValue, TimeValue, Value

_QID = re.compile(r"Q[1-9]\d*")
_PID = re.compile(r"P[1-9]\d*")
_UNSAID = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def command(
    subject: str,
    property: str,
    value: Value,
    qualifiers: Iterable[tuple[str, Value]] = (),
    urls: Iterable[str] = (),
) -> str | None:
    """The command that states it, without its line break; None where Wikidata has not all its parts.

    >>> command("Q937", "P569", TimeValue(1879, 3, 14, 11), urls=["https://a.org/b"])
    'Q937\\tP569\\t+1879-03-14T00:00:00Z/11\\tS854\\t"https://a.org/b"'
    >>> command("https://kg.example.org/entity/1", "P569", TimeValue(1879)) is None
    True
    """
    if not _QID.fullmatch(subject):
        return None
    columns: list[str | None] = [subject]
    for pid, each in ((property, value), *qualifiers):
        columns += [pid if _PID.fullmatch(pid) else None, written(each)]
    for number, url in enumerate(urls):
        columns += ["!S854" if number else "S854", _quoted(url)]
    known = [each for each in columns if each is not None]
    return "\t".join(known) if len(known) == len(columns) else None


def written(value: Value) -> str | None:
    """A value as a command has it; None for an entity or unit that is not Wikidata's.

    Wikidata counts 1 BCE as year -1. A text is on one line: white space and control characters in
    it become one space.

    >>> written(TimeValue(-43, 3, None, 10)), written(TextValue('a "b"', "en"))
    ('-0044-03-00T00:00:00Z/10', 'en:"a "b""')
    """
    match value:
        case ItemValue(entity):
            return entity if _QID.fullmatch(entity) else None
        case TimeValue(year, month, day, precision):
            sign, number = ("+", year) if year > 0 else ("-", 1 - year)
            return f"{sign}{number:04d}-{month or 0:02d}-{day or 0:02d}T00:00:00Z/{precision}"
        case QuantityValue(amount, unit):
            plain = format(amount.normalize(), "f")
            if unit is None:
                return plain
            return f"{plain}U{unit[1:]}" if _QID.fullmatch(unit) else None
        case TextValue(text, language):
            return f"{language}:{_quoted(text)}" if language else _quoted(text)


def _quoted(text: str) -> str:
    return '"' + _UNSAID.sub(" ", text).strip() + '"'

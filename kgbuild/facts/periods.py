"""English ranges of time to their first and last point: "1914-18", "from May to June 1820"."""

from __future__ import annotations

import re
from datetime import date

from kgbuild.facts.dates import CENTURY, read_time
from kgbuild.records import TimeValue

_BETWEEN = re.compile(
    r"^(?:(?:between|from|c\.|circa|the|years?|period|active) )*(?P<first>.+?)"
    r"(?: ?[-‐‑‒–—―/] ?| (?:to|and|until|till|through|up to) (?:the )?)(?P<last>[^-‐‑‒–—―/]+)$",
    re.IGNORECASE,
)
_MONTH_NAME = re.compile(r"[A-Za-z]{3,}\.?")


def read_period(text: str, *, published: date | None = None) -> tuple[TimeValue, TimeValue] | None:
    """The first and the last point of a range, or None where a phrase is no range of two dates.

    What the first part leaves out it shares with the last: "12-14 May 1820", "44-40 BC".

    >>> [value.year for value in read_period("1997-8") or ()]
    [1997, 1998]
    >>> [(value.month, value.day) for value in read_period("12 to 14 May 1820") or ()]
    [(5, 12), (5, 14)]
    >>> read_period("12 May 1820") is None
    True
    """
    match = _BETWEEN.match(" ".join(text.split()).strip(" ()[],;"))
    if match is None:
        return None
    first, last = match["first"], match["last"]
    short = re.fullmatch(r"(?P<century>\d{2,3}?)(?P<tail>\d{1,2})", first)
    if short and re.fullmatch(r"\d{1,2}", last) and len(first) == 4:
        last = first[: 4 - len(last)] + last
    month = _MONTH_NAME.match(first)
    shared = f"{month.group()} {last}" if month else last
    end = read_time(last, published=published) or read_time(shared, published=published)
    if end is None:
        return None
    start = next((value for value in _starts(first, last, end, published)), None)
    if start is None or _order(start) > _order(end):
        return None
    return start, end


def _starts(first: str, last: str, end: TimeValue, published: date | None) -> list[TimeValue]:
    """Readings of the first part, the one that borrows least from the last part first."""
    era = " BC" if end.year <= 0 else ""
    year = f"{1 - end.year}{era}" if era else str(end.year)
    month = next((word for word in _MONTH_NAME.findall(last) if read_time(f"{word} {year}")), "")
    phrases = [f"{first}{era}", f"{first} {year}"]
    if month and end.day is not None:
        phrases.append(f"{first} {month} {year}" if first.strip().isdigit() else f"{first} {year}")
        phrases.append(f"{month} {first} {year}")
    if era:
        phrases.append(first)
    if end.precision == CENTURY:
        phrases.append(f"{first} century{era}")
    readings = [read_time(phrase, published=published) for phrase in phrases]
    return [value for value in readings if value]


def _order(value: TimeValue) -> tuple[int, int, int]:
    return value.year, value.month or 0, value.day or 0

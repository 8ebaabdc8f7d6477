"""English dates to points in time; a month, day or year that the text does not give is never added.

A grammar of our own: general date parsers fill what is missing from today's date and know neither
centuries nor eras (docs/decisions/007-dates.md). What is not one point in time (a range, a bound such
as "before 1990", a fiscal year) has no reading here; `kgbuild.facts.periods` reads ranges.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta

from text_to_num import alpha2digit  # type: ignore[import-untyped]

from kgbuild.records import TimeValue

CENTURY, DECADE, YEAR, MONTH, DAY = 7, 8, 9, 10, 11

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name} | {
    name.lower(): number for number, name in enumerate(calendar.month_abbr) if name
}
_MONTHS["sept"] = 9
_WEEKDAYS = [name.lower() for name in calendar.day_name]
_DECADE_NAMES = {
    name: 1920 + 10 * position
    for position, name in enumerate(
        ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")
    )
}

_M = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_D = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_Y = r"(?P<year>\d{1,4})"
_SEP = r"(?: |-|/|\.)"
_WEEKDAY = rf"(?:{'|'.join(_WEEKDAYS)}|mon|tues?|wed|thurs?|fri|sat|sun)\.?"
_SEASON = "spring|summer|autumn|fall|winter|easter|christmas"
_PART = (
    r"(?:very )?(?:early|earlier|mid|middle|late|later|end|beginning|start|"
    r"(?:first|second|1st|2nd|latter|earlier|former) (?:half|part)|"
    r"(?:first|last|1st|2nd|3rd|4th|second|third|fourth) (?:quarter|third|decades?)|q[1-4]|"
    rf"(?:early |late |mid-?)?(?:{_SEASON}))"
)
_LEAD = re.compile(
    r"^(?:in|on|at|since|from|during|until|till|as(?: of)?|dated|effective|around|about|approximately|"
    r"approx\.?|roughly|probably|possibly|perhaps|likely|circa|ca?\.|ca|born|died|b\.|d\.|the|year|years|"
    rf"month|date|night|morning|evening|afternoon|of|{_WEEKDAY}|{_PART}(?: of)?(?=[ -]))[ -]*(?=\S)"
)
_ERA_BEFORE = re.compile(r"(?:^|(?<= ))(?:ad|a\.d\.|ce) ?(?=\d+$)")
_ERA_AFTER = re.compile(r" ?(?P<era>a\.?d\.?|b\.? ?c\.?(?: ?e\.?)?|c\.?e\.?|before christ|anno domini)$")
_CLOCK = re.compile(r"^(?:at )?\d{1,2}[:.]\d{2}(?: ?[ap]\.?m\.?)?(?: (?:utc|gmt|local time))?,? (?:on )?")


def read_time(text: str, *, published: date | None = None) -> TimeValue | None:
    """The point in time that an English phrase names, or None where it names none.

    A century is given by its round year (the 19th is 1900, the 5th BC is 500 BC), and a decade too,
    as Wikidata has them. Relative dates ("last year", "on
    Monday", "12 May" with no year) are read only where the date of publication is known. A numeric
    date whose day and month may be swapped gives its year alone.

    >>> read_time("May 12th, 1820")
    TimeValue(year=1820, month=5, day=12, precision=11)
    >>> read_time("the 1990s")
    TimeValue(year=1990, month=None, day=None, precision=8)
    >>> read_time("44 BC")
    TimeValue(year=-43, month=None, day=None, precision=9)
    >>> read_time("1990-1995") is None
    True
    """
    phrase = _normalise(text)
    stripped = _strip_lead(phrase)
    if published:
        told = _relative(phrase, published) or _relative(stripped, published)
        told = told or _without_year(stripped, published)
        if told:
            return told
    rest, era = _split_era(stripped)
    for pattern, build in _FORMS:
        match = pattern.fullmatch(rest)
        if match:
            value = build(match)
            return _in_era(value, era) if value else None
    return None


def _normalise(text: str) -> str:
    """Lower case, one kind of dash, space and quote, numbers in digits, no outer punctuation."""
    phrase = unicodedata.normalize("NFKC", text).lower()
    phrase = re.sub(r"[‐‑‒–—―−]", "-", phrase)
    phrase = re.sub(r"[’‘ʼ`]", "'", phrase)
    phrase = re.sub(r"(?<=[a-z])-(?=[a-z])|\s+", " ", phrase).strip(' "“”()[],;:?~')
    if re.search(r"[a-z]{3}", phrase):
        phrase = _with_digits(phrase)
    phrase = re.sub(r"(?<=\d)\.$", "", phrase)
    return re.sub(r",? of | ?, ?| the (?=\d)", " ", phrase).strip(" -")


def _with_digits(phrase: str) -> str:
    """Number words as digits; not those of hundreds, which nobody writes for a year.

    >>> _with_digits("may first"), _with_digits("hundred")
    ('may 1st', 'hundred')
    """
    told: str = alpha2digit(phrase, "en", 0)
    new = set(re.findall(r"\d+", told)) - set(re.findall(r"\d+", phrase))
    return phrase if any(len(number) == 3 for number in new) else told


def _strip_lead(phrase: str) -> str:
    """Leave out words that do not change which year, month or day is meant."""
    previous = ""
    while previous != phrase:
        previous = phrase
        phrase = _LEAD.sub("", _CLOCK.sub("", phrase))
    phrase = re.sub(r" q[1-4]$", "", phrase)
    return phrase.removesuffix(" or so")


def _split_era(phrase: str) -> tuple[str, int]:
    """The phrase with no era, and the era: -1, 1, or 0 where none is given."""
    if _ERA_BEFORE.search(phrase):
        return _ERA_BEFORE.sub("", phrase), 1
    after = _ERA_AFTER.search(phrase)
    if after and any(character.isdigit() for character in phrase[: after.start()]):
        return phrase[: after.start()].rstrip(" ,"), -1 if after["era"].startswith("b") else 1
    return phrase, 0


def _in_era(value: TimeValue, era: int) -> TimeValue | None:
    """Set a value in its era; a bare number below 100 is no year, and 30 February no day."""
    if era < 0:
        value = TimeValue(1 - value.year, value.month, value.day, value.precision)
    elif not era and value.precision >= YEAR and value.year < 100:
        return None
    return value if _exists(value) else None


def _exists(value: TimeValue) -> bool:
    """Whether the (proleptic Gregorian) calendar has such a month and day."""
    if value.month is None:
        return True
    if not 1 <= value.month <= 12:
        return False
    leap = value.year % 4 == 0 and (value.year % 100 != 0 or value.year % 400 == 0)
    last = 29 if value.month == 2 and leap else calendar.monthrange(2001, value.month)[1]
    return value.day is None or 1 <= value.day <= last


def _value(year: int, month: int | None = None, day: int | None = None) -> TimeValue:
    return TimeValue(year, month, day, YEAR if month is None else MONTH if day is None else DAY)


def _named(match: re.Match[str]) -> TimeValue | None:
    parts = match.groupdict()
    year = int(parts["year"])
    if year == 0:
        return None
    month = _MONTHS[parts["month"]] if parts.get("month") else None
    return _value(year, month, int(parts["day"]) if parts.get("day") else None)


def _digits(match: re.Match[str]) -> TimeValue | None:
    return _value(int(match["year"]), int(match["month"]), int(match["day"]) if match["day"] else None)


def _year_and_two_digits(match: re.Match[str]) -> TimeValue | None:
    """ "1820-05" is a month; "2001-02" may be a range as well, and has no reading."""
    month = int(match["month"])
    if month > int(match["year"]) % 100:
        return None
    return _value(int(match["year"]), month)


def _swappable(match: re.Match[str]) -> TimeValue | None:
    first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
    if match["separator"] == "." or first == second or first > 12:
        return _value(year, second, first)
    if second > 12:
        return _value(year, first, second)
    return TimeValue(year, precision=YEAR)


def _decade(match: re.Match[str]) -> TimeValue | None:
    year = int(match["decade"])
    if year % 100 == 0 and year != 2000:
        return TimeValue(year + 100, precision=CENTURY)
    return TimeValue(year, precision=DECADE)


def _short_decade(match: re.Match[str]) -> TimeValue | None:
    year = int(match["decade"])
    return TimeValue(year + (2000 if year < 20 else 1900), precision=DECADE)


def _named_decade(match: re.Match[str]) -> TimeValue | None:
    hundreds = int(match["hundreds"] or 19) * 100
    return TimeValue(hundreds + _DECADE_NAMES[match["name"]] % 100, precision=DECADE)


def _century(match: re.Match[str]) -> TimeValue | None:
    number = int(match["number"])
    return TimeValue(number * 100, precision=CENTURY) if 1 <= number <= 30 else None


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], TimeValue | None]], ...] = tuple(
    (re.compile(pattern), build)
    for pattern, build in (
        (r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?:[t ]\d{2}:.*)?", _digits),
        (r"(?P<year>\d{4})-(?P<month>\d{2})", _year_and_two_digits),
        (
            r"(?P<first>\d{1,2})(?P<separator>[-/.])(?P<second>\d{1,2})(?P=separator)(?P<year>\d{4})",
            _swappable,
        ),
        (rf"{_D}{_SEP}(?:day )?{_M}{_SEP}{_Y}", _named),
        (rf"{_M} (?:the )?{_D} {_Y}", _named),
        (rf"{_Y}{_SEP}{_M}(?:{_SEP}{_D})?", _named),
        (rf"{_M}{_SEP}{_Y}", _named),
        (_Y, _named),
        (r"(?P<decade>\d{2,3}0)(?:'?s|-?ies)", _decade),
        (r"'?(?P<decade>\d0)'?s", _short_decade),
        (rf"(?:(?P<hundreds>\d{{2}})[ -])?(?P<name>{'|'.join(_DECADE_NAMES)})", _named_decade),
        (r"(?P<number>\d{1,2})(?:st|nd|rd|th)[ -](?:century|c\.)", _century),
    )
)


def _relative(phrase: str, published: date) -> TimeValue | None:
    """Dates told from the day of publication."""
    days = {"today": 0, "yesterday": -1, "tomorrow": 1, "this morning": 0, "tonight": 0, "last night": -1}
    if phrase in days:
        return _of_date(published + timedelta(days[phrase]))
    match = re.fullmatch(r"(?P<which>this|last|next|the previous|the current) (?P<unit>year|month)", phrase)
    if match:
        step = {"this": 0, "the current": 0, "next": 1}.get(match["which"], -1)
        return _shifted(published, match["unit"], step)
    match = re.fullmatch(r"(?P<count>\d{1,3}|an?) (?P<unit>day|month|year)s? (?:ago|earlier)", phrase)
    if match:
        count = int(match["count"]) if match["count"].isdigit() else 1
        if match["unit"] == "day":
            return _of_date(published - timedelta(count))
        return _shifted(published, match["unit"], -count)
    match = re.fullmatch(rf"(?:on |last |this )?(?P<name>{'|'.join(_WEEKDAYS)})", phrase)
    if match:
        back = (published.weekday() - _WEEKDAYS.index(match["name"])) % 7
        return _of_date(published - timedelta(back or (7 if phrase.startswith("last") else 0)))
    return None


def _shifted(published: date, unit: str, step: int) -> TimeValue | None:
    if unit == "year":
        return TimeValue(published.year + step, precision=YEAR)
    months = published.year * 12 + published.month - 1 + step
    return TimeValue(months // 12, months % 12 + 1, precision=MONTH)


_DAY_MONTH = re.compile(rf"{_D} {_M}|{_M.replace('month', 'other')} {_D.replace('day', 'number')}")


def _without_year(phrase: str, published: date) -> TimeValue | None:
    """ "12 May" in a text of known date: the 12 May nearest to it."""
    match = _DAY_MONTH.fullmatch(phrase)
    if not match:
        return None
    month, day = _MONTHS[match["month"] or match["other"]], int(match["day"] or match["number"])
    found = [_value(published.year + step, month, day) for step in (-1, 0, 1)]
    dates = [date(value.year, month, day) for value in found if _exists(value)]
    return _of_date(min(dates, key=lambda each: abs(each - published))) if dates else None


def _of_date(day: date) -> TimeValue:
    return TimeValue(day.year, day.month, day.day, DAY)

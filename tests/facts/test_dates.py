"""The table `dates.tsv` is the specification: text, day of publication, expected value."""

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.facts.dates import read_time
from kgbuild.facts.periods import read_period
from kgbuild.records import TimeValue

TABLE = Path(__file__).with_name("dates.tsv")


def rows() -> list[tuple[str, str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(text, published, expected) for text, published, expected in list(reader)[1:]]


def written(value: TimeValue | None) -> str:
    """A value as the table writes it."""
    if value is None:
        return "-"
    year = f"{'-' if value.year < 0 else ''}{abs(value.year):04}"
    if value.precision < 9:
        return f"{ {7: 'century', 8: 'decade'}[value.precision] } {year}"
    parts = [year, *(f"{part:02}" for part in (value.month, value.day) if part)]
    assert len(parts) == value.precision - 8
    return "-".join(parts)


@pytest.mark.parametrize(("text", "published", "expected"), rows())
def test_table(text: str, published: str, expected: str) -> None:
    day = date.fromisoformat(published) if published else None
    assert written(read_time(text, published=day)) == expected


def test_the_table_is_large() -> None:
    assert len(rows()) >= 300


@given(st.dates(date(1000, 1, 1)), st.sampled_from(["%d %B %Y", "%B %d, %Y", "%Y-%m-%d", "%A, %d %b %Y"]))
def test_what_is_written_is_read(day: date, style: str) -> None:
    assert read_time(day.strftime(style)) == TimeValue(day.year, day.month, day.day, 11)


@given(st.text(alphabet="0123456789-/.,' adbcehmystnruMayJn ", max_size=24), st.none() | st.dates())
def test_nothing_is_invented(text: str, published: date | None) -> None:
    value = read_time(text, published=published)
    if value is None:
        return
    assert (value.day is not None) == (value.precision == 11)
    assert (value.month is not None) == (value.precision >= 10)
    if published is None and value.precision == 9 and value.year > 0:
        assert str(value.year) in text


@given(st.text(max_size=40), st.dates())
def test_any_text_is_read_or_refused(text: str, published: date) -> None:
    value, period = read_time(text, published=published), read_period(text, published=published)
    for each in (value, *(period or ())):
        assert each is None or 7 <= each.precision <= 11


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("1997-8", "1997", "1998"),
        ("1914–18", "1914", "1918"),
        ("1914–1918", "1914", "1918"),
        ("1899-1900", "1899", "1900"),
        ("2001-02", "2001", "2002"),
        ("from 1914 to 1918", "1914", "1918"),
        ("between 1914 and 1918", "1914", "1918"),
        ("12-14 May 1820", "1820-05-12", "1820-05-14"),
        ("May 12-14, 1820", "1820-05-12", "1820-05-14"),
        ("12 May – 3 June 1820", "1820-05-12", "1820-06-03"),
        ("12 May 1820 – 3 June 1821", "1820-05-12", "1821-06-03"),
        ("May to June 1820", "1820-05", "1820-06"),
        ("44–40 BC", "-0043", "-0039"),
        ("146-140 BC", "-0145", "-0139"),
        ("100 BC to 44 BC", "-0099", "-0043"),
        ("27 BC – AD 14", "-0026", "0014"),
        ("the 1990s to 2005", "decade 1990", "2005"),
        ("18th to 19th century", "century 1800", "century 1900"),
    ],
)
def test_periods(text: str, start: str, end: str) -> None:
    period = read_period(text)
    assert period is not None
    assert [written(value) for value in period] == [start, end]


@pytest.mark.parametrize(
    "text", ["1820", "12 May 1820", "1820-05-12", "1918-1914", "1999–present", "10-12", "12/05/1820", "-", ""]
)
def test_no_period(text: str) -> None:
    assert read_period(text) is None

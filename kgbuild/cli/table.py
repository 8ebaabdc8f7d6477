"""Rows as an aligned table, for a person."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence

import typer
from rich.cells import cell_len, set_cell_size

GAP = 2
NARROWEST = 8
"""Cells below which no column is cut to fit a terminal."""


def show(columns: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Iterable[int] = ()) -> None:
    """Print a table; the columns `numbers` are aligned to the right.

    On a terminal the widest columns are cut to its width; a pipe or a file gets all of it.
    """
    text = [[str(cell) for cell in row] for row in rows]
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in lines(columns, text, right=frozenset(numbers), width=width):
        typer.echo(line)


def lines(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: frozenset[int] = frozenset(),
    width: int | None = None,
) -> list[str]:
    """A table as lines of text of at most `width` terminal cells, where that can be.

    >>> lines(("city", "people"), [("Zürich", "434008"), ("柏林", "3677472")], right=frozenset({1}))
    ['city     people', '──────  ───────', 'Zürich   434008', '柏林    3677472']
    """
    shown = [[one_line(cell) for cell in row] for row in (columns, *rows)]
    widths = _fitted([max(map(cell_len, column)) for column in zip(*shown, strict=True)], width)
    rule = ["─" * each for each in widths]
    return [_aligned(row, widths, right) for row in (shown[0], rule, *shown[1:])]


def one_line(text: str) -> str:
    """A text without line breaks and control characters, which would tear a table.

    >>> one_line("a\\tb\\x1b[1m")
    'a b [1m'
    """
    return "".join(" " if unicodedata.category(each) in _TEARING else each for each in text)


_TEARING = ("Cc", "Zl", "Zp", "Cs")


def _fitted(widths: list[int], width: int | None) -> list[int]:
    """Column widths of which the widest are cut until the table fits."""
    spare = sum(widths) + GAP * (len(widths) - 1) - (width or sys.maxsize)
    fitted = list(widths)
    while spare > 0:
        widest = max(range(len(fitted)), key=fitted.__getitem__)
        if fitted[widest] <= NARROWEST:
            break
        fitted[widest] -= 1
        spare -= 1
    return fitted


def _aligned(row: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> str:
    padded = []
    for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
        cut = cell if cell_len(cell) <= width else _cut(cell, width)
        space = " " * (width - cell_len(cut))
        padded.append(space + cut if place in right else cut + space)
    return (" " * GAP).join(padded).rstrip()


def _cut(cell: str, width: int) -> str:
    """A cell cut to a width; of an IRI the end is kept, in which it differs from others.

    >>> _cut("a long sentence", 8), _cut("https://kg.example.org/document/a.txt", 8)
    ('a long …', '…t/a.txt')
    """
    if "://" not in cell or " " in cell:
        return set_cell_size(cell, width - 1) + "…"
    end = cell[-(width - 1) :]
    while cell_len(end) > width - 1:
        end = end[1:]
    return "…" + end

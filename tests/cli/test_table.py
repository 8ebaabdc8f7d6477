"""Tables align, whatever their cells hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kgbuild.cli.table import lines

CELL = st.text(max_size=30)


@given(st.lists(st.tuples(CELL, CELL), max_size=5))
def test_columns_begin_at_the_same_cell(rows: list[tuple[str, str]]) -> None:
    bare = [(first.replace("|", "/"), "|" + second) for first, second in rows]
    shown = lines(("a", "|b"), bare)
    assert len(shown) == len(rows) + 2
    assert len({cell_len(line[: line.index("|")]) for line in (shown[0], *shown[2:])}) == 1


@given(
    st.lists(st.tuples(CELL, st.one_of(CELL, CELL.map("https://柏林.org/{}".format)))), st.integers(20, 60)
)
def test_a_terminal_is_never_overrun(rows: list[tuple[str, str]], width: int) -> None:
    assert all(cell_len(line) <= width for line in lines(("a", "b"), rows, width=width))


def test_numbers_stand_right_and_long_cells_are_cut() -> None:
    shown = lines(("name", "count"), [("a", "1"), ("b" * 40, "1,000")], right=frozenset({1}), width=20)
    assert shown == [
        "name           count",
        "─" * 13 + "  ─────",
        "a                  1",
        "b" * 12 + "…  1,000",
    ]

"""Sorting more than memory holds."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.link.kb.sorting import Sorter


@pytest.mark.parametrize("limit", [1, 5_000, 10**9])
def test_records_come_back_sorted_however_little_memory_there_is(tmp_path: Path, limit: int) -> None:
    chance = random.Random(1)
    given = [chance.randbytes(chance.randint(0, 12)) for _ in range(20_000)]
    sorter = Sorter(tmp_path, "x", limit=limit)
    for start in range(0, len(given), 137):
        sorter.add(given[start : start + 137])
    assert [record for some in sorter.sorted() for record in some] == sorted(given)
    sorter.remove()
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.binary(max_size=4)))
def test_small_lists_are_sorted(records: list[bytes]) -> None:
    sorter = Sorter(Path(), "unused")
    sorter.add(list(records))
    assert [record for some in sorter.sorted() for record in some] == sorted(records)


def test_a_sorter_goes_on_with_the_runs_of_another(tmp_path: Path) -> None:
    first = Sorter(tmp_path, "x")
    first.add([b"b", b"d"])
    first.spill()
    second = Sorter(tmp_path, "x", runs=first.runs)
    second.add([b"c", b"a"])
    assert [record for some in second.sorted() for record in some] == [b"a", b"b", b"c", b"d"]

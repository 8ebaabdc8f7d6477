"""What the graph is like, as tables, JSON and a plot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lxml import etree


def test_tables(run: Any, store: Path) -> None:
    result = run("stats", "--store", store)
    assert (result.status, result.err) == (0, "")
    rows = [tuple(line.split()) for line in result.out.splitlines()]
    assert ("entities", "2") in rows
    assert ("spouse", "P26", "1") in rows
    assert ("Pierre", "Curie", "2", "1") in rows
    assert ("1", "2") in rows


def test_json_and_plot(run: Any, store: Path, tmp_path: Path) -> None:
    result = run("stats", "--json", "--top", "1", "--plot", tmp_path / "d.svg", "--store", store)
    found = json.loads(result.out)
    assert [each["label"] for each in found["central"]] == ["Pierre Curie"]
    assert found["degrees"] == {"1": 2}
    assert etree.parse(tmp_path / "d.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"
    result = run("stats", "--plot", tmp_path / "d.docx", "--store", store)
    assert (result.status, "name a file that ends in .png, .svg, .pdf" in result.err) == (2, True)

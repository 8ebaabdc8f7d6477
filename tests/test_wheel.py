"""The wheel holds what a user needs beside the library: flows, the ontology, weights and the index."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
NEEDED = {
    "flows/__init__.py",
    "flows/build_graph.py",
    "flows/logging.yml",
    "flows/schedule.py",
    "kgbuild/cli/__init__.py",
    "kgbuild/data/given_names.tsv",
    "kgbuild/data/fast/model.safetensors",
    "kgbuild/data/kb/ranker.json",
    "kgbuild/data/kb/sample/data.mdb",
    "kgbuild/data/model/model.safetensors",
    "kgbuild/py.typed",
    "kgbuild/train/offices.tsv",
    "ontologies/kgbuild.ttl",
}


def test_the_wheel_is_whole_and_holds_nothing_else(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        entry_points = next(
            archive.read(name).decode() for name in names if name.endswith("entry_points.txt")
        )
    assert names >= NEEDED
    assert "kgbuild = kgbuild.cli:main" in entry_points
    assert {name.split("/")[0].split("-")[0] for name in names} == {"kgbuild", "flows", "ontologies"}
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]

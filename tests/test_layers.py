"""Who may import whom, as the contracts in pyproject.toml say."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


def test_imports_point_downwards() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout


def test_an_import_that_points_upwards_is_found(tmp_path: Path) -> None:
    for name in ("kgbuild", "flows"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("data", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    room = tmp_path / "kgbuild" / "text" / "sentences.py"
    room.write_text(room.read_text() + "\nfrom kgbuild.sources.files import FileSource\nimport torch\n")
    result = lint_imports(tmp_path)
    assert result.returncode == 1
    assert "kgbuild.text is not allowed to import kgbuild.sources" in result.stdout
    assert "kgbuild is not allowed to import torch" in result.stdout

"""What is imported is declared, what is declared is pinned, and each has its reason written down."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUNTIME = [Requirement(line) for line in PROJECT["dependencies"]]
OPTIONAL = [
    Requirement(line) for extra in ("plot", "ranker") for line in PROJECT["optional-dependencies"][extra]
]
DEVELOPMENT = [Requirement(line) for line in PROJECT["optional-dependencies"]["dev"]]
OURS = {"kgbuild", "flows", "ontologies"}


def imported(folder: str) -> set[str]:
    """Distributions of the third-party modules that the Python files below a folder import."""
    modules: set[str] = set()
    for file in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.split(".")[0])
    third_party = modules - sys.stdlib_module_names - OURS - {"_typeshed"}
    known = packages_distributions()
    return {canonicalize_name(known[module][0]) for module in third_party}


def names(requirements: list[Requirement]) -> set[str]:
    return {canonicalize_name(requirement.name) for requirement in requirements}


@pytest.mark.parametrize("folder", ["kgbuild", "flows"])
def test_every_import_is_declared(folder: str) -> None:
    assert imported(folder) <= names(RUNTIME + OPTIONAL)


def test_every_dependency_is_pinned_within_its_range() -> None:
    pins = dict(re.findall(r"^([\w.-]+)==([\w.]+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    versions = {canonicalize_name(name): version for name, version in pins.items()}
    for requirement in RUNTIME + OPTIONAL + DEVELOPMENT:
        version = versions[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement} but constraints.txt has {version}"


@pytest.mark.parametrize("name", sorted(names(RUNTIME + OPTIONAL + DEVELOPMENT)))
def test_every_dependency_has_its_reason(name: str) -> None:
    written = (ROOT / "docs" / "decisions" / "003-dependencies.md").read_text().lower().replace("_", "-")
    assert name in written

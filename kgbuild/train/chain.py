"""Recipes that are trained one after another, each of which may go on from the models before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from kgbuild.errors import ConfigurationError
from kgbuild.train.config import TrainingConfig, read_recipe
from kgbuild.train.data import read_data
from kgbuild.train.start import ontology_of


class Part(NamedTuple):
    """A recipe and where it was read."""

    path: Path
    config: TrainingConfig


def read_chain(paths: Sequence[Path]) -> list[Part]:
    """The recipes of files, and of folders in the order of their names, with all that they read checked.

    Raises ConfigurationError for a folder without recipes, two recipes that write to one folder, and one
    that goes on from a model which is neither there nor made by a recipe before it.
    """
    parts = [Part(path, read_recipe(path)) for path in _files(paths)]
    made: set[Path] = set()
    for part in parts:
        output = Path(part.config.output)
        for start in map(Path, part.config.starts):
            if start not in made and not start.is_dir():
                raise ConfigurationError(
                    f"{part.path} goes on from {start}, which is not there; "
                    "give the recipe that makes it before this one"
                )
        if output in made:
            raise ConfigurationError(f"{part.path} writes to {output}, as a recipe before it does")
        made.add(output)
    for part in parts[1:]:  # the first one's data are read at once
        read_data(part.config, ontology_of(part.config))
    return parts


def _files(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob("*.toml")) if path.is_dir() else [path]
        if not inside:
            raise ConfigurationError(f"{path} holds no recipe; give a TOML file, or a folder of them")
        found += inside
    return found

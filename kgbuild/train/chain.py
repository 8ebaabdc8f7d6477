"""Recipes that are trained one after another, each of which may go on from the models before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from kgbuild.errors import ConfigurationError
from kgbuild.extract.shipped import FOLDERS, model_folder
from kgbuild.train.checkpoint import folder_of
from kgbuild.train.config import TrainingConfig, read_recipe
from kgbuild.train.data import read_data
from kgbuild.train.seeds import by_seed
from kgbuild.train.start import ontology_of


class Part(NamedTuple):
    """A recipe and where it was read."""

    path: Path
    config: TrainingConfig


def read_chain(paths: Sequence[Path]) -> list[Part]:
    """The recipes of files, and of folders in the order of their names, with all that they read checked.

    Raises ConfigurationError for a folder without recipes, two recipes that write to one folder, one
    that goes on from a model which is neither there nor made by a recipe before it, one whose backbone
    is not there, and one that would replace what no training made.
    """
    parts = [Part(path, read_recipe(path)) for path in _files(paths)]
    made: set[Path] = set()
    for part in parts:
        output = Path(part.config.output)
        needed = [("goes on from", each) for each in part.config.starts]
        needed += [("has for a teacher", each) for each in filter(None, [part.config.teacher])]
        for what, model in needed:
            if Path(model) not in made and not model_folder(model).is_dir():
                raise ConfigurationError(
                    f"{part.path} {what} {model}, which is not there; give the recipe that makes it before "
                    f"this one, or the name of a model in the package: {' or '.join(FOLDERS)}"
                )
        if not part.config.starts:
            _require_backbone(part)
        if output in made:
            raise ConfigurationError(f"{part.path} writes to {output}, as a recipe before it does")
        _refuse_to_replace(part)
        made.add(output)
    for part in parts[1:]:  # the first one's data are read at once
        read_data(part.config, ontology_of(part.config))
    return parts


def _require_backbone(part: Part) -> None:
    """Raise ConfigurationError where a recipe's fresh network has nothing to be made on."""
    folder = Path(part.config.backbone)
    missing = [name for name in ("config.json", "tokenizer.json") if not (folder / name).is_file()]
    if missing:
        raise ConfigurationError(
            f"{part.path} starts on the backbone {part.config.backbone!r}, which holds no {missing[0]}; give "
            "the folder of a Hugging Face BERT encoder (docs/training.md says how to fetch one), or go on "
            "from a model by start_from"
        )


def _refuse_to_replace(part: Part) -> None:
    """Raise ConfigurationError where a recipe writes to a place that holds something else."""
    output = Path(part.config.output)
    places = [(output, "network.json", "model")]
    if not part.config.fits:
        places += [(folder_of(own), "state.json", "checkpoint") for own in by_seed(part.config)]
    for place, mark, what in places:
        if place.exists() and not (place / mark).is_file() and not _is_empty(place):
            raise ConfigurationError(
                f"{part.path} writes to {place}, which is no {what} and is not overwritten; "
                "move what is there, or give the recipe another output"
            )


def _is_empty(place: Path) -> bool:
    return place.is_dir() and not any(place.iterdir())


def _files(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob("*.toml")) if path.is_dir() else [path]
        if not inside:
            raise ConfigurationError(f"{path} holds no recipe; give a TOML file, or a folder of them")
        found += inside
    return found

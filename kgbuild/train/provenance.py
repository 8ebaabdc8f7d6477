"""What a model was trained by: the recipe, and what was in each file that it read.

It is written beside the weights once they are whole, and goes when others replace the folder, so it tells
where its model comes from, and the same training is not done twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from kgbuild import __version__
from kgbuild.extract.shipped import model_folder
from kgbuild.train.config import TrainingConfig
from kgbuild.train.data import file_of

FILE = "training.json"
"""Its name in a model folder."""


class Provenance(msgspec.Struct, frozen=True):
    """The version of kgbuild, the recipe, and the SHA-256 of each file or folder that it names."""

    kgbuild: str
    recipe: TrainingConfig
    inputs: dict[str, str]

    @classmethod
    def of(cls, config: TrainingConfig) -> Provenance:
        """That of a training which begins now, wherever it computes."""
        anywhere = msgspec.structs.replace(config, device="auto")
        return cls(__version__, anywhere, {name: _digest(path) for name, path in _inputs(config)})

    @property
    def path(self) -> Path:
        """Where it is written."""
        return Path(self.recipe.output) / FILE

    def write(self) -> None:
        """Say in the model's folder that this training made it."""
        self.path.write_bytes(msgspec.json.format(msgspec.json.encode(self)) + b"\n")

    @property
    def is_done(self) -> bool:
        """Whether the folder holds what this training would make again."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Provenance) == self
        except (OSError, msgspec.MsgspecError):
            return False


def _inputs(config: TrainingConfig) -> Iterator[tuple[str, Path]]:
    """What is read, by the names that the recipe gives: a file of the package by its own."""
    for spec in config.data:
        path = file_of(spec, config)
        yield (str(path) if spec.path else path.name), path
    for named in filter(None, [None if config.starts else config.backbone, config.ontology]):
        yield named, Path(named)
    for model in (*config.starts, *filter(None, [config.teacher])):
        yield model, model_folder(model)


def _digest(path: Path) -> str:
    """The SHA-256 of a file, or of a folder's files with their names; of nothing where it is not there."""
    found = hashlib.sha256()
    for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if each.is_file():
            found.update(str(each.relative_to(path)).encode())
            with each.open("rb") as file:
                found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()

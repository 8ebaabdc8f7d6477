"""The models in the package."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

FOLDERS = {"base": "model", "fast": "fast"}
"""Names of the models, and the folders of `kgbuild/data` in which they lie. The fast one has half the layers,
and was taught by the other (docs/decisions/086)."""


def shipped(name: str = "base") -> Path:
    """The folder of a model in the package.

    >>> shipped("fast").name
    'fast'
    """
    return Path(str(resources.files("kgbuild") / "data" / FOLDERS[name]))


def model_folder(model: str | Path) -> Path:
    """The folder of a model that is told by its folder or, where there is none so called, by its name.

    >>> model_folder("base") == shipped("base"), model_folder("runs/mine").as_posix()
    (True, 'runs/mine')
    """
    return shipped(str(model)) if str(model) in FOLDERS and not Path(model).exists() else Path(model)

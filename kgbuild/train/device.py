"""Where a run computes: a recipe's word for it as a device, and records of tensors on it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import torch
from torch import Tensor

from kgbuild.errors import ConfigurationError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Record = TypeVar("Record", bound=DataclassInstance)


def chosen(name: str) -> torch.device:
    """The device that `auto`, `cpu` or `cuda` means here.

    Raises ConfigurationError where a GPU is asked for and torch can use none.
    """
    found = torch.cuda.is_available()
    if name == "cuda" and not found:
        built = "sees no GPU" if torch.version.cuda else "was built without CUDA"
        raise ConfigurationError(
            f'the recipe says device = "cuda", but this torch ({torch.__version__}) {built}; '
            'install one that fits the driver, or say "cpu" or "auto"'
        )
    return torch.device("cuda" if name == "cuda" or (name == "auto" and found) else "cpu")


def on(device: torch.device, record: Record) -> Record:
    """A frozen record with all its tensors, and those of the records in it, on a device."""
    moved: dict[str, object] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, Tensor):
            moved[field.name] = value.to(device)
        elif is_dataclass(value) and not isinstance(value, type):
            moved[field.name] = on(device, value)
    return replace(record, **moved)

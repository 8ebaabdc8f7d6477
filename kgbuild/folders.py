"""Folders that are replaced whole: at every moment the older or the newer one can be found.

The older one stands aside, as `NAME.replaced`, until the newer one has its name. Who is killed between the
two leaves it there, and `restore_folder` brings it back.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """An empty folder to write to, which takes the other's place at the end of the block.

    What a block writes that ends in an error is left beside the folder, and goes with the next one.
    """
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    yield partial
    restore_folder(folder)
    aside = _aside(folder)
    shutil.rmtree(aside, ignore_errors=True)
    if folder.exists():
        folder.rename(aside)
    partial.rename(folder)
    shutil.rmtree(aside, ignore_errors=True)


def restore_folder(folder: Path) -> None:
    """Bring back a folder that stands aside; to be called before it is read."""
    aside = _aside(folder)
    if aside.is_dir() and not folder.exists():
        aside.rename(folder)


def remove_folder(folder: Path) -> None:
    """Remove a folder, and what stands aside for it; nothing where there is neither."""
    shutil.rmtree(_aside(folder), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def _aside(folder: Path) -> Path:
    return folder.with_name(folder.name + ".replaced")

"""Digests of what a run used: the code, the configuration, files. All are SHA-256, in hex."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

import msgspec

from kgbuild.config import Settings

_PACKAGES = ("kgbuild", "flows")


def code_digest() -> str:
    """The digest of the Python files of kgbuild and its flows, by their place in the packages."""
    files = []
    for package in _PACKAGES:
        root = Path(str(resources.files(package)))
        files += [(f"{package}/{file.relative_to(root).as_posix()}", file) for file in root.rglob("*.py")]
    return _digest(sorted(files))


def folder_digest(folder: Path) -> str:
    """The digest of the files in a folder, or of one file, by their names."""
    files = [folder] if folder.is_file() else sorted(each for each in folder.iterdir() if each.is_file())
    return _digest((each.name, each) for each in files)


def settings_digest(settings: Settings) -> str:
    """The digest of what is set, but for paths: what these name has a digest of its own.

    >>> settings_digest(Settings()) == settings_digest(Settings(store=Path("elsewhere")))
    True
    >>> settings_digest(Settings()) == settings_digest(Settings(corpus="news"))
    False
    """
    plain = msgspec.to_builtins(settings, enc_hook=lambda _path: None)
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _digest(files: Iterable[tuple[str, Path]]) -> str:
    """The digest of named files: that of a list of them as `sha256sum` prints it."""
    state = hashlib.sha256()
    for name, file in files:
        with file.open("rb") as content:
            state.update(f"{hashlib.file_digest(content, 'sha256').hexdigest()}  {name}\n".encode())
    return state.hexdigest()

"""JSON and JSON-lines files, gzip or not, with the file and line in every error."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from kgbuild.errors import DatasetError


def read_bytes(path: Path) -> bytes:
    """The content of a file, unpacked where its name ends in .gz."""
    if not path.is_file():
        raise DatasetError(f"{path} is not a file; give the data set's file")
    try:
        return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError) as error:
        raise DatasetError(f"{path} cannot be unpacked: {error}") from error


def read_json(path: Path, type: Any = Any) -> Any:
    """One JSON value, checked against a msgspec type."""
    try:
        return msgspec.json.decode(read_bytes(path), type=type)
    except msgspec.MsgspecError as error:
        raise DatasetError(f"{path}: {error}") from error


def read_lines(path: Path, type: Any = Any) -> Iterator[tuple[int, Any]]:
    """(line number, value) of each non-empty line."""
    decoder = msgspec.json.Decoder(type)
    for number, line in enumerate(read_bytes(path).split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            yield number, decoder.decode(line)
        except msgspec.MsgspecError as error:
            raise DatasetError(f"{path}:{number}: {error}") from error


def files(path: Path, pattern: str) -> list[Path]:
    """The path itself, or the files in a folder that match, sorted."""
    found = sorted(path.glob(pattern)) if path.is_dir() else [path]
    if not found:
        raise DatasetError(f"{path} holds no file like {pattern}")
    return found

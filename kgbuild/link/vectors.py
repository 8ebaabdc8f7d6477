"""Vectors of entities, computed once and kept beside an index.

The index itself is read-only, so they lie in a file of their own in its folder, one for each encoder and its
projections: another model has another file. A vector is kept under the hash of the text that it is of, so
that a changed description has a new one. Processes share the file through memory mapping and write to it one
after another; a process that is killed loses what it had not yet written, and nothing else.
"""

from __future__ import annotations

import hashlib
import logging
import os
import weakref
from pathlib import Path
from typing import Any

import lmdb
import numpy as np
from numpy.typing import NDArray

from kgbuild.link.format import VECTORS

logger = logging.getLogger(__name__)

MAP_SIZE = 64 * 2**30
"""Bytes of address space; the file grows as it is filled."""

AT_ONCE = 512
"""New vectors that are written together, and at the latest when the process ends."""

MOST_READERS = 1024
"""Processes that may have the file open at a time."""

FLOAT = "<f2"
_KEY = 16
_Array = NDArray[np.float32]


_environments: weakref.WeakValueDictionary[tuple[str, int], lmdb.Environment] = weakref.WeakValueDictionary()
"""Open files by path and process: LMDB refuses to open one twice."""


class Vectors:
    """The vectors in `folder` that the encoder and projections named `digest` made, as float16.

    Where the folder cannot be written to, what is in it is read and nothing is added; where its file is
    damaged, vectors are computed anew and not kept: both are logged. Several processes, and forked ones,
    may have it open.
    """

    def __init__(self, folder: str | os.PathLike[str], digest: str, *, at_once: int = AT_ONCE) -> None:
        self.path = Path(folder) / f"{VECTORS}{digest[:16]}.mdb"
        self._at_once = at_once
        self._open()

    def get(self, text: str) -> _Array | None:
        """The vector of a text, or None where there is none."""
        name = _name(text)
        environment = self._own()
        held = self._waiting.get(name)
        if held is None and environment is not None:
            try:
                with environment.begin() as transaction:
                    held = transaction.get(name)
            except lmdb.Error as error:
                self._give_up(error)
        return None if held is None else np.frombuffer(held, FLOAT).astype(np.float32)

    def put(self, text: str, vector: _Array) -> None:
        """Keep a vector; it is written with the next ones."""
        environment = self._own()
        if environment is None or environment.flags()["readonly"]:
            return
        self._waiting[_name(text)] = vector.astype(FLOAT).tobytes()
        if len(self._waiting) >= self._at_once:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        environment = self._own()
        if environment is None or not self._waiting:
            return
        try:
            _write(environment, self._waiting)
        except lmdb.Error as error:
            self._give_up(error)
        self._waiting.clear()

    def __len__(self) -> int:
        """How many are kept in the file."""
        environment = self._own()
        return 0 if environment is None else int(environment.stat()["entries"])

    def _open(self) -> None:
        self._process = os.getpid()
        self._waiting: dict[bytes, bytes] = {}
        self._environment = _opened(self.path)
        self._end = weakref.finalize(self, _written_at_end, self._waiting, self._environment, self._process)

    def _own(self) -> lmdb.Environment | None:
        """The file as this process has it open."""
        if self._process != os.getpid():
            self._end.detach()
            if self._environment is not None:
                self._environment.close()  # the child's copy alone: LMDB refuses to open it again before
            self._open()
        return self._environment

    def _give_up(self, error: lmdb.Error) -> None:
        logger.warning("vectors of entities are no longer kept in %s: %s", self.path, error)
        self._environment = None


def _opened(path: Path) -> lmdb.Environment | None:
    """The file, to be written to or else to be read, or None where neither can be."""
    place = (os.path.realpath(path), os.getpid())
    environment = _environments.get(place)
    if environment is not None:
        return environment
    options: dict[str, Any] = {"subdir": False, "map_size": MAP_SIZE, "max_readers": MOST_READERS}
    try:
        environment = lmdb.open(str(path), metasync=False, **options)
    except (lmdb.Error, OSError) as error:
        environment = _only_read(path, options)
        logger.warning("vectors of entities are not kept in %s: %s", path, error)
    if environment is not None:
        _environments[place] = environment
    return environment


def _only_read(path: Path, options: dict[str, Any]) -> lmdb.Environment | None:
    if not path.exists():
        return None
    try:
        return lmdb.open(str(path), readonly=True, lock=False, **options)
    except (lmdb.Error, OSError):
        return None


def _write(environment: lmdb.Environment, rows: dict[bytes, bytes]) -> None:
    with environment.begin(write=True) as transaction, transaction.cursor() as cursor:
        cursor.putmulti(sorted(rows.items()), overwrite=False)


def _written_at_end(waiting: dict[bytes, bytes], environment: lmdb.Environment | None, process: int) -> None:
    """What still waits is written when its owner goes, in the process that computed it."""
    if environment is None or not waiting or process != os.getpid():
        return
    try:
        _write(environment, waiting)
    except lmdb.Error as error:
        logger.warning("vectors of entities were not kept: %s", error)


def _name(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_KEY).digest()

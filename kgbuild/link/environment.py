"""The file of an index, mapped into memory and read-only: its tables, and what it says of itself."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from weakref import WeakValueDictionary

import lmdb
import msgspec

from kgbuild.errors import KnowledgeBaseError
from kgbuild.link.format import DATA_FILE, FORMAT, TABLES, Meta, unpack_numbers

MEND = "build it again, or reinstall kgbuild where it is the sample in the package"
AT_ONCE = 1024
"""Keys that are read before others may use the file."""

_environments: WeakValueDictionary[tuple[int, int], lmdb.Environment] = WeakValueDictionary()
"""Open files by device and inode: LMDB refuses to open one twice in a process.

A forked child goes on with its parent's: without locks an environment is a map of the file and
nothing else.
"""


class IndexFile:
    """The tables of an index' folder.

    Raises `KnowledgeBaseError` where the folder is missing, damaged, or of another format.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.environment = _open_environment(self.path)
        self.meta = _read_meta(self.environment, self.path)
        self.tables = {name: self.environment.open_db(name.encode()) for name in TABLES}
        self._held = self.environment.begin(buffers=True)
        self.ids = tuple(self._columns())

    def get(self, table: str, name: bytes) -> bytes | None:
        """The value of a key, or None."""
        with self.environment.begin() as transaction:
            message = transaction.get(name, db=self.tables[table])
        return None if message is None else bytes(message)

    def value(self, table: str, name: bytes) -> memoryview | None:
        """The value of a key as it lies in the file, or None: for those who read it at once."""
        found: memoryview | None = self._held.get(name, db=self.tables[table])
        return found

    def keys_after(self, table: str, last: bytes) -> list[bytes]:
        """The next keys after one, or the first; no transaction is open while they are looked at."""
        with self.environment.begin() as transaction, transaction.cursor(self.tables[table]) as cursor:
            found = cursor.set_range(last + b"\0") if last else cursor.first()
            return list(map(bytes, islice(cursor.iternext(values=False), AT_ONCE))) if found else []

    def keys_from(self, table: str, start: bytes, most: int) -> list[bytes]:
        """At most so many keys that begin so."""
        found: list[bytes] = []
        with self.environment.begin() as transaction, transaction.cursor(self.tables[table]) as cursor:
            if cursor.set_range(start):
                for held in map(bytes, islice(cursor.iternext(values=False), most)):
                    if not held.startswith(start):
                        break
                    found.append(held)
        return found

    def verify(self) -> None:
        """Read everything and raise `KnowledgeBaseError` where it is not what was written."""
        try:
            digest = content_digest(self.environment)
        except lmdb.Error as error:
            raise damaged(self.path) from error
        if digest != self.meta.digest:
            raise damaged(self.path)

    def _columns(self) -> Iterator[memoryview]:
        """The parts of the table of ids, as they lie in the file: it stays as it is while it is open."""
        with self._held.cursor(self.tables["ids"]) as cursor:
            for part in cursor.iternext(keys=False):
                yield (
                    memoryview(part).cast("I")
                    if sys.byteorder == "little"
                    else memoryview(unpack_numbers(part))
                )


def content_digest(environment: lmdb.Environment) -> str:
    """SHA-256 (hex) of the tables' own, each over its keys and values in order."""
    digests = []
    with environment.begin() as transaction:
        for name in TABLES[1:]:
            state = hashlib.sha256()
            with transaction.cursor(environment.open_db(name.encode(), txn=transaction)) as cursor:
                for held, value in cursor:
                    state.update(held)
                    state.update(value)
            digests.append(state.digest())
    return hashlib.sha256(b"".join(digests)).hexdigest()


def damaged(path: Path) -> KnowledgeBaseError:
    """The error that says so of an index."""
    return KnowledgeBaseError(f"the index {path} is damaged; {MEND}")


def _open_environment(path: Path) -> lmdb.Environment:
    """Map an index' file, once in a process."""
    file = path / DATA_FILE
    try:
        status = file.stat()
    except OSError as error:
        raise KnowledgeBaseError(f"there is no index in {path} ({error.strerror}); {MEND}") from error
    identity = (status.st_dev, status.st_ino)
    environment = _environments.get(identity)
    if environment is not None:
        return environment
    try:
        environment = lmdb.open(
            str(path), readonly=True, lock=False, create=False, max_dbs=len(TABLES), max_readers=1
        )
        pages = environment.info()["last_pgno"] + 1
        whole = pages * environment.stat()["psize"] <= status.st_size
    except lmdb.Error as error:
        raise damaged(path) from error
    if not whole:
        environment.close()
        raise KnowledgeBaseError(
            f"the index {path} is cut short ({status.st_size} of {pages * 4096} bytes); {MEND}"
        )
    _environments[identity] = environment
    return environment


def _read_meta(environment: lmdb.Environment, path: Path) -> Meta:
    """What the index says of itself, where it is of the format that this code reads."""
    try:
        database = environment.open_db(b"meta", create=False)
        with environment.begin() as transaction:
            message = transaction.get(b"meta", db=database)
        told = msgspec.json.decode(message or b"")
        if isinstance(told, dict) and told.get("format") != FORMAT:
            raise KnowledgeBaseError(
                f"the index {path} has format {told.get('format')!r}, and this kgbuild reads {FORMAT}; {MEND}"
            )
        return msgspec.convert(told, Meta)
    except (lmdb.Error, msgspec.MsgspecError) as error:
        raise damaged(path) from error

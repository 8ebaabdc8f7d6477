"""The embedded store: Oxigraph in memory or in a folder."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pyoxigraph as ox

from kgbuild.errors import QueryError, StoreError
from kgbuild.protocols import Pattern
from kgbuild.stores import holder, update
from kgbuild.stores.failures import FAILURES, full, reading, unwritten

Found = TypeVar("Found")

FORMAT = 1
_MARKER = "kgbuild-store.json"
_QUADS = "quads"
_LEFT = ox.NamedNode("urn:kgbuild:left-to-remove")
"""Graph, subject and predicate of what a load that was cut off has still to remove."""


class OxigraphStore:
    """Oxigraph, embedded: one process writes, others may read what was there when they opened it."""

    def __init__(self, path: Path | None = None, *, read_only: bool = False) -> None:
        """Open the store in the folder `path`, or one in memory.

        A store to write is created where there is none; a folder that holds anything else is
        refused. StoreError where it cannot be opened.
        """
        self.path = path
        self._opened: ox.Store | None = ox.Store() if path is None else _open(path, read_only=read_only)
        self._holds = path is not None and not read_only
        self._written = False
        if self._holds:
            self._finish_load()

    def replace_graph(self, graph: str, quads: Sequence[ox.Quad]) -> None:
        """Put these quads in place of a graph, in one transaction."""
        self.update(update.replace_graph(graph, quads))

    def select(self, query: str) -> ox.QuerySolutions | ox.QueryBoolean:
        """Run a SELECT or ASK query; QueryError where it does not parse or is neither."""
        result = self._query(query)
        if isinstance(result, ox.QueryTriples):
            raise QueryError("this is a CONSTRUCT or DESCRIBE query; a SELECT or ASK query was expected")
        return result

    def construct(self, query: str) -> Iterator[ox.Triple]:
        """Run a CONSTRUCT or DESCRIBE query; QueryError where it does not parse or is neither."""
        result = self._query(query)
        if not isinstance(result, ox.QueryTriples):
            raise QueryError("this is a SELECT or ASK query; a CONSTRUCT or DESCRIBE query was expected")
        return self._fetched(result)

    def update(self, update: str) -> None:
        """Run a SPARQL update, all of it in one transaction."""
        try:
            self._write(lambda: self._store.update(update))
        except SyntaxError as error:
            raise QueryError(f"the update does not parse: {error}") from error

    def change(self, remove: Collection[ox.Quad], add: Collection[ox.Quad]) -> None:
        """Take quads away and put others in, in one transaction."""
        if remove:
            self.update(update.change(remove, add))
        elif add:
            self._write(lambda: self._store.extend(add))

    def load(self, remove: Collection[ox.Quad], add: Collection[ox.Quad]) -> None:
        """Do as `change` does, at the bulk rate; a kill leaves nothing of it, or all of it.

        The bulk loader can only add, in one step. So what is to be removed is added as well, as a note;
        who opens the store after a kill between the two steps removes it.
        """
        left = [_left(remove)] if remove else []
        self._write(lambda: self._store.bulk_extend([*add, *left]))
        self.change([*remove, *left], ())

    def quads(self, graph: str | None = None) -> Iterator[ox.Quad]:
        """Every quad, or those of one graph."""
        name = None if graph is None else ox.NamedNode(graph)
        return self._fetched(self._store.quads_for_pattern(None, None, None, name))

    def match(self, patterns: Iterable[Pattern]) -> Iterator[ox.Quad]:
        """The quads of named graphs that fit any of some patterns, pattern by pattern."""
        find = self._store.quads_for_pattern
        with reading(self._name):
            for pattern in patterns:
                yield from find(*pattern)

    def _finish_load(self) -> None:
        """Remove what a load that was cut off has left to remove."""
        for quad in list(self.quads(_LEFT.value)):
            if isinstance(quad.object, ox.Literal):
                self.change([*ox.parse(quad.object.value, format=ox.RdfFormat.N_QUADS), quad], ())

    def close(self) -> None:
        """Release the folder; what was written is on disk already. A closed store cannot be used.

        The flush spares whoever opens the store next from reading its log again (seconds, not
        milliseconds, after a large build).
        """
        opened, self._opened = self._opened, None
        try:
            if opened is not None and self._written:
                opened.flush()
            if opened is not None and self._holds and self.path:
                holder.release(self.path)
        except FAILURES as error:
            raise unwritten(self._name, error) from error

    @property
    def engine(self) -> ox.Store:
        """The Oxigraph store itself, for libraries that work on one; StoreError where it is closed."""
        return self._store

    @property
    def _store(self) -> ox.Store:
        if self._opened is None:
            raise StoreError(f"the store {self._name} is closed; open it again")
        return self._opened

    @property
    def _name(self) -> str:
        return str(self.path) if self.path else "in memory"

    def _write(self, write: Callable[[], None]) -> None:
        """Write; StoreError where that fails."""
        try:
            write()
            self._written = True
        except FAILURES as error:
            raise unwritten(self._name, error) from error

    def _fetched(self, found: Iterable[Found]) -> Iterator[Found]:
        with reading(self._name):
            yield from found

    def _query(self, query: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        try:
            return self._store.query(query, use_default_graph_as_union=True)
        except SyntaxError as error:
            raise QueryError(f"the query does not parse: {error}") from error
        except FAILURES as error:
            raise StoreError(f"cannot read the store {self._name}: {error}") from error


def _left(quads: Collection[ox.Quad]) -> ox.Quad:
    """A note of what is left to remove."""
    written = ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""
    return ox.Quad(_LEFT, _LEFT, ox.Literal(written.decode()), _LEFT)


def _open(path: Path, *, read_only: bool) -> ox.Store:
    """Open the store in a folder after looking at its marker."""
    _check_folder(path, read_only=read_only)
    folder = str(path / _QUADS)
    try:
        if read_only:
            return ox.Store.read_only(folder)
        opened = ox.Store(folder)
        holder.take(path)
        return opened
    except FAILURES as error:
        if full(error):
            raise unwritten(str(path), error) from error
        if re.search(r"\block\b", str(error), re.IGNORECASE):
            mend = f"{holder.holder(path)} is writing to it; wait for its end, or open the store read-only"
        else:
            mend = "it may be damaged; restore a copy, or remove the folder and build again"
        raise StoreError(f"cannot open the store {path}: {mend} ({error})") from error


def _check_folder(path: Path, *, read_only: bool) -> None:
    """See that the folder is a store of this format; make it one where nothing is there yet."""
    marker = path / _MARKER
    try:
        if path.exists() and not path.is_dir():
            raise StoreError(f"the store {path} is a file; name a folder")
        if marker.exists():
            _check_marker(path, marker.read_text(encoding="utf-8"))
        elif path.exists() and any(path.iterdir()):
            raise StoreError(f"the folder {path} holds other things and no store; name a new or empty folder")
        elif read_only:
            raise StoreError(f"there is no store at {path}; make one with `kgbuild build`")
        else:
            (path / _QUADS).mkdir(parents=True, exist_ok=True)
            marker.write_text(json.dumps({"format": FORMAT, "engine": "oxigraph"}) + "\n", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot use {path} as a store: {error.strerror or error}") from error


def _check_marker(path: Path, content: str) -> None:
    """Refuse a store of another format."""
    try:
        found = json.loads(content)["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"the store {path} is damaged: {_MARKER} cannot be read; restore a copy, or build again"
        ) from error
    if isinstance(found, int) and found > FORMAT:
        raise StoreError(
            f"the store {path} was made by a newer version of kgbuild (it has format {found}, this version "
            f"reads {FORMAT}); update kgbuild, or build again in another folder"
        )
    if found != FORMAT:
        raise StoreError(
            f"the store {path} has format {found}, and this version of kgbuild reads {FORMAT}; "
            "use the version that made it, or build again in another folder"
        )

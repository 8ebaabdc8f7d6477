"""The graph to a file: the same bytes for the same graph, whatever the order it was written in.

Turtle and N-Triples hold the union of the graphs, N-Quads, TriG and JSON-LD keep them apart. Lines
are sorted in runs of bounded size and merged, so that memory does not grow with the store.
"""

from __future__ import annotations

import heapq
import io
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from enum import StrEnum
from itertools import groupby, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyoxigraph as ox

from kgbuild.errors import UsageError
from kgbuild.iris import PREFIXES, Iris
from kgbuild.protocols import Store

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_LINES_IN_MEMORY = 500_000


class ExportFormat(StrEnum):
    """The formats of a file, by the usual ending of its name."""

    TURTLE = "ttl"
    N_TRIPLES = "nt"
    N_QUADS = "nq"
    TRIG = "trig"
    JSON_LD = "jsonld"

    @property
    def keeps_graphs(self) -> bool:
        """Whether the format can say which graph a triple is in."""
        return self not in (ExportFormat.TURTLE, ExportFormat.N_TRIPLES)

    @property
    def rdf(self) -> ox.RdfFormat:
        """The format as the serialiser knows it."""
        return {
            ExportFormat.TURTLE: ox.RdfFormat.TURTLE,
            ExportFormat.N_TRIPLES: ox.RdfFormat.N_TRIPLES,
            ExportFormat.N_QUADS: ox.RdfFormat.N_QUADS,
            ExportFormat.TRIG: ox.RdfFormat.TRIG,
            ExportFormat.JSON_LD: ox.RdfFormat.JSON_LD,
        }[self]


def export_format(path: Path, name: str | None = None) -> ExportFormat:
    """The format called `name`, or else the one of the file's ending; UsageError for another.

    >>> export_format(Path("graph.ttl")).name
    'TURTLE'
    >>> export_format(Path("graph.txt"), "n-quads").name
    'N_QUADS'
    """
    wanted = (name or path.suffix).lstrip(".").lower()
    for known in ExportFormat:
        if wanted in (
            known.value,
            known.name.lower().replace("_", "-"),
            known.name.lower().replace("_", ""),
        ):
            return known
    endings = ", ".join(f".{known}" for known in ExportFormat)
    given = f"the format {name!r} is unknown" if name else f"the ending of {path.name!r} is unknown"
    raise UsageError(f"{given}; use one of {endings}, or name the format")


def export(
    store: Store,
    path: Path,
    *,
    iris: Iris,
    format: ExportFormat | None = None,
    include_runs: bool = False,
    lines_in_memory: int = _LINES_IN_MEMORY,
) -> int:
    """Write the graph to a file, all of it or nothing, and return the number of triples or quads.

    The graph of runs is left out unless asked for. At most `lines_in_memory`
    are sorted at once. UsageError where the format is unknown or the file cannot be written.
    """
    chosen = format or export_format(path)
    left_out = None if include_runs else iris.graph("runs")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
            partial = Path(folder) / path.name
            quads = (quad for quad in store.quads() if _name(quad) != left_out)
            lines = (_line(quad, chosen) for quad in quads)
            count = _write(_sorted(lines, lines_in_memory, Path(folder)), partial, chosen)
            partial.replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
    return count


def _name(quad: ox.Quad) -> str:
    """The name of a quad's graph, empty for the default graph."""
    return "" if isinstance(quad.graph_name, ox.DefaultGraph) else quad.graph_name.value


def _line(quad: ox.Quad, format: ExportFormat) -> bytes:
    """A quad as a line of which the order is the order in the file."""
    graph = f"{quad.graph_name}\t" if format.keeps_graphs else "\t"
    return f"{graph}{quad.triple}\n".encode()


def _sorted(lines: Iterator[bytes], size: int, folder: Path) -> Iterator[bytes]:
    """The lines sorted, each once: runs of a size that fits in memory are sorted and then merged."""
    with ExitStack() as stack:
        runs: list[IO[bytes]] = []
        while run := sorted(islice(lines, size)):
            stored = stack.enter_context((folder / f"run-{len(runs)}").open("w+b"))
            stored.writelines(run)
            stored.seek(0)
            runs.append(stored)
        yield from (line for line, _ in groupby(heapq.merge(*runs)))


def _write(lines: Iterable[bytes], path: Path, format: ExportFormat) -> int:
    """Write sorted lines in a format; the count of them."""
    count = 0

    def statements() -> Iterator[bytes]:
        nonlocal count
        for line in lines:
            count += 1
            graph, triple = line.rstrip(b"\n").split(b"\t", 1)
            name = b"" if graph in (b"", b"DEFAULT") else b" " + graph
            yield triple + name + b" .\n"

    with path.open("wb") as file:
        if format in (ExportFormat.N_TRIPLES, ExportFormat.N_QUADS):
            file.writelines(statements())
        else:
            source = io.BufferedReader(_Lines(statements()), 1 << 16)
            parsed = ox.parse(source, format=ox.RdfFormat.N_QUADS)
            if format.keeps_graphs:
                ox.serialize(parsed, file, format.rdf, prefixes=PREFIXES)
            else:
                ox.serialize((quad.triple for quad in parsed), file, format.rdf, prefixes=PREFIXES)
    return count


class _Lines(io.RawIOBase):
    """Lines as a file to read."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        super().__init__()
        self._lines = lines
        self._rest = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer, as far as one line goes; nothing at the end."""
        self._rest = self._rest or next(self._lines, b"")
        view = memoryview(buffer).cast("B")
        size = min(len(view), len(self._rest))
        view[:size], self._rest = self._rest[:size], self._rest[size:]
        return size

"""The graph to a file: the same bytes for the same graph, whatever the order it was written in.

Turtle and N-Triples hold the union of the graphs, N-Quads, TriG and JSON-LD keep them apart. NIF holds
the mentions, for GERBIL; QuickStatements what Wikidata's editors can take over; GraphML the entities
and the statements between them, for Gephi and its like. docs/exports.md tells more of each.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from kgbuild.errors import UsageError
from kgbuild.export.canonical import LINES_IN_MEMORY, canonical_lines, n_quads, quads_of, sorted_lines
from kgbuild.export.formats import GRAPH_FORMATS, ExportFormat, export_format
from kgbuild.iris import PREFIXES, Iris
from kgbuild.protocols import Store

__all__ = ["GRAPH_FORMATS", "ExportFormat", "Exported", "export", "export_format"]


@dataclass(frozen=True, slots=True)
class Exported:
    """How much was written, of what, and how much of it the format cannot say, by reason."""

    count: int
    noun: str
    left_out: Mapping[str, int] = field(default_factory=dict)


def export(
    store: Store,
    path: Path,
    *,
    iris: Iris,
    format: ExportFormat | None = None,
    include_runs: bool = False,
    lines_in_memory: int = LINES_IN_MEMORY,
) -> Exported:
    """Write the graph to a file, all of it or nothing.

    The graph of runs is left out unless asked for. At most `lines_in_memory` are sorted at once.
    UsageError where the format is unknown or the file cannot be written.
    """
    chosen = format or export_format(path)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
            partial = Path(folder) / path.name
            writer = _Writer(store, partial, iris, lines_in_memory)
            match chosen:
                case ExportFormat.NIF:
                    result = writer.nif()
                case ExportFormat.QUICKSTATEMENTS:
                    result = writer.quickstatements()
                case ExportFormat.GRAPHML:
                    result = writer.graphml()
                case _:
                    result = writer.graph(chosen, include_runs=include_runs)
            partial.replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
    return result


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes one file, in a folder of its own for what does not fit in memory."""

    store: Store
    path: Path
    iris: Iris
    size: int

    def graph(self, format: ExportFormat, *, include_runs: bool) -> Exported:
        """All quads, or the triples of their union."""
        left_out = None if include_runs else ox.NamedNode(self.iris.graph("runs"))
        quads = (quad for quad in self.store.quads() if quad.graph_name != left_out)
        return Exported(self._rdf(quads, format), "quads" if format.keeps_graphs else "triples")

    def nif(self) -> Exported:
        """The documents and their mentions."""
        from kgbuild.graph import revisions
        from kgbuild.rdf.nif import nif_quads

        documents = revisions(self.store)
        quads = (quad for uri in documents for quad in nif_quads(uri, self.store.quads(uri), self.iris))
        self._rdf(quads, ExportFormat.NIF)
        return Exported(len(documents), "documents")

    def quickstatements(self) -> Exported:
        """One command for each statement that Wikidata could take."""
        from kgbuild.export.quickstatements import Commands

        commands = Commands(self.store, self.iris)
        with self.path.open("wb") as file:
            file.writelines(sorted_lines(iter(commands), self.path.parent, size=self.size))
        return Exported(commands.count, "statements", commands.left_out)

    def graphml(self) -> Exported:
        """The entities, and the statements between them."""
        from kgbuild.export.graphml import write

        return Exported(write(self.store, self.path, self.iris), "statements")

    def _rdf(self, quads: Iterable[ox.Quad], format: ExportFormat) -> int:
        """Write quads in canonical order; the count of lines."""
        graphs = format.keeps_graphs
        lines = _Counted(canonical_lines(quads, self.path.parent, graphs=graphs, size=self.size))
        with self.path.open("wb") as file:
            if format in (ExportFormat.N_TRIPLES, ExportFormat.N_QUADS):
                file.writelines(n_quads(lines))
            else:
                parsed = quads_of(lines)
                terms = parsed if graphs else (quad.triple for quad in parsed)
                ox.serialize(terms, file, format.rdf, prefixes=PREFIXES)
        return lines.count


class _Counted:
    """Lines, counted as they pass."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.count += 1
            yield line

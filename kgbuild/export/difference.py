"""What changed between two graphs, as a SPARQL update that makes the one into the other.

Two exports enter, or an export and a store. Both are sorted by graph and triple, with bounded memory;
what only one of them has leaves as DELETE DATA and INSERT DATA, a thousand triples at a time.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from kgbuild.errors import UsageError
from kgbuild.export.canonical import canonical_lines, split
from kgbuild.export.formats import GRAPH_FORMATS, ExportFormat, export_format
from kgbuild.iris import Iris
from kgbuild.protocols import Store

_BLANK = re.compile(rb"^_:| _:[^\s\"]+$")
_TRIPLES_IN_ONE = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """How many triples or quads go and come."""

    removed: int
    added: int


def difference(
    old: Path, new: Path | Store, output: Path, *, iris: Iris, include_runs: bool = False
) -> Difference:
    """Write the update that makes the graph of the export `old` into `new`, another export or a store.

    The graph of runs is left out on both sides unless asked for. UsageError where a file cannot be
    read, where only one side keeps graphs apart, or where what changed has a blank node, which no
    update can name.
    """
    graphs = _format(old).keeps_graphs
    if isinstance(new, Path) and _format(new).keeps_graphs != graphs:
        raise UsageError(
            f"only one of {old} and {new} keeps graphs apart; compare files of one kind, best .nq"
        )
    runs = None if include_runs else ox.NamedNode(iris.graph("runs"))
    quads = _read(new) if isinstance(new, Path) else new.quads()
    try:
        with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}.") as folder:
            sides = []
            for name, side in (("old", _read(old)), ("new", quads)):
                place = Path(folder) / name
                place.mkdir()
                kept = (quad for quad in side if quad.graph_name != runs)
                sides.append(canonical_lines(kept, place, graphs=graphs))
            partial = Path(folder) / output.name
            result = _write(sides[0], sides[1], partial)
            partial.replace(output)
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror or error}") from error
    return result


def _format(path: Path) -> ExportFormat:
    """The format of an export by its ending; UsageError where it does not hold a graph."""
    found = export_format(path)
    if found not in GRAPH_FORMATS:
        endings = ", ".join(f".{each}" for each in GRAPH_FORMATS)
        raise UsageError(f"{path} does not hold the whole graph; compare exports of {endings}")
    return found


def _read(path: Path) -> Iterator[ox.Quad]:
    """The quads of an export; UsageError where it cannot be read."""
    try:
        yield from ox.parse(path=path, format=_format(path).rdf)
    except (OSError, SyntaxError) as error:
        raise UsageError(f"cannot read {path}: {error}; export it again") from error


def _write(old: Iterator[bytes], new: Iterator[bytes], path: Path) -> Difference:
    """Write the operations, deletions first; the count of each."""
    removed_lines, added_lines = path.with_name("removed"), path.with_name("added")
    with removed_lines.open("wb") as gone, added_lines.open("wb") as come:
        removed, added = _divide(old, new, gone, come)
    with path.open("wb") as file:
        file.write(f"# {removed} removed, {added} added\n".encode())
        for operation, place in ((b"DELETE DATA", removed_lines), (b"INSERT DATA", added_lines)):
            with place.open("rb") as lines:
                while some := list(islice(lines, _TRIPLES_IN_ONE)):
                    file.write(_operation(operation, some))
    return Difference(removed, added)


def _divide(old: Iterator[bytes], new: Iterator[bytes], gone: IO[bytes], come: IO[bytes]) -> tuple[int, int]:
    """Write the lines of sorted `old` that `new` lacks, and the other way round; the count of each."""
    removed = added = 0
    before, now = next(old, None), next(new, None)
    while before is not None or now is not None:
        if before == now:
            before, now = next(old, None), next(new, None)
        elif now is None or (before is not None and before < now):
            gone.write(_nameable(before or b""))
            removed, before = removed + 1, next(old, None)
        else:
            come.write(_nameable(now))
            added, now = added + 1, next(new, None)
    return removed, added


def _nameable(line: bytes) -> bytes:
    """The line; UsageError where it has a blank node."""
    graph, triple = split(line)
    if _BLANK.search(triple) or graph.startswith(b"_:"):
        where = f" in the graph {graph.decode()}" if graph else ""
        raise UsageError(
            f"something with a blank node changed{where}, and an update cannot name that; give the node an "
            f"IRI, or compare exports without that graph ({triple.decode()})"
        )
    return line


def _operation(operation: bytes, lines: Iterable[bytes]) -> bytes:
    """One operation over sorted lines."""
    blocks = []
    for graph, members in groupby(map(split, lines), key=lambda pair: pair[0]):
        triples = b"".join(triple + b" .\n" for _, triple in members)
        blocks.append(b"GRAPH " + graph + b" {\n" + triples + b"}\n" if graph else triples)
    return operation + b" {\n" + b"".join(blocks) + b"} ;\n"

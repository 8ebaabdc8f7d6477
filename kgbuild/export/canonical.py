"""Quads in an order, and with names of blank nodes, that are functions of the graph alone.

Quads enter in any order. They leave as sorted lines, each once: the graph's name, a tab and the
triple in N-Triples. Lines are sorted in runs of bounded size and merged, so that memory does not
grow with the store. Blank nodes, of which kgbuild makes none but a curated graph may have some, are
named as RDFC-1.0 has it (https://www.w3.org/TR/rdf-canon/); quads that have one are held in memory.
"""

from __future__ import annotations

import heapq
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyoxigraph as ox

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LINES_IN_MEMORY = 500_000
_SPACE = re.compile(rb"\xc2\xa0|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80")
"""Unicode's spaces beyond ASCII, in UTF-8."""
_IRI_WITH_SPACE = re.compile(rb"<[^<>\" ]*>")


def canonical_lines(
    quads: Iterable[ox.Quad], folder: Path, *, graphs: bool, size: int = LINES_IN_MEMORY
) -> Iterator[bytes]:
    """Sorted lines of quads; without `graphs` those of the union. At most `size` are sorted at once."""
    return sorted_lines((_line(quad, graphs) for quad in _named(quads, graphs)), folder, size=size)


def sorted_lines(lines: Iterator[bytes], folder: Path, *, size: int = LINES_IN_MEMORY) -> Iterator[bytes]:
    """Lines sorted, each once: runs of a size that fits in memory are sorted and then merged."""
    with ExitStack() as stack:
        runs: list[IO[bytes]] = []
        while run := sorted(islice(lines, size)):
            stored = stack.enter_context((folder / f"run-{id(lines)}-{len(runs)}").open("w+b"))
            stored.writelines(run)
            stored.seek(0)
            runs.append(stored)
        yield from (line for line, _ in groupby(heapq.merge(*runs)))


def split(line: bytes) -> tuple[bytes, bytes]:
    """The graph's name, empty for the default graph or the union, and the triple of a line.

    >>> split(b"<urn:g>\\t<urn:a> <urn:b> <urn:c>\\n")
    (b'<urn:g>', b'<urn:a> <urn:b> <urn:c>')
    """
    graph, triple = line.rstrip(b"\n").split(b"\t", 1)
    return (b"" if graph == b"DEFAULT" else graph), triple


def n_quads(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines as N-Quads, or as N-Triples where they name no graph.

    A space beyond ASCII, which an IRI may have (RFC 3987), is escaped there, for rdflib ends the IRI at it.
    """
    for line in lines:
        graph, triple = split(line)
        written = triple + (b" " + graph if graph else b"") + b" .\n"
        yield _IRI_WITH_SPACE.sub(_escape, written) if _SPACE.search(written) else written


def quads_of(lines: Iterable[bytes]) -> ox.QuadParser:
    """The quads of lines, in their order."""
    return ox.parse(io.BufferedReader(_Lines(n_quads(lines)), 1 << 16), format=ox.RdfFormat.N_QUADS)


def _line(quad: ox.Quad, graphs: bool) -> bytes:
    """A quad as a line of which the order is the order in the file."""
    graph = f"{quad.graph_name}\t" if graphs else "\t"
    return f"{graph}{quad.triple}\n".encode()


def _named(quads: Iterable[ox.Quad], graphs: bool) -> Iterator[ox.Quad]:
    """The quads, those with blank nodes last and with these named canonically."""
    blank: list[ox.Quad] = []
    for quad in quads:
        if any(isinstance(term, ox.BlankNode) for term in (quad.subject, quad.object, quad.graph_name)):
            blank.append(quad if graphs else ox.Quad(*quad.triple))
        else:
            yield quad
    if blank:
        dataset = ox.Dataset(blank)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        yield from dataset


def _escape(iri: re.Match[bytes]) -> bytes:
    """An IRI with its spaces as `\\uXXXX`."""
    return _SPACE.sub(lambda space: f"\\u{ord(space[0].decode()):04X}".encode(), iri[0])


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

"""Quads and terms to the text of a SPARQL update or query."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby

import pyoxigraph as ox

_MOST = 1000
"""Quads in one operation; Virtuoso 7 refuses 10,000 (SP030)."""


def delete_data(quads: Iterable[ox.Quad]) -> str:
    """`DELETE DATA` operations, or nothing where there are no quads."""
    return _data("DELETE DATA", quads)


def insert_data(quads: Iterable[ox.Quad]) -> str:
    """`INSERT DATA` operations, or nothing where there are no quads."""
    return _data("INSERT DATA", quads)


def replace_graph(graph: str, quads: Sequence[ox.Quad]) -> str:
    """The operations that put these quads in place of a graph."""
    drop = f"DROP SILENT GRAPH {ox.NamedNode(graph)}"
    return f"{drop} ;\n{insert_data(quads)}" if quads else drop


def change(remove: Collection[ox.Quad], add: Collection[ox.Quad]) -> str:
    """The operations that take quads away and put others in, or nothing where there are none."""
    return " ;\n".join(filter(None, (delete_data(remove), insert_data(add))))


def values(variable: str, iris: Iterable[str]) -> str:
    """A `VALUES` block over IRIs.

    >>> values("?x", ["http://a.org/b"])
    'VALUES ?x { <http://a.org/b> }'
    """
    return f"VALUES {variable} {{ {' '.join(str(ox.NamedNode(iri)) for iri in iris)} }}"


def _data(operation: str, quads: Iterable[ox.Quad]) -> str:
    listed = sorted(quads, key=lambda quad: str(quad.graph_name))
    return " ;\n".join(
        _operation(operation, listed[start : start + _MOST]) for start in range(0, len(listed), _MOST)
    )


def _operation(operation: str, quads: Sequence[ox.Quad]) -> str:
    """One operation over quads that are sorted by graph."""
    blocks = []
    for graph, members in groupby(quads, key=lambda quad: str(quad.graph_name)):
        triples = "\n".join(f"{quad.triple} ." for quad in members)
        blocks.append(f"{triples}\n" if graph == "DEFAULT" else f"GRAPH {graph} {{\n{triples}\n}}\n")
    return f"{operation} {{\n{''.join(blocks)}}}"

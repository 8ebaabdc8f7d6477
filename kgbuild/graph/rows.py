"""Query results as plain strings, terms and quads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox

from kgbuild.protocols import Store
from kgbuild.stores.failures import reading


def solutions(store: Store, query: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a SELECT query as terms, in the order of its variables; the unbound is None."""
    result = store.select(query)
    if isinstance(result, ox.QuerySolutions):
        with reading():
            yield from map(tuple, result)


def rows(store: Store, query: str) -> Iterator[tuple[str, ...]]:
    """The rows of a SELECT query as strings; the unbound is an empty one."""
    for solution in solutions(store, query):
        yield tuple("" if term is None else term.value for term in solution)


def graph_quads(store: Store, query: str, graph: ox.NamedNode) -> set[ox.Quad]:
    """The rows of a SELECT query of subject, predicate and object as quads of a graph."""
    return {ox.Quad(subject, predicate, term, graph) for subject, predicate, term in solutions(store, query)}

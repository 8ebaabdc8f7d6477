"""Query results as plain strings and terms."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kgbuild.protocols import Store


def solutions(store: Store, query: str) -> Iterator[tuple[ox.NamedNode | ox.Literal | None, ...]]:
    """The rows of a SELECT query as terms, in the order of its variables."""
    result = store.select(query)
    assert isinstance(result, ox.QuerySolutions), "the query is a SELECT"
    width = len(result.variables)
    for solution in result:
        yield tuple(solution[i] for i in range(width))


def rows(store: Store, query: str) -> Iterator[tuple[str, ...]]:
    """The rows of a SELECT query as strings; the unbound is an empty one."""
    for solution in solutions(store, query):
        yield tuple("" if term is None else term.value for term in solution)

"""SPARQL, as a person who knows Wikidata's query service writes it, against a store.

The prefixes of `kgbuild.iris` need no declaration, and `SERVICE wikibase:label` is understood. What
would change the store, or fetch from elsewhere, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import IO

import pyoxigraph as ox

from kgbuild.errors import QueryError
from kgbuild.iris import PREFIXES
from kgbuild.protocols import Store
from kgbuild.query.labels import rewrite_labels
from kgbuild.query.tokens import Token, tokens
from kgbuild.stores.failures import reading


class ResultFormat(StrEnum):
    """How an answer is written: the first four for rows, the last two for a graph."""

    JSON = "json"
    CSV = "csv"
    TSV = "tsv"
    XML = "xml"
    TURTLE = "ttl"
    N_TRIPLES = "nt"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under the names of the variables; IRIs are abbreviated, the unbound is empty."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


_ROWS = {
    ResultFormat.JSON: ox.QueryResultsFormat.JSON,
    ResultFormat.CSV: ox.QueryResultsFormat.CSV,
    ResultFormat.TSV: ox.QueryResultsFormat.TSV,
    ResultFormat.XML: ox.QueryResultsFormat.XML,
}
_GRAPHS = {ResultFormat.TURTLE: ox.RdfFormat.TURTLE, ResultFormat.N_TRIPLES: ox.RdfFormat.N_TRIPLES}
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
_ERROR_AT = re.compile(r"error at (\d+):(\d+)")
_LOCAL_NAME = re.compile(r"\w(?:[\w.-]*[\w-])?")


def query_form(query: str) -> str:
    """SELECT, ASK, CONSTRUCT or DESCRIBE; QueryError for an update and for what is no query.

    >>> query_form("PREFIX ask: <http://a.org/> select ?x { ?x ?y ?z }")
    'SELECT'
    """
    words = tokens(query)
    for word in words:
        if word.is_word(*_UPDATES):
            raise QueryError(
                f"{word.text.upper()} is refused: a query only reads; this one would change the store"
            )
        if word.is_word(*_FORMS):
            return word.text.upper()
    raise QueryError("the query does not parse: it holds none of SELECT, ASK, CONSTRUCT and DESCRIBE")


def table(store: Store, query: str) -> Table:
    """The answer to a query as text: rows, or yes and no, or the triples of a graph."""
    form, text, shift = _prepared(query)
    with reading(), _Located(query, shift):
        if form in ("CONSTRUCT", "DESCRIBE"):
            triples = sorted(store.construct(text), key=str)
            rows = tuple(tuple(map(abbreviated, triple)) for triple in triples)
            return Table(("subject", "predicate", "object"), rows)
        result = store.select(text)
        if isinstance(result, ox.QueryBoolean):
            return Table(("answer",), (("yes" if result else "no",),))
        columns = tuple(variable.value for variable in result.variables)
        width = range(len(columns))
        return Table(columns, tuple(tuple(abbreviated(row[i]) for i in width) for row in result))


def write(store: Store, query: str, format: ResultFormat, output: IO[bytes]) -> None:
    """Write the answer to a query in a standard format.

    QueryError where the format does not fit the query: rows are not a graph, nor the other way round.
    """
    form, text, shift = _prepared(query)
    is_graph = form in ("CONSTRUCT", "DESCRIBE")
    if is_graph != (format in _GRAPHS):
        fitting = ", ".join(_GRAPHS if is_graph else _ROWS)
        raise QueryError(f"the answer to {form} cannot be written as {format}; use one of {fitting}")
    with reading(), _Located(query, shift):
        if is_graph:
            triples = sorted(store.construct(text), key=str)
            ox.serialize(triples, output, _GRAPHS[format], prefixes=_used_prefixes(triples))
        else:
            store.select(text).serialize(output, _ROWS[format])


def abbreviated(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None) -> str:
    """A term as a person reads it: a prefixed name, or the text of a literal.

    >>> abbreviated(ox.NamedNode("http://www.wikidata.org/entity/Q64"))
    'wd:Q64'
    >>> abbreviated(ox.Literal("Berlin", language="en"))
    'Berlin'
    """
    match term:
        case None:
            return ""
        case ox.Literal():
            return term.value
        case ox.NamedNode():
            return _short(term.value) or term.value
    return str(term)


def _short(iri: str) -> str | None:
    for prefix, namespace in _BY_LENGTH:
        if iri.startswith(namespace) and _LOCAL_NAME.fullmatch(iri, len(namespace)):
            return f"{prefix}:{iri[len(namespace) :]}"
    return None


_BY_LENGTH = sorted(PREFIXES.items(), key=lambda pair: -len(pair[1]))


def _used_prefixes(triples: Sequence[ox.Triple]) -> dict[str, str]:
    """The prefixes that a small answer needs."""
    names = {_short(term.value) for triple in triples for term in triple if isinstance(term, ox.NamedNode)}
    used = {name.split(":")[0] for name in names if name}
    return {prefix: namespace for prefix, namespace in PREFIXES.items() if prefix in used}


def _prepared(query: str) -> tuple[str, str, int]:
    """The form of a query, its text for any store, and by how much its first line was shifted."""
    form = query_form(query)
    text = rewrite_labels(query)
    words = tokens(text)
    declared = {name.text.removesuffix(":") for keyword, name in pairwise(words) if keyword.is_word("PREFIX")}
    prologue = "".join(
        f"PREFIX {prefix}: <{PREFIXES[prefix]}> " for prefix in sorted(_prefixes(words) - declared)
    )
    return form, prologue + text, len(prologue)


def _prefixes(words: Sequence[Token]) -> set[str]:
    """Those of our prefixes that a query uses."""
    return {
        word.text.split(":")[0] for word in words if word.kind == "name" and ":" in word.text
    } & PREFIXES.keys()


class _Located:
    """Syntax errors with the place in the query as it was written, before the prologue was added."""

    def __init__(self, query: str, shift: int) -> None:
        self._lines = query.splitlines() or [""]
        self._shift = shift

    def __enter__(self) -> None:
        return None

    def __exit__(self, type: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, QueryError):
            return
        match = _ERROR_AT.search(str(error))
        if match is None:
            return
        number, column = int(match[1]), int(match[2])
        # Oxigraph counts the line break as the first column of every line but the first.
        column = max(column - (self._shift if number == 1 else 1), 1)
        line = self._lines[min(number, len(self._lines)) - 1]
        place = f"the query does not parse at line {number}, column {column}"
        if "Prefix not found" in str(error):
            known = ", ".join(PREFIXES)
            place += f": a prefix is not declared; those that need no declaration are {known}"
        raise QueryError(f"{place}\n  {line}\n  {' ' * (column - 1)}^") from error.__cause__

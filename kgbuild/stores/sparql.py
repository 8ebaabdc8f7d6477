"""A store behind SPARQL 1.1 endpoints for query and update, on this machine or another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from http.client import HTTPException, HTTPResponse

import pyoxigraph as ox
from SPARQLWrapper import (
    BASIC,
    CONSTRUCT,
    DIGEST,
    INSERT,
    JSON,
    POST,
    POSTDIRECTLY,
    SELECT,
    TURTLE,
    SPARQLWrapper,
)
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed, SPARQLWrapperException

from kgbuild.errors import QueryError, StoreError
from kgbuild.protocols import Pattern
from kgbuild.stores import update
from kgbuild.stores.failures import reading

_ANSWERS = {SELECT: ("sparql-results+json", "application/json"), CONSTRUCT: ("turtle", "n3")}
_AT_ONCE = 1000
"""Patterns that one query asks about."""
_HIDES_GRAPHS = """ASK { { SELECT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } LIMIT 1 }
  FILTER NOT EXISTS { ?s ?p ?o } }"""


class SparqlStore:
    """A SPARQL 1.1 server; whether all of an update is one transaction is up to it, in Oxigraph it is."""

    def __init__(
        self,
        query_endpoint: str,
        update_endpoint: str | None = None,
        *,
        credentials: tuple[str, str] | None = None,
        digest: bool = False,
        timeout: int = 600,
    ) -> None:
        """Connect; `credentials` are user and password, `timeout` is in seconds.

        StoreError where no server answers, or where its queries do not see the union of the graphs:
        those that have no GRAPH clause would find nothing there.
        """
        self._query_endpoint = query_endpoint
        self._update_endpoint = update_endpoint or query_endpoint
        self._credentials = credentials
        self._authentication = DIGEST if digest else BASIC
        self._timeout = timeout
        if bool(self.select(_HIDES_GRAPHS)):
            raise StoreError(
                f"queries to {query_endpoint} do not see its named graphs; switch the server to a union "
                "default graph (oxigraph serve --union-default-graph, Fuseki tdb2:unionDefaultGraph)"
            )

    def replace_graph(self, graph: str, quads: Sequence[ox.Quad]) -> None:
        """Put these quads in place of a graph, in one request."""
        self.update(update.replace_graph(graph, quads))

    def select(self, query: str) -> ox.QuerySolutions | ox.QueryBoolean:
        """Run a SELECT or ASK query; QueryError where the server refuses it."""
        return ox.parse_query_results(self._ask(query, SELECT), format=ox.QueryResultsFormat.JSON)

    def construct(self, query: str) -> Iterator[ox.Triple]:
        """Run a CONSTRUCT or DESCRIBE query; QueryError where the server refuses it."""
        return self._triples(self._ask(query, CONSTRUCT))

    def update(self, update: str) -> None:
        """Run a SPARQL update in one request."""
        self._send(self._update_endpoint, update, INSERT).read()

    def change(self, remove: Collection[ox.Quad], add: Collection[ox.Quad]) -> None:
        """Take quads away and put others in, in one request."""
        if remove or add:
            self.update(update.change(remove, add))

    def load(self, remove: Collection[ox.Quad], add: Collection[ox.Quad]) -> None:
        """Do as `change` does: SPARQL 1.1 has nothing faster that is one transaction."""
        self.change(remove, add)

    def quads(self, graph: str | None = None) -> Iterator[ox.Quad]:
        """Every quad of the named graphs, or those of one graph."""
        name = "?g" if graph is None else str(ox.NamedNode(graph))
        found = self.select(f"SELECT * {{ GRAPH {name} {{ ?s ?p ?o }} }}")
        with reading(self._query_endpoint):
            for row in found if isinstance(found, ox.QuerySolutions) else ():
                named = row["g"] if graph is None else ox.NamedNode(graph)
                yield ox.Quad(row["s"], row["p"], row["o"], named)

    def match(self, patterns: Iterable[Pattern]) -> Iterator[ox.Quad]:
        """The quads of named graphs that fit any of some patterns; one query for each kind of pattern."""
        kinds: defaultdict[tuple[object, ...], list[Pattern]] = defaultdict(list)
        for pattern in dict.fromkeys(patterns):
            kinds[(*(term is None for term in pattern[:3]), pattern.graph)].append(pattern)
        for alike in kinds.values():
            for start in range(0, len(alike), _AT_ONCE):
                found = self.select(_matching(alike[start : start + _AT_ONCE]))
                with reading(self._query_endpoint):
                    for row in found if isinstance(found, ox.QuerySolutions) else ():
                        yield ox.Quad(row["s"], row["p"], row["o"], row["g"])

    def close(self) -> None:
        """Nothing to release: each request stands alone."""

    def _triples(self, answer: HTTPResponse) -> Iterator[ox.Triple]:
        with reading(self._query_endpoint):
            yield from (quad.triple for quad in ox.parse(answer, format=ox.RdfFormat.TURTLE))

    def _ask(self, query: str, kind: str) -> HTTPResponse:
        """The answer to a query of a kind; QueryError where it is of another kind."""
        answer = self._send(self._query_endpoint, query, kind)
        given = answer.headers.get("content-type", "")
        if not any(name in given for name in _ANSWERS[kind]):
            raise QueryError(f"{self._query_endpoint} answered a {kind} query with {given}; is it one?")
        return answer

    def _send(self, endpoint: str, text: str, kind: str) -> HTTPResponse:
        """The response to a request; QueryError where it is refused, StoreError where none comes."""
        request = SPARQLWrapper(endpoint, returnFormat=TURTLE if kind == CONSTRUCT else JSON)
        request.setMethod(POST)
        request.setRequestMethod(POSTDIRECTLY)
        request.setOnlyConneg(True)
        request.setTimeout(self._timeout)
        if self._credentials:
            request.setCredentials(*self._credentials)
            request.setHTTPAuth(self._authentication)
        # Not `setQuery`, which guesses the kind of a long text with regular expressions.
        request.queryString, request.queryType = text, kind
        try:
            answer: HTTPResponse = request.query().response
        except QueryBadFormed as error:
            raise QueryError(f"the query does not parse: {_reason(error)}") from error
        except (SPARQLWrapperException, HTTPException, OSError) as error:
            raise StoreError(
                f"the SPARQL endpoint {endpoint} does not answer as it should; see that the server runs, "
                f"that the address is right and that the user may do this ({_reason(error)})"
            ) from error
        return answer


def _matching(patterns: Sequence[Pattern]) -> str:
    """A query for the quads that fit any of some patterns, of which the same parts are given."""
    graph = patterns[0].graph
    given = [place for place in range(3) if patterns[0][place] is not None]
    names = " ".join(f"?{'spo'[place]}" for place in given)
    rows = " ".join(f"({' '.join(str(pattern[place]) for place in given)})" for pattern in patterns)
    listed = f"VALUES ({names}) {{ {rows} }}" if given else ""
    bound = f"BIND({graph} AS ?g)" if graph else ""
    return f"SELECT ?s ?p ?o ?g {{ {listed} GRAPH {graph or '?g'} {{ ?s ?p ?o }} {bound} }}"


def _reason(error: Exception) -> str:
    """What the server said, on one line."""
    said = str(error).rpartition("Response:")[2].strip().removeprefix("b").strip("'\"")
    return " ".join(said.replace("\\n", " ").split())[:500]

"""A store behind SPARQL 1.1 endpoints for query and update, on this machine or another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from kgbuild.stores.failures import reading
from kgbuild.stores.update import replace_graph

_ANSWERS = {SELECT: ("sparql-results+json", "application/json"), CONSTRUCT: ("turtle", "n3")}
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
        self.update(replace_graph(graph, quads))

    def select(self, query: str) -> ox.QuerySolutions | ox.QueryBoolean:
        """Run a SELECT or ASK query; QueryError where the server refuses it."""
        return ox.parse_query_results(self._ask(query, SELECT), format=ox.QueryResultsFormat.JSON)

    def construct(self, query: str) -> Iterator[ox.Triple]:
        """Run a CONSTRUCT or DESCRIBE query; QueryError where the server refuses it."""
        return self._triples(self._ask(query, CONSTRUCT))

    def update(self, update: str) -> None:
        """Run a SPARQL update in one request."""
        self._send(self._update_endpoint, update, INSERT).read()

    def quads(self, graph: str | None = None) -> Iterator[ox.Quad]:
        """Every quad of the named graphs, or those of one graph."""
        name = "?g" if graph is None else str(ox.NamedNode(graph))
        found = self.select(f"SELECT * {{ GRAPH {name} {{ ?s ?p ?o }} }}")
        with reading(self._query_endpoint):
            for row in found if isinstance(found, ox.QuerySolutions) else ():
                named = row["g"] if graph is None else ox.NamedNode(graph)
                yield ox.Quad(row["s"], row["p"], row["o"], named)

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


def _reason(error: Exception) -> str:
    """What the server said, on one line."""
    said = str(error).rpartition("Response:")[2].strip().removeprefix("b").strip("'\"")
    return " ".join(said.replace("\\n", " ").split())[:500]

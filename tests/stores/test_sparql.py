"""The store behind a SPARQL endpoint, against a real server on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pyoxigraph as ox
import pytest

from kgbuild.errors import QueryError, StoreError
from kgbuild.export import export
from kgbuild.graph import merge, retract, revisions
from kgbuild.iris import Iris
from kgbuild.protocols import Pattern, Store
from kgbuild.query import table
from kgbuild.stores.oxigraph import OxigraphStore
from kgbuild.stores.sparql import SparqlStore

Serve = Callable[..., AbstractContextManager[str]]
IRIS = Iris()
A, B, C, G = (ox.NamedNode(f"urn:{name}") for name in "abcg")


@pytest.fixture(scope="module")
def address(sparql_server: Serve) -> Iterator[str]:
    with sparql_server("--union-default-graph") as found:
        yield found


@pytest.fixture
def remote(address: str) -> Iterator[SparqlStore]:
    store = SparqlStore(f"{address}/query", f"{address}/update")
    yield store
    store.update("CLEAR ALL")
    store.close()


def test_what_was_written_is_read(remote: Store) -> None:
    literal = ox.Literal('a "quote" \\u0041 \n\x07 \U0001f600', language="en")
    remote.replace_graph("urn:g", [ox.Quad(A, B, literal, G)])
    remote.replace_graph("urn:a", [ox.Quad(A, B, ox.Literal(i), A) for i in range(2500)])
    assert list(remote.quads("urn:g")) == [ox.Quad(A, B, literal, G)]
    assert len(list(remote.quads())) == 2501
    remote.replace_graph("urn:a", [])
    assert list(remote.construct("CONSTRUCT { ?o ?p ?s } WHERE { ?s ?p ?o FILTER(ISIRI(?o)) }")) == []
    assert list(remote.construct("CONSTRUCT WHERE { ?s ?p ?o }")) == [ox.Triple(A, B, literal)]
    assert bool(remote.select("ASK { <urn:a> ?p ?o }"))


def test_patterns_find_what_they_find_in_the_embedded_store(remote: SparqlStore) -> None:
    embedded = OxigraphStore()
    quads = [ox.Quad(A, B, ox.Literal(i), G) for i in range(30)] + [ox.Quad(B, C, A, A), ox.Quad(A, C, B, G)]
    asked = [
        [Pattern(A), Pattern(None, C), Pattern(None, None, ox.Literal(3)), Pattern(graph=A)],
        [Pattern(A, B, ox.Literal(i), G) for i in range(1, 40)],
        [Pattern(A, None, B), Pattern(None, B, None, G), Pattern(C, graph=G)],
        [],
    ]
    for store in (remote, embedded):
        store.change([], quads)
        store.change(quads[:1], [])
    for patterns in asked:
        assert set(remote.match(patterns)) == set(embedded.match(patterns))


def test_the_graph_is_the_same_as_in_the_embedded_store(
    remote: SparqlStore, corpus, schema, tmp_path: Path
) -> None:
    embedded = OxigraphStore()
    for store in (remote, embedded):
        merge(store, corpus, ontology=schema, iris=IRIS)
        retract(store, corpus[0].document.uri, ontology=schema, iris=IRIS)
        merge(store, corpus[:1], ontology=schema, iris=IRIS)
        retract(store, corpus[4].document.uri, ontology=schema, iris=IRIS)
    assert set(remote.quads()) == set(embedded.quads())
    assert revisions(remote) == revisions(embedded)
    written = []
    for name, store in (("remote.trig", remote), ("embedded.trig", embedded)):
        export(store, tmp_path / name, iris=IRIS)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


def test_queries_answer_as_in_the_embedded_store(remote: SparqlStore, corpus, schema) -> None:
    embedded = OxigraphStore()
    queries = (
        """SELECT ?person ?personLabel ?placeLabel { ?person wdt:P19 ?place
          SERVICE wikibase:label { bd:serviceParam wikibase:language "en" } }""",
        "CONSTRUCT { ?x schema:birthPlace ?y } WHERE { ?x wdt:P19 ?y }",
        "ASK { wd:Q937 ?p ?o }",
        """SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT *) AS ?m) {
          ?s ?p ?st . ?st ?ps ?o . ?st prov:wasDerivedFrom ?r }""",
    )
    for store in (remote, embedded):
        merge(store, corpus, ontology=schema, iris=IRIS)
    for query in queries:
        assert table(remote, query) == table(embedded, query)


def test_what_the_server_refuses(remote: SparqlStore) -> None:
    with pytest.raises(QueryError, match="line 1, column 24"):
        table(remote, "SELECT ?x { ?x wdt:P19 }")
    with pytest.raises(QueryError, match="does not parse"):
        remote.update("INSERT DATA { <urn:a> }")
    with pytest.raises(QueryError, match="is it one"):
        remote.select("CONSTRUCT WHERE { ?s ?p ?o }")
    with pytest.raises(StoreError, match="406"):
        list(remote.construct("ASK { ?s ?p ?o }"))


def test_a_failing_request_changes_nothing(remote: SparqlStore) -> None:
    with pytest.raises(StoreError):
        remote.update("INSERT DATA { <urn:a> <urn:b> <urn:c> } ; LOAD <file:///nowhere/at/all>")
    assert not bool(remote.select("ASK { ?s ?p ?o }"))


def test_no_server() -> None:
    with pytest.raises(
        StoreError, match=r"http://127\.0\.0\.1:1/query does not answer.*see that the server runs"
    ):
        SparqlStore("http://127.0.0.1:1/query")


def test_a_wrong_address(address: str) -> None:
    with pytest.raises(StoreError, match="that the address is right"):
        SparqlStore(f"{address}/nowhere")


@pytest.fixture(scope="module")
def plain_address(sparql_server: Serve) -> Iterator[str]:
    with sparql_server() as found:
        yield found


def test_a_server_that_hides_its_graphs(plain_address: str) -> None:
    first = SparqlStore(f"{plain_address}/query", f"{plain_address}/update")
    first.update("INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> <urn:c> } }")
    with pytest.raises(StoreError, match="do not see its named graphs"):
        SparqlStore(f"{plain_address}/query", f"{plain_address}/update")

"""Queries as they are written for the Wikidata query service, and what is refused."""

from __future__ import annotations

import io
import json

import pyoxigraph as ox
import pytest

from kgbuild.errors import QueryError
from kgbuild.graph import merge
from kgbuild.iris import PREFIXES, Iris
from kgbuild.query import ResultFormat, Table, query_form, table, write
from kgbuild.stores.oxigraph import OxigraphStore


@pytest.fixture
def graph(store: OxigraphStore, corpus, schema) -> OxigraphStore:
    merge(store, corpus, ontology=schema, iris=Iris())
    return store


def text(graph: OxigraphStore, query: str, format: ResultFormat) -> str:
    output = io.BytesIO()
    write(graph, query, format, output)
    return output.getvalue().decode()


WHO = """#title: People and where they were born
SELECT ?person ?personLabel ?placeLabel (YEAR(?date) AS ?year) WHERE {
  ?person wdt:P31 wd:Q5;  # SERVICE in a comment
          wdt:P19 ?place .
  OPTIONAL { ?person wdt:P569 ?date. }
  SERVICE wikibase:label { bd:serviceParam wikibase:language "[AUTO_LANGUAGE],en". }
}"""


def test_a_query_of_the_wikidata_query_service_runs_unchanged(graph: OxigraphStore) -> None:
    assert table(graph, WHO) == Table(
        ("person", "personLabel", "placeLabel", "year"), (("wd:Q937", "Albert Einstein", "Ulm", "1879"),)
    )


def test_statements_with_rank_qualifier_value_node_and_reference(graph: OxigraphStore) -> None:
    query = """SELECT ?employerLabel ?precision ?since ?url WHERE {
      SERVICE wikibase:label { bd:serviceParam wikibase:language "de,en" }
      wd:Q937 p:P108 ?statement .
      ?statement ps:P108 ?employer ; wikibase:rank wikibase:NormalRank ; pq:P580 ?since ; pqv:P580 ?value ;
        prov:wasDerivedFrom/pr:P854 ?url .
      ?value wikibase:timePrecision ?precision }"""
    url = "https://kg.example.org/document/tests/five-refused.txt"
    assert table(graph, query).rows == (("ETH Zürich", "9", "1912-01-01T00:00:00Z", url),)


def test_a_property_is_found_by_its_declaration(graph: OxigraphStore) -> None:
    query = """SELECT DISTINCT ?propLabel ?propDescription {
      ?prop wikibase:directClaim ?direct . wd:Q937 ?direct ?x .
      SERVICE wikibase:label { bd:serviceParam wikibase:language "en" } } ORDER BY ?propLabel"""
    assert [row[0] for row in table(graph, query).rows] == [
        "date of birth",
        "employer",
        "instance of",
        "place of birth",
    ]


def test_labels_of_what_has_none_of_what_is_unbound_and_of_literals(graph: OxigraphStore) -> None:
    query = """SELECT ?x ?xLabel ?yLabel ?zLabel ?zAltLabel {
      VALUES (?x ?y ?z) { (wd:Q404404 "five" UNDEF) (<urn:x> 5 wd:Q937) }
      SERVICE wikibase:label { bd:serviceParam wikibase:language "fr". } } ORDER BY ?yLabel"""
    rows = table(graph, query).rows
    assert rows == (("urn:x", "urn:x", "5", "Albert Einstein", ""), ("wd:Q404404", "Q404404", "five", "", ""))


def test_labels_in_groups_aggregates_and_by_name(graph: OxigraphStore) -> None:
    query = """SELECT ?classLabel (COUNT(?x) AS ?n) { ?x wdt:P31 ?class
      SERVICE wikibase:label { bd:serviceParam wikibase:language "en" . } }
      GROUP BY ?class ?classLabel ORDER BY ?n ?classLabel"""
    assert table(graph, query).rows == (("Q5", "1"), ("Q515", "2"))
    named = """SELECT ?name ?also { VALUES ?x { wd:Q3012 } SERVICE wikibase:label {
      bd:serviceParam wikibase:language "en" . ?x rdfs:label ?name . ?x skos:altLabel ?also } }"""
    assert table(graph, named).rows == (("Ulm", "Ulm an der Donau"),)


def test_a_variable_called_label_that_the_query_binds_itself_is_left_alone(graph: OxigraphStore) -> None:
    query = """SELECT ?xLabel { VALUES ?x { wd:Q937 } ?x rdfs:label ?xLabel
      SERVICE wikibase:label { bd:serviceParam wikibase:language "en" } }"""
    assert table(graph, query).rows == (("Albert Einstein",),)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_prefix_is_declared_and_may_be_declared_otherwise(store: OxigraphStore, prefix: str) -> None:
    assert table(store, f"SELECT ({prefix}:x AS ?x) {{}}").rows == ((f"{prefix}:x",),)
    assert table(store, f"PREFIX {prefix}: <urn:mine:> SELECT (STR({prefix}:x) AS ?x) {{}}").rows == (
        ("urn:mine:x",),
    )


def test_results_in_every_format(graph: OxigraphStore) -> None:
    query = "SELECT ?place { wd:Q937 wdt:P19 ?place }"
    iri = "http://www.wikidata.org/entity/Q3012"
    assert json.loads(text(graph, query, ResultFormat.JSON))["results"]["bindings"] == [
        {"place": {"type": "uri", "value": iri}}
    ]
    assert text(graph, query, ResultFormat.CSV).splitlines() == ["place", iri]
    assert text(graph, query, ResultFormat.TSV).splitlines() == ["?place", f"<{iri}>"]
    assert f"<uri>{iri}</uri>" in text(graph, query, ResultFormat.XML)
    assert json.loads(text(graph, "ASK { wd:Q937 ?p ?o }", ResultFormat.JSON))["boolean"] is True
    assert table(graph, "ASK { wd:Q937 ?p 'nothing' }") == Table(("answer",), (("no",),))


def test_graphs_in_turtle(graph: OxigraphStore) -> None:
    query = "CONSTRUCT { ?x schema:birthPlace ?y } WHERE { ?x wdt:P19 ?y }"
    turtle = text(graph, query, ResultFormat.TURTLE)
    assert turtle.splitlines()[-1] == "wd:Q937 schema:birthPlace wd:Q3012 ."
    assert table(graph, query).rows == (("wd:Q937", "schema:birthPlace", "wd:Q3012"),)
    described = text(graph, "DESCRIBE wd:Q3012", ResultFormat.N_TRIPLES)
    assert any(
        quad.predicate.value.endswith("label") for quad in ox.parse(described, format=ox.RdfFormat.N_TRIPLES)
    )


@pytest.mark.parametrize(
    "query",
    [
        "INSERT DATA { <urn:a> <urn:b> 1 }",
        "PREFIX wd: <urn:x> DELETE WHERE { ?s ?p ?o }",
        "clear all",
        "LOAD <file:///etc/passwd>",
        "WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "# SELECT\nDROP GRAPH <urn:g>",
    ],
)
def test_updates_are_refused(graph: OxigraphStore, query: str) -> None:
    before = set(graph.quads())
    with pytest.raises(QueryError, match="is refused: a query only reads"):
        table(graph, query)
    assert set(graph.quads()) == before


@pytest.mark.parametrize(
    "service",
    ["<http://example.org/sparql>", "SILENT <http://example.org/sparql>", "?where", "wikibase:mwapi"],
)
def test_other_services_are_refused(store: OxigraphStore, service: str) -> None:
    with pytest.raises(QueryError, match=r"SERVICE \S+ is refused"):
        table(store, f"SELECT * {{ ?where ?p ?o . {{ SERVICE {service} {{ ?s ?p ?o }} }} }}")


def test_words_in_strings_and_names_are_no_keywords(store: OxigraphStore) -> None:
    assert table(store, 'SELECT ("SERVICE DELETE # {" AS ?insert) { }').rows == (("SERVICE DELETE # {",),)
    assert query_form("PREFIX select: <urn:#x> ASK { <#insert> ?b '''DROP ' \\''' ''' }") == "ASK"


@pytest.mark.parametrize(
    ("query", "place"),
    [
        (
            "SELECT ?x { ?x wdt:P19 }",
            "line 1, column 24\n  SELECT ?x { ?x wdt:P19 }\n                         ^",
        ),
        ("SELECT ?x {\n  ?x wd:Q1 ?y . ?z\n}", "line 3, column 1"),
        ("SELECT ?x {\n  ?x nowhere:Q1 ?y }", "line 2, column 15: a prefix is not declared"),
    ],
)
def test_a_syntax_error_says_where(store: OxigraphStore, query: str, place: str) -> None:
    with pytest.raises(QueryError) as caught:
        table(store, query)
    assert f"the query does not parse at {place}" in str(caught.value)


@pytest.mark.parametrize(
    "query", ["", "hello", "# SELECT", "SELECT ?x { SERVICE wikibase:label {", "SELECT ?x { SERVICE"]
)
def test_what_is_no_query(store: OxigraphStore, query: str) -> None:
    with pytest.raises(QueryError):
        table(store, query)


def test_a_format_that_does_not_fit(store: OxigraphStore) -> None:
    with pytest.raises(QueryError, match="SELECT cannot be written as ttl; use one of json, csv, tsv, xml"):
        write(store, "SELECT * {}", ResultFormat.TURTLE, io.BytesIO())
    with pytest.raises(QueryError, match="DESCRIBE cannot be written as csv; use one of ttl, nt"):
        write(store, "DESCRIBE wd:Q1", ResultFormat.CSV, io.BytesIO())

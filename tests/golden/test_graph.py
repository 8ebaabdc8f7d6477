"""The exact graph of stored readings: a new model cannot break it, a changed stage must own up."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
import stored

from kgbuild.iris import PREFIXES

PROLOGUE = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
STATEMENTS = """SELECT ({count} AS ?n) WHERE {{
  ?subject ?claim ?statement . ?statement a wikibase:Statement ; ?property ?value .
  ?definition wikibase:claim ?claim ; wikibase:statementProperty ?property .
  ?evidence kgb:supports ?statement .
}}"""
UNQUOTED = """SELECT ?statement WHERE {
  ?statement a wikibase:Statement .
  FILTER NOT EXISTS {
    ?evidence kgb:supports ?statement ; oa:hasSource ?document ; oa:hasSelector ?position, ?said .
    ?said oa:exact ?quote . ?position oa:start ?start ; oa:end ?end .
    ?document nif:isString ?text .
    FILTER (SUBSTR(?text, ?start + 1, ?end - ?start) = ?quote)
  }
}"""


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("golden") / "graph.nq"
    stored.build(stored.stored_readings(), path)
    return path


@pytest.fixture(scope="module")
def store(graph: Path) -> ox.Store:
    loaded = ox.Store()
    loaded.bulk_load(path=str(graph), format=ox.RdfFormat.N_QUADS)
    return loaded


@pytest.fixture(scope="module")
def dataset(graph: Path) -> rdflib.Dataset:
    loaded = rdflib.Dataset(default_union=True)
    loaded.parse(graph, format="nquads")
    return loaded


def test_the_graph_is_the_stored_one_byte_for_byte(graph: Path) -> None:
    made, golden = graph.read_text().splitlines(), stored.GRAPH.read_text().splitlines()
    missing, extra = sorted(set(golden) - set(made)), sorted(set(made) - set(golden))
    assert (missing[:3], extra[:3]) == ([], []), "see tests/golden/stored.py for how to write it anew"
    assert graph.read_bytes() == stored.GRAPH.read_bytes()


def test_the_order_of_documents_does_not_matter(tmp_path: Path) -> None:
    stored.build(stored.stored_readings(), tmp_path / "graph.nq", backwards=True)
    assert (tmp_path / "graph.nq").read_bytes() == stored.GRAPH.read_bytes()


def _count(store: ox.Store, query: str) -> int:
    [row] = store.query(PROLOGUE + query, use_default_graph_as_union=True)
    return int(row["n"].value)


def test_a_statement_counts_once_in_oxigraph_and_in_rdflib(store: ox.Store, dataset: rdflib.Dataset) -> None:
    names = "?subject ?statement ?value ?evidence"
    inner = STATEMENTS.format(count="COUNT(*)")
    distinct = (
        "SELECT (COUNT(*) AS ?n) WHERE { SELECT DISTINCT "
        f"{names} {STATEMENTS.partition('WHERE')[2].format().strip().join(('WHERE ', ''))} }}"
    )
    all_rows, different = _count(store, inner), _count(store, distinct)
    assert all_rows == different > 0
    [[again]] = dataset.query(PROLOGUE + inner)
    assert int(again) == all_rows


def test_every_statement_leads_to_a_sentence_that_is_the_text_at_its_offsets(store: ox.Store) -> None:
    assert list(store.query(PROLOGUE + UNQUOTED, use_default_graph_as_union=True)) == []


def test_each_triple_lives_in_one_graph(store: ox.Store) -> None:
    quads = list(store)
    assert len({(quad.subject, quad.predicate, quad.object) for quad in quads}) == len(quads)


def test_both_engines_read_the_same_number_of_quads(store: ox.Store, dataset: rdflib.Dataset) -> None:
    assert len(store) == sum(1 for _ in dataset.quads((None, None, None, None)))

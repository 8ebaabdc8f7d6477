"""The graph as records, as an rdflib Dataset and as a networkx graph."""

from __future__ import annotations

import doctest
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.errors import StoreError, UsageError
from kgbuild.graph import merge
from kgbuild.iris import Iris
from kgbuild.records import (
    Document,
    DocumentFacts,
    Evidence,
    ItemValue,
    QuantityValue,
    Revision,
    Statement,
    TextValue,
    TimeValue,
)
from kgbuild.stores.oxigraph import OxigraphStore
from kgbuild.views import labels, network, rdf_dataset, statements

IRIS = Iris()
ROOT = Path(__file__).parents[2]


@pytest.fixture
def merged(corpus: Any, schema: Any) -> OxigraphStore:
    store = OxigraphStore()
    merge(store, corpus, ontology=schema, iris=IRIS)
    return store


items = st.sampled_from(["Q1", "Q2", IRIS.local_entity("urn:d", "x")])
times = st.one_of(
    st.builds(TimeValue, st.integers(-9000, 9000), st.none(), st.none(), st.sampled_from([7, 8, 9])),
    st.builds(TimeValue, st.integers(-9000, 9000), st.integers(1, 12), st.none(), st.just(10)),
    st.builds(TimeValue, st.integers(-9000, 9000), st.integers(1, 12), st.integers(1, 28), st.just(11)),
)
amounts = st.decimals(-(10**9), 10**9, places=3).map(lambda each: each.normalize() + Decimal(0))
values = {
    "P1": items.map(ItemValue),
    "P2": times,
    "P3": st.builds(QuantityValue, amounts, st.sampled_from([None, "Q11573"])),
    "P4": st.builds(
        TextValue, st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from([None, "en"])
    ),
}
pairs = st.sampled_from(sorted(values)).flatmap(lambda pid: st.tuples(st.just(pid), values[pid]))


@given(said=st.lists(st.tuples(items, pairs, st.lists(pairs, max_size=3)), min_size=1, max_size=4))
def test_statements_come_back_as_they_were(said: list[Any], schema: Any) -> None:
    evidence = (Evidence("d", 0, 1, "x", 0.5, "e"),)
    given_ = tuple(
        Statement(subject, pid, value, tuple(qualifiers), evidence=evidence)
        for subject, (pid, value), qualifiers in said
    )
    revision = Revision("", "", "", "", "")
    store = OxigraphStore()
    facts = DocumentFacts(Document("d", "urn:d", "x"), revision, statements=given_)
    merge(store, [facts], ontology=schema, iris=IRIS)
    found = list(statements(store, iris=IRIS))
    assert {(each.subject, each.property, each.value, frozenset(each.qualifiers)) for each in found} == {
        (each.subject, each.property, each.value, frozenset(each.qualifiers)) for each in given_
    }
    assert {each.documents for each in found} == {("urn:d",)}
    assert [each.property for each in found] == sorted(each.property for each in found)


def test_ranks_confidence_and_labels(merged: OxigraphStore) -> None:
    born = [each for each in statements(merged, iris=IRIS) if each.property == "P19"]
    assert [(each.value, each.rank, each.best, each.confidence) for each in born] == [
        (ItemValue("Q72"), "normal", False, 0.7),
        (ItemValue("Q3012"), "preferred", True, 0.92),
    ]
    assert len(born[1].documents) == 3
    assert labels(merged, iris=IRIS)["P19"] == "place of birth"
    assert labels(merged, iris=IRIS)["Q937"] == "Albert Einstein"


def test_a_network_of_entities(merged: OxigraphStore) -> None:
    best = network(merged, iris=IRIS)
    assert set(best) == {"Q937", "Q3012", "Q11942", "Q5"}
    assert best.nodes["Q3012"] == {"label": "Ulm", "kind": "item", "types": ("Q515",)}
    assert [told["label"] for *_, told in best.edges(data=True)] == [
        "employer",
        "place of birth",
        "instance of",
    ]
    assert network(merged, iris=IRIS, best=False).has_edge("Q937", "Q72")
    with_values = network(merged, iris=IRIS, values=True)
    named = {told["label"] for _, told in with_values.nodes(data=True) if told["kind"] == "value"}
    assert named == {"1879", "128928"}


def test_a_dataset_is_the_store(merged: OxigraphStore, tmp_path: Path) -> None:
    dataset = rdf_dataset(merged)
    assert len(dataset) == len(list(merged.quads()))
    assert bool(dataset.query("ASK { wd:Q937 p:P19 [ ps:P19 wd:Q72 ] }"))
    assert (rdflib.URIRef("http://www.wikidata.org/entity/Q937"), None, None) in dataset
    merged.update("INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 } }")
    assert (rdflib.URIRef("urn:a"), rdflib.URIRef("urn:b"), rdflib.Literal(1)) in dataset
    OxigraphStore(tmp_path / "store").close()
    opened = rdf_dataset(tmp_path / "store")
    assert len(opened) == 0
    opened.close()


def test_what_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        rdf_dataset(tmp_path / "none")
    with pytest.raises(UsageError, match="SPARQLStore"):
        rdf_dataset("http://localhost/")  # type: ignore[arg-type]


def test_the_examples_of_the_page_run() -> None:
    result = doctest.testfile(str(ROOT / "docs" / "python.md"), module_relative=False)
    assert result.attempted >= 12
    assert result.failed == 0

"""Taking documents back by what a person calls them."""

from __future__ import annotations

from typing import Any

import pytest

from kgbuild.errors import UsageError
from kgbuild.graph import identifiers, merge, take_back
from kgbuild.graph.rows import rows
from kgbuild.iris import PROV, Iris
from kgbuild.rdf import About
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()
ABOUT = About("News", "", "", "")


@pytest.fixture
def merged(corpus: Any, schema: Any) -> OxigraphStore:
    store = OxigraphStore()
    merge(store, corpus, ontology=schema, iris=IRIS)
    return store


def test_a_document_is_taken_once_by_whichever_names_and_the_run_is_written(
    merged: OxigraphStore, corpus: Any, schema: Any
) -> None:
    uri, name = corpus[0].document.uri, corpus[0].document.id
    assert take_back(merged, [uri, name], about=ABOUT, ontology=schema, iris=IRIS) == (uri,)
    assert uri not in identifiers(merged)
    runs = f"SELECT ?run {{ GRAPH <{IRIS.graph('runs')}> {{ ?run a <{PROV}Activity> }} }}"
    assert len(list(rows(merged, runs))) == 1


def test_an_unknown_name_is_refused_before_anything_is_taken(
    merged: OxigraphStore, corpus: Any, schema: Any
) -> None:
    uri, before = corpus[0].document.uri, len(list(merged.quads()))
    with pytest.raises(UsageError, match=f"has no document {uri}x; did you mean {uri}"):
        take_back(merged, [uri, f"{uri}x"], about=ABOUT, ontology=schema, iris=IRIS)
    with pytest.raises(UsageError, match="kgbuild info --documents"):
        take_back(merged, ["zzz"], about=ABOUT, ontology=schema, iris=IRIS)
    assert len(list(merged.quads())) == before

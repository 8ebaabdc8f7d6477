"""Statistics of small graphs whose numbers are known."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.analysis import Central, Component, Group, analyse, pagerank, plot_degrees
from kgbuild.errors import UsageError
from kgbuild.graph import merge
from kgbuild.iris import Iris
from kgbuild.ontology import load_ontology
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()


def test_an_empty_store() -> None:
    found = analyse(OxigraphStore(), iris=IRIS)
    assert (found.entities, found.component_count, found.central, found.degrees) == (0, 0, (), {})


def test_a_small_graph(corpus: Any, schema: Any) -> None:
    store = OxigraphStore()
    order = list(corpus)
    random.Random(3).shuffle(order)
    merge(store, order, ontology=schema, iris=IRIS)
    found = analyse(store, iris=IRIS, most=2)
    assert (found.documents, found.entities, found.connected, found.statements) == (6, 4, 4, 6)
    assert found.properties[0] == Group("P19", "place of birth", 2)
    assert {each.id: each.count for each in found.classes} == {"Q515": 2, "Q5": 1}
    named = analyse(store, iris=IRIS, ontology=load_ontology()).classes
    assert Group("Q5", "human", 1) in named
    assert found.components == (Component(4, 3, "ETH Zürich"),)
    assert [each.id for each in found.central] == ["Q11942", "Q3012"]
    assert found.central[0] == Central("Q11942", "ETH Zürich", found.central[0].pagerank, 1)
    assert found.degrees == {1: 3, 3: 1}


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=30))
def test_pagerank_solves_its_equation(edges: list[tuple[int, int]]) -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph([(str(a), str(b)) for a, b in edges])
    nodes = list(graph)
    size = len(nodes)
    move = np.full((size, size), 1 / size)
    for row, node in enumerate(nodes):
        if graph.out_degree(node):
            move[row] = [graph.number_of_edges(node, other) / graph.out_degree(node) for other in nodes]
    system = np.eye(size) - 0.85 * move.T
    expected = np.linalg.solve(system, np.full(size, 0.15 / size))
    found = pagerank(graph)
    assert list(found) == nodes
    assert np.allclose(list(found.values()), expected, atol=1e-8)


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_degrees_are_drawn(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"degrees.{ending}"
    plot_degrees({0: 4, 1: 100, 2: 30, 17: 1}, path)
    assert path.read_bytes().startswith({"png": b"\x89PNG", "svg": b"<?xml"}[ending])


def test_a_plot_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"name a file that ends in \.png, \.svg, \.pdf"):
        plot_degrees({1: 1}, tmp_path / "degrees.xyz")
    with pytest.raises(UsageError, match="cannot write the plot"):
        plot_degrees({1: 1}, tmp_path / "none" / "degrees.svg")

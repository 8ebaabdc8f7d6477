"""What a graph is like: how much of what, its components, its most central entities, its degrees.

A store goes in. Components, centrality and degrees are those of the statements of best rank between
entities; dates, quantities and texts are no neighbours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from kgbuild.errors import UsageError
from kgbuild.graph.runs import measure
from kgbuild.iris import Iris, entity_id
from kgbuild.ontology import Ontology
from kgbuild.protocols import Store
from kgbuild.views import labels, network, statements

if TYPE_CHECKING:
    import networkx as nx

DAMPING = 0.85
_CHANGE = 1e-10
_ROUNDS = 200
_PLOTS = (".png", ".svg", ".pdf")


@dataclass(frozen=True, slots=True)
class Group:
    """A property or class with its label, and how many statements or entities it has."""

    id: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Component:
    """Entities that statements connect, whatever their direction; the most central of them names it."""

    entities: int
    statements: int
    centre: str


@dataclass(frozen=True, slots=True)
class Central:
    """An entity with its PageRank, which sums to 1 over all, and its degree in either direction."""

    id: str
    label: str
    pagerank: float
    degree: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """A graph in numbers; `degrees` says how many entities have a degree, by degree.

    Properties, classes, components and central entities come greatest first. `connected` counts the
    entities that a statement of best rank has, and `components` and `central` hold the first few.
    """

    documents: int
    entities: int
    connected: int
    statements: int
    triples: int
    properties: tuple[Group, ...]
    classes: tuple[Group, ...]
    component_count: int
    components: tuple[Component, ...]
    central: tuple[Central, ...]
    degrees: Mapping[int, int]


def analyse(store: Store, *, iris: Iris, ontology: Ontology | None = None, most: int = 10) -> Statistics:
    """Analyse a store; of components and central entities the `most` first are told.

    The ontology names classes, which a store need not have among its entities.
    """
    import networkx as nx

    known = {each.id: each.label for each in ontology.classes.values()} if ontology else {}
    extent, names = measure(store, iris=iris), known | labels(store, iris=iris)
    said = Counter(each.property for each in statements(store, iris=iris))
    graph = network(store, iris=iris)
    ranks = pagerank(graph)
    order = sorted(ranks, key=lambda node: (-ranks[node], node))
    place = {node: number for number, node in enumerate(order)}
    parts = sorted(
        nx.weakly_connected_components(graph),
        key=lambda each: (-len(each), min(map(place.__getitem__, each))),
    )
    classes = {entity_id(iri): count for iri, count in extent.classes.items()}
    return Statistics(
        documents=extent.documents,
        entities=extent.entities,
        connected=graph.number_of_nodes(),
        statements=said.total(),
        triples=extent.triples,
        properties=_groups(said, names),
        classes=_groups(classes, names),
        component_count=len(parts),
        components=tuple(_component(graph, each, place) for each in parts[:most]),
        central=tuple(
            Central(node, graph.nodes[node]["label"], ranks[node], graph.degree(node))
            for node in order[:most]
        ),
        degrees=dict(sorted(Counter(degree for _, degree in graph.degree()).items())),
    )


def pagerank(graph: nx.MultiDiGraph[str]) -> dict[str, float]:
    """The PageRank of each node (Page et al., 1999), parallel edges counting each; they sum to 1.

    networkx computes the same with scipy, which nothing else here needs.

    >>> import networkx as nx
    >>> ranks = pagerank(nx.MultiDiGraph([("a", "b"), ("c", "b")]))
    >>> {node: round(rank, 3) for node, rank in ranks.items()}
    {'a': 0.213, 'b': 0.574, 'c': 0.213}
    """
    import numpy as np

    nodes = list(graph)
    if not nodes:
        return {}
    place = {node: number for number, node in enumerate(nodes)}
    edges = np.array([(place[a], place[b]) for a, b in graph.edges()], dtype=np.int64).reshape(-1, 2)
    out = np.bincount(edges[:, 0], minlength=len(nodes))
    share = 1.0 / np.maximum(out, 1)
    ranks = np.full(len(nodes), 1.0 / len(nodes))
    for _ in range(_ROUNDS):
        before = ranks
        given = np.bincount(edges[:, 1], weights=(before * share)[edges[:, 0]], minlength=len(nodes))
        ranks = DAMPING * (given + before[out == 0].sum() / len(nodes)) + (1 - DAMPING) / len(nodes)
        if np.abs(ranks - before).sum() < _CHANGE:
            break
    return dict(zip(nodes, ranks.tolist(), strict=True))


def check_plot(path: Path) -> None:
    """UsageError where `plot_degrees` could not draw to a file: no matplotlib, folder or such an ending."""
    if find_spec("matplotlib") is None:
        raise UsageError("plots need matplotlib: pip install 'kgbuild[plot]'")
    if path.suffix.lower() not in _PLOTS:
        raise UsageError(f"cannot write the plot {path}; name a file that ends in {', '.join(_PLOTS)}")
    if not path.parent.is_dir():
        raise UsageError(f"cannot write the plot {path}: there is no folder {path.parent}; make it first")


def plot_degrees(degrees: Mapping[int, int], path: Path) -> None:
    """Draw how many entities have which degree, both on a logarithmic scale, as PNG, SVG or PDF.

    UsageError where that cannot be (`check_plot`), or the file cannot be written.
    """
    check_plot(path)
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    shown = {degree: count for degree, count in degrees.items() if degree > 0}
    axes.loglog(list(shown), list(shown.values()), "o")
    axes.set_xlabel("statements of an entity (degree)")
    axes.set_ylabel("entities")
    axes.grid(visible=True, which="both", alpha=0.3)
    date = {"Date": None} if path.suffix.lower() == ".svg" else {}
    try:
        figure.savefig(path, metadata=date)
    except OSError as error:
        raise UsageError(f"cannot write the plot {path}: {error.strerror}; name another file") from error


def _groups(counts: Mapping[str, int], names: Mapping[str, str]) -> tuple[Group, ...]:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Group(name, names.get(name, name), count) for name, count in ordered)


def _component(graph: nx.MultiDiGraph[str], members: set[str], place: Mapping[str, int]) -> Component:
    centre = min(members, key=place.__getitem__)
    return Component(len(members), graph.subgraph(members).number_of_edges(), graph.nodes[centre]["label"])

"""The candidates of a document's names enter, each with its probability; coherent readings come out ahead.

Candidates of different names are joined where one is among the other's facts. A random walk over this
graph that starts anew at candidates by their probability (personalised PageRank, as in Han et al.,
SIGIR 2011) visits most those that the others speak for; its surplus over the start raises a
candidate's odds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from kgbuild.link.features import Array
from kgbuild.link.names import normalise
from kgbuild.records import Entity

LIKELIEST = 5
"""Candidates of a name that are in the graph."""

LEAST = 0.01
"""Probability below which a candidate is left out."""

RESTART = 0.5
STEPS = 20
MOST_GAIN = 2.0
WEIGHT = 0.3
"""How much the logarithm of a candidate's odds grows when as much of the walk comes to it as starts there.

Measured on all linking sets pooled, accuracy among mentions in the index: -0.2 points (95 % interval -0.8
to 0.3) with cross-validated rankers, +0.2 (0.0 to 0.5) with the shipped one; 0.6 and more lose. The
ranker's own features of a document's company have most of what coherence tells.
"""

Node = tuple[int, int]


def coherent(
    entities: Sequence[Sequence[Entity]], chances: Sequence[Array], *, weight: float = WEIGHT
) -> list[Array]:
    """The probabilities of each name's candidates and, last, of none, with what the others say."""
    result = [np.array(each) for each in chances]
    start = {
        (name, place): float(told[place])
        for name, told in enumerate(chances)
        for place in np.argsort(-told[:-1])[:LIKELIEST].tolist()
        if told[place] >= LEAST
    }
    joined: nx.Graph[Node] = nx.Graph()
    joined.add_edges_from(_related(entities, start))
    if not joined:
        return result
    nodes = list(joined)
    begin = np.array([start[node] for node in nodes])
    begin /= begin.sum()
    came = _walk(nx.to_numpy_array(joined, nodelist=nodes), begin) - RESTART * begin
    for (name, place), gain in zip(nodes, came / begin, strict=True):
        result[name][place] *= np.exp(weight * min(MOST_GAIN, gain))
    return [each / each.sum() for each in result]


def _walk(adjacent: NDArray[np.float64], begin: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares of a walk that starts anew at `begin` with probability `RESTART`, by power iteration."""
    steps = adjacent / adjacent.sum(1, keepdims=True)
    share = begin
    for _ in range(STEPS):
        share = RESTART * begin + (1.0 - RESTART) * share @ steps
    return share


def _related(entities: Sequence[Sequence[Entity]], start: dict[Node, float]) -> list[tuple[Node, Node]]:
    """Pairs of candidates of different names of which one is among the facts of the other."""
    bearers: defaultdict[str, list[Node]] = defaultdict(list)
    for name, place in start:
        bearers[normalise(entities[name][place].label)].append((name, place))
    pairs: dict[tuple[Node, Node], None] = {}
    for name, place in start:
        for value in {normalise(text) for _, text in entities[name][place].facts}:
            for other in bearers.get(value, ()):
                if other[0] != name:
                    pairs[min((name, place), other), max((name, place), other)] = None
    return list(pairs)

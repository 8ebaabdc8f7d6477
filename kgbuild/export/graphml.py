"""The entities of a store and the statements between them as GraphML."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from kgbuild.iris import Iris
from kgbuild.protocols import Store
from kgbuild.views import network

if TYPE_CHECKING:
    import networkx as nx

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(store: Store, path: Path, iris: Iris) -> int:
    """Write every statement as an edge; the count of them. Dates, quantities and texts are nodes."""
    import networkx as nx

    graph = as_xml(network(store, iris=iris, best=False, values=True))
    nx.write_graphml_xml(graph, path, edge_id_from_attribute="id")
    return int(graph.number_of_edges())


def as_xml(graph: nx.MultiDiGraph[str]) -> nx.MultiDiGraph[str]:
    """A copy that XML can hold: types as one text, edges with their IRI as `id`.

    XML 1.0 cannot name most control characters; each becomes U+FFFD.
    """
    import networkx as nx

    names = nx.get_node_attributes(graph, "label")
    copy: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node, told in graph.nodes(data=True):
        types = "; ".join(names.get(each, each) for each in told["types"])
        copy.add_node(node, label=_clean(told["label"]), kind=told["kind"], types=_clean(types))
    for subject, value, key, told in graph.edges(keys=True, data=True):
        copy.add_edge(subject, value, key=key, **{**told, "label": _clean(told["label"]), "id": key})
    return copy


def _clean(text: str) -> str:
    r"""The text without what XML 1.0 has no way to write.

    >>> _clean("a\x00b")
    'a\ufffdb'
    """
    return _NOT_XML.sub("\ufffd", text)

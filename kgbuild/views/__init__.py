"""The graph as Python's own tools have it: records, an `rdflib.Dataset`, a networkx graph.

A store goes in; nothing is written to it. docs/python.md shows each at work.
"""

from kgbuild.views.dataset import rdf_dataset
from kgbuild.views.network import network
from kgbuild.views.statements import StoredStatement, labels, statements

__all__ = ["StoredStatement", "labels", "network", "rdf_dataset", "statements"]

"""Property shapes that hold for all focus nodes of their node shape at once.

pySHACL validates the property shapes of a node shape once for each focus node, and a property shape that
has targets of its own once for all of them. Both mean the same (SHACL, sections 2.1.3 and 4.5.2: a result
of `sh:property` is the property shape's own), so the targets are moved to the property shapes.
"""

from __future__ import annotations

from rdflib import RDF, SH, Graph
from rdflib.term import Node

_TARGETS = (SH.targetObjectsOf, SH.targetSubjectsOf, SH.targetClass, SH.targetNode)
_PLAIN = {*_TARGETS, RDF.type, SH.property, SH.name, SH.description, SH.severity, SH.message}


def hoist(graph: Graph) -> None:
    """Move the targets of node shapes that are nothing but a list of property shapes to those."""
    for shape in set(graph.subjects(SH.property, None)):
        if _is_plain(graph, shape):
            targets = [(kind, target) for kind in _TARGETS for target in graph.objects(shape, kind)]
            for kind, target in targets:
                graph.remove((shape, kind, target))
                for inner in graph.objects(shape, SH.property):
                    graph.add((inner, kind, target))


def _is_plain(graph: Graph, shape: Node) -> bool:
    """Whether a node shape only lists property shapes, and is itself no class and no part of a shape."""
    return (
        _PLAIN.issuperset(graph.predicates(shape))
        and set(graph.objects(shape, RDF.type)) <= {SH.NodeShape}
        and (None, None, shape) not in graph
    )

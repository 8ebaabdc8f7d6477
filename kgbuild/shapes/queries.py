"""SPARQL-based constraints, asked of all focus nodes at once.

pySHACL parses and runs such a query for each focus node, which takes milliseconds each; Oxigraph runs
it once for all of them. A constraint that needs more than `$this` is left to pySHACL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox
from rdflib import SH, Graph
from rdflib.term import Node, URIRef

from kgbuild.errors import OntologyError
from kgbuild.records import ShapeResult

TARGETS = {
    SH.targetObjectsOf: "?subject <{}> $this",
    SH.targetSubjectsOf: "$this <{}> ?object",
    SH.targetClass: "$this a <{}>",
}
_COMPONENT = str(SH.SPARQLConstraintComponent)
_FORBIDDEN = re.compile(r"\b(MINUS|SERVICE|VALUES)\b|\$(PATH|shapesGraph|currentShape)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class QueryConstraint:
    """A query for the focus nodes that break a shape; `targets` are the IRIs that its targets name."""

    shape: str
    targets: frozenset[str]
    query: str
    message: str
    severity: str

    def applies(self, there: set[str]) -> bool:
        """Whether one of its targets is among these predicates and types."""
        return not self.targets.isdisjoint(there)

    def results(self, store: ox.Store) -> Iterator[ShapeResult]:
        """What breaks the shape in a store's default graph."""
        found = store.query(self.query)
        if not isinstance(found, ox.QuerySolutions):
            return
        names = {variable.value for variable in found.variables}
        for row in found:
            focus = row["this"]
            path, value = (row[name] if name in names else None for name in ("path", "value"))
            if isinstance(focus, ox.NamedNode):
                yield ShapeResult(
                    focus=focus.value,
                    path=path.value if isinstance(path, ox.NamedNode) else "",
                    value=str(value if value is not None else focus),
                    shape=self.shape,
                    component=_COMPONENT,
                    severity=self.severity,
                    message=self.message,
                )


def take_queries(graph: Graph, name: str) -> tuple[QueryConstraint, ...]:
    """Take the constraints that are SPARQL out of a graph of shapes, but for those left to pySHACL.

    OntologyError, with the shape, where a query does not parse.
    """
    found = []
    for shape, constraint in sorted(graph.subject_objects(SH.sparql), key=str):
        made = _constraint(graph, shape, constraint)
        if made is None:
            continue
        try:
            ox.Store().query(made.query)
        except SyntaxError as error:
            raise OntologyError(
                f"{name}: the query of the shape <{shape}> does not parse: {error}"
            ) from error
        found.append(made)
        graph.remove((shape, SH.sparql, constraint))
    return tuple(found)


def _constraint(graph: Graph, shape: Node, constraint: Node) -> QueryConstraint | None:
    """A constraint for all focus nodes of its shape; None where only pySHACL can run it."""
    select = str(graph.value(constraint, SH.select) or "")
    targets = [(kind, target) for kind in TARGETS for target in graph.objects(shape, kind)]
    others = [*graph.objects(shape, SH.targetNode), *graph.objects(shape, SH.target)]
    named = isinstance(shape, URIRef) and (shape, SH.path, None) not in graph
    off = any(
        str(term) == "true" for node in (shape, constraint) for term in graph.objects(node, SH.deactivated)
    )
    if not (select and targets and named) or others or off or _FORBIDDEN.search(select):
        return None
    prefixes = "".join(
        f"PREFIX {graph.value(each, SH.prefix)}: <{graph.value(each, SH.namespace)}>\n"
        for source in graph.objects(constraint, SH.prefixes)
        for each in graph.objects(source, SH.declare)
    )
    focus = " UNION ".join(f"{{ {TARGETS[kind].format(target)} }}" for kind, target in sorted(targets))
    message = graph.value(constraint, SH.message) or graph.value(shape, SH.message)
    severity = graph.value(shape, SH.severity) or SH.Violation
    return QueryConstraint(
        shape=str(shape),
        targets=frozenset(str(target) for _, target in targets),
        query=f"{prefixes}SELECT DISTINCT * {{ {{ SELECT DISTINCT $this {{ {focus} }} }} {{ {select} }} }}",
        message=str(message or "breaks a constraint that is a query"),
        severity=str(severity).removeprefix(str(SH)),
    )

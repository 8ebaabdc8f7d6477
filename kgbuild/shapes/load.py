"""Shapes read, checked and run."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path

import pyoxigraph as ox
import rdflib
from rdflib import RDF, SH, XSD

from kgbuild.errors import OntologyError
from kgbuild.iris import XSD as XSD_IRI
from kgbuild.iris import Iris
from kgbuild.ontology import Ontology
from kgbuild.rdf import TYPE
from kgbuild.records import ShapeResult
from kgbuild.shapes.contradictions import problems
from kgbuild.shapes.generate import generated_shapes
from kgbuild.shapes.hoist import hoist
from kgbuild.shapes.queries import TARGETS, QueryConstraint, take_queries

_DATE_TIME = XSD_IRI + "dateTime"


def load_shapes(ontology: Ontology, iris: Iris, path: Path | None = None) -> Shapes:
    """The shapes of an ontology and those of a Turtle file, by default the shipped one.

    OntologyError where the file is no Turtle, says what is no SHACL, or contradicts itself or the
    ontology.
    """
    name = str(path) if path else "ontologies/shapes.ttl"
    try:
        source = path or resources.files("ontologies").joinpath("shapes.ttl")
        content = source.read_bytes()
    except (OSError, ModuleNotFoundError) as error:
        raise OntologyError(f"the shapes {name} cannot be read: {error}") from error
    try:
        list(ox.parse(content, format=ox.RdfFormat.TURTLE, base_iri="urn:shapes"))
        graph = rdflib.Graph().parse(data=content, format="turtle", publicID="urn:shapes")
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise OntologyError(f"{name}{line}: not Turtle: {error}") from error
    if path:
        _check_form(graph, name)
    graph += generated_shapes(ontology, iris)
    for problem in problems(graph):
        raise OntologyError(f"{name}: {problem}")
    return Shapes(graph, hashlib.sha256(content).hexdigest(), name, take_queries(graph, name))


def _check_form(graph: rdflib.Graph, name: str) -> None:
    """See that shapes written by hand are well-formed; OntologyError where they are not."""
    import pyshacl
    from pyshacl.errors import ReportableRuntimeError, ShapeLoadError

    try:
        pyshacl.validate(rdflib.Graph(), shacl_graph=graph, meta_shacl=True, inference="none")
    except (ReportableRuntimeError, ShapeLoadError) as error:
        said = " ".join(str(error).split())
        raise OntologyError(f"{name}: these are no well-formed SHACL shapes: {said}") from error


@dataclass(frozen=True)
class Shapes:
    """Shapes of statements; `version` is the digest of those that were written by hand.

    `graph` has the shapes of SHACL Core, `queries` the constraints that are SPARQL.
    """

    graph: rdflib.Graph
    version: str
    name: str = "shapes"
    queries: tuple[QueryConstraint, ...] = ()
    _chosen: dict[frozenset[str], rdflib.Graph] = field(default_factory=dict, repr=False)

    def results(self, quads: Iterable[ox.Quad]) -> tuple[ShapeResult, ...]:
        """What is wrong with a graph, sorted; the names of graphs are not looked at."""
        listed = set(quads)
        predicates = {quad.predicate.value for quad in listed}
        types = {
            quad.object.value
            for quad in listed
            if quad.predicate == TYPE and isinstance(quad.object, ox.NamedNode)
        }
        there = predicates | types
        found = set(self._core(listed, there))
        queries = [query for query in self.queries if query.applies(there)]
        if queries:
            store = ox.Store()
            store.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in listed)
            found.update(result for query in queries for result in query.results(store))
        return tuple(sorted(found))

    def _core(self, quads: Iterable[ox.Quad], there: set[str]) -> Iterator[ShapeResult]:
        """The results of SHACL Core, by pySHACL."""
        shapes = self._applicable(there)
        if not len(shapes):
            return
        data = rdflib.Graph()
        for quad in quads:
            data.add((_rdflib(quad.subject), _rdflib(quad.predicate), _rdflib(quad.object)))
        import pyshacl
        from pyshacl.errors import ReportableRuntimeError

        try:
            _, report, said = pyshacl.validate(data, shacl_graph=shapes, inference="none", inplace=True)
        except ReportableRuntimeError as error:
            raise OntologyError(f"{self.name}: a shape cannot be run: {error}") from error
        if not isinstance(report, rdflib.Graph):
            raise OntologyError(f"{self.name}: a shape cannot be run: {said}")
        yield from _results(report, self.graph)

    def _applicable(self, there: set[str]) -> rdflib.Graph:
        """The shapes of which a target is among these predicates and types."""
        chosen = frozenset(self._by_target.keys() & there)
        if chosen not in self._chosen:
            part = rdflib.Graph()
            for shape in set().union(*(self._by_target[target] for target in chosen), self._always):
                _copy(self.graph, shape, part)
            hoist(part)
            self._chosen[chosen] = part
        return self._chosen[chosen]

    @cached_property
    def _by_target(self) -> dict[str, set[rdflib.term.Node]]:
        found: defaultdict[str, set[rdflib.term.Node]] = defaultdict(set)
        for kind in TARGETS:
            for shape, target in self.graph.subject_objects(kind):
                found[str(target)].add(shape)
        return dict(found)

    @cached_property
    def _always(self) -> set[rdflib.term.Node]:
        """Shapes of which the target is a node or a query, and those whose target is their own class."""
        found = {*self.graph.subjects(SH.targetNode, None), *self.graph.subjects(SH.target, None)}
        implicit = {
            shape
            for shape in self.graph.subjects(RDF.type, rdflib.RDFS.Class)
            if (shape, RDF.type, SH.NodeShape) in self.graph
        }
        return found | implicit


def _copy(graph: rdflib.Graph, start: rdflib.term.Node, into: rdflib.Graph) -> None:
    """Copy all that is said of a node, and of what it names."""
    waiting = [start]
    while waiting:
        node = waiting.pop()
        for predicate, term in graph.predicate_objects(node):
            if (node, predicate, term) not in into:
                into.add((node, predicate, term))
                waiting.append(term)


def _rdflib(term: object) -> rdflib.term.Node:
    """A term as rdflib has it; moments out of the range of Python's dates are dateTimeStamps there."""
    match term:
        case ox.NamedNode():
            return rdflib.URIRef(term.value)
        case ox.BlankNode():
            return rdflib.BNode(term.value)
        case ox.Literal(language=str(language)):
            return rdflib.Literal(term.value, lang=language)
        case ox.Literal():
            datatype = term.datatype.value
            if datatype == _DATE_TIME and (
                term.value[0] == "-" or term.value[4] != "-" or term.value < "0001"
            ):
                return rdflib.Literal(term.value, datatype=XSD.dateTimeStamp)
            return rdflib.Literal(term.value, datatype=rdflib.URIRef(datatype), normalize=False)
    raise TypeError(f"{term} is no term of RDF 1.1")


def _n3(term: rdflib.term.Node | None) -> str:
    """A term in N-Triples, nothing for none or for a blank node."""
    if isinstance(term, rdflib.Literal):
        if term.datatype == XSD.dateTimeStamp:
            return str(ox.Literal(str(term), datatype=ox.NamedNode(_DATE_TIME)))
        datatype = ox.NamedNode(str(term.datatype)) if term.datatype else None
        return str(
            ox.Literal(str(term), language=term.language, datatype=None if term.language else datatype)
        )
    return f"<{term}>" if isinstance(term, rdflib.URIRef) else ""


def _results(report: rdflib.Graph, shapes: rdflib.Graph) -> Iterator[ShapeResult]:
    for node in report.subjects(RDF.type, SH.ValidationResult):
        source = report.value(node, SH.sourceShape)
        messages = sorted(str(each) for each in report.objects(node, SH.resultMessage))
        path = report.value(node, SH.resultPath)
        yield ShapeResult(
            focus=str(report.value(node, SH.focusNode)),
            path=str(path) if isinstance(path, rdflib.URIRef) else "",
            value=_n3(report.value(node, SH.value)),
            shape=_owner(source, shapes),
            component=str(report.value(node, SH.sourceConstraintComponent)),
            severity=str(report.value(node, SH.resultSeverity)).removeprefix(str(SH)),
            message="; ".join(messages),
        )


def _owner(shape: rdflib.term.Node | None, shapes: rdflib.Graph) -> str:
    """The IRI of a shape, or of the one that it is a nameless part of."""
    while shape is not None and not isinstance(shape, rdflib.URIRef):
        shape = next((owner for owner, _ in shapes.subject_predicates(shape)), None)
    return str(shape or "")

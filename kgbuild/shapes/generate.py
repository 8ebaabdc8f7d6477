"""An ontology to shapes: value type, cardinality and format of each property's statements."""

from __future__ import annotations

import re

from rdflib import RDF, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from kgbuild.iris import KGB, Iris, digest
from kgbuild.ontology import Ontology, Property, ValueKind
from kgbuild.rdf import property_forms

MOMENT = r"^-?\d{4,}-\d\d-\d\dT00:00:00Z$"
_DATATYPES = {
    ValueKind.TIME: (XSD.dateTime, XSD.dateTimeStamp),
    ValueKind.QUANTITY: (XSD.decimal,),
    ValueKind.TEXT: (XSD.string, RDF.langString),
}
_WORDS = {
    ValueKind.ITEM: "an item",
    ValueKind.TIME: "a dateTime at midnight UTC",
    ValueKind.QUANTITY: "a decimal number",
    ValueKind.TEXT: "a text that is not empty",
}


def generated_shapes(ontology: Ontology, iris: Iris) -> Graph:
    """Three shapes for each property: of its statements, of qualifiers with it, of its best values.

    A statement has exactly one value of the property's kind, and a date or quantity one value node;
    so has a qualifier of the kind. More than one best value of a property that takes one is a
    warning: documents may disagree.
    """
    graph = Graph()
    for definition in ontology.properties.values():
        _add_shapes(graph, definition, iris)
    return graph


def _add_shapes(graph: Graph, definition: Property, iris: Iris) -> None:
    forms = property_forms(definition.id, iris)
    about = f"{definition.label} ({definition.id})"
    has_node = definition.kind in (ValueKind.TIME, ValueKind.QUANTITY)
    statement = _shape(graph, definition, "statement", SH.targetObjectsOf, forms.claim.value)
    value = _property(graph, statement, forms.statement.value, f"the value of {about} must be one and ")
    _one(graph, value)
    _kind(graph, value, definition.kind)
    if has_node:
        node = _property(graph, statement, forms.statement_value.value, f"{about} needs one value node")
        _one(graph, node)
        graph.add((node, SH.nodeKind, SH.IRI))
    qualifier = _shape(graph, definition, "qualifier", SH.targetSubjectsOf, forms.qualifier.value)
    value = _property(graph, qualifier, forms.qualifier.value, f"the qualifier {about} must be ")
    _kind(graph, value, definition.kind)
    if definition.functional:
        best = _shape(graph, definition, "best", SH.targetSubjectsOf, forms.direct.value)
        value = _property(graph, best, forms.direct.value, f"{about} has more than one best value")
        graph.add((value, SH.maxCount, Literal(1)))
        graph.add((value, SH.severity, SH.Warning))


def _shape(graph: Graph, definition: Property, part: str, target: URIRef, predicate: str) -> URIRef:
    """A node shape with its target."""
    name = definition.id if re.fullmatch(r"P\d+", definition.id) else digest(definition.id)[:16]
    shape = URIRef(f"{KGB}shape/{name}/{part}")
    graph.add((shape, RDF.type, SH.NodeShape))
    graph.add((shape, target, URIRef(predicate)))
    return shape


def _property(graph: Graph, shape: URIRef, path: str, message: str) -> URIRef:
    """A property shape of a node shape, named after it and the path's last part but one."""
    number = len(list(graph.objects(shape, SH.property))) + 1
    inner = URIRef(f"{shape}/{number}")
    graph.add((shape, SH.property, inner))
    graph.add((inner, SH.path, URIRef(path)))
    graph.add((inner, SH.message, Literal(message)))
    return inner


def _one(graph: Graph, shape: URIRef) -> None:
    graph.add((shape, SH.minCount, Literal(1)))
    graph.add((shape, SH.maxCount, Literal(1)))


def _kind(graph: Graph, shape: URIRef, kind: ValueKind) -> None:
    """The type and format that values of a kind have; what they must be is added to the message."""
    message = graph.value(shape, SH.message)
    graph.set((shape, SH.message, Literal(f"{message}{_WORDS[kind]}")))
    if kind is ValueKind.ITEM:
        graph.add((shape, SH.nodeKind, SH.IRI))
        return
    datatypes = _DATATYPES[kind]
    if len(datatypes) == 1:
        graph.add((shape, SH.datatype, datatypes[0]))
    else:
        _any_of(graph, shape, datatypes)
    if kind is ValueKind.TIME:
        graph.add((shape, SH.pattern, Literal(MOMENT)))
    elif kind is ValueKind.TEXT:
        graph.add((shape, SH.pattern, Literal(r"\S")))


def _any_of(graph: Graph, shape: URIRef, datatypes: tuple[URIRef, ...]) -> None:
    """Any one of several datatypes."""
    choices: list[Node] = []
    for datatype in datatypes:
        choice = BNode(digest(shape, datatype))
        graph.add((choice, SH.datatype, datatype))
        choices.append(choice)
    head = BNode(digest(shape))
    Collection(graph, head, choices)
    graph.add((shape, SH["or"], head))

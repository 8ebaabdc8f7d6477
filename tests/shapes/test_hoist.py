"""Targets that move from node shapes to property shapes, and change no result."""

from __future__ import annotations

import pyshacl
import rdflib
from rdflib import RDF, SH

from kgbuild.shapes.hoist import hoist

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <urn:> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:plain a sh:NodeShape ; sh:targetClass :Thing ; sh:targetSubjectsOf :q ; sh:property :one, :two, [
    sh:path :q ; sh:nodeKind sh:IRI ; sh:message "no IRI" ] .
:one sh:path :p ; sh:minCount 1 ; sh:severity sh:Warning .
:two sh:path :p ; sh:maxCount 1 ; sh:node :inner .
:inner a sh:NodeShape ; sh:targetObjectsOf :p ; sh:property [ sh:path :q ; sh:minCount 1 ] .
:closed a sh:NodeShape ; sh:targetObjectsOf :p ; sh:closed true ; sh:property [ sh:path :r ] .
:off a sh:NodeShape ; sh:deactivated true ; sh:targetClass :Thing ; sh:property :none .
:Kind a sh:NodeShape, rdfs:Class ; sh:property [ sh:path :q ; sh:maxCount 0 ] .
:none sh:path :p ; sh:maxCount 0 .
"""
DATA = """@prefix : <urn:> .
:a a :Thing . :b a :Thing ; :p :c, :d ; :q 5 . :c :q :a ; :r 1 . :d :s 2 . :e a :Kind ; :q "x" .
"""


def results(shapes: rdflib.Graph) -> list[tuple[str, ...]]:
    data = rdflib.Graph().parse(data=DATA, format="turtle")
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none")
    told = (SH.focusNode, SH.resultPath, SH.value, SH.sourceConstraintComponent, SH.resultSeverity)
    found = report.subjects(RDF.type, SH.ValidationResult)
    return sorted(tuple(str(report.value(each, term)) for term in told) for each in found)


def test_results_are_the_same() -> None:
    shapes = rdflib.Graph().parse(data=SHAPES, format="turtle")
    hoisted = rdflib.Graph().parse(data=SHAPES, format="turtle")
    hoist(hoisted)
    plain = rdflib.URIRef("urn:plain")
    assert not list(hoisted.objects(plain, SH.targetClass)), "nothing moved"
    for name in ("inner", "closed", "off", "Kind"):
        node = rdflib.URIRef(f"urn:{name}")
        assert sorted(hoisted.predicates(node)) == sorted(shapes.predicates(node)), name
    found = results(shapes)
    assert len(found) >= 5
    assert results(hoisted) == found

"""The target schema: a Turtle file in, properties and classes with their restrictions out."""

from kgbuild.ontology.equivalence import same_as
from kgbuild.ontology.schema import Ontology, OntologyClass, Property, ValueKind
from kgbuild.ontology.turtle import load_ontology

__all__ = ["Ontology", "OntologyClass", "Property", "ValueKind", "load_ontology", "same_as"]

"""A Turtle file in, the schema that it declares out, checked.

Both Wikidata's way of declaring properties (`wikibase:Property` with its statement forms) and plain
OWL are read. A property's id is a PID where its IRI is Wikidata's and the IRI itself otherwise. A file
that says `owl:imports` of the shipped ontology is read together with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import pyoxigraph as ox

from kgbuild.axioms import Rule, RuleKind, read_rules
from kgbuild.errors import OntologyError
from kgbuild.iris import KGB, OWL, QUANTITY_KIND, QUDT, RDF, RDFS, SCHEMA, SKOS, WIKIBASE, XSD, entity_id
from kgbuild.ontology.schema import Ontology, OntologyClass, Property, ValueKind
from kgbuild.records import Label

SHIPPED = "https://w3id.org/kgbuild/ontology"
"""The IRI of the ontology in the package, which others may import."""

_PROPERTY_TYPES = (WIKIBASE + "Property", OWL + "ObjectProperty", OWL + "DatatypeProperty")
_TIME_RANGES = frozenset(XSD + name for name in ("dateTime", "date", "gYear", "gYearMonth", "dateTimeStamp"))
_NUMBER_RANGES = frozenset(
    XSD + name
    for name in (
        "decimal",
        "integer",
        "double",
        "float",
        "nonNegativeInteger",
        "positiveInteger",
        "int",
        "long",
    )
)
_AXIOMS = {
    RuleKind.SYMMETRIC: "symmetric",
    RuleKind.INVERSE: "an inverse",
    RuleKind.SUBPROPERTY: "a property above another",
    RuleKind.TRANSITIVE: "transitive",
    RuleKind.CHAIN: "a chain",
}

_Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def load_ontology(path: Path | None = None) -> Ontology:
    """Read an ontology from a Turtle file; the shipped one where none is given.

    Raises OntologyError, with the file and the line or the IRI, where it does not say what it must.
    """
    shipped = resources.files("ontologies").joinpath("kgbuild.ttl")
    name = str(path) if path else "ontologies/kgbuild.ttl"
    triples = _triples(name, path or shipped)
    imported = {each.object for each in triples if each.predicate.value == OWL + "imports"}
    if path and ox.NamedNode(SHIPPED) in imported:
        triples = [*_triples("ontologies/kgbuild.ttl", shipped), *triples]
    return _Reader(name, triples).ontology()


def _triples(name: str, source: Path | Traversable) -> list[ox.Triple]:
    """The triples of a Turtle file."""
    try:
        content = source.read_bytes()
    except (OSError, ModuleNotFoundError) as error:
        raise OntologyError(f"the ontology {name} cannot be read: {error}") from error
    try:
        return [quad.triple for quad in ox.parse(content, format=ox.RdfFormat.TURTLE, base_iri=KGB)]
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise OntologyError(f"{name}{line}: not Turtle: {error}") from error


class _Reader:
    """Triples by subject and predicate, and the definitions they make."""

    def __init__(self, name: str, triples: Iterable[ox.Triple]) -> None:
        self._name = name
        self._values: dict[str, dict[str, list[_Term]]] = {}
        lines = []
        # Blank nodes are renamed by what they say, or the version would change at every reading.
        dataset = ox.Dataset(ox.Quad(each.subject, each.predicate, each.object) for each in triples)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        self._triples = tuple(quad.triple for quad in dataset)
        for triple in self._triples:
            lines.append(str(triple))
            if isinstance(triple.subject, ox.NamedNode):
                predicates = self._values.setdefault(triple.subject.value, {})
                predicates.setdefault(triple.predicate.value, []).append(triple.object)
        self._version = hashlib.sha256("\n".join(sorted(set(lines))).encode()).hexdigest()

    def ontology(self) -> Ontology:
        """All definitions, checked against one another."""
        classes = {}
        properties = {}
        for iri in sorted(self._values):
            types = self._iris(iri, RDF + "type")
            if any(name in types for name in _PROPERTY_TYPES):
                properties[entity_id(iri)] = self._property(iri, types)
            elif OWL + "Class" in types or RDFS + "Class" in types:
                classes[entity_id(iri)] = self._class(iri)
        if not properties:
            raise OntologyError(
                f"{self._name}: no property is declared (owl:ObjectProperty, wikibase:Property)"
            )
        self._check(properties, classes)
        rules = read_rules(self._triples, properties, self._name)
        self._check_rules(rules, properties)
        return Ontology(properties, classes, self._version, rules)

    def _check(self, properties: Mapping[str, Property], classes: Mapping[str, OntologyClass]) -> None:
        for definition in properties.values():
            for class_id in (*definition.domain, *definition.range):
                if class_id not in classes:
                    raise OntologyError(
                        f"{self._name}: {definition.id} is restricted to {class_id}, which is not declared"
                    )
            inverse = properties.get(definition.inverse) if definition.inverse else None
            if definition.inverse and inverse is None:
                raise OntologyError(
                    f"{self._name}: the inverse {definition.inverse} of {definition.id} is not declared"
                )

    def _check_rules(self, rules: Iterable[Rule], properties: Mapping[str, Property]) -> None:
        """See that only items are stepped from, and that the values of a rule's two sides are alike."""
        for rule in rules:
            kinds = [properties[step.property].kind for step in rule.body]
            inner = kinds if rule.body[-1].backwards else kinds[:-1]
            end = ValueKind.ITEM if rule.body[-1].backwards else kinds[-1]
            if any(kind is not ValueKind.ITEM for kind in inner) or end is not properties[rule.head].kind:
                raise OntologyError(
                    f"{self._name}: {rule.head} cannot be {_AXIOMS[rule.kind]}, for the values of "
                    f"{' and '.join(step.property for step in rule.body)} are not of the kind that it takes"
                )

    def _property(self, iri: str, types: tuple[str, ...]) -> Property:
        kind = self._kind(iri, types)
        domain = self._iris(iri, RDFS + "domain", SCHEMA + "domainIncludes")
        allowed = self._iris(iri, RDFS + "range", SCHEMA + "rangeIncludes") if kind is ValueKind.ITEM else ()
        inverse = self._iris(iri, OWL + "inverseOf")
        measured = self._iris(iri, QUDT + "hasQuantityKind")
        label = self._text(iri, RDFS + "label")
        if not label:
            raise OntologyError(f"{self._name}: the property <{iri}> has no English rdfs:label")
        return Property(
            id=entity_id(iri),
            iri=iri,
            label=label,
            description=self._text(iri, SCHEMA + "description") or self._text(iri, RDFS + "comment"),
            aliases=self._texts(iri, SKOS + "altLabel"),
            kind=kind,
            domain=tuple(map(entity_id, domain)),
            range=tuple(map(entity_id, allowed)),
            inverse=entity_id(inverse[0]) if inverse else None,
            symmetric=OWL + "SymmetricProperty" in types,
            functional=OWL + "FunctionalProperty" in types,
            equivalents=self._iris(iri, OWL + "equivalentProperty"),
            measures=measured[0].removeprefix(QUANTITY_KIND) if measured else None,
        )

    def _kind(self, iri: str, types: tuple[str, ...]) -> ValueKind:
        declared = self._iris(iri, WIKIBASE + "propertyType")
        if declared:
            name = declared[0].removeprefix(WIKIBASE)
            return {
                "WikibaseItem": ValueKind.ITEM,
                "Time": ValueKind.TIME,
                "Quantity": ValueKind.QUANTITY,
            }.get(name, ValueKind.TEXT)
        allowed = set(self._iris(iri, RDFS + "range", SCHEMA + "rangeIncludes"))
        if allowed & _TIME_RANGES:
            return ValueKind.TIME
        if allowed & _NUMBER_RANGES:
            return ValueKind.QUANTITY
        return ValueKind.TEXT if OWL + "DatatypeProperty" in types else ValueKind.ITEM

    def _class(self, iri: str) -> OntologyClass:
        own = self._mention_labels(iri, KGB + "mentionLabel")
        if len(own) > 1:
            raise OntologyError(
                f"{self._name}: <{iri}> has several kgb:mentionLabel; call the others kgb:otherMentionLabel"
            )
        return OntologyClass(
            id=entity_id(iri),
            iri=iri,
            label=self._text(iri, RDFS + "label") or entity_id(iri),
            parents=tuple(map(entity_id, self._iris(iri, RDFS + "subClassOf"))),
            label_of=own[0] if own else None,
            other_labels=self._mention_labels(iri, KGB + "otherMentionLabel"),
        )

    def _mention_labels(self, iri: str, predicate: str) -> tuple[Label, ...]:
        names = sorted(
            term.value for term in self._values[iri].get(predicate, ()) if isinstance(term, ox.Literal)
        )
        try:
            return tuple(Label(name) for name in names)
        except ValueError as error:
            known = ", ".join(Label)
            raise OntologyError(
                f"{self._name}: <{iri}> has the mention label {error}; known: {known}"
            ) from error

    def _iris(self, iri: str, *predicates: str) -> tuple[str, ...]:
        found = {
            term.value
            for predicate in predicates
            for term in self._values[iri].get(predicate, ())
            if isinstance(term, ox.NamedNode)
        }
        return tuple(sorted(found))

    def _texts(self, iri: str, predicate: str) -> tuple[str, ...]:
        terms = (term for term in self._values[iri].get(predicate, ()) if isinstance(term, ox.Literal))
        return tuple(sorted({term.value for term in terms if (term.language or "en").split("-")[0] == "en"}))

    def _text(self, iri: str, predicate: str) -> str:
        found = self._texts(iri, predicate)
        return found[0] if found else ""

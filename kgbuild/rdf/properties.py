"""Properties: the predicates that each has, and their declaration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import pyoxigraph as ox

from kgbuild.iris import PQ, PQV, PS, PSV, RDFS, SCHEMA, SKOS, WD, WDT, WIKIBASE, Iris, P, digest
from kgbuild.ontology import Ontology, Property, ValueKind
from kgbuild.rdf.terms import TYPE, Pairs, node, text

_PROPERTY_TYPES = {
    ValueKind.ITEM: "WikibaseItem",
    ValueKind.TIME: "Time",
    ValueKind.QUANTITY: "Quantity",
    ValueKind.TEXT: "String",
}


@dataclass(frozen=True, slots=True)
class PropertyForms:
    """The predicates of one property: Wikidata's own for a PID, our own for any other IRI."""

    property: ox.NamedNode
    direct: ox.NamedNode
    claim: ox.NamedNode
    statement: ox.NamedNode
    statement_value: ox.NamedNode
    qualifier: ox.NamedNode
    qualifier_value: ox.NamedNode


@lru_cache(maxsize=4096)
def property_forms(id: str, iris: Iris) -> PropertyForms:
    """The forms of a property id, which is a PID or an absolute IRI.

    >>> print(property_forms("P19", Iris()).direct)
    <http://www.wikidata.org/prop/direct/P19>
    >>> print(property_forms("https://schema.org/author", Iris("https://me.org/")).claim)
    <https://me.org/prop/author-ec93785a>
    """
    if re.fullmatch(r"P[1-9]\d*", id):
        return PropertyForms(
            *(node(prefix + id) for prefix in (WD, WDT, P, PS, PSV, PQ, PQV)),
        )
    name = re.sub(r"[^A-Za-z0-9]+", "-", re.split(r"[/#:]", id)[-1]).strip("-")
    slug = f"{name}-{digest(id)[:8]}".lstrip("-")
    paths = ("", "statement/", "statement/value/", "qualifier/", "qualifier/value/")
    return PropertyForms(node(id), node(id), *(node(f"{iris.base}prop/{path}{slug}") for path in paths))


def property_pairs(id: str, ontology: Ontology, iris: Iris) -> Pairs:
    """The declaration of a property, as Wikidata's dumps have it."""
    forms = property_forms(id, iris)
    pairs: Pairs = [
        (TYPE, node(WIKIBASE + "Property")),
        (node(WIKIBASE + "directClaim"), forms.direct),
        (node(WIKIBASE + "claim"), forms.claim),
        (node(WIKIBASE + "statementProperty"), forms.statement),
        (node(WIKIBASE + "statementValue"), forms.statement_value),
        (node(WIKIBASE + "qualifier"), forms.qualifier),
        (node(WIKIBASE + "qualifierValue"), forms.qualifier_value),
    ]
    definition: Property | None = ontology.properties.get(id)
    if definition is None:
        return pairs
    pairs.append((node(WIKIBASE + "propertyType"), node(WIKIBASE + _PROPERTY_TYPES[definition.kind])))
    pairs.append((node(RDFS + "label"), text(definition.label, "en")))
    if definition.description:
        pairs.append((node(SCHEMA + "description"), text(definition.description, "en")))
    pairs += [(node(SKOS + "altLabel"), text(alias, "en")) for alias in definition.aliases]
    return pairs

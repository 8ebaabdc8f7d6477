"""The data set as a whole, described in VoID and DCAT.

Specifications: https://www.w3.org/TR/void/ and https://www.w3.org/TR/vocab-dcat-3/.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

import pyoxigraph as ox

from kgbuild.iris import DCAT, DCTERMS, PREFIXES, PROV, VOID, XSD, Iris, digest
from kgbuild.rdf.terms import TYPE, Pairs, node, text

PARTS = 200
"""How many classes, and how many properties, are told of."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is: triples, entities, documents, and by the IRI of class and direct property.

    Classes and properties come most frequent first.
    """

    triples: int = 0
    entities: int = 0
    documents: int = 0
    classes: Mapping[str, int] = field(default_factory=dict)
    properties: Mapping[str, int] = field(default_factory=dict)
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """What its owner says of a data set; `licence` and `publisher` are IRIs."""

    title: str = "Knowledge graph"
    description: str = ""
    licence: str = ""
    publisher: str = ""


def dataset_quads(about: About, extent: Extent, *, modified: str, iris: Iris) -> list[ox.Quad]:
    """The description of the data set, and of its parts by class and by property.

    `modified` is an xsd:dateTime string. Numbers are those of what an export holds. Of the classes
    and properties, the `PARTS` most frequent have a description each.
    """
    graph, dataset = node(iris.graph("runs")), node(iris.dataset)
    pairs = [*_owner(about), *_numbers(extent)]
    pairs.append((node(DCTERMS + "modified"), ox.Literal(modified, datatype=node(XSD + "dateTime"))))
    pairs += [(node(VOID + "uriSpace"), text(iris.base))]
    pairs += [(node(VOID + "vocabulary"), node(namespace)) for namespace in PREFIXES.values()]
    told = {dataset: pairs}
    for kind, name, counted, counts in (
        ("classPartition", "class", "entities", extent.classes),
        ("propertyPartition", "property", "triples", extent.properties),
    ):
        for iri, count in islice(counts.items(), PARTS):
            part = node(f"{iris.dataset}/{digest(kind, iri)}")
            pairs.append((node(VOID + kind), part))
            told[part] = [(node(VOID + name), node(iri)), (node(VOID + counted), ox.Literal(count))]
    return [ox.Quad(subject, *pair, graph) for subject, about_it in told.items() for pair in about_it]


def _owner(about: About) -> Pairs:
    pairs: Pairs = [(TYPE, node(name)) for name in (VOID + "Dataset", DCAT + "Dataset", PROV + "Entity")]
    pairs.append((node(DCTERMS + "title"), text(about.title)))
    if about.description:
        pairs.append((node(DCTERMS + "description"), text(about.description)))
    if about.licence:
        pairs.append((node(DCTERMS + "license"), node(about.licence)))
    if about.publisher:
        pairs.append((node(DCTERMS + "publisher"), node(about.publisher)))
    return pairs


def _numbers(extent: Extent) -> Pairs:
    counts = {
        "triples": extent.triples,
        "entities": extent.entities,
        "documents": extent.documents,
        "classes": len(extent.classes),
        "properties": len(extent.properties),
    }
    pairs: Pairs = [(node(VOID + name), ox.Literal(count)) for name, count in counts.items()]
    return pairs + [(node(DCTERMS + "language"), text(language)) for language in extent.languages]

"""Replace a document in the graph and recompute, in the same transaction, what it touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from kgbuild.errors import StoreError
from kgbuild.graph import entities, statements
from kgbuild.graph.rows import rows
from kgbuild.iris import GRAPHS, KGB, WIKIBASE, Iris, entity_id
from kgbuild.ontology import Ontology
from kgbuild.protocols import Store
from kgbuild.rdf import (
    TYPE,
    Description,
    describe,
    document_quads,
    rejected_document_quads,
    statements_by_iri,
)
from kgbuild.records import DocumentFacts, Rejection, Statement
from kgbuild.stores.update import delete_data, insert_data, replace_graph


@dataclass(frozen=True, slots=True)
class Version:
    """What a document says in one version: its graph, statements and descriptions, by IRI."""

    quads: Sequence[ox.Quad] = ()
    statements: dict[str, Statement] = field(default_factory=dict)
    descriptions: dict[str, Description] = field(default_factory=dict)


def merge(
    store: Store, facts: Sequence[DocumentFacts], *, ontology: Ontology, iris: Iris, language: str = "en"
) -> None:
    """Put each document in the place of its earlier version, one transaction for each.

    `language` is that of the knowledge base's labels; local entities have the document's. Merging
    again changes nothing, and the order of documents does not matter. StoreError where a graph of
    that name is not kgbuild's; ValueError, naming the document, where the facts are inconsistent.
    """
    for each in facts:
        said = _descriptions(each, language, iris)
        version = Version(document_quads(each, said, iris), statements_by_iri(each, iris), said)
        _replace(store, each.document.uri, version, ontology=ontology, iris=iris)


def retract(store: Store, document_uri: str, *, ontology: Ontology, iris: Iris) -> None:
    """Take a document away, and with it what it alone supported."""
    _replace(store, document_uri, Version(), ontology=ontology, iris=iris)


def reject(store: Store, document_uri: str, rejection: Rejection, *, ontology: Ontology, iris: Iris) -> None:
    """Keep why a document could not be read, in place of what an earlier version of it said."""
    version = Version(rejected_document_quads(document_uri, rejection, iris))
    _replace(store, document_uri, version, ontology=ontology, iris=iris)


def _descriptions(facts: DocumentFacts, language: str, iris: Iris) -> dict[str, Description]:
    """What a document tells of entities, by IRI; a local one in the document's own language."""
    found = {}
    for entity in facts.entities:
        own = facts.document.language or "und"
        description = describe(entity, own if entity.id.startswith(iris.base) else language, iris)
        found[description.iri] = description
    return found


def _replace(store: Store, uri: str, version: Version, *, ontology: Ontology, iris: Iris) -> None:
    before = _before(store, uri, iris)
    claims = statements.recompute(
        store, uri, before.statements, version.statements, ontology=ontology, iris=iris
    )
    told = entities.recompute(
        store, uri, before.descriptions, version.descriptions, claims, ontology=ontology, iris=iris
    )
    remove, add = claims.remove | told.remove, claims.add | told.add
    update = replace_graph(uri, version.quads) + delete_data(remove - add) + insert_data(add - remove)
    store.update(update.strip().removesuffix(";"))


@dataclass(frozen=True, slots=True)
class _Before:
    """What the earlier version touched: statements with their claim and slot, descriptions' entities."""

    statements: dict[str, statements.Place]
    descriptions: dict[str, str]


def _before(store: Store, uri: str, iris: Iris) -> _Before:
    """Read what the earlier version of a document touched; StoreError where its graph is not ours."""
    if uri in (iris.graph(name) for name in GRAPHS):
        raise StoreError(f"the document URI {uri} is the name of a shared graph; give the document another")
    graph = ox.NamedNode(uri)
    query = f"""SELECT ?statement ?claim ?subject ?property ?description ?entity ?type ?any {{
      {{ GRAPH {graph} {{ ?evidence <{KGB}supports> ?statement }}
         GRAPH <{iris.graph("statements")}> {{ ?statement <{KGB}claim> ?claim . ?subject ?form ?statement }}
         GRAPH <{iris.graph("entities")}> {{ ?property <{WIKIBASE}claim> ?form }} }}
      UNION {{ GRAPH {graph} {{ {graph} <{KGB}usesDescription> ?description }}
         GRAPH <{iris.graph("entities")}> {{ ?description <{KGB}describes> ?entity }} }}
      UNION {{ GRAPH {graph} {{ {graph} {TYPE} ?type }} }}
      UNION {{ SELECT ?any {{ GRAPH {graph} {{ ?any ?p ?o }} }} LIMIT 1 }} }}"""
    placed, described = {}, {}
    types, foreign = set(), False
    for statement, claim, subject, property, description, entity, type, any_subject in rows(store, query):
        if statement:
            placed[statement] = statements.Place(claim, subject, entity_id(property))
        elif description:
            described[description] = entity
        elif type:
            types.add(type)
        elif any_subject:
            foreign = True
    if foreign and types.isdisjoint({KGB + "Document", KGB + "RejectedDocument"}):
        raise StoreError(f"the graph {uri} was not made by kgbuild; give the document another URI")
    return _Before(placed, described)

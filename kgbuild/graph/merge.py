"""Replace a document in the graph and recompute, in the same transaction, what it touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from kgbuild.errors import IriError, StoreError
from kgbuild.graph import entities, inference, statements
from kgbuild.graph.rows import solutions
from kgbuild.graph.standing import Place, place
from kgbuild.graph.statements import Scope
from kgbuild.iris import GRAPHS, KGB, WIKIBASE, Iris, entity_id
from kgbuild.ontology import Ontology
from kgbuild.protocols import Store
from kgbuild.rdf import (
    TYPE,
    Description,
    describe,
    document_quads,
    node,
    rejected_document_quads,
    statements_by_iri,
)
from kgbuild.records import DocumentFacts, Rejection, Statement
from kgbuild.stores.update import delete_data, insert_data, replace_graph


@dataclass(frozen=True, slots=True)
class Version:
    """What a document says in one version: its graph, statements and descriptions, by IRI.

    By `sketch` its near-duplicates are known.
    """

    quads: Sequence[ox.Quad] = ()
    statements: dict[str, Statement] = field(default_factory=dict)
    descriptions: dict[str, Description] = field(default_factory=dict)
    sketch: str = ""


def merge(
    store: Store, facts: Sequence[DocumentFacts], *, ontology: Ontology, iris: Iris, language: str = "en"
) -> None:
    """Put each document in the place of its earlier version, one transaction for each.

    `language` is that of the knowledge base's labels; local entities have the document's. Merging
    again changes nothing, and the order of documents does not matter. StoreError where a graph of
    that name is not kgbuild's; ValueError, naming the document, where the facts are inconsistent, and
    IriError where something in them cannot name a node. The documents before it are merged by then.
    """
    scope = Scope(store, ontology, iris)
    for each in facts:
        try:
            said = _descriptions(each, language, iris)
            version = Version(
                document_quads(each, said, iris), statements_by_iri(each, iris), said, each.sketch
            )
            _replace(scope, each.document.uri, version)
        except IriError as error:
            raise IriError(f"{each.document.uri}: {error}") from error


def retract(store: Store, document_uri: str, *, ontology: Ontology, iris: Iris) -> None:
    """Take a document away, and with it what it alone supported."""
    _replace(Scope(store, ontology, iris), document_uri, Version())


def reject(store: Store, document_uri: str, rejection: Rejection, *, ontology: Ontology, iris: Iris) -> None:
    """Keep why a document could not be read, in place of what an earlier version of it said."""
    version = Version(rejected_document_quads(document_uri, rejection, iris))
    _replace(Scope(store, ontology, iris), document_uri, version)


def _descriptions(facts: DocumentFacts, language: str, iris: Iris) -> dict[str, Description]:
    """What a document tells of entities, by IRI; a local one in the document's own language."""
    found = {}
    for entity in facts.entities:
        own = facts.document.language or "und"
        description = describe(entity, own if entity.id.startswith(iris.base) else language, iris)
        found[description.iri] = description
    return found


def _replace(scope: Scope, uri: str, version: Version) -> None:
    """Put one version of a document in the place of another, with all that follows from it."""
    before = _before(scope, uri)
    claims = statements.recompute(scope, uri, before.statements, version.statements, version.sketch)
    told = entities.recompute(scope, uri, before.descriptions, version.descriptions, claims)
    remove, add = claims.remove | told.remove, claims.add | told.add
    inferred = inference.recompute(scope, remove, add)
    remove, add = remove | inferred.remove, add | inferred.add
    operations = []
    if version.quads:
        quads = set(version.quads)
        present = set(scope.store.quads(uri)) if before.exists else set()
        remove |= present - quads
        add |= quads - present
    elif before.exists:
        operations.append(replace_graph(uri, ()))
    operations += [delete_data(remove - add), insert_data(add - remove)]
    update = " ;\n".join(filter(None, operations))
    if update:
        scope.store.update(update)


@dataclass(slots=True)
class _Before:
    """What the earlier version touched: its statements' places, and its descriptions' entities."""

    exists: bool = False
    statements: dict[str, Place] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)


def _before(scope: Scope, uri: str) -> _Before:
    """Read what the earlier version of a document touched; StoreError where its graph is not ours."""
    iris = scope.iris
    if uri in (iris.graph(name) for name in GRAPHS):
        raise StoreError(f"the document URI {uri} is the name of a shared graph; give the document another")
    graph, claims, told = node(uri), node(iris.graph("statements")), node(iris.graph("entities"))
    query = f"""SELECT ?statement ?claim ?subject ?property ?value ?description ?entity ?class ?any {{
      {{ GRAPH {graph} {{ ?evidence <{KGB}supports> ?statement }}
         GRAPH {claims} {{ ?statement <{KGB}claim> ?claim . ?subject ?form ?statement }}
         GRAPH {told} {{ ?property <{WIKIBASE}claim> ?form ; <{WIKIBASE}statementProperty> ?simple }}
         GRAPH {claims} {{ ?statement ?simple ?value }} }}
      UNION {{ GRAPH {graph} {{ {graph} <{KGB}usesDescription> ?description }}
         GRAPH {told} {{ ?description <{KGB}describes> ?entity }} }}
      UNION {{ GRAPH {graph} {{ {graph} {TYPE} ?class }} }}
      UNION {{ SELECT ?any {{ GRAPH {graph} {{ ?any ?p ?o }} }} LIMIT 1 }} }}"""
    before = _Before()
    classes = set()
    found = solutions(scope.store, query)
    for statement, claim, subject, pid, value, description, entity, class_, any_subject in found:
        if statement:
            before.statements[statement.value] = place(
                claim.value, subject.value, entity_id(pid.value), value
            )
        if description:
            before.descriptions[description.value] = entity.value
        classes.add(class_)
        before.exists = before.exists or any_subject is not None
    if before.exists and classes.isdisjoint({node(KGB + "Document"), node(KGB + "RejectedDocument")}):
        raise StoreError(f"the graph {uri} was not made by kgbuild; give the document another URI")
    return before

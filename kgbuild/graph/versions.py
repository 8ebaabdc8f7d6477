"""What a document says in one version, and what the store has of the version before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

import pyoxigraph as ox

from kgbuild.errors import StoreError
from kgbuild.graph.scope import Scope
from kgbuild.graph.standing import Place, place
from kgbuild.iris import GRAPHS, KGB, Iris
from kgbuild.protocols import Pattern
from kgbuild.rdf import (
    TYPE,
    Description,
    Said,
    describe,
    document_quads,
    node,
    property_forms,
    statements_by_iri,
)
from kgbuild.records import DocumentFacts

_SUPPORTS, _USES, _DESCRIBES, _CLAIM = (
    node(KGB + name) for name in ("supports", "usesDescription", "describes", "claim")
)
_OURS = {node(KGB + name) for name in ("Document", "RejectedDocument")}


@dataclass(frozen=True, slots=True)
class Version:
    """What a document says in one version: its graph, statements and descriptions, by IRI.

    By `sketch` its near-duplicates are known.
    """

    quads: Sequence[ox.Quad] = ()
    statements: Mapping[str, Said] = field(default_factory=dict)
    descriptions: Mapping[str, Description] = field(default_factory=dict)
    sketch: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the version in the store touched: graph, statements' places, descriptions' entities."""

    quads: Set[ox.Quad] = frozenset()
    statements: Mapping[str, Place] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """One version of a document in the place of another."""

    uri: str
    before: Earlier
    now: Version


def version_of(facts: DocumentFacts, language: str, iris: Iris) -> Version:
    """What a document says; `language` is that of the knowledge base's labels, local ones have its own."""
    told = {}
    for entity in facts.entities:
        own = facts.document.language or "und"
        description = describe(entity, own if entity.id.startswith(iris.base) else language, iris)
        told[description.iri] = description
    said = statements_by_iri(facts, iris)
    return Version(document_quads(facts, said, told, iris), said, told, facts.sketch)


def earlier(scope: Scope, uri: str) -> Earlier:
    """What the earlier version of a document touched; StoreError where its graph is not ours."""
    if uri in (scope.iris.graph(name) for name in GRAPHS):
        raise StoreError(f"the document URI {uri} is the name of a shared graph; give the document another")
    graph = node(uri)
    quads = frozenset(scope.match([Pattern(graph=graph)]))
    if not quads:
        return Earlier()
    if _OURS.isdisjoint(quad.object for quad in quads if quad.subject == graph and quad.predicate == TYPE):
        raise StoreError(f"the graph {uri} was not made by kgbuild; give the document another URI")
    supported = {quad.object for quad in quads if quad.predicate == _SUPPORTS}
    used = {quad.object for quad in quads if quad.predicate == _USES and quad.subject == graph}
    told = scope.match(Pattern(each, _DESCRIBES, graph=scope.graph("entities")) for each in used)
    return Earlier(quads, _places(scope, supported), {each.subject.value: each.object.value for each in told})


def _places(scope: Scope, statements: Set[ox.NamedNode]) -> dict[str, Place]:
    """The places of statements by their IRIs."""
    graph = scope.graph("statements")
    about = scope.about(statements, graph)
    found = {}
    for naming in scope.match(Pattern(object=each, graph=graph) for each in statements):
        pid = scope.property_of(naming.predicate)
        if pid is None:
            continue
        told = {quad.predicate: quad.object for quad in about[naming.object]}
        value = told[property_forms(pid, scope.iris).statement]
        found[naming.object.value] = place(told[_CLAIM].value, naming.subject.value, pid, value)
    return found

"""Replace documents in the graph and recompute, in the same transaction, what they touch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kgbuild.errors import IriError
from kgbuild.graph import entities, inference, statements
from kgbuild.graph.scope import Change, Scope
from kgbuild.graph.versions import Turn, Version, earlier, version_of
from kgbuild.iris import Iris
from kgbuild.ontology import Ontology
from kgbuild.protocols import Store
from kgbuild.rdf import rejected_document_quads
from kgbuild.records import DocumentFacts, Rejection


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
    for uri, version in _versions(facts, language, iris):
        _write(scope, uri, version)


def load(
    store: Store, facts: Sequence[DocumentFacts], *, ontology: Ontology, iris: Iris, language: str = "en"
) -> None:
    """Do as `merge` does, with all documents at once and at the store's bulk rate.

    The same graph comes of it, to the byte. A kill leaves all of the documents in it or none. It pays
    for some hundred documents of which the store has no earlier version.
    """
    scope = Scope(store, ontology, iris)
    versions = dict(_versions(facts, language, iris))
    change = recomputed(scope, [Turn(uri, earlier(scope, uri), each) for uri, each in versions.items()])
    if change.remove or change.add:
        store.load(change.remove, change.add)


def retract(store: Store, document_uri: str, *, ontology: Ontology, iris: Iris) -> None:
    """Take a document away, and with it what it alone supported."""
    _write(Scope(store, ontology, iris), document_uri, Version())


def reject(store: Store, document_uri: str, rejection: Rejection, *, ontology: Ontology, iris: Iris) -> None:
    """Keep why a document could not be read, in place of what an earlier version of it said."""
    quads = rejected_document_quads(document_uri, rejection, iris)
    _write(Scope(store, ontology, iris), document_uri, Version(quads))


def recomputed(scope: Scope, turns: Sequence[Turn]) -> Change:
    """What changes in the store when documents turn from one version to another, all at once."""
    claims = statements.recompute(scope, turns)
    told = entities.recompute(scope, turns, claims)
    shared = Change(claims.remove | told.remove, claims.add + told.add)
    shared |= inference.recompute(scope, shared.remove, shared.add)
    change = shared.settled()
    for turn in turns:
        change |= Change({*turn.before.quads}, [*turn.now.quads]).settled()
    return change


def _versions(facts: Iterable[DocumentFacts], language: str, iris: Iris) -> Iterator[tuple[str, Version]]:
    """The documents' URIs and versions; IriError names the document."""
    for each in facts:
        try:
            version = version_of(each, language, iris)
        except IriError as error:
            raise IriError(f"{each.document.uri}: {error}") from error
        yield each.document.uri, version


def _write(scope: Scope, uri: str, version: Version) -> None:
    """Put one version of a document in the place of another, with all that follows from it."""
    change = recomputed(scope, [Turn(uri, earlier(scope, uri), version)])
    if change.remove or change.add:
        scope.store.change(change.remove, change.add)

"""Replace documents in the graph and recompute, in the same transaction, what they touch."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kgbuild.errors import IriError
from kgbuild.graph import entities, inference, statements
from kgbuild.graph.scope import Change, Scope
from kgbuild.graph.versions import Turn, Version, earlier, version_of
from kgbuild.iris import Iris
from kgbuild.ontology import Ontology
from kgbuild.protocols import Store
from kgbuild.rdf import node, rejected_document_quads
from kgbuild.records import DocumentFacts, Rejection

STAGE, INCONSISTENT = "merge", "inconsistent facts"


def merge(
    store: Store, facts: Sequence[DocumentFacts], *, ontology: Ontology, iris: Iris, language: str = "en"
) -> tuple[Rejection, ...]:
    """Put each document in the place of its earlier version, one transaction for each.

    `language` is that of the knowledge base's labels; local entities have the document's. Merging
    again changes nothing, and the order of documents does not matter. A document of which the facts
    are inconsistent (a quote that is not in the text, an entity that no IRI can name) is kept as one
    that could not be read; these are returned. StoreError where a graph of that name is not
    kgbuild's, and IriError where the document's own URI is none: the documents before it are merged
    by then.
    """
    scope = Scope(store, ontology, iris)
    refused = []
    for each in facts:
        version, rejection = _version(each, language, iris)
        _write(scope, each.document.uri, version)
        refused += [rejection] if rejection else []
    return tuple(refused)


def load(
    store: Store, facts: Sequence[DocumentFacts], *, ontology: Ontology, iris: Iris, language: str = "en"
) -> tuple[Rejection, ...]:
    """Do as `merge` does, with all documents at once and at the store's bulk rate.

    The same graph comes of it, to the byte. A kill leaves all of the documents in it or none. It pays
    for some hundred documents of which the store has no earlier version.
    """
    scope = Scope(store, ontology, iris)
    with _collector_paused():
        versions = {each.document.uri: _version(each, language, iris) for each in facts}
        turns = [Turn(uri, earlier(scope, uri), version) for uri, (version, _) in versions.items()]
        change = recomputed(scope, turns)
        if change.remove or change.add:
            store.load(change.remove, change.add)
    return tuple(rejection for _, rejection in versions.values() if rejection)


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
    shared |= inference.recompute(scope, claims.believed, told)
    change = shared.settled()
    for turn in turns:
        change |= Change({*turn.before.quads}, [*turn.now.quads]).settled()
    return change


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Leave cycles uncollected: a load makes none, and walking its quads again and again is a tenth of it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _version(facts: DocumentFacts, language: str, iris: Iris) -> tuple[Version, Rejection | None]:
    """What a document says; where its facts are inconsistent, that they were refused, and why."""
    uri = facts.document.uri
    try:
        node(uri)
    except IriError as error:
        raise IriError(f"{uri}: {error}") from error
    try:
        return version_of(facts, language, iris), None
    except ValueError as error:
        rejection = Rejection(STAGE, facts.document.id, INCONSISTENT, str(error))
        return Version(rejected_document_quads(uri, rejection, iris)), rejection


def _write(scope: Scope, uri: str, version: Version) -> None:
    """Put one version of a document in the place of another, with all that follows from it."""
    change = recomputed(scope, [Turn(uri, earlier(scope, uri), version)])
    if change.remove or change.add:
        scope.store.change(change.remove, change.add)

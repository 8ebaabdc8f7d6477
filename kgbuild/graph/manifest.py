"""What the store knows of its documents and of the runs that wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from kgbuild.graph.rows import rows
from kgbuild.iris import KGB, Iris
from kgbuild.protocols import Store
from kgbuild.rdf import node, run_quads
from kgbuild.records import BuildReport, Revision
from kgbuild.stores.update import insert_data

_REVISION = " ; ".join(
    f"<{KGB}{name}> ?{variable}"
    for name, variable in (
        ("contentHash", "content_hash"),
        ("readerVersion", "reader"),
        ("extractorVersion", "extractor"),
        ("linkerVersion", "linker"),
        ("ontologyVersion", "ontology"),
    )
)


def revisions(store: Store) -> dict[str, Revision]:
    """The revision of each document in the store, by URI."""
    query = f"""SELECT ?document ?content_hash ?reader ?extractor ?linker ?ontology
      {{ GRAPH ?document {{ ?document {_REVISION} }} }}"""
    return {uri: Revision(*versions) for uri, *versions in rows(store, query)}


def revision(store: Store, document_uri: str) -> Revision | None:
    """The revision of one document, or None where the store does not have it."""
    graph = node(document_uri)
    query = f"""SELECT ?content_hash ?reader ?extractor ?linker ?ontology
      {{ GRAPH {graph} {{ {graph} {_REVISION} }} }}"""
    found = [Revision(*versions) for versions in rows(store, query)]
    return found[0] if found else None


def rejected(store: Store) -> frozenset[str]:
    """The URIs of the documents that could not be read."""
    query = f"SELECT ?document {{ GRAPH ?document {{ ?document a <{KGB}RejectedDocument> }} }}"
    return frozenset(uri for (uri,) in rows(store, query))


def record_run(
    store: Store,
    report: BuildReport,
    *,
    started: datetime,
    ended: datetime,
    versions: Mapping[str, str],
    iris: Iris,
) -> None:
    """Write what a run did to the graph `runs`; `versions` are those of the parts that ran, by name."""
    first, last = (moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (started, ended))
    quads = run_quads(report, started=first, ended=last, versions=sorted(versions.items()), iris=iris)
    store.update(insert_data(quads))

"""What is done to a graph store: the jobs, the store that they open, and what they tell of themselves."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from kgbuild import graph, pipeline
from kgbuild.config import ServerSettings, Settings
from kgbuild.errors import StoreError
from kgbuild.iris import Iris
from kgbuild.rdf import About
from kgbuild.stores.oxigraph import OxigraphStore
from kgbuild.wiring.parts import index, ontology, reader, renew, weights

if TYPE_CHECKING:
    from kgbuild.protocols import Store
    from kgbuild.sources.files import FileSource


def source(path: str, settings: Settings) -> FileSource:
    """The documents under a path or URL."""
    from kgbuild.sources.files import FileSource

    return FileSource(path, corpus=settings.corpus, iris=Iris(settings.base))


@contextmanager
def store(settings: Settings, *, read_only: bool = True) -> Iterator[Store]:
    """The graph store, a server's where one is set, closed at the end."""
    opened = (
        _server(settings.server)
        if settings.server.query
        else OxigraphStore(settings.store, read_only=read_only)
    )
    try:
        yield opened
    finally:
        opened.close()


def _server(settings: ServerSettings) -> Store:
    from kgbuild.stores.sparql import SparqlStore

    user, password = (os.environ.get(f"KGBUILD_SERVER_{name}") for name in ("USER", "PASSWORD"))
    credentials = (user, password or "") if user else None
    return SparqlStore(settings.query or "", settings.update, credentials=credentials, digest=settings.digest)


def check_store(settings: Settings) -> None:
    """Open the graph store to write, where there is one, ask it something, and close it again.

    StoreError where it cannot be used, or made, which is cheap to know before a model is loaded.
    """
    if settings.server.query or settings.store.exists():
        with store(settings, read_only=False) as opened:
            opened.select("ASK {}")
        return
    above = next(folder for folder in settings.store.absolute().parents if folder.exists())
    if not (above.is_dir() and os.access(above, os.W_OK)):
        raise StoreError(
            f"the store {settings.store} cannot be made: {above} is no folder that may be written to; "
            "name another place"
        )


@contextmanager
def job(
    path: str, settings: Settings, *, progress: pipeline.Progress = pipeline.unseen
) -> Iterator[pipeline.Job]:
    """Everything that a build of a path needs; till the end the store is open to this process alone."""
    renew(settings)
    documents = source(path, settings)
    parts = reader(settings)  # before a store is made, for a model or an index may be missing
    with store(settings, read_only=False) as opened:
        graph.refresh_inferences(opened, ontology=parts.target.ontology, iris=parts.target.iris)
        yield pipeline.Job(
            run=uuid4().hex,
            corpus=documents.corpus,
            source=documents,
            reader=parts,
            store=opened,
            known=graph.revisions(opened),
            limits=settings.shards,
            total=documents.count(),
            progress=progress,
            digests=digests(settings),
            about=about(settings),
        )


def digests(settings: Settings) -> dict[str, str]:
    """The digest of each thing that a build uses, by its part in it."""
    from kgbuild import provenance

    used = {
        "code": provenance.code_digest(),
        "configuration": provenance.settings_digest(settings),
        "index": settings.index.live or index(settings.index).digest,
        "ontology": ontology(settings.ontology).version,
    }
    if settings.extractor.neural:
        used["model"] = provenance.folder_digest(weights(settings.model))
    if settings.extractor.patterns:
        used["patterns"] = provenance.folder_digest(settings.extractor.patterns)
    return used


def about(settings: Settings) -> About:
    """What the description of the data set says."""
    told = settings.dataset
    return About(told.title, told.description or "", told.licence or "", told.publisher or "")


def retract(documents: Sequence[str], settings: Settings) -> tuple[str, ...]:
    """Take documents, given by URI, id or path, out of the store, and what they alone supported.

    The URIs of those taken. UsageError, before anything is taken, where the store does not have one
    of them, or where a path may mean several.
    """
    schema, told = ontology(settings.ontology), about(settings)
    with store(settings, read_only=False) as opened:
        return graph.take_back(opened, documents, about=told, ontology=schema, iris=Iris(settings.base))

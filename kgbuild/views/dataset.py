"""A store as an `rdflib.Dataset`, with nothing copied."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kgbuild.errors import UsageError
from kgbuild.iris import PREFIXES
from kgbuild.stores.oxigraph import OxigraphStore

if TYPE_CHECKING:
    from rdflib import Dataset


def rdf_dataset(store: OxigraphStore | Path) -> Dataset:
    """The store, or the one in a folder, as rdflib sees it: queries run in Oxigraph, on its data.

    A folder is opened to read. Queries with no GRAPH clause see the union of the graphs, and the
    Wikidata query service's prefixes are bound. For a store behind a SPARQL endpoint use rdflib's own
    `SPARQLStore`. StoreError where the folder holds no store.
    """
    import oxrdflib
    import rdflib

    opened = OxigraphStore(store, read_only=True) if isinstance(store, Path) else store
    if not isinstance(opened, OxigraphStore):
        raise UsageError(
            "only an embedded store is an rdflib.Dataset; for an endpoint use rdflib's SPARQLStore"
        )
    dataset = rdflib.Dataset(oxrdflib.OxigraphStore(store=opened.engine), default_union=True)
    for prefix, namespace in PREFIXES.items():
        dataset.bind(prefix, namespace)
    return dataset

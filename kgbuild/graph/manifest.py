"""What the store knows of its documents."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from pathlib import PurePosixPath
from urllib.parse import unquote

from kgbuild.graph.rows import rows
from kgbuild.iris import DCTERMS, KGB
from kgbuild.protocols import Store
from kgbuild.rdf import node
from kgbuild.records import Revision

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


def identifiers(store: Store) -> dict[str, str]:
    """The id in its corpus of each document, readable or not, by URI."""
    query = f"SELECT ?document ?id {{ GRAPH ?document {{ ?document <{DCTERMS}identifier> ?id }} }}"
    known = revisions(store).keys() | rejected(store)
    return {uri: name for uri, name in rows(store, query) if uri in known}


def named(term: str, identifiers: Mapping[str, str]) -> list[str]:
    """The URIs of the documents that a URI, an id or a path may mean; `identifiers` are ids by URI.

    A path may begin above the corpus: of the documents that it can mean, those with the longest
    part of it in their URI are meant. More than one is an ambiguity.

    >>> ids = {"https://kg.example.org/document/news/a/b.txt": "a/b.txt"}
    >>> named("b.txt", ids), len(named("a/b.txt", ids)), len(named("./old/news/a/b.txt", ids))
    ([], 1, 1)
    """
    if term in identifiers:
        return [term]
    path = "/" + PurePosixPath(term.replace("\\", "/")).as_posix().lstrip("/")
    found = {uri: name for uri, name in identifiers.items() if path.endswith("/" + name)}
    shared = {uri: _shared(path, f"{_corpus(uri, name)}/{name}") for uri, name in found.items()}
    return sorted(uri for uri in found if shared[uri] == max(shared.values()))


def _corpus(uri: str, name: str) -> str:
    """The name of a document's corpus, which stands before its id in the URI."""
    return unquote(uri).removesuffix("/" + name).rpartition("/")[2]


def _shared(path: str, name: str) -> int:
    """Parts that two paths have in common at their ends."""
    pairs = zip(reversed(path.split("/")), reversed(name.split("/")), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

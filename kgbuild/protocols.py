"""The six seams: each has two real implementations, or it would not be here.

What crosses a seam is a record of `kgbuild.records`; an implementation that cannot serve raises
an error of `kgbuild.errors`, and reports one bad document as a `Rejection`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

import pyoxigraph as ox

from kgbuild.records import (
    Candidate,
    Document,
    Entity,
    Extraction,
    Link,
    Rejection,
    Sentence,
)


class Source(Protocol):
    """Where documents come from."""

    version: str
    """Version of the readers; part of each document's revision."""

    def documents(self) -> Iterator[Document | Rejection]:
        """Yield each document in a stable order, or why it cannot be read."""
        ...


class Segmenter(Protocol):
    """Text to sentences."""

    version: str
    """Name and version of the rules; part of each document's revision."""

    def segment(self, document: Document) -> tuple[Sentence, ...]:
        """Sentences in order; they do not overlap, and hold every character but white space."""
        ...


class Extractor(Protocol):
    """Sentences to mentions, relations and attributes."""

    version: str
    """Name and version of the model and the options that change what it reads."""

    def extract(self, document: Document, sentences: Sequence[Sentence]) -> Extraction:
        """Read one document; the result depends on this document alone."""
        ...


class CandidateIndex(Protocol):
    """A knowledge base looked up by name."""

    version: str

    def candidates(self, surface: str, limit: int = 30) -> tuple[Candidate, ...]:
        """Entities that a surface form may name, most likely first."""
        ...

    def exact(self, name: str, limit: int = 30) -> tuple[str, ...]:
        """Ids of entities that bear just this name, most popular first, where that is told at once.

        What would have to ask a service for it tells of none.
        """
        ...

    def entity(self, id: str) -> Entity | None:
        """What the knowledge base tells of one entity, or None where it has none."""
        ...


class Linker(Protocol):
    """Mentions to entities, or to nothing."""

    version: str

    def link(self, document: Document, extraction: Extraction) -> tuple[Link, ...]:
        """One link for each mention of the extraction, in order; values are linked to None."""
        ...


class Pattern(NamedTuple):
    """A quad in a named graph, with None where anything will do; something in it must be given."""

    subject: ox.NamedNode | None = None
    predicate: ox.NamedNode | None = None
    object: ox.NamedNode | ox.Literal | None = None
    graph: ox.NamedNode | None = None


class Store(Protocol):
    """A quad store that speaks SPARQL 1.1; a query with no GRAPH clause sees the union."""

    def replace_graph(self, graph: str, quads: Sequence[ox.Quad]) -> None:
        """Put these quads in place of a graph, in one transaction."""
        ...

    def select(self, query: str) -> ox.QuerySolutions | ox.QueryBoolean:
        """Run a SELECT or ASK query."""
        ...

    def construct(self, query: str) -> Iterator[ox.Triple]:
        """Run a CONSTRUCT or DESCRIBE query."""
        ...

    def update(self, update: str) -> None:
        """Run a SPARQL update, all of it in one transaction."""
        ...

    def change(self, remove: Collection[ox.Quad], add: Collection[ox.Quad]) -> None:
        """Take quads away and put others in, in one transaction; no quad is in both."""
        ...

    def load(self, remove: Collection[ox.Quad], add: Collection[ox.Quad]) -> None:
        """Do as `change` does, at the engine's bulk rate: worth it for a hundred thousand quads."""
        ...

    def quads(self, graph: str | None = None) -> Iterator[ox.Quad]:
        """Every quad, or those of one graph."""
        ...

    def match(self, patterns: Iterable[Pattern]) -> Iterator[ox.Quad]:
        """The quads of named graphs that fit any of some patterns, those of one pattern together."""
        ...

    def close(self) -> None:
        """Flush and release the store."""
        ...

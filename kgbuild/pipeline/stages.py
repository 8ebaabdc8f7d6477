"""The five stages, each a function over one bounded shard of a job, or over what waits to be merged.

In go a `Job` and what the stage before it made; a flow passes the same functions as tasks (`Stages`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kgbuild import graph
from kgbuild.config import ShardSettings
from kgbuild.pipeline.reader import Read, Reader
from kgbuild.protocols import Source, Store
from kgbuild.rdf import About
from kgbuild.records import Document, DocumentFacts, Link, Rejection, Revision

Progress = Callable[[int, int | None], None]
"""Called with how many more documents are done and, where it is known, how many there are in all."""


def unseen(_more: int, _total: int | None) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class Job:
    """The wired parts of one build.

    `corpus` is the name in the documents' URIs; `known` holds the revision of each document in the
    store, by URI. `total` is the number of documents where the source can tell. `digests` name what
    the run uses, by its part in it; `about` is what the description of the data set says.
    """

    run: str
    corpus: str
    source: Source
    reader: Reader
    store: Store
    known: Mapping[str, Revision]
    limits: ShardSettings = field(default_factory=ShardSettings)
    total: int | None = None
    progress: Progress = unseen
    digests: Mapping[str, str] = field(default_factory=dict)
    about: About = field(default_factory=About)

    def revision(self, document: Document) -> Revision:
        """What the document's graph would be made from today."""
        return Revision(
            content_hash=document.content_hash,
            reader=f"{self.source.version}+{self.reader.segmenter.version}",
            extractor=self.reader.extractor.version,
            linker=self.reader.linker.version,
            ontology=self.reader.schema,
        )


@dataclass(frozen=True, slots=True)
class Shard:
    """A bounded run of documents to read, beside those that need no reading; `last` ends a corpus."""

    documents: tuple[Document, ...] = ()
    unchanged: int = 0
    rejections: tuple[Rejection, ...] = ()
    last: bool = False

    @property
    def seen(self) -> int:
        """How many documents the source gave, read or not."""
        return len(self.documents) + self.unchanged + len(self.rejections)


def ingest(job: Job, documents: Iterator[Document | Rejection]) -> Shard:
    """Take the next shard from a source, leaving out what the store has in this very revision."""
    taken: list[Document] = []
    rejections: list[Rejection] = []
    unchanged = characters = 0
    for item in documents:
        if isinstance(item, Rejection):
            rejections.append(item)
        elif job.known.get(item.uri) == job.revision(item):
            unchanged += 1
        else:
            taken.append(item)
            characters += len(item.text)
        seen = len(taken) + unchanged + len(rejections)
        if seen >= job.limits.documents or characters >= job.limits.characters:
            return Shard(tuple(taken), unchanged, tuple(rejections))
    return Shard(tuple(taken), unchanged, tuple(rejections), last=True)


def extract(job: Job, documents: Sequence[Document]) -> tuple[Read, ...]:
    """Read each document: sentences, then mentions, relations and attributes."""
    reads = []
    for document in documents:
        reads.append(job.reader.extract(document))
        job.progress(1, job.total)
    return tuple(reads)


def link(job: Job, reads: Sequence[Read]) -> tuple[tuple[Link, ...], ...]:
    """Resolve the mentions of each document to entities of the knowledge base, or to none."""
    return tuple(map(job.reader.link, reads))


def normalise(job: Job, reads: Sequence[Read], links: Sequence[Sequence[Link]]) -> tuple[DocumentFacts, ...]:
    """Turn what was read into statements that the ontology allows, with their evidence."""
    pairs = zip(reads, links, strict=True)
    return tuple(job.reader.normalise(read, these, job.revision(read.document)) for read, these in pairs)


def merge(job: Job, facts: Sequence[DocumentFacts], rejections: Sequence[Rejection]) -> tuple[Rejection, ...]:
    """Write the documents' graphs and recompute what they touch; doing it again changes nothing.

    One transaction for each document, but for a first build, which loads all of them at once. The
    documents of which the facts are inconsistent are refused, and returned.
    """
    ontology, iris = job.reader.target.ontology, job.reader.target.iris
    for rejection in rejections:
        graph.reject(
            job.store,
            iris.document(job.corpus, rejection.document_id),
            rejection,
            ontology=ontology,
            iris=iris,
        )
    write = graph.merge if job.known else graph.load
    return write(job.store, facts, ontology=ontology, iris=iris)


@dataclass(frozen=True, slots=True)
class Stages:
    """The five stages; a flow puts its tasks in place of the plain functions."""

    ingest: Callable[[Job, Iterator[Document | Rejection]], Shard] = ingest
    extract: Callable[[Job, Sequence[Document]], tuple[Read, ...]] = extract
    link: Callable[[Job, Sequence[Read]], tuple[tuple[Link, ...], ...]] = link
    normalise: Callable[[Job, Sequence[Read], Sequence[Sequence[Link]]], tuple[DocumentFacts, ...]] = (
        normalise
    )
    merge: Callable[[Job, Sequence[DocumentFacts], Sequence[Rejection]], tuple[Rejection, ...]] = merge

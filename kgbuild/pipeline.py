"""The stages of a build, from documents to a merged graph, over bounded shards.

In go the parts of a `Job`; out comes a `BuildReport`. At any time one shard is in memory, and on a
first build the facts of some more. Each stage is a function over one shard, or over what waits to be
merged: a flow passes the same functions as tasks (`Stages`).
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kgbuild import __version__, graph
from kgbuild.config import ShardSettings
from kgbuild.facts.assemble import assemble
from kgbuild.facts.target import Target
from kgbuild.protocols import Extractor, Linker, Segmenter, Source, Store
from kgbuild.rdf import About, Part
from kgbuild.records import (
    BuildReport,
    Document,
    DocumentFacts,
    Extraction,
    Link,
    Rejection,
    Revision,
    Sentence,
)
from kgbuild.shapes import Shapes

logger = logging.getLogger(__name__)

FIRST_DOCUMENTS, FIRST_CHARACTERS = 16, 4
"""Shards, by either of their bounds, of which a first build writes the facts at once."""

Progress = Callable[[int, int | None], None]
"""Called with how many more documents are done and, where it is known, how many there are in all."""


def unseen(_more: int, _total: int | None) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class Read:
    """A document, its sentences and what was extracted from it."""

    document: Document
    sentences: tuple[Sentence, ...]
    extraction: Extraction


@dataclass(frozen=True, slots=True)
class Reader:
    """The parts that turn one document into facts, each a function of that document alone."""

    segmenter: Segmenter
    extractor: Extractor
    linker: Linker
    target: Target
    shapes: Shapes | None = None

    def extract(self, document: Document) -> Read:
        """Sentences, then mentions, relations and attributes."""
        sentences = self.segmenter.segment(document)
        return Read(document, sentences, self.extractor.extract(document, sentences))

    def link(self, read: Read) -> tuple[Link, ...]:
        """The entity of each mention, or none."""
        return self.linker.link(read.document, read.extraction)

    def normalise(self, read: Read, links: Sequence[Link], revision: Revision) -> DocumentFacts:
        """Statements that the ontology and the shapes allow, with their evidence."""
        facts = assemble(
            read.document, read.sentences, read.extraction, links, revision=revision, target=self.target
        )
        if self.shapes is None:
            return facts
        return graph.check(facts, self.shapes, ontology=self.target.ontology, iris=self.target.iris)

    @property
    def schema(self) -> str:
        """Version of the ontology, of what is made of it, and of the shapes."""
        return f"{self.target.version}+{self.shapes.version}" if self.shapes else self.target.version


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


def build(job: Job, stages: Stages | None = None) -> BuildReport:
    """Read, link, normalise and merge every document that changed, shard after shard."""
    stages = stages or Stages()
    started = datetime.now(UTC)
    clock = _Clock()
    report = BuildReport(run=job.run)
    documents = job.source.documents()
    waiting = _Waiting(job)
    last = False
    done = 0
    while not last:
        with clock("ingest"):
            shard = stages.ingest(job, documents)
        job.progress(shard.seen - len(shard.documents), job.total)
        reads, facts = _read(job, shard, stages, clock)
        last = shard.last
        waiting.take(facts, shard.rejections)
        refused: tuple[Rejection, ...] = ()
        if waiting and (last or waiting.enough):
            with clock("merge"):
                refused = stages.merge(job, *waiting.give())
        done += shard.seen
        total = job.total if job.total is not None and done <= job.total else None
        report = _add(report, shard, reads, facts, clock.seconds)
        report = dataclasses.replace(report, rejections=(*report.rejections, *refused))
        if shard.seen:
            logger.info("%s", _sentence(shard, facts, done, total))
    target = job.reader.target
    graph.refresh_identities(job.store, ontology=target.ontology, iris=target.iris)
    _record(job, report, started)
    return report


def _read(
    job: Job, shard: Shard, stages: Stages, clock: _Clock
) -> tuple[tuple[Read, ...], tuple[DocumentFacts, ...]]:
    """Take one shard through the stages, as far as there is something to do."""
    reads: tuple[Read, ...] = ()
    facts: tuple[DocumentFacts, ...] = ()
    if shard.documents:
        with clock("extract"):
            reads = stages.extract(job, shard.documents)
        with clock("link"):
            links = stages.link(job, reads)
        with clock("normalise"):
            facts = stages.normalise(job, reads, links)
    return reads, facts


def _record(job: Job, report: BuildReport, started: datetime) -> None:
    """Write what the run did, and with what, to the graph of runs."""
    reader = job.reader
    versions = {
        "kgbuild": __version__,
        "reader": job.source.version,
        "segmenter": reader.segmenter.version,
        "extractor": reader.extractor.version,
        "linker": reader.linker.version,
        "ontology": reader.target.ontology.version,
    }
    parts = [Part(name, version=version) for name, version in versions.items()]
    parts += [Part(name, digest=digest) for name, digest in job.digests.items()]
    iris = reader.target.iris
    ended = datetime.now(UTC)
    graph.record_run(job.store, report, started=started, ended=ended, parts=parts, iris=iris)
    graph.describe_dataset(job.store, job.about, iris=iris)


class _Waiting:
    """What is to be merged: with a first build, some shards together."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._facts: list[DocumentFacts] = []
        self._rejections: list[Rejection] = []

    def __bool__(self) -> bool:
        return bool(self._facts or self._rejections)

    def take(self, facts: Sequence[DocumentFacts], rejections: Sequence[Rejection]) -> None:
        """Let a shard's facts and rejections wait."""
        self._facts += facts
        self._rejections += rejections

    @property
    def enough(self) -> bool:
        """Whether no more should wait."""
        limits = self._job.limits
        return (
            bool(self._job.known)
            or len(self._facts) + len(self._rejections) >= FIRST_DOCUMENTS * limits.documents
            or sum(len(each.document.text) for each in self._facts) >= FIRST_CHARACTERS * limits.characters
        )

    def give(self) -> tuple[tuple[DocumentFacts, ...], tuple[Rejection, ...]]:
        """All that waits, which waits no longer."""
        given = tuple(self._facts), tuple(self._rejections)
        self._facts, self._rejections = [], []
        return given


class _Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - start


def _add(
    report: BuildReport,
    shard: Shard,
    reads: Sequence[Read],
    facts: Sequence[DocumentFacts],
    seconds: Mapping[str, float],
) -> BuildReport:
    """The report with one more shard counted in."""
    rejections = [*shard.rejections, *(rejection for each in facts for rejection in each.rejections)]
    return dataclasses.replace(
        report,
        documents=report.documents + len(facts),
        unchanged=report.unchanged + shard.unchanged,
        characters=report.characters + sum(len(each.document.text) for each in facts),
        characters_read=report.characters_read
        + sum(each.extraction.end - each.extraction.start for each in reads),
        mentions=report.mentions + sum(len(each.extraction.mentions) for each in reads),
        links=report.links + sum(_linked(each) for each in facts),
        statements=report.statements + sum(len(each.statements) for each in facts),
        rejections=(*report.rejections, *rejections),
        seconds=dict(seconds),
    )


def _linked(facts: DocumentFacts) -> int:
    """Mentions that name an entity of the knowledge base."""
    return sum(":" not in mention.entity for mention in facts.mentions)


def _sentence(shard: Shard, facts: Sequence[DocumentFacts], done: int, total: int | None) -> str:
    """One log line for one shard."""
    statements = sum(len(each.statements) for each in facts)
    of = f" of {total}" if total is not None else ""
    return (
        f"{done}{of} documents: {len(facts)} read, {shard.unchanged} unchanged, "
        f"{len(shard.rejections)} rejected; {statements} statements"
    )

"""A build: shard after shard through the stages, what waits to be merged, and the report.

At any time one shard is in memory, and on a first build the facts of some more.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from kgbuild import __version__, graph
from kgbuild.pipeline.reader import Read
from kgbuild.pipeline.stages import Job, Shard, Stages
from kgbuild.rdf import Part
from kgbuild.records import BuildReport, DocumentFacts, Rejection

logger = logging.getLogger(__name__)

FIRST_DOCUMENTS, FIRST_CHARACTERS = 16, 4
"""Shards, by either of their bounds, of which a first build writes the facts at once."""


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
        report = _add(report, shard, reads, facts)
        if waiting and (last or waiting.enough):
            given, rejected = waiting.give()
            with clock("merge"):
                refused = stages.merge(job, given, rejected)
            report = _without(report, given, refused)
        done += shard.seen
        total = job.total if job.total is not None and done <= job.total else None
        if shard.seen:
            logger.info("%s", _sentence(shard, facts, done, total))
    report = dataclasses.replace(report, seconds=clock.seconds)
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
    report: BuildReport, shard: Shard, reads: Sequence[Read], facts: Sequence[DocumentFacts]
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
    )


def _without(
    report: BuildReport, facts: Sequence[DocumentFacts], refused: Sequence[Rejection]
) -> BuildReport:
    """The report with these documents as refused: what they say is not in the graph."""
    names = {each.document_id for each in refused}
    gone = [each for each in facts if each.document.id in names]
    kept = [each for each in report.rejections if each.document_id not in names]
    return dataclasses.replace(
        report,
        documents=report.documents - len(gone),
        statements=report.statements - sum(len(each.statements) for each in gone),
        rejections=(*kept, *refused),
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

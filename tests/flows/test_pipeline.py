"""The stages over bounded shards: what is read, what is skipped, what is counted."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from kgbuild import pipeline
from kgbuild.graph import rejected, revisions
from kgbuild.pipeline import Job, Read, Stages, build
from kgbuild.records import Document, DocumentFacts, Rejection
from kgbuild.stores.oxigraph import OxigraphStore

MakeJob = Callable[..., Job]


def document(id: str, text: str) -> Document:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(id, f"https://kg.example.org/document/test/{id}", text, content_hash=digest)


MARIE = document("marie", "Marie loved Pierre.")
EMPTY = document("empty", "nobody is named here.")
OTHER = document("other", "then came Irene.")
BROKEN = Rejection("ingest", "broken.pdf", "truncated", "no trailer")
ASK_SPOUSE = "ASK { wd:Q7186 wdt:P26 wd:Q37463 . wd:Q37463 wdt:P26 wd:Q7186 }"


def spouses(store: OxigraphStore) -> bool:
    prefixes = (
        "PREFIX wd: <http://www.wikidata.org/entity/> PREFIX wdt: <http://www.wikidata.org/prop/direct/>"
    )
    return bool(store.select(prefixes + ASK_SPOUSE))


def test_everything_is_counted_and_written(job: MakeJob, store: OxigraphStore) -> None:
    report = build(job(MARIE, BROKEN, EMPTY, OTHER))
    assert (report.documents, report.unchanged) == (3, 0)
    assert report.characters == report.characters_read == len(MARIE.text) + len(EMPTY.text) + len(OTHER.text)
    assert (report.mentions, report.links, report.statements) == (3, 2, 2)
    assert report.rejections == (BROKEN,)
    assert list(report.seconds) == ["ingest", "extract", "link", "normalise", "merge"]
    assert rejected(store) == {"https://kg.example.org/document/test/broken.pdf"}
    assert revisions(store).keys() == {MARIE.uri, EMPTY.uri, OTHER.uri}
    assert spouses(store)


def test_what_a_refused_document_says_is_not_counted(job: MakeJob, store: OxigraphStore) -> None:
    def normalise(job: Job, reads: Any, links: Any) -> tuple[DocumentFacts, ...]:
        marie, other = pipeline.normalise(job, reads, links)
        elsewhere = tuple(
            dataclasses.replace(
                each,
                evidence=tuple(dataclasses.replace(part, quote="no such words") for part in each.evidence),
            )
            for each in marie.statements
        )
        doubt = Rejection("normalise", "marie", "domain", "P31")
        return dataclasses.replace(marie, statements=elsewhere, rejections=(doubt,)), other

    report = build(job(MARIE, OTHER), Stages(normalise=normalise))
    assert (report.documents, report.statements) == (1, 0)
    assert [(each.document_id, each.reason) for each in report.rejections] == [
        ("marie", "inconsistent facts")
    ]
    assert rejected(store) == {MARIE.uri}
    assert report.seconds["merge"] > 0


def test_the_run_is_recorded(job: MakeJob, store: OxigraphStore) -> None:
    build(job(MARIE))
    runs = [quad.subject for quad in store.quads("https://kg.example.org/graph/runs")]
    assert any(run.value == "https://kg.example.org/run/1" for run in runs)


def sizes(job: Job) -> list[int]:
    """Build, and tell how many documents each shard had."""
    seen: list[int] = []

    def extract(job: Job, documents: Sequence[Document]) -> tuple[Read, ...]:
        seen.append(len(documents))
        return pipeline.extract(job, documents)

    build(job, Stages(extract=extract))
    return seen


def test_shards_are_bounded_by_documents(job: MakeJob) -> None:
    assert sizes(job(*(document(str(number), "Marie.") for number in range(5)), size=2)) == [2, 2, 1]


def test_shards_are_bounded_by_characters(job: MakeJob) -> None:
    assert sizes(job(*(document(str(number), "Marie. " * 100) for number in range(4)), size=100)) == [2, 2]


def test_documents_are_taken_from_the_source_only_as_shards_need_them(job: MakeJob) -> None:
    made = job(*(document(str(number), "Marie.") for number in range(9)), size=3)
    given: list[int] = []
    build(dataclasses.replace(made, progress=lambda more, total: given.append(made.source.given)))  # type: ignore[attr-defined]
    assert given == [3, 3, 3, 3, 6, 6, 6, 6, 9, 9, 9, 9, 9]


def test_a_second_run_reads_nothing(job: MakeJob) -> None:
    build(job(MARIE, OTHER))
    read: list[str] = []
    report = build(job(MARIE, OTHER, read=read))
    assert (report.documents, report.unchanged) == (0, 2)
    assert read == []


def test_a_changed_document_alone_is_read_again(job: MakeJob, store: OxigraphStore) -> None:
    build(job(MARIE, OTHER))
    read: list[str] = []
    changed = dataclasses.replace(MARIE, text="Marie worked.", content_hash="new")
    report = build(job(changed, OTHER, read=read))
    assert (report.documents, report.unchanged) == (1, 1)
    assert read == ["marie"]
    assert not spouses(store)


def test_another_model_reads_everything_again(job: MakeJob) -> None:
    build(job(MARIE, OTHER))
    assert build(job(MARIE, OTHER, version="names/2")).documents == 2


def test_a_document_that_can_be_read_again_is_no_longer_rejected(job: MakeJob, store: OxigraphStore) -> None:
    build(job(BROKEN))
    assert build(job(document("broken.pdf", "Marie."))).documents == 1
    assert rejected(store) == frozenset()


def test_progress_tells_each_document_and_how_many_there_are(job: MakeJob) -> None:
    build(job(MARIE))
    seen: list[tuple[int, int | None]] = []
    again = job(MARIE, BROKEN, OTHER, EMPTY)
    build(dataclasses.replace(again, progress=lambda more, total: seen.append((more, total))))
    assert {total for _, total in seen} == {4}
    assert sum(more for more, _ in seen) == 4
    assert (2, 4) in seen  # one unchanged, one rejected


def test_an_empty_source_is_an_empty_report(job: MakeJob) -> None:
    report = build(job())
    assert (report.documents, report.statements, report.rejections) == (0, 0, ())

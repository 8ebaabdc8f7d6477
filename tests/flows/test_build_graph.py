"""The stages as Prefect tasks, on a real Prefect server that lives as long as these tests."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.testing.utilities import prefect_test_harness

from flows.build_graph import STAGES, stage
from kgbuild import pipeline
from kgbuild.errors import StoreError
from kgbuild.graph import revisions
from kgbuild.pipeline import Job
from kgbuild.records import BuildReport, Document, DocumentFacts, Rejection
from kgbuild.stores.oxigraph import OxigraphStore

MakeJob = Callable[..., Job]
TEXTS = {"marie": "Marie loved Pierre.", "eve": "then came Eve.", "irene": "Irene was there."}
DOCUMENTS = [
    Document(name, f"https://kg.example.org/document/test/{name}", text, content_hash=name)
    for name, text in TEXTS.items()
]


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=180):
        yield


@flow(name="small-build", validate_parameters=False, persist_result=False)
def small_build(job: Any, stages: Any) -> BuildReport:
    return pipeline.build(job, stages)


def test_the_flow_builds_what_the_plain_functions_build(job: MakeJob, store: OxigraphStore) -> None:
    report = small_build(job(*DOCUMENTS, size=2), STAGES)
    assert (report.documents, report.statements) == (3, 2)
    assert revisions(store).keys() == {document.uri for document in DOCUMENTS}
    again = small_build(job(*DOCUMENTS, size=2), STAGES)
    assert (again.documents, again.unchanged) == (0, 3)


def test_each_stage_of_a_shard_is_one_task(job: MakeJob) -> None:
    small_build(job(*DOCUMENTS, size=2), STAGES)
    # a first build merges its shards at once
    expected = sorted([*["ingest", "extract", "link", "normalise"] * 2, "merge"])
    deadline = time.monotonic() + 30
    names: list[str] = []
    with get_client(sync_client=True) as client:
        run = max(client.read_flow_runs(), key=lambda each: each.created)
        this_run = FlowRunFilter(id=FlowRunFilterId(any_=[run.id]))
        while names != expected and time.monotonic() < deadline:  # the server hears of tasks by events
            tasks = client.read_task_runs(flow_run_filter=this_run)
            names = sorted(task.task_key.rsplit("-", 1)[0] for task in tasks)
            time.sleep(0.1)
    assert names == expected


def test_a_busy_store_is_tried_again(job: MakeJob, store: OxigraphStore) -> None:
    tries: list[int] = []

    def merge(
        job: Job, facts: Sequence[DocumentFacts], rejections: Sequence[Rejection]
    ) -> tuple[Rejection, ...]:
        tries.append(len(facts))
        if len(tries) == 1:
            raise StoreError("busy")
        return pipeline.merge(job, facts, rejections)

    retried = stage(merge, retries=1, retry_delay_seconds=0)
    small_build(job(DOCUMENTS[0]), dataclasses.replace(STAGES, merge=retried))
    assert tries == [1, 1]
    assert DOCUMENTS[0].uri in revisions(store)


def test_a_failure_is_the_callers_to_tell(
    job: MakeJob, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def extract(job: Job, documents: Sequence[Document]) -> tuple[pipeline.Read, ...]:
        raise StoreError("the store is gone")

    with pytest.raises(StoreError, match="the store is gone"):
        small_build(job(DOCUMENTS[0]), dataclasses.replace(STAGES, extract=stage(extract)))
    logging.shutdown()
    assert "Traceback" not in capfd.readouterr().err

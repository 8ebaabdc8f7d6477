"""The build as a Prefect flow: each stage over one bounded shard is one task."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.utilities.annotations import quote

from kgbuild import pipeline, wiring
from kgbuild.config import parse_settings
from kgbuild.errors import StoreError
from kgbuild.records import BuildReport

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def stage(function: Callable[Parameters, Result], **options: Any) -> Callable[Parameters, Result]:
    """A task that hands Python objects through as they are: nothing is hashed, walked or stored."""
    decorated = task(cache_policy=NO_CACHE, persist_result=False, **options)(function)

    @wraps(function)
    def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        return decorated(*map(quote, args), **kwargs)  # type: ignore[arg-type]

    return call


def _store_failed(_task: object, _run: object, state: Any) -> bool:
    """Whether a merge failed in the store, which may have been busy and take it the next time."""
    return isinstance(state.data, StoreError)


STAGES = pipeline.Stages(
    ingest=stage(pipeline.ingest),
    extract=stage(pipeline.extract),
    link=stage(pipeline.link),
    normalise=stage(pipeline.normalise),
    merge=stage(pipeline.merge, retries=2, retry_delay_seconds=[1, 5], retry_condition_fn=_store_failed),
)


@flow(name="build-graph", validate_parameters=False, persist_result=False)
def build_graph(
    path: str, settings: dict[str, Any] | None = None, progress: pipeline.Progress | None = None
) -> BuildReport:
    """Read what changed under a path or URL into the store of the settings (as plain data)."""
    with wiring.job(path, parse_settings(settings or {}), progress=progress or pipeline.unseen) as job:
        return pipeline.build(job, STAGES)

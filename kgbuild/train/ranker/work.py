"""What of fitting several processes do at once: they read documents, and fit networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")

_work: Callable[[Any], Any] | None = None


def at_once(work: Callable[[Given], Made], given: Sequence[Given], workers: int) -> list[Made]:
    """What `work` makes of each thing that is given, in order.

    Processes are forked, so that they have what this one has loaded; torch must compute in one thread.
    """
    if workers <= 1:
        return [work(each) for each in given]
    global _work  # noqa: PLW0603 - forked processes find it there, whatever it closes over
    _work = work
    chunk = max(1, min(32, len(given) // (8 * workers)))
    with ProcessPoolExecutor(workers, get_context("fork")) as pool:
        return list(pool.map(_one, given, chunksize=chunk))


def _one(given: Any) -> Any:
    assert _work is not None
    return _work(given)

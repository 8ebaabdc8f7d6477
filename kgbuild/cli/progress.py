"""A progress bar on standard error, on a terminal only; elsewhere the log lines tell."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from kgbuild.pipeline import Progress as Advance
from kgbuild.pipeline import unseen


class Rate(ProgressColumn):
    """Documents a second."""

    def render(self, task: Task) -> Text:
        """The rate so far, blank until there is one."""
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


@contextmanager
def bar(starting: str, *, hide: bool = False) -> Iterator[Advance]:
    """Show a bar until the context ends; yields what to call with how many more are done, and in all."""
    console = Console(stderr=True)
    if hide or not console.is_terminal:
        yield unseen
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with _quiet(), Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(starting, total=None)

        def advance(more: int, total: int | None) -> None:
            done = shown.tasks[task].completed + more
            fitting = total if total is not None and done <= total else None
            shown.update(task, description="documents", completed=done, total=fitting)

        yield advance


@contextmanager
def _quiet() -> Iterator[None]:
    """Hold back the log lines that say the same as the bar, and would tear it."""
    before = logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(before)

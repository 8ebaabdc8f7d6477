"""A progress bar of bytes read, with their rate and the time left, on a terminal only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

Told = Callable[[str, int, int | None], None]

READING = "reading"
WORDS = {
    "entities": "writing entities",
    "numbers": "writing ids",
    "names": "writing names",
    "tokens": "writing words",
    "comparing": "comparing",
}


@contextmanager
def bar(console: Console | None = None) -> Iterator[Told]:
    """Show a bar until the context ends; yields what to call with a stage, how much more, and of how much.

    "reading" is counted in bytes; the other stages in entries.
    """
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield lambda _stage, _more, _total: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, console=console) as shown:
        reading = shown.add_task(READING, total=None)
        counts: dict[str, int] = {}

        def told(stage: str, more: int, total: int | None) -> None:
            if stage == READING:
                shown.update(reading, advance=more, total=total)
                return
            counts[stage] = counts.get(stage, 0) + more
            shown.update(reading, description=f"{WORDS.get(stage, stage)}: {counts[stage]:,}")

        yield told

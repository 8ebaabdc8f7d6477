"""What a training shows on standard error: a bar on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.status import Status
from rich.table import Column
from rich.text import Text

if TYPE_CHECKING:
    from kgbuild.extract.model import Model
    from kgbuild.train.development import DevelopmentScores
    from kgbuild.train.loop import Progress as Step

CALIBRATING = "calibrating on the development documents"
QUIET = 60.0
"""Seconds between two lines where there is no terminal."""


class _Rate(ProgressColumn):
    """Word pieces a second."""

    def render(self, task: Task) -> Text:
        """The rate so far, blank until there is one."""
        return Text(f"{task.fields['rate']:,.0f} pieces/s" if task.fields["rate"] else "")


class TrainingDisplay:
    """Shows each step, and after each epoch what it reached."""

    def __init__(self, console: Console, shown: Progress) -> None:
        self._console = console
        self._shown = shown
        self._task = shown.add_task("reading the data", total=None, rate=0.0)
        self._started = self._told = 0.0
        self._first = self._pieces = 0
        self._ended = False

    def step(self, at: Step) -> None:
        """Show a step: losses, rate and time left."""
        now = time.monotonic()
        self._ended = at.step == at.steps
        if not self._started:
            self._started, self._first, self._told = now, at.step, now - QUIET
            return
        self._pieces += at.tokens
        spent = now - self._started
        rate = self._pieces / spent if spent else 0.0
        told = (
            f"epoch {at.epoch + 1}  tags {float(at.losses.tags):.2f}  "
            f"relations {float(at.losses.relations):.2f}  coreference {float(at.losses.coreference):.2f}"
        )
        if states := float(at.losses.states):
            told += f"  states {states:.2f}"
        self._shown.update(self._task, description=told, completed=at.step, total=at.steps, rate=rate)
        if not self._console.is_terminal and now - self._told >= QUIET:
            self._told = now
            left = timedelta(seconds=round(spent / (at.step - self._first) * (at.steps - at.step)))
            self._line(f"{told}  step {at.step}/{at.steps}  {rate:,.0f} pieces/s  {left} left")

    def epoch(self, epoch: int, _model: Model, scores: DevelopmentScores | None) -> None:
        """Show the scores on the development split, which stay above the bar."""
        if scores:
            told = f"relations {scores.relations:.3f}, tags {scores.tags:.3f}"
            self._line(f"after epoch {epoch + 1}, on the development split: {told}")
        if self._ended:
            self._line(CALIBRATING)
            self._shown.update(self._task, description=CALIBRATING, total=None)

    def _line(self, text: str) -> None:
        self._console.print(text, highlight=False, soft_wrap=True)


def checking() -> Status:
    """Show that recipes and their data are read, until the context ends."""
    return Console(stderr=True).status("checking the recipes and their data")


@contextmanager
def training_display() -> Iterator[TrainingDisplay]:
    """Show a training until the context ends."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")),
        BarColumn(bar_width=12),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, expand=True) as shown:
        yield TrainingDisplay(console, shown)

"""What a training tells where there is no terminal."""

from __future__ import annotations

import io
from dataclasses import replace

import torch
from rich.console import Console
from rich.progress import Progress

from kgbuild.cli.training import TrainingDisplay
from kgbuild.train.development import DevelopmentScores
from kgbuild.train.loop import Progress as Step
from kgbuild.train.losses import Losses

LOSSES = Losses(torch.tensor(0.5), torch.tensor(1.25), torch.tensor(0.0), torch.tensor(0.0))


def display() -> tuple[TrainingDisplay, io.StringIO]:
    written = io.StringIO()
    console = Console(file=written, width=80)
    return TrainingDisplay(console, Progress(console=console, disable=True)), written


def test_lines_are_seldom_and_tell_the_time_left() -> None:
    shown, written = display()
    for step in range(1, 50):
        shown.step(Step(0, step, 100, 1000, LOSSES))
    lines = written.getvalue().splitlines()
    assert len(lines) == 1, "steps within a minute are told once"
    assert lines[0].startswith("epoch 1  tags 0.50  relations 1.25  coreference 0.00  step 2/100  ")
    assert lines[0].endswith(" left")
    assert "pieces/s" in lines[0]


def test_states_are_told_where_they_train() -> None:
    shown, written = display()
    for step in (1, 2):
        shown.step(Step(0, step, 100, 1000, replace(LOSSES, states=torch.tensor(0.25))))
    assert "coreference 0.00  states 0.25  step 2/100" in written.getvalue()


def test_after_the_last_step_it_says_what_goes_on() -> None:
    shown, written = display()
    for step in (1, 2):
        shown.step(Step(0, step, 2, 1000, LOSSES))
        shown.epoch(step - 1, None, None)  # type: ignore[arg-type]
    assert written.getvalue().splitlines()[1:] == ["calibrating on the development documents"]


def test_development_scores_are_told_after_each_epoch() -> None:
    shown, written = display()
    shown.epoch(1, None, DevelopmentScores(0.5, 0.75))  # type: ignore[arg-type]
    shown.epoch(2, None, None)  # type: ignore[arg-type]
    assert written.getvalue() == "after epoch 2, on the development split: relations 0.500, tags 0.750\n"

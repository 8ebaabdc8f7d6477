"""A schedule really fires: several combinations of versions pass every other test and never do."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flows.build_graph import build_graph
from flows.schedule import schedule
from kgbuild.errors import StoreError, UsageError
from kgbuild.graph import revisions
from kgbuild.stores.oxigraph import OxigraphStore

if TYPE_CHECKING:
    from kgbuild.extract.model import Model

PATIENCE = 300.0
"""Seconds: a server's first start, up to a minute till the minute is full, and the first run's start."""


def documents(store: Path) -> set[str]:
    """What the store holds, or nothing while there is none."""
    try:
        opened = OxigraphStore(store, read_only=True)
    except StoreError:
        return set()
    try:
        return set(revisions(opened))
    finally:
        opened.close()


@pytest.fixture
def folder(tiny_model: Model, tmp_path: Path) -> Path:
    """A corpus of one text, and a small model to read it with."""
    from kgbuild.extract.model import save_model

    save_model(tiny_model, tmp_path / "model")
    (tmp_path / "kgbuild.toml").write_text('[model]\ndirectory = "model"\n')
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.txt").write_text("ada was here.")
    return tmp_path


@pytest.fixture
def serving(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`kgbuild schedule`, every minute, with a Prefect of its own."""
    program = [Path(sys.executable).with_name("kgbuild"), "schedule", "corpus", "--cron", "* * * * *"]
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            program, cwd=folder, stderr=log, env=settings | {"PREFECT_HOME": str(folder / "prefect")}
        )
        yield process
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.mark.slow
def test_a_schedule_fires_and_ends_with_its_server(folder: Path, serving: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not documents(folder / "kgbuild-store") and time.monotonic() < deadline:
        assert serving.poll() is None, (folder / "log").read_text()
        time.sleep(1)
    log = (folder / "log").read_text()
    assert documents(folder / "kgbuild-store") == {"https://kg.example.org/document/corpus/a.txt"}, log
    serving.send_signal(signal.SIGINT)
    assert serving.wait(timeout=240) in (0, 130), (folder / "log").read_text()
    port = re.search(r"http://127\.0\.0\.1:(\d+)/api", log)
    assert port is not None, log
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(port[1]))) != 0


@pytest.mark.parametrize("cron", ["* * *", "61 * * * *", "", "hourly!"])
def test_what_is_no_schedule_is_refused_before_anything_starts(cron: str) -> None:
    with pytest.raises(UsageError, match="is no schedule; use five fields"):
        schedule(build_graph, {}, name="never", cron=cron)


@pytest.mark.parametrize("timezone", ["Mars/Here", "../etc"])
def test_what_is_no_time_zone_is_refused_before_anything_starts(timezone: str) -> None:
    with pytest.raises(UsageError, match=r"no time zone|no schedule"):
        schedule(build_graph, {}, name="never", cron="* * * * *", timezone=timezone)

"""A build that is interrupted, as by Ctrl-C in a terminal: it says so, and goes on the next time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kgbuild.graph import revisions
from kgbuild.stores.oxigraph import OxigraphStore

if TYPE_CHECKING:
    from kgbuild.extract.model import Model

DOCUMENTS = 400


@pytest.fixture
def folder(tiny_model: Model, tmp_path: Path) -> Path:
    """A corpus of many texts, which are read one by one, and a small model."""
    from kgbuild.extract.model import save_model

    save_model(tiny_model, tmp_path / "model")
    (tmp_path / "kgbuild.toml").write_text('[model]\ndirectory = "model"\n[shards]\ndocuments = 1\n')
    (tmp_path / "corpus").mkdir()
    for number in range(DOCUMENTS):
        (tmp_path / "corpus" / f"{number}.txt").write_text(f"ada was here {number} times.")
    return tmp_path


@pytest.mark.slow
def test_an_interrupt_ends_in_a_sentence_and_keeps_what_was_merged(folder: Path) -> None:
    program = [Path(sys.executable).with_name("kgbuild"), "build", "corpus"]
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    told = b""
    with subprocess.Popen(
        program,
        cwd=folder,
        stderr=subprocess.PIPE,
        env=settings | {"PREFECT_HOME": str(folder / "prefect")},
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            told += line
            if b" 20 of " in line:
                break
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: Prefect's temporary server has it too
        told += process.stderr.read()
    assert process.returncode == 130, told.decode()
    assert b"ended early; what was merged is kept" in told
    assert b"Traceback" not in told, told.decode()
    assert b"ERROR" not in told, told.decode()
    assert b"Error logging to API" not in told, told.decode()
    kept = OxigraphStore(folder / "kgbuild-store", read_only=True)
    assert 0 < len(revisions(kept)) < DOCUMENTS
    kept.close()

"""The command line as a whole: documentation, exit status, start-up."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import typer

from kgbuild import __version__
from kgbuild.cli import app

ROOT = typer.main.get_command(app)
COMMANDS = dict(ROOT.commands)  # type: ignore[attr-defined]


def test_the_commands_are_those_that_are_promised() -> None:
    assert {
        "build",
        "query",
        "export",
        "explain",
        "extract",
        "info",
        "schedule",
        "retract",
    } <= COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_parameter_is_documented(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    assert command.help.rstrip().endswith(".")
    for parameter in command.params:
        if parameter.name != "help":
            assert getattr(parameter, "help", None), f"{name} {parameter.name}"


def test_the_list_of_commands_has_whole_sentences(run: Any) -> None:
    assert "..." not in run("--help").out.partition("Commands:")[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme_or_the_changelog(name: str) -> None:
    root = Path(__file__).parents[2]
    told = (root / "README.md").read_text() + (root / "CHANGELOG.md").read_text()
    assert f"{name}" in told


def test_version(run: Any) -> None:
    assert run("--version").out == f"kgbuild {__version__}\n"


def test_usage_errors_are_status_2(run: Any) -> None:
    assert run("query", "--nonsense").status == 2
    assert run("nonsense").status == 2
    assert run("build").status == 2


def test_an_unknown_setting_is_a_usage_error(run: Any, tmp_path: Path) -> None:
    config = tmp_path / "kgbuild.toml"
    config.write_text("stroe = 'x'")
    result = run("info", "--config", config)
    assert result.status == 2
    assert result.err == f"error: {config}: unknown key 'stroe'; did you mean 'store'?\n"


def test_a_missing_path_is_told_before_anything_starts(run: Any, tmp_path: Path) -> None:
    store = tmp_path / "store"
    for command in (["build", tmp_path / "none"], ["schedule", tmp_path / "none", "--cron", "* * * * *"]):
        result = run(*command, "--store", store)
        assert (result.status, result.out) == (1, "")
        assert "there is nothing at" in result.err
        assert "none" in result.err
    assert not store.exists()


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    code = (
        "import sys, time; start = time.process_time()\n"
        "from kgbuild.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'prefect', 'pyoxigraph', 'spacy', 'numpy', 'rich'} & sys.modules.keys()\n"
        "print(heavy, time.process_time() - start, file=sys.stderr)"
    )
    start = time.monotonic()
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    elapsed = time.monotonic() - start
    heavy, seconds = result.stderr.rsplit(" ", 1)
    assert heavy == "set()"
    assert float(seconds) < 0.5
    assert elapsed < 5  # a machine may be busy; the line above counts only our own time

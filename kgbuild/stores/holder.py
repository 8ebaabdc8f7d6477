"""Who writes to an embedded store: a note beside the lock, for whoever finds the store locked.

The engine's own lock decides who may write; the note only says who that is. A process that is
killed leaves its note behind, and the next one to write puts its own in that place.
"""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

_NOTE = "kgbuild-writer.json"


def take(store: Path) -> None:
    """Note that this process writes to a store from now on; OSError where that cannot be written."""
    note = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    (store / _NOTE).write_text(json.dumps(note) + "\n", encoding="utf-8")


def release(store: Path) -> None:
    """Take the note away."""
    (store / _NOTE).unlink(missing_ok=True)


def holder(store: Path) -> str:
    """Who writes to a store, in words; "another process" where there is no note to be read."""
    try:
        note = json.loads((store / _NOTE).read_text(encoding="utf-8"))
        return f"process {note['pid']} on {note['host']} (since {note['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"

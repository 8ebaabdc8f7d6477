"""The build on a schedule: the same flow, served by Prefect, which reads only what changed."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.schedules import Cron
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.types.entrypoint import EntrypointType

from kgbuild.errors import KgbuildError, UsageError

logger = logging.getLogger("kgbuild.schedule")

SERVER_PATIENCE = 180.0
"""Seconds that a server may take to answer for the first time."""


def schedule(
    flow: Flow[Any, Any], parameters: dict[str, Any], *, name: str, cron: str, timezone: str = "UTC"
) -> None:
    """Run a flow whenever the cron expression says, one run at a time, until interrupted.

    Uses the Prefect server of the environment (`PREFECT_API_URL`), or one of its own on this
    machine. The flow must be importable by its module's name. Raises UsageError for an expression
    or a time zone that is not one.
    """
    try:
        ZoneInfo(timezone)
        when = Cron(cron, timezone=timezone)
    except ZoneInfoNotFoundError as error:
        raise UsageError(f"{timezone!r} is no time zone; use a name such as Europe/Berlin") from error
    except ValueError as error:
        raise UsageError(f"{cron!r} is no schedule; use five fields such as '0 * * * *'") from error
    # Prefect 3.8.8, asked to terminate, forgets to await its own end; there is nothing to do about it
    warnings.filterwarnings("ignore", "coroutine 'Runner.astop' was never awaited", RuntimeWarning)
    with _server() as address, temporary_settings({PREFECT_API_URL: address}):
        logger.info("waiting for %s (%s); Prefect's API is at %s", cron, timezone, address)
        flow.serve(
            name=name,
            schedule=when,
            parameters=parameters,
            paused=False,
            limit=1,
            print_starting_message=False,
            enforce_parameter_schema=False,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )


@contextmanager
def _server() -> Iterator[str]:
    """The address of the configured server, or of one that lives as long as this context.

    The server that Prefect starts by itself for a single run has no scheduler.
    """
    if configured := PREFECT_API_URL.value():
        yield configured
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"]
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # so that an interrupt lets the schedule end before its server does
    )
    try:
        address = f"http://127.0.0.1:{port}/api"
        _wait(process, address)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    """Return when the server answers; raise KgbuildError if it never does."""
    deadline = time.monotonic() + SERVER_PATIENCE
    with temporary_settings({PREFECT_API_URL: address}), get_client(sync_client=True) as client:
        while client.api_healthcheck() is not None:
            if process.poll() is not None or time.monotonic() > deadline:
                raise KgbuildError(f"Prefect's server did not start at {address}; try `prefect server start`")
            time.sleep(0.2)

"""Ending a run early: by an interrupt, or a request to terminate."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

logger = logging.getLogger("kgbuild.ending")


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Let a run that is asked to end do so at once and in order, or Prefect's temporary server stays behind.

    An interrupt from a terminal ends that server too: Prefect, which tells it of the end of each task and
    flow, is not to try again for minutes, and that it misses its server is no news, of whichever
    thread. SystemExit, with 128 and the signal's number, where the run was asked to end.
    """
    asked: list[int] = []
    patience = temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0})

    def end(number: int, _frame: object) -> None:
        if not asked:
            patience.__enter__()
            logging.getLogger("prefect").setLevel(logging.CRITICAL)
            # the loggers of Prefect's threads do not heed their level
            logging.getLogger("prefect._internal.concurrency").addFilter(lambda _record: False)
            logging.raiseExceptions = False
        asked.append(number)
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except BaseException:
        if not asked:
            raise
        logger.warning("ended early; what was merged is kept, and the same command reads the rest")
        raise SystemExit(128 + asked[0]) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

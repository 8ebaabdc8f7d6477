"""Log lines on standard error, wherever that is when a line is written.

A progress bar puts itself in the place of standard error while it shows, so that lines appear above
it; a handler that remembers the stream from its own start would tear the bar.
"""

from __future__ import annotations

import logging
import sys
from typing import TextIO


class StandardErrorHandler(logging.StreamHandler[TextIO]):
    """Writes to the standard error of the moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """Standard error as it is now."""
        return sys.stderr

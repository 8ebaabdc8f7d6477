"""Addresses enter; JSON leaves, from a cache on disk or from a service that is asked with patience.

Wikimedia's rules (https://www.mediawiki.org/wiki/API:Etiquette): one request at a time, an agent that
says who asks, waiting as long as Retry-After says, and longer after each further refusal.
"""

from __future__ import annotations

import email.utils
import json
import logging
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from kgbuild import __version__
from kgbuild.errors import KnowledgeBaseError

logger = logging.getLogger(__name__)

AGENT = f"kgbuild/{__version__} (entity linking, live look-ups)"
"""How every request says who asks."""

_BUSY = (429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds between two requests, to wait for an answer, and before the second try; tries in all.

    Each further wait is twice as long, and Retry-After counts where it is longer, up to `longest`.
    """

    pause: float = 0.1
    timeout: float = 30.0
    back_off: float = 1.0
    tries: int = 5
    longest: float = 120.0


class Service:
    """A JSON service and its answers, kept in `cache` for ever; delete that file to ask anew."""

    def __init__(self, address: str, cache: Path, patience: Patience | None = None) -> None:
        self.address = address
        self.patience = patience or Patience()
        self._latest = 0.0
        try:
            cache.parent.mkdir(parents=True, exist_ok=True)
            self._cache = sqlite3.connect(cache, check_same_thread=False)
            self._cache.execute("CREATE TABLE IF NOT EXISTS answers (question TEXT PRIMARY KEY, answer BLOB)")
        except (OSError, sqlite3.Error) as error:
            raise KnowledgeBaseError(
                f"cannot keep answers in {cache}: {error}; name another folder"
            ) from error

    def close(self) -> None:
        """Release the cache."""
        self._cache.close()

    def ask(self, question: Mapping[str, str]) -> Any:
        """The answer to a question; `KnowledgeBaseError` where the service gives none that can be read."""
        text = urlencode(sorted(question.items()))
        held = self.kept(text)
        if held is None:
            held = self._ask(text)
            self.keep(text, held)
        return held

    def kept(self, question: str) -> Any:
        """What the cache has under a name, or None."""
        key = f"{self.address}?{question}"
        row = self._cache.execute("SELECT answer FROM answers WHERE question = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def keep(self, question: str, answer: Any) -> None:
        """Put something into the cache under a name."""
        row = (f"{self.address}?{question}", json.dumps(answer).encode())
        with self._cache:
            self._cache.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", row)

    def _ask(self, question: str) -> Any:
        """Ask until an answer comes or the tries are spent."""
        wait = self.patience.back_off
        for left in reversed(range(self.patience.tries)):
            time.sleep(max(0.0, self._latest + self.patience.pause - time.monotonic()))
            try:
                return self._answer(question)
            except _BusyError as error:
                if not left:
                    raise KnowledgeBaseError(
                        f"{self.address} does not answer ({error}) after {self.patience.tries} tries; "
                        "try later, or build an index with `kgbuild kb build`"
                    ) from error
                delay = min(max(wait, error.wait), self.patience.longest)
                logger.warning("%s is busy (%s); asking again in %.1f s", self.address, error, delay)
                time.sleep(delay)
                wait *= 2
            finally:
                self._latest = time.monotonic()
        raise AssertionError("the last try returns or raises")

    def _answer(self, question: str) -> Any:
        """One request; `_BusyError` where it is worth another."""
        headers = {"User-Agent": AGENT, "Accept": "application/sparql-results+json, application/json"}
        request = Request(f"{self.address}?{question}", headers=headers)
        try:
            with urlopen(request, timeout=self.patience.timeout) as response:
                kind, body = response.headers.get("Content-Type", "no type"), response.read()
                later = _seconds(response.headers.get("Retry-After"))
        except HTTPError as error:
            with error:
                if error.code in _BUSY:
                    raise _BusyError(str(error), _seconds(error.headers.get("Retry-After"))) from error
                raise KnowledgeBaseError(f"{self.address} refuses: {error}; check the address") from error
        except (HTTPException, OSError) as error:
            raise _BusyError(str(error) or type(error).__name__, 0.0) from error
        if "json" not in kind:
            raise KnowledgeBaseError(
                f"{self.address} answered {kind}, not JSON ({body[:60]!r}); give the address of its API"
            )
        try:
            told = json.loads(body)
        except ValueError as error:
            raise KnowledgeBaseError(
                f"{self.address} answered with broken JSON: {error}; try again"
            ) from error
        if isinstance(told, dict) and "error" in told:
            code = told["error"].get("code", "") if isinstance(told["error"], dict) else str(told["error"])
            if code in ("maxlag", "ratelimited", "readonly"):
                raise _BusyError(code, later)
            raise KnowledgeBaseError(f"{self.address} refuses: {code}; check the address")
        return told


class _BusyError(Exception):
    """A refusal that may pass; `wait` is how many seconds the service asks for."""

    def __init__(self, reason: str, wait: float) -> None:
        super().__init__(reason)
        self.wait = wait


def _seconds(header: str | None) -> float:
    """What Retry-After asks for, in seconds: a number or a date, or 0.

    >>> _seconds("7"), _seconds(None), _seconds("soon")
    (7.0, 0.0, 0.0)
    """
    if not header:
        return 0.0
    if header.strip().isdigit():
        return float(header)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return 0.0

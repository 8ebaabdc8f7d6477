"""What Oxigraph raises when it cannot read or write, as a StoreError."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from kgbuild.errors import StoreError

FAILURES = (OSError, RuntimeError)
"""OSError, or RuntimeError where the storage is damaged or may not be written."""


@contextmanager
def reading(store: str = "") -> Iterator[None]:
    """Report damage that shows only when results are fetched."""
    try:
        yield
    except RuntimeError as error:
        name = f" {store}" if store else ""
        raise StoreError(
            f"the store{name} cannot be read, it may be damaged; restore a copy, or build again ({error})"
        ) from error


def full(error: Exception) -> bool:
    """Whether a write failed because the disk, or what this process may use of it, is full.

    >>> full(OSError("IO error: While appending to file: a/000008.log: No space left on device"))
    True
    >>> full(RuntimeError("Corruption: bad block"))
    False
    """
    return bool(re.search("|".join(map(os.strerror, _FULL)), str(error)))


def unwritten(store: str, error: Exception) -> StoreError:
    """What to tell of a transaction that failed: Oxigraph keeps all of it or nothing."""
    if full(error):
        return StoreError(
            f"the disk of the store {store} is full; free some space and run again: what was being written "
            f"is not in the store, what was written before is ({error})"
        )
    return StoreError(f"cannot write to the store {store}: {error}")


_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)

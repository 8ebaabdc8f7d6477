"""What Oxigraph raises when it cannot read or write, as a StoreError."""

from __future__ import annotations

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

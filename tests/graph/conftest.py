"""What the stored readings of some sample documents say."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from kgbuild.records import DocumentFacts

STORED = Path(__file__).parents[1] / "golden" / "stored.py"


@pytest.fixture(scope="session")
def sample() -> tuple[DocumentFacts, ...]:
    """The facts of the golden graph's documents, for the shipped ontology."""
    spec = importlib.util.spec_from_file_location("golden_stored_sample", STORED)
    assert spec is not None
    assert spec.loader is not None
    stored = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = stored
    spec.loader.exec_module(stored)
    return tuple(stored.facts_of(stored.stored_readings()))

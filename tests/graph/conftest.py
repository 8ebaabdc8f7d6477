"""What the stored readings of some sample documents say."""

from __future__ import annotations

import pytest
import stored

from kgbuild.records import DocumentFacts


@pytest.fixture(scope="session")
def sample() -> tuple[DocumentFacts, ...]:
    """The facts of the golden graph's documents, for the shipped ontology."""
    return tuple(stored.facts_of(stored.stored_readings()))

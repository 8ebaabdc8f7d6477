"""Every exception that kgbuild raises on purpose.

KgbuildError
├── UsageError            the caller asked for something impossible; exit status 2
│   ├── ConfigurationError    a setting is unknown or has a wrong value
│   ├── QueryError            a SPARQL query does not parse or may not run here
│   └── OntologyError         an ontology file does not say what it must
├── SourceError           a source as a whole cannot be read (one bad document is a `Rejection`)
├── IriError              what is to name a node of the graph is no absolute IRI (also a ValueError)
├── StoreError            a graph store cannot be opened, read or written
├── KnowledgeBaseError    a knowledge-base index is missing, damaged or of another version
├── ModelError            model weights are missing, damaged or of another version
└── DatasetError          a training or evaluation file is broken; names file and line

A message names the thing, the value and the mend.
"""

from __future__ import annotations


class KgbuildError(Exception):
    """Root of the tree: catch this to catch everything that kgbuild reports."""

    exit_status = 1


class UsageError(KgbuildError):
    """The caller asked for something that cannot be done as asked."""

    exit_status = 2


class ConfigurationError(UsageError):
    """A setting is unknown or has a value that it cannot have."""


class QueryError(UsageError):
    """A query does not parse, or asks for what a store may not do."""


class OntologyError(UsageError):
    """An ontology file cannot be used; the message gives the line or the IRI."""


class SourceError(KgbuildError):
    """A source as a whole cannot be read."""


class IriError(KgbuildError, ValueError):
    """What is to name a node of the graph is no absolute IRI."""


class StoreError(KgbuildError):
    """A graph store cannot be opened, read or written."""


class KnowledgeBaseError(KgbuildError):
    """A knowledge-base index is missing, damaged or of another version."""


class ModelError(KgbuildError):
    """Model weights are missing, damaged or of another version."""


class DatasetError(KgbuildError):
    """A training or evaluation file is broken; the message gives file and line."""

"""The formats of an exported file, and how each is asked for."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import pyoxigraph as ox

from kgbuild.errors import UsageError


class ExportFormat(StrEnum):
    """The formats of a file, by the usual ending of its name."""

    TURTLE = "ttl"
    N_TRIPLES = "nt"
    N_QUADS = "nq"
    TRIG = "trig"
    JSON_LD = "jsonld"
    NIF = "nif"
    QUICKSTATEMENTS = "qs"
    GRAPHML = "graphml"

    @property
    def keeps_graphs(self) -> bool:
        """Whether the format can say which graph a triple is in."""
        return self in (ExportFormat.N_QUADS, ExportFormat.TRIG, ExportFormat.JSON_LD)

    @property
    def rdf(self) -> ox.RdfFormat | None:
        """The format as the serialiser knows it; NIF is Turtle, and None is not RDF."""
        return {
            ExportFormat.TURTLE: ox.RdfFormat.TURTLE,
            ExportFormat.N_TRIPLES: ox.RdfFormat.N_TRIPLES,
            ExportFormat.N_QUADS: ox.RdfFormat.N_QUADS,
            ExportFormat.TRIG: ox.RdfFormat.TRIG,
            ExportFormat.JSON_LD: ox.RdfFormat.JSON_LD,
            ExportFormat.NIF: ox.RdfFormat.TURTLE,
        }.get(self)


GRAPH_FORMATS = (
    ExportFormat.TURTLE,
    ExportFormat.N_TRIPLES,
    ExportFormat.N_QUADS,
    ExportFormat.TRIG,
    ExportFormat.JSON_LD,
)
"""The formats that hold the graph as it is, and not what others can use of it."""


def export_format(path: Path, name: str | None = None) -> ExportFormat:
    """The format called `name`, or else the one of the file's ending; UsageError for another.

    >>> export_format(Path("graph.ttl")).name
    'TURTLE'
    >>> export_format(Path("graph.txt"), "n-quads").name
    'N_QUADS'
    """
    wanted = (name or path.suffix).lstrip(".").lower()
    for known in ExportFormat:
        if wanted in (
            known.value,
            known.name.lower().replace("_", "-"),
            known.name.lower().replace("_", ""),
        ):
            return known
    endings = ", ".join(f".{known}" for known in ExportFormat)
    given = f"the format {name!r} is unknown" if name else f"the ending of {path.name!r} is unknown"
    raise UsageError(f"{given}; use one of {endings}, or name the format")

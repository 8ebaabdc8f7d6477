"""A validation report for a person, or as SHACL has it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

import pyoxigraph as ox
import typer

from kgbuild.cli import table as tables
from kgbuild.iris import KGB, PREFIXES, Iris
from kgbuild.rdf import read_term, report_quads
from kgbuild.records import ShapeResult


def table(results: Sequence[ShapeResult]) -> None:
    """How often each shape is broken, then each result."""
    if not results:
        typer.echo("every statement conforms to the shapes")
        return
    counts = Counter((each.severity, each.message, each.shape.removeprefix(KGB)) for each in results)
    rows = [(*kind, count) for kind, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
    tables.show(("severity", "message", "shape", "count"), rows, numbers=[3])
    typer.echo()
    found = [
        (each.severity, _short(each.focus), _short(each.path), _value(each.value), each.message)
        for each in results
    ]
    tables.show(("severity", "focus", "path", "value", "message"), found)


def turtle(results: Sequence[ShapeResult], iris: Iris) -> None:
    """A `sh:ValidationReport` on the store."""
    quads = report_quads(results, about=iris.base, graph=iris.graph("statements"), iris=iris)
    triples = sorted({quad.triple for quad in quads}, key=str)
    ox.serialize(triples, sys.stdout.buffer, ox.RdfFormat.TURTLE, prefixes=PREFIXES)
    sys.stdout.buffer.flush()


def _value(written: str) -> str:
    return _short(read_term(written).value) if written else ""


def _short(iri: str) -> str:
    """An IRI with its prefix, where there is one."""
    for prefix, namespace in PREFIXES.items():
        name = iri.removeprefix(namespace)
        if name != iri and name.replace("-", "").replace("_", "").isalnum():
            return f"{prefix}:{name}"
    return iri

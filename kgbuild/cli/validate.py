"""The command that sets a whole store against the shapes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from kgbuild.cli.options import ConfigOption, StoreOption, settings
from kgbuild.errors import UsageError


def validate(
    format: Annotated[str, typer.Option("--format", help="table, or turtle for a SHACL report.")] = "table",
    shapes: Annotated[
        Path | None,
        typer.Option("--shapes", help="Turtle file of shapes.", show_default="those of the configuration"),
    ] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Check a store against the shapes.

    The exit status is 1 where something violates one.
    """
    if format not in ("table", "turtle"):
        raise UsageError(f"--format {format!r} is unknown; use one of table, turtle")
    chosen = settings(config, store=store)
    from kgbuild import graph, wiring
    from kgbuild.cli import report
    from kgbuild.iris import Iris

    schema = replace(chosen.ontology, shapes=shapes or chosen.ontology.shapes)
    iris = Iris(chosen.base)
    with wiring.store(chosen) as opened:
        results = sorted(graph.validate(opened, wiring.shapes(schema, chosen.base), iris))
    if format == "turtle":
        report.turtle(results, iris)
    else:
        report.table(results)
    if any(result.severity == "Violation" for result in results):
        raise typer.Exit(1)

"""The command that tells what a graph is like."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kgbuild.cli.options import ConfigOption, StoreOption, settings

if TYPE_CHECKING:
    from kgbuild.analysis import Statistics


def stats(
    top: Annotated[int, typer.Option("--top", min=1, help="How many of each to show.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw the degrees to this .png or .svg file.")
    ] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Show what the graph is like.

    Counts by property and class, components, central entities, degrees.
    """
    chosen = settings(config, store=store)
    from kgbuild import analysis, wiring
    from kgbuild.iris import Iris

    if plot:
        analysis.check_plot(plot)  # the analysis of a large graph takes a while
    with wiring.store(chosen) as graph:
        schema = wiring.ontology(chosen.ontology)
        found = analysis.analyse(graph, iris=Iris(chosen.base), ontology=schema, most=top)
    if plot:
        analysis.plot_degrees(found.degrees, plot)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(found), ensure_ascii=False))
    else:
        _show(found, top)
        if plot:
            typer.echo(f"\ndegrees drawn to {plot}")


def _show(found: Statistics, top: int) -> None:
    """Print the numbers as tables."""
    from kgbuild.cli import table

    kinds = {
        "documents": found.documents,
        "entities": found.entities,
        "entities that statements have": found.connected,
        "statements": found.statements,
        "triples": found.triples,
        "components": found.component_count,
    }
    table.show(
        ("in the graph", "count"), [(name, f"{count:,}") for name, count in kinds.items()], numbers=[1]
    )
    for noun, counted, groups in (
        ("property", "statements", found.properties),
        ("class", "entities", found.classes),
    ):
        rows = [(each.label, each.id, each.count) for each in groups[:top]]
        typer.echo()
        table.show((noun, "id", counted), rows, numbers=[2])
    typer.echo()
    components = [(each.centre, each.entities, each.statements) for each in found.components]
    table.show(("component around", "entities", "statements"), components, numbers=[1, 2])
    typer.echo()
    central = [(each.label, each.id, f"{each.pagerank:.4f}", each.degree) for each in found.central]
    table.show(("most central", "id", "PageRank", "degree"), central, numbers=[2, 3])
    typer.echo()
    table.show(("degree", "entities"), list(found.degrees.items())[:top], numbers=[0, 1])

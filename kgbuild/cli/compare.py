"""The command that sets the graph against a knowledge base."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kgbuild.cli.options import ConfigOption, StoreOption, settings

if TYPE_CHECKING:
    from kgbuild.compare import Compared
    from kgbuild.ontology import Ontology


def compare(
    endpoint: Annotated[
        str | None,
        typer.Option("--endpoint", help="SPARQL endpoint to compare with.", show_default="the linking index"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Turtle file for each statement's verdict.")
    ] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Set the graph against a knowledge base.

    For each property, how many statements it knows already, lacks and contradicts.
    """
    chosen = settings(config, store=store)
    from kgbuild import compare as comparing
    from kgbuild import wiring
    from kgbuild.iris import Iris

    ontology, iris = wiring.ontology(chosen.ontology), Iris(chosen.base)
    known = wiring.knowledge(chosen, endpoint)
    with wiring.store(chosen) as graph:
        found = list(comparing.compare(graph, known, ontology=ontology, iris=iris))
    if out is not None:
        comparing.write(found, out, iris=iris)
    _show(found, ontology)


def _show(found: list[Compared], ontology: Ontology) -> None:
    """A table of counts by property, and the sum."""
    from kgbuild import compare as comparing
    from kgbuild.cli import table
    from kgbuild.facts.known import Verdict

    counts = comparing.count(found)
    rows: list[tuple[object, ...]] = []
    for pid, verdicts in counts.items():
        definition = ontology.properties.get(pid)
        name = f"{definition.label} ({pid})" if definition else pid
        rows.append((name, *(verdicts[verdict] for verdict in Verdict)))
    sums = (sum(verdicts[verdict] for verdicts in counts.values()) for verdict in Verdict)
    table.show(("property", *Verdict), [*rows, ("all", *sums)], numbers=[1, 2, 3])

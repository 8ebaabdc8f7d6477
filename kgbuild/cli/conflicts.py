"""The command that lists what the documents contradict one another about."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from kgbuild.cli.options import ConfigOption, StoreOption, settings
from kgbuild.errors import UsageError

if TYPE_CHECKING:
    from kgbuild.explain import ExplainedStatement
    from kgbuild.graph.conflicts import Conflict


def conflicts(
    format: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """List statements that cannot all be right.

    The sentences that say them stand side by side.
    """
    if format not in ("table", "json"):
        raise UsageError(f"--format {format!r} is unknown; use table or json")
    chosen = settings(config, store=store)
    from kgbuild import explain, wiring
    from kgbuild.graph.conflicts import find_conflicts
    from kgbuild.iris import Iris

    iris = Iris(chosen.base)
    with wiring.store(chosen) as graph:
        found = find_conflicts(graph, ontology=wiring.ontology(chosen.ontology), iris=iris)
        named = (statement for each in found for statement in each.statements)
        told = explain.explain_statements(graph, named, iris=iris)
    _write_json(found, told) if format == "json" else _show(found, told)


def _show(found: Sequence[Conflict], told: Mapping[str, ExplainedStatement]) -> None:
    """A table for each conflict: one row for each sentence, the rivals below one another."""
    from kgbuild.cli import table
    from kgbuild.cli.show import abridged

    for conflict in found:
        rows = [
            (
                f"{each.subject.label} · {each.property.label} · {each.value.label}",
                f"{each.confidence:.2f}",
                each.rank,
                sentence.document,
                f"{sentence.start}–{sentence.end}",
                abridged(sentence.quote),
            )
            for each in _told(conflict, told)
            for sentence in each.evidence
        ]
        typer.echo(f"{conflict.kind}: {conflict.rule}")
        columns = ("statement", "confidence", "rank", "document", "characters", "sentence")
        table.show(columns, rows, numbers=[1])
        typer.echo()
    typer.echo(f"{len(found)} {'conflict' if len(found) == 1 else 'conflicts'}")


def _write_json(found: Sequence[Conflict], told: Mapping[str, ExplainedStatement]) -> None:
    """One array; each conflict has its kind, subject, rule and statements with their evidence."""
    import msgspec

    listed = [
        {
            "kind": each.kind,
            "subject": each.subject,
            "rule": each.rule,
            "statements": _told(each, told),
        }
        for each in found
    ]
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(listed), indent=1) + b"\n")
    sys.stdout.buffer.flush()


def _told(conflict: Conflict, told: Mapping[str, ExplainedStatement]) -> list[ExplainedStatement]:
    """The statements of a conflict, surest first."""
    return sorted((told[iri] for iri in conflict.statements), key=lambda each: (-each.confidence, each.iri))

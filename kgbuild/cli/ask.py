"""Commands that read a store: query, export, explain, info."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from kgbuild.cli.options import ConfigOption, StoreOption, settings
from kgbuild.errors import UsageError

Choice = TypeVar("Choice", bound=StrEnum)


def query(
    sparql: Annotated[
        str | None, typer.Argument(help="The query; read from standard input without it.")
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="File that holds the query.")] = None,
    format: Annotated[
        str, typer.Option("--format", help="table, json, csv, tsv or xml; ttl or nt for CONSTRUCT.")
    ] = "table",
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Ask the graph in SPARQL.

    Wikidata's prefixes need no declaration.
    """
    text = _query_text(sparql, file)
    chosen = settings(config, store=store)
    from kgbuild import query as queries
    from kgbuild import wiring
    from kgbuild.cli import table

    wanted = None if format == "table" else _choice(queries.ResultFormat, format, "--format")
    with wiring.store(chosen) as graph:
        if wanted is None:
            answer = queries.table(graph, text)
            table.show(answer.columns, answer.rows)
        else:
            queries.write(graph, text, wanted, sys.stdout.buffer)
            sys.stdout.buffer.flush()


def export(
    file: Annotated[Path, typer.Argument(help="File to write, replaced if it is there.")],
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="ttl, nt, nq, trig, jsonld; nif (mentions), qs (QuickStatements) or graphml.",
            show_default="by the ending of FILE",
        ),
    ] = None,
    runs: Annotated[bool, typer.Option("--runs", help="Also what each run did and when.")] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Write the graph to a file; the same graph gives the same bytes."""
    chosen = settings(config, store=store)
    from kgbuild import wiring
    from kgbuild.export import export as write
    from kgbuild.export import export_format
    from kgbuild.iris import Iris

    wanted = export_format(file, format)
    with wiring.store(chosen) as graph:
        written = write(graph, file, iris=Iris(chosen.base), format=wanted, include_runs=runs)
    typer.echo(f"{written.count:,} {written.noun} written to {file}")
    for reason, count in sorted(written.left_out.items()):
        typer.echo(f"{count:,} left out: {reason}")


def diff(
    old: Annotated[Path, typer.Argument(help="An earlier export.")],
    new: Annotated[
        Path | None, typer.Argument(help="A later export.", show_default="what is in the store")
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="SPARQL update to write, replaced if it is there.")
    ] = Path("changes.ru"),
    runs: Annotated[bool, typer.Option("--runs", help="Also what each run did and when.")] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Write what changed since an export.

    The file is a SPARQL update for another store.
    """
    chosen = settings(config, store=store)
    from contextlib import nullcontext

    from kgbuild import wiring
    from kgbuild.export.difference import difference
    from kgbuild.iris import Iris

    with nullcontext(new) if new else wiring.store(chosen) as later:
        found = difference(old, later, output, iris=Iris(chosen.base), include_runs=runs)
    typer.echo(f"{found.removed:,} removed and {found.added:,} added, written to {output}")


def explain(
    term: Annotated[str, typer.Argument(help="A QID, an IRI, or the label of an entity.")],
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Show the sentences behind an entity or a statement.

    For an entity, each sentence that says something of it, and what is inferred.
    """
    chosen = settings(config, store=store)
    from kgbuild import explain as explanations
    from kgbuild import wiring
    from kgbuild.cli import show
    from kgbuild.iris import Iris

    with wiring.store(chosen) as graph:
        schema = wiring.ontology(chosen.ontology)
        for explanation in explanations.explain(graph, term, iris=Iris(chosen.base), ontology=schema):
            show.explanation(explanation)


def info(
    documents: Annotated[bool, typer.Option("--documents", help="List the documents too.")] = False,
    rejections: Annotated[
        bool, typer.Option("--rejections", help="List also each relation that was not stated.")
    ] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Show what is in a store.

    Counts, rejected documents and why, properties, versions and runs.
    """
    chosen = settings(config, store=store)
    from kgbuild import info as infos
    from kgbuild import wiring
    from kgbuild.cli import show
    from kgbuild.iris import Iris

    with wiring.store(chosen) as graph:
        summary = infos.summary(graph, iris=Iris(chosen.base))
    show.summary(summary, chosen.store, documents=documents, rejections=rejections)


def _query_text(sparql: str | None, file: Path | None) -> str:
    """The query from the argument, the file or standard input."""
    if sparql is not None and file is not None:
        raise UsageError("give the query as an argument or with --file, not both")
    if sparql is not None:
        return sparql
    try:
        return file.read_text(encoding="utf-8") if file else sys.stdin.read()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the query in {file or 'standard input'} cannot be read: {error}") from error


def _choice(kind: type[Choice], name: str, option: str) -> Choice:
    """The member of an enumeration that an option names."""
    try:
        return kind(name)
    except ValueError as error:
        raise UsageError(f"{option} {name!r} is unknown; use one of table, {', '.join(kind)}") from error

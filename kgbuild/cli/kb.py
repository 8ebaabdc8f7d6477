"""The commands about knowledge bases: build an index, bring one up to date, look into one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kgbuild.errors import UsageError

if TYPE_CHECKING:
    from kgbuild.link.kb.assemble import Report
    from kgbuild.link.kb.parse import Choice

app = typer.Typer(
    help="Build, update or look into an index of a knowledge base.\n\nNames are looked up in it.",
    no_args_is_help=True,
    rich_markup_mode=None,  # as the other commands' help
)

INTERNAL = "Q4167410,Q4167836,Q11266439,Q13406463"
"""Wikimedia's disambiguation pages, categories, templates and list articles."""


class Form(StrEnum):
    """What a source is; `auto` looks at its name and its first bytes."""

    AUTO = "auto"
    WIKIDATA = "wikidata"
    RDF = "rdf"
    SPARQL = "sparql"
    KGTK = "kgtk"
    CONCEPTNET = "conceptnet"
    TABLE = "table"


SourceArgument = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="A Wikidata JSON dump (.json, .gz, .bz2, .zst, or - for standard input), RDF (.nt, .ttl), a "
        "SPARQL endpoint's URL, a folder of KGTK tables, ConceptNet's CSV, or a table of your own (.tsv).",
    ),
]
LanguagesOption = Annotated[
    str, typer.Option("--languages", help="Languages of names, comma-separated; the first gives labels.")
]


def build(  # noqa: PLR0913, PLR0917 - each is an option of the command
    source: SourceArgument,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder of the index.")] = None,
    languages: LanguagesOption = "en",
    min_sitelinks: Annotated[
        int, typer.Option("--min-sitelinks", min=0, help="Least number of sitelinks of an item.")
    ] = 0,
    types: Annotated[
        str, typer.Option("--types", help="Only items of these classes or classes under them: Q5,Q515.")
    ] = "",
    exclude: Annotated[
        str, typer.Option("--exclude", help='No items right in these classes; "" takes all.')
    ] = INTERNAL,
    form: Annotated[Form, typer.Option("--form", help="What SOURCE is.")] = Form.AUTO,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that parse.")] = 1,
    accept_cut: Annotated[
        bool, typer.Option("--accept-cut", help="Make do with a dump that is cut short or damaged.")
    ] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Forget what a build that was not finished has done.")
    ] = False,
) -> None:
    """Build the index of a knowledge base; the same command goes on after a kill."""
    choice = _choice(languages, min_sitelinks, types, exclude)
    from kgbuild.cli import transfer
    from kgbuild.link.kb.assemble import Way, source_name
    from kgbuild.link.kb.sources import build_index_of

    target = out or Path(f"{source_name(source)}.kb")
    way = Way(workers=workers, accept_cut=accept_cut, restart=restart)
    with transfer.bar() as told:
        report = build_index_of(source, target, choice, form=form.value, way=way, told=told)
    _show(report, target)


def update(
    index: Annotated[Path, typer.Argument(metavar="INDEX", help="Folder of the index.")],
    source: SourceArgument,
    ids: Annotated[
        str | None, typer.Option("--ids", help="Only these: Q42,Q64, or a file with one a line.")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that parse.")] = 1,
    restart: Annotated[
        bool, typer.Option("--restart", help="Forget what an update that was not finished has done.")
    ] = False,
) -> None:
    """Bring an index up to date with a newer SOURCE, changing only what changed."""
    from kgbuild.cli import transfer
    from kgbuild.link.kb.assemble import Way
    from kgbuild.link.kb.update import read_ids, update_index

    wanted = None if ids is None else read_ids(ids)
    with transfer.bar() as told:
        report = update_index(index, source, ids=wanted, way=Way(workers=workers, restart=restart), told=told)
    _show(report, index)


def info(
    index: Annotated[Path, typer.Argument(metavar="INDEX", help="Folder of an index.")],
    name: Annotated[str | None, typer.Option("--name", help="Look a name up.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Read all of it to find damage.")] = False,
) -> None:
    """Show what an index holds, or what a name may mean in it."""
    from kgbuild.link.index import LmdbIndex

    opened = LmdbIndex(index)
    if verify:
        opened.verify()
    if name is None:
        meta = opened.meta
        typer.echo(
            f"{opened.version}: {meta.entities:,} entities, {meta.names:,} names, {meta.tokens:,} words"
        )
        for option, value in meta.options.items():
            typer.echo(f"  {option}: {value}")
        return
    candidates = list(opened.candidates(name))
    if not candidates:
        raise UsageError(f"the index {index} has nothing called {name!r}; give another name")
    for candidate in candidates:
        entity = opened.entity(candidate.entity)
        told = entity.description if entity else ""
        typer.echo(f"{candidate.entity}\t{candidate.label}\t{candidate.score:.4f}\t{told}")


app.command()(build)
app.command()(update)
app.command()(info)


def _choice(languages: str, min_sitelinks: int, types: str, exclude: str) -> Choice:
    """What the options amount to; UsageError where a class is no QID, or no language is given."""
    from kgbuild.link.kb.parse import Choice

    given = _listed(languages)
    for qid in (*_listed(types), *_listed(exclude)):
        if not re.fullmatch(r"Q[1-9][0-9]{0,8}", qid):
            raise UsageError(f"{qid!r} is not the QID of a class; give classes as Q5,Q515")
    if not given:
        raise UsageError("no language is given; give languages as en,de")
    return Choice(given, min_sitelinks, _listed(types), _listed(exclude))


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _show(report: Report, target: Path) -> None:
    """What was read and written."""
    meta = report.meta
    typer.echo(f"{target}: {meta.entities:,} entities, {meta.names:,} names, {_size(target)}")
    for what, count in report.counts.items():
        typer.echo(f"  {count:,} {what}")
    if report.resumed:
        typer.echo(f"  went on at byte {report.resumed:,} of an earlier build")
    _show_bad(report.bad)


def _show_bad(bad: Sequence[tuple[int, str]], shown: int = 5) -> None:
    for offset, why in bad[:shown]:
        typer.echo(f"  the line at byte {offset:,} is {why}", err=True)


def _size(target: Path) -> str:
    """The size of an index on disk."""
    with suppress(OSError):
        return f"{sum(file.stat().st_size for file in target.iterdir()) / 1e6:,.1f} MB"
    return "no size"

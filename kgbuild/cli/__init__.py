"""The command line: each command parses, wires, calls and prints; heavy imports wait for their use.

Results go to standard output; progress, logs and errors to standard error. The exit status is 0,
1 where something failed, or 2 where it was asked for in a way that cannot be.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from kgbuild.cli import ask, build, compare, conflicts, extract, learn, linking, stats, validate
from kgbuild.cli.kb import app as kb_app
from kgbuild.errors import KgbuildError

app = typer.Typer(
    name="kgbuild",
    help="Text to a knowledge graph: Wikidata-style statements, each with the sentences that say it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help in a quarter of the time
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(build.build)
app.command()(build.schedule)
app.command()(build.retract)
app.command()(ask.query)
app.command()(ask.export)
app.command()(ask.diff)
app.command()(ask.explain)
app.command()(ask.info)
app.command()(stats.stats)
app.command()(validate.validate)
app.command()(conflicts.conflicts)
app.command()(compare.compare)
app.command()(extract.extract)
app.command()(learn.train)
app.command()(learn.evaluate)
app.add_typer(kb_app, name="kb")
app.add_typer(linking.app, name="link")


def _show_version(wanted: bool) -> None:
    if wanted:
        from kgbuild import __version__

        typer.echo(f"kgbuild {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Show the version and stop."
    ),
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; what kgbuild reports becomes one line, a bug stays a traceback."""
    try:
        app(arguments)
    except KgbuildError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_status)

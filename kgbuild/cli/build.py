"""Commands that write to a store: build, schedule, retract."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from kgbuild.cli.options import ConfigOption, CorpusOption, StoreOption, settings

SourceArgument = Annotated[
    str, typer.Argument(metavar="PATH", help="A file, a folder, or a URL that fsspec can read.")
]


def build(
    path: SourceArgument,
    only_new: Annotated[
        bool, typer.Option("--only-new", help="Leave out statements that the index tells already.")
    ] = False,
    store: StoreOption = None,
    corpus: CorpusOption = None,
    config: ConfigOption = None,
) -> None:
    """Read what is new or changed under PATH into a knowledge graph."""
    chosen = settings(config, store=store, corpus=corpus)
    chosen = replace(chosen, only_new=only_new or chosen.only_new)
    from kgbuild import wiring
    from kgbuild.cli import progress, show
    from kgbuild.config import plain

    wiring.source(path, chosen)  # what is wrong with the two is told before anything is loaded
    wiring.check_store(chosen)
    with progress.bar("starting") as advance:
        from flows.build_graph import build_graph
        from flows.ending import ending_in_order

        with ending_in_order():
            result = build_graph(path, plain(chosen), advance)
    show.report(result, path, chosen.store)


def schedule(
    path: SourceArgument,
    cron: Annotated[str, typer.Option("--cron", help='Minute, hour, day, month, weekday: "0 * * * *".')],
    timezone: Annotated[str, typer.Option("--timezone", help="Time zone of --cron, an IANA name.")] = "UTC",
    store: StoreOption = None,
    corpus: CorpusOption = None,
    config: ConfigOption = None,
) -> None:
    """Build again whenever --cron says, until interrupted.

    Each run reads only what changed.
    """
    chosen = settings(config, store=store, corpus=corpus)
    from kgbuild import wiring
    from kgbuild.config import plain

    source = wiring.source(path, chosen)
    wiring.check_store(chosen)
    from flows.build_graph import build_graph
    from flows.schedule import schedule as serve

    typer.echo(f"building {path} into {chosen.store} at {cron!r} ({timezone}); Ctrl-C ends it", err=True)
    parameters = {"path": _absolute(path), "settings": plain(chosen)}
    serve(build_graph, parameters, name=f"{source.corpus} into {chosen.store}", cron=cron, timezone=timezone)


def retract(
    documents: Annotated[
        list[str], typer.Argument(metavar="DOCUMENT...", help="IRIs, or paths in their corpus.")
    ],
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Take documents back, and with them what they alone supported."""
    chosen = settings(config, store=store)
    from kgbuild import wiring

    taken = wiring.retract(documents, chosen)
    noun = "document" if len(taken) == 1 else "documents"
    typer.echo(f"{len(taken)} {noun} taken back")


def _absolute(path: str) -> str:
    """A path that means the same in another working directory; URLs are as they are."""
    return path if "://" in path else str(Path(path).absolute())

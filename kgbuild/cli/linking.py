"""Commands about links: how well a linker does, and which local entities are Wikidata's items."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kgbuild.cli.options import ConfigOption, StoreOption
from kgbuild.cli.options import settings as load

if TYPE_CHECKING:
    from kgbuild.config import Settings

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
Local = Annotated[str, typer.Argument(help="IRI of a local entity; `kgbuild explain NAME` shows it.")]


@app.callback()
def link() -> None:
    """Say that a local entity is a Wikidata item, or take that back."""


@app.command()
def promote(
    local: Local,
    qid: Annotated[str, typer.Argument(help="The item that it is, such as Q42.")],
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Link a local entity to a Wikidata item by owl:sameAs; its statements stay as they are."""
    chosen = load(config, store=store)
    from kgbuild import graph, wiring
    from kgbuild.iris import Iris

    with wiring.store(chosen, read_only=False) as opened:
        graph.promote(opened, local, qid, iris=Iris(chosen.base))
    typer.echo(f"{local} is {qid}; `kgbuild link demote {local}` takes it back")


@app.command()
def demote(local: Local, store: StoreOption = None, config: ConfigOption = None) -> None:
    """Take back what promote said of a local entity."""
    chosen = load(config, store=store)
    from kgbuild import graph, wiring
    from kgbuild.iris import Iris

    with wiring.store(chosen, read_only=False) as opened:
        graph.demote(opened, local, iris=Iris(chosen.base))
    typer.echo(f"{local} is a local entity of its own again")


def evaluate(
    path: Path,
    settings: Settings,
    *,
    as_json: bool = False,
    kb: Path | None = None,
    end_to_end: bool = False,
    predictions: Path | None = None,
) -> None:
    """Score the linker on a file, or a folder's files, of ELEVANT JSONL or NIF Turtle."""
    import dataclasses

    from kgbuild import wiring
    from kgbuild.evaluate.linked import write_links
    from kgbuild.evaluate.linking import WEIGHED, figures, judge
    from kgbuild.evaluate.linking_reader import ExtractingReader
    from kgbuild.link.linker import ContextLinker, Manner

    chosen = dataclasses.replace(
        settings, index=dataclasses.replace(settings.index, path=kb or settings.index.path)
    )
    index, segmenter = wiring.index(chosen.index), wiring.segmenter()
    extractor = wiring.extractor(chosen.model, chosen.ontology, chosen.thresholds.relation)
    linker = ContextLinker(
        index,
        wiring.ranker(chosen),
        threshold=chosen.thresholds.link,
        kept=WEIGHED,
        manner=Manner(common_nouns=not end_to_end),
    )

    reader = ExtractingReader(extractor, segmenter)
    judged = list(judge(path, linker, index, reader, end_to_end=end_to_end))
    if predictions:
        write_links(judged, predictions, system=linker.version)
    found = figures(judged)
    typer.echo(
        json.dumps(found) if as_json else "\n".join(f"{name:24}{value}" for name, value in found.items())
    )

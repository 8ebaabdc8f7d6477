"""The commands about models: train one from a recipe, and score one on annotated data."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kgbuild.cli.options import ConfigOption, settings

if TYPE_CHECKING:
    from kgbuild.evaluate.report import Report


class DataSet(StrEnum):
    """What `kgbuild evaluate` can score."""

    KNOWLEDGENET = "knowledgenet"
    REDOCRED = "redocred"


def train(
    recipe: Annotated[Path, typer.Argument(help="Recipe in TOML, such as recipes/shipped.toml.")],
) -> None:
    """Train a model by a recipe, calibrate it on the development split and write its folder."""
    from kgbuild.cli.progress import training_bar
    from kgbuild.train.config import read_recipe
    from kgbuild.train.run import run

    config = read_recipe(recipe)
    with training_bar() as show:
        scores = run(config, show)
    typer.echo(f"model written to {config.output}")
    typer.echo(json.dumps(scores))


def evaluate(
    dataset: Annotated[DataSet, typer.Argument(help="Form of the data, which also decides the metric.")],
    path: Annotated[Path, typer.Argument(help="File or folder of the data set, gzip or not.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    gold_mentions: Annotated[
        bool, typer.Option("--gold-mentions", help="Give the mentions; read the rest.")
    ] = False,
    model: Annotated[
        Path | None, typer.Option("--model", help="Model folder.", show_default="the shipped model")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Score the model on annotated data by the data set's own metric."""
    import dataclasses

    from kgbuild import wiring
    from kgbuild.evaluate.report import evaluate as score

    chosen = settings(config)
    if model:
        chosen = dataclasses.replace(chosen, model=dataclasses.replace(chosen.model, directory=model))
    extractor = wiring.extractor(chosen.model, chosen.ontology, chosen.thresholds.relation)
    report = score(dataset.value, path, extractor, wiring.segmenter(), gold_mentions=gold_mentions)
    typer.echo(json.dumps(report.as_json()) if as_json else _table(report))


def _table(report: Report) -> str:
    rows = [("all", report.overall), *sorted(report.parts.items())]
    width = max(len(name) for name, _ in rows)
    lines = [f"{'':{width}}  precision  recall      F1   gold"]
    lines += [
        f"{name:{width}}  {counts.precision:9.3f}  {counts.recall:6.3f}  {counts.f1:6.3f}  {counts.gold:5d}"
        for name, counts in rows
    ]
    return "\n".join([*lines, f"expected calibration error {report.ece:.3f}"])

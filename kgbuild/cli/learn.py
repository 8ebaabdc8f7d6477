"""The commands about models: train one from a recipe, and score one on annotated data."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kgbuild.cli.options import ConfigOption, ModelOption, settings, with_model
from kgbuild.errors import UsageError

if TYPE_CHECKING:
    from kgbuild.evaluate.report import Options, Report
    from kgbuild.extract.extractor import NeuralExtractor
    from kgbuild.protocols import Segmenter


class DataSet(StrEnum):
    """What `kgbuild evaluate` can score."""

    KNOWLEDGENET = "knowledgenet"
    REDOCRED = "redocred"
    FEWREL = "fewrel"
    TEXT2KGBENCH = "text2kgbench"
    CONLL04 = "conll04"
    NER = "ner"
    LINKING = "linking"


def train(
    recipes: Annotated[
        list[Path],
        typer.Argument(
            metavar="RECIPE",
            help="Recipes in TOML, or folders of them: recipes/extractor.toml. Several are trained in order.",
        ),
    ],
) -> None:
    """Train a model by a recipe.

    It is calibrated on the development split and written to its folder. What was trained by the same recipe
    from the same files is not trained again.
    """
    from kgbuild.cli.training import checking, training_display
    from kgbuild.train.chain import read_chain
    from kgbuild.train.provenance import Provenance
    from kgbuild.train.run import run

    with checking():
        parts = read_chain(recipes)
    for number, (path, config) in enumerate(parts, 1):
        if len(parts) > 1:
            typer.echo(f"{path}, {number} of {len(parts)}", err=True)
        if Provenance.of(config).is_done:
            typer.echo(
                f"{config.output} was made by this recipe from the same files; remove it to train anew"
            )
            continue
        with training_display() as show:
            scores = run(config, show.step, show.epoch)
        typer.echo(f"model written to {config.output}")
        if scores:
            typer.echo(json.dumps(scores))


def evaluate(
    dataset: Annotated[DataSet, typer.Argument(help="Form of the data, which also decides the metric.")],
    path: Annotated[Path, typer.Argument(help="File or folder of the data set, gzip or not.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    gold_mentions: Annotated[
        bool, typer.Option("--gold-mentions", help="Give the mentions; read the rest.")
    ] = False,
    predictions: Annotated[
        Path | None,
        typer.Option(help="Write what was predicted to this file, in the data set's own form."),
    ] = None,
    model: ModelOption = None,
    kb: Annotated[
        Path | None,
        typer.Option("--kb", help="linking: the index folder.", show_default="the sample knowledge base"),
    ] = None,
    end_to_end: Annotated[
        bool, typer.Option("--end-to-end", help="linking: find the mentions too, from raw text.")
    ] = False,
    unseen: Annotated[
        int | None, typer.Option("--unseen", help="fewrel: how many unseen properties to tell apart.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="fewrel: the split that the unseen properties are of.")
    ] = None,
    properties: Annotated[
        str, typer.Option(help="fewrel: ids of the properties to tell apart, with commas between.")
    ] = "",
    config: ConfigOption = None,
) -> None:
    """Score the model on annotated data by the data set's own metric."""
    from kgbuild.evaluate.report import Options, Task
    from kgbuild.evaluate.scorers import evaluate as score

    _refuse_paths(path, predictions)
    named = tuple(name.strip() for name in properties.split(",") if name.strip())
    options = Options(gold_mentions, unseen, seed, named)
    _refuse_foreign(dataset, options, {"--kb": kb is not None, "--end-to-end": end_to_end})
    if dataset is DataSet.LINKING:
        from kgbuild.cli import linking

        chosen = with_model(settings(config), model)
        linking.evaluate(path, chosen, as_json=as_json, kb=kb, end_to_end=end_to_end, predictions=predictions)
        return
    extractor, segmenter = _reader(model, config)
    outcome = score(dataset.value, Task(path, extractor, segmenter, options))
    if predictions:
        predictions.write_text(outcome.predictions, encoding="utf-8")
    schema = extractor.ontology.properties
    names = {pid: f"{pid} {definition.label}" for pid, definition in schema.items()}
    typer.echo(json.dumps(outcome.report.as_json()) if as_json else _table(outcome.report, names))


def _refuse_paths(path: Path, predictions: Path | None) -> None:
    """Raise UsageError where there is nothing to read, or no place to write to."""
    if not path.exists():
        raise UsageError(f"there is nothing at {path}; give the file or folder of the data set")
    if predictions and predictions.is_dir():
        raise UsageError(f"the predictions cannot be written to the folder {predictions}; name a file")
    if predictions and not predictions.parent.is_dir():
        raise UsageError(f"there is no folder {predictions.parent} for the predictions; make it first")


def _refuse_foreign(dataset: DataSet, options: Options, linking: Mapping[str, bool]) -> None:
    """Raise UsageError for an option that linking alone takes, or that linking does not take."""
    if dataset is not DataSet.LINKING:
        foreign = next((name for name, given in linking.items() if given), None)
        if foreign:
            raise UsageError(f"{dataset} takes no {foreign}: leave it out (it is for {DataSet.LINKING})")
        return
    unset = type(options)()
    for name, value in dataclasses.asdict(options).items():
        if value != getattr(unset, name):
            raise UsageError(f"{dataset} takes no --{name.replace('_', '-')}: leave it out")


def _reader(model: Path | None, config: Path | None) -> tuple[NeuralExtractor, Segmenter]:
    """The extractor, with other weights where a model is given, and the sentence boundaries."""
    from kgbuild import wiring

    chosen = with_model(settings(config), model)
    return (
        wiring.extractor(chosen.model, chosen.ontology, chosen.thresholds.relation),
        wiring.segmenter(),
    )


def _table(report: Report, names: Mapping[str, str]) -> str:
    """The headline, the parts and the further figures, as lines; `names` are those of properties, by id."""
    parts = {names.get(name, name): counts.report() for name, counts in sorted(report.parts.items())}
    rows = {"all": report.headline, **parts}
    width = max(map(len, rows))
    lines = [f"{'':{width}}  precision  recall      F1   gold"]
    lines += [
        f"{name:{width}}  {row['precision']:9.3f}  {row['recall']:6.3f}  {row['f1']:6.3f}  {row['count']:5d}"
        for name, row in rows.items()
    ]
    lines += [
        f"{name.replace('_', ' ')} {value:.3f}"
        for name, value in report.further.items()
        if isinstance(value, float)
    ]
    return "\n".join([*lines, f"expected calibration error {report.ece:.3f}"])

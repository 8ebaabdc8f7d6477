"""Options that several commands share, and the settings that they amount to."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kgbuild.extract.shipped import model_folder

if TYPE_CHECKING:
    from kgbuild.config import Settings

StoreOption = Annotated[
    Path | None,
    typer.Option("--store", "-s", help="Folder of the graph store.", show_default="kgbuild-store"),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Configuration file.", show_default="kgbuild.toml, where there is one"),
]
CorpusOption = Annotated[
    str | None,
    typer.Option("--corpus", help="Name in the documents' IRIs.", show_default="the name of PATH"),
]
ModelOption = Annotated[
    Path | None,
    typer.Option(
        "--model",
        help="Model folder, or fast: the faster one in the package.",
        show_default="the shipped model",
    ),
]


def settings(config: Path | None, *, store: Path | None = None, corpus: str | None = None) -> Settings:
    """The settings of a configuration file, with what the command line says in their place."""
    from kgbuild.config import load_settings

    loaded = load_settings(config)
    return dataclasses.replace(loaded, store=store or loaded.store, corpus=corpus or loaded.corpus)


def with_model(settings: Settings, model: Path | None) -> Settings:
    """The settings with other weights, where a model is given by its folder or its name in the package."""
    from kgbuild.config import ModelSettings

    if model is None:
        return settings
    chosen = dataclasses.replace(settings.model, name=ModelSettings().name, directory=model_folder(model))
    return dataclasses.replace(settings, model=chosen)

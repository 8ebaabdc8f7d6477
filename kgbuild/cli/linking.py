"""Commands about links: how well a linker does on annotated texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from kgbuild.config import Settings
    from kgbuild.records import Document, Extraction


def evaluate(
    path: Path,
    settings: Settings,
    *,
    as_json: bool = False,
    kb: Path | None = None,
    end_to_end: bool = False,
    predictions: Path | None = None,
) -> None:
    """Score the linker on a file of ELEVANT JSONL or NIF Turtle."""
    import dataclasses

    from kgbuild import wiring
    from kgbuild.evaluate.linked import write_links
    from kgbuild.evaluate.linking import WEIGHED, figures, judge
    from kgbuild.link.linker import ContextLinker

    chosen = dataclasses.replace(
        settings, index=dataclasses.replace(settings.index, path=kb or settings.index.path)
    )
    index, segmenter = wiring.index(chosen.index), wiring.segmenter()
    extractor = wiring.extractor(chosen.model, chosen.ontology, chosen.thresholds.relation)
    linker = ContextLinker(index, threshold=chosen.thresholds.link, common_nouns=not end_to_end, kept=WEIGHED)

    def read(document: Document) -> Extraction:
        return extractor.extract(document, segmenter.segment(document))

    judged = list(judge(path, linker, index, read, end_to_end=end_to_end))
    if predictions:
        write_links(judged, predictions, system=linker.version)
    found = figures(judged)
    typer.echo(
        json.dumps(found) if as_json else "\n".join(f"{name:24}{value}" for name, value in found.items())
    )

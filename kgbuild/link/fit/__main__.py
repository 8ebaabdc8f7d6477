"""Fit the ranker: gold documents and an index enter; the ranker's file leaves.

    python -m kgbuild.link.fit DATA --texts --out texts.jsonl
    kgbuild extract texts.jsonl > tags.jsonl
    python -m kgbuild.link.fit DATA --index INDEX --tags tags.jsonl --out kgbuild/data/kb/ranker.json

DATA is the folder of data sets (its README lists them); INDEX is what `make index-u` builds. The
first two steps give mentions the labels and clusters that the extractor gives them. Each fold of the
documents is predicted by a ranker that has not seen it, and the figures in the file are of these
predictions. The weights that are written are fitted on all documents.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import torch

from kgbuild.errors import KgbuildError
from kgbuild.link.features import CANDIDATE_FEATURES, GROUP_FEATURES, Features
from kgbuild.link.fit.examples import FOLDS, examples, read_sets, word_weights
from kgbuild.link.fit.figures import calibration_error, figures, temperature
from kgbuild.link.fit.network import Network, cross_validate, fit, fold_networks
from kgbuild.link.gold import GoldDocument
from kgbuild.link.index import LmdbIndex
from kgbuild.link.rank import FORMAT, Ranker, Weights

THRESHOLD = 0.15
"""Least probability of a link: lower than a half, since "none" is the likeliest answer of many names."""


def weights(
    network: Network, words: dict[str, float], heat: float, threshold: float, told: dict[str, Any]
) -> Weights:
    """The network as the ranker's file holds it."""

    def matrix(layer: torch.nn.Linear) -> list[list[float]]:
        return [[round(value, 5) for value in row] for row in layer.weight.T.tolist()]

    def vector(values: torch.Tensor) -> list[float]:
        return [round(value, 5) for value in values.flatten().tolist()]

    return Weights(
        format=FORMAT,
        candidate_features=CANDIDATE_FEATURES,
        group_features=GROUP_FEATURES,
        mean=vector(network.mean),
        scale=vector(network.scale),
        hidden=matrix(network.hidden),
        group_hidden=matrix(network.group_hidden),
        hidden_bias=vector(network.hidden.bias),
        out=vector(network.out.weight),
        nil_hidden=matrix(network.nil_hidden),
        nil_hidden_bias=vector(network.nil_hidden.bias),
        nil_out=vector(network.nil_out.weight),
        nil_bias=round(network.nil_out.bias.item(), 5),
        temperature=heat,
        threshold=threshold,
        words=words,
        figures=told,
    )


def _write_texts(sets: dict[str, list[GoldDocument]], path: Path) -> int:
    """Write the texts as `kgbuild extract` reads them."""
    documents = (gold.document for found in sets.values() for gold in found)
    lines = [msgspec.json.encode({"id": document.id, "text": document.text}) for document in documents]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return 0


def main(arguments: Iterable[str] | None = None) -> int:
    """Fit the ranker and write its file."""
    parser = argparse.ArgumentParser(prog="python -m kgbuild.link.fit", description=main.__doc__)
    parser.add_argument("data", type=Path, help="the folder of data sets")
    parser.add_argument("--index", type=Path, help="the index of all items")
    parser.add_argument("--out", type=Path, required=True, help="the ranker's file")
    parser.add_argument("--texts", action="store_true", help="write the texts of the sets to --out, and end")
    parser.add_argument("--tags", type=Path, help="output of `kgbuild extract` over the texts of the sets")
    parser.add_argument("--threshold", type=float, default=THRESHOLD)
    options = parser.parse_args(None if arguments is None else list(arguments))
    try:
        sets = read_sets(options.data, tags=options.tags)
        if options.texts:
            return _write_texts(sets, options.out)
        index = LmdbIndex(options.index)
    except KgbuildError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    words = word_weights(gold for documents in sets.values() for gold in documents)
    made = examples(sets, index, Features(words))
    told, order = cross_validate(made, fold_networks(made))
    heat = temperature(told, order)
    told = [torch.log_softmax(one / heat, 0) for one in told]
    measured = figures(told, order, options.threshold) | {
        "index": index.version,
        "protocol": f"{FOLDS}-fold cross-validation over documents; the weights are fitted on all",
        "decisions": len(made),
        "expected_calibration_error": round(calibration_error(told, order), 4),
    }
    held = weights(fit(made), words, heat, options.threshold, measured)
    content = msgspec.json.format(msgspec.json.encode(held), indent=0)
    Ranker(held, "")
    options.out.write_bytes(content + b"\n")
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(measured), indent=1).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

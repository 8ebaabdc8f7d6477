"""Fit the ranker: gold documents and an index enter; the ranker's file leaves.

    python -m kgbuild.train.ranker DATA --index INDEX --out kgbuild/data/kb/ranker.json

DATA is the folder of data sets (its README lists them); INDEX is what `make index-u` builds. The texts are
read by the model in the package, or another one: fit again when it has changed. Each fold of the documents
is predicted by a ranker, and a bi-encoder, that have not seen it, and the figures in the file are of these
predictions. What is written is fitted on all documents.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import torch

from kgbuild.errors import KgbuildError
from kgbuild.evaluate.linking_reader import ExtractingReader
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.extract.shipped import model_folder
from kgbuild.link.features import CANDIDATE_FEATURES, GROUP_FEATURES, Features
from kgbuild.link.gold import GoldDocument
from kgbuild.link.index import LmdbIndex
from kgbuild.link.meaning import Encoder, Projections
from kgbuild.link.rank import FORMAT, Ranker, Weights
from kgbuild.link.tags import Reader
from kgbuild.link.trees import Trees
from kgbuild.ontology import load_ontology
from kgbuild.text.sentences import RuleSegmenter
from kgbuild.train.ranker.biencoder import compared, without
from kgbuild.train.ranker.examples import FOLDS, Example, examples, read_sets, word_weights
from kgbuild.train.ranker.figures import calibration_error, chosen_threshold, curve, figures, temperature
from kgbuild.train.ranker.network import Network, fit, fold_networks, predict
from kgbuild.train.ranker.trees import fit_trees, fold_trees, predict_trees
from kgbuild.train.ranker.validation import averaged_chances, cross_validate
from kgbuild.train.ranker.work import at_once

GRID = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
"""Thresholds of the curve in the file."""


@dataclasses.dataclass(frozen=True, slots=True)
class Fitted:
    """What cross-validation tells."""

    temperature: float
    trees_temperature: float
    threshold: float
    figures: dict[str, Any]


def weights(
    network: Network,
    trees: Trees,
    words: dict[str, float],
    fitted: Fitted,
    projections: Projections | None = None,
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
        temperature=fitted.temperature,
        trees=trees,
        trees_temperature=fitted.trees_temperature,
        threshold=fitted.threshold,
        words=words,
        projections=projections,
        figures=fitted.figures,
    )


def reading(directory: Path | None) -> tuple[Reader, Encoder]:
    """How texts are read, and with which encoder: mentions and clusters, and next to no relations."""
    ontology = load_ontology()
    narrow = dataclasses.replace(ontology, properties={"P19": ontology.properties["P19"]})
    extractor = NeuralExtractor.load(directory, ontology=narrow)
    return ExtractingReader(extractor, RuleSegmenter()), Encoder(extractor.model.states, extractor.gist)


def validated(made: Sequence[Example], threshold: float | None, workers: int) -> Fitted:
    """Temperatures, threshold and figures, from decisions that the networks and trees had not seen."""
    plain = [dataclasses.replace(example, entities=(), context=None) for example in made]
    networks, forests = fold_networks(plain, workers=workers), fold_trees(plain, workers)
    by_network, order = cross_validate(made, networks, predict)
    by_trees, _ = cross_validate(made, forests, predict_trees)
    heats = temperature(by_network, order), temperature(by_trees, order)
    told = averaged_chances(by_network, by_trees, heats)
    chosen = chosen_threshold(told, order) if threshold is None else threshold
    return Fitted(
        *heats,
        chosen,
        figures(told, order, chosen)
        | {
            "protocol": f"{FOLDS}-fold cross-validation over documents; the weights are fitted on all",
            "decisions": len(made),
            "expected_calibration_error": round(calibration_error(told, order), 4),
            "curve": curve(told, order, GRID),
        },
    )


def main(arguments: Iterable[str] | None = None) -> int:
    """Fit the ranker and write its file."""
    parser = argparse.ArgumentParser(prog="python -m kgbuild.train.ranker", description=main.__doc__)
    parser.add_argument("data", type=Path, help="the folder of data sets")
    parser.add_argument("--index", type=Path, required=True, help="the index of all items")
    parser.add_argument("--out", type=Path, required=True, help="the ranker's file")
    parser.add_argument("--model", type=model_folder, help="the model that reads: its folder, or fast")
    parser.add_argument("--workers", type=int, default=1, help="processes that read and fit")
    parser.add_argument("--threshold", type=float, help="least probability of a link; default: chosen")
    options = parser.parse_args(None if arguments is None else list(arguments))
    try:
        index = LmdbIndex(options.index)
        reader, encoder = reading(options.model)
        sets = read_sets(options.data)
    except KgbuildError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    words = word_weights(gold for documents in sets.values() for gold in documents)
    features = Features(words)

    def decisions(given: tuple[str, GoldDocument]) -> list[Example]:
        return examples(*given, reader, index, features)

    given = [(name, document) for name, documents in sets.items() for document in documents]
    parts = at_once(decisions, given, options.workers)
    made, projections = compared([one for part in parts for one in part], encoder)
    alone = validated(without(made), options.threshold, options.workers)
    both = validated(made, options.threshold, options.workers)
    helped = both.figures["mean_accuracy_in_index"] >= alone.figures["mean_accuracy_in_index"]
    chosen, other = (both, alone) if helped else (alone, both)
    chosen.figures["without_contexts" if helped else "with_contexts"] = other.figures
    chosen.figures["index"] = index.version
    learnt = made if helped else without(made)
    held = weights(fit(learnt), fit_trees(learnt), words, chosen, projections if helped else None)
    content = msgspec.json.format(msgspec.json.encode(held), indent=0)
    Ranker(held, "", encoder)
    options.out.write_bytes(content + b"\n")
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(chosen.figures), indent=1).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

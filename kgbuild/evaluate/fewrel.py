"""FewRel, zero-shot: which of m properties does a sentence state, none of them seen in training?

The task and its figures are those of ZS-BERT (Chen & Li, NAACL 2021): every sentence of the m
properties is assigned exactly one of them, and precision, recall and F1 are macro averages over the
m (F1 is the harmonic mean of the averaged precision and recall, as in their evaluation).

A split is a function of its seed alone: properties are ordered by a hash of seed and id, and the
first 16 of the 80 are unseen in training; a test on m of them takes the first m, so that 5-way lies
inside 10-way inside 16-way, on any part of the files that has them. Published splits are the seeds
in `SEEDS`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import DatasetError, UsageError
from kgbuild.evaluate.counts import Counts
from kgbuild.evaluate.pairs import pair_logits
from kgbuild.evaluate.report import Options, Outcome, Report, Task, error
from kgbuild.ontology import Ontology, Property, ValueKind
from kgbuild.train.datasets.fewrel import SentenceRow, read_fewrel
from kgbuild.train.datasets.files import files, read_json, read_lines
from kgbuild.train.examples import Example

SEEDS = (1, 2, 3, 4, 5)
"""Seeds of the five splits that scores are quoted over."""
UNSEEN = 16
"""How many of FewRel's 80 properties a split keeps from training."""


def by_seed(properties: Iterable[str], seed: int) -> list[str]:
    """Properties in a split's order: the first are unseen.

    >>> by_seed(["P6", "P17", "P19"], 1) == by_seed(["P19", "P6", "P17"], 1)
    True
    >>> [len({tuple(by_seed(map(str, range(9)), seed)[:3]) for seed in SEEDS})]
    [5]
    """
    return sorted(properties, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())


def score(task: Task) -> Outcome:
    """Assign each sentence of the chosen properties one of them; see the module for the figures."""
    examples = list(read_fewrel(task.path))
    if not examples:
        raise DatasetError(f"{task.path} has no sentences; there is nothing to score")
    names = chosen({each.facts[0].property for each in examples}, task)
    kept = [each for each in examples if each.facts[0].property in names]
    model = task.extractor.model
    columns, logits = pair_logits(model, _ontology(task.extractor.ontology, names, task.path), kept)
    sure = among(logits)
    best = sure.argmax(1)
    gold = [each.facts[0].property for each in kept]
    read = [columns[column] for column in best]
    judged = ((float(row[column]), a == b) for row, column, a, b in zip(sure, best, read, gold, strict=True))
    parts = confusion(read, gold)
    report = Report(parts, error(judged), averages=macro(parts), further={"unseen": len(names)})
    return Outcome(report, _predictions(task.path, kept, read))


def chosen(names: set[str], task: Task) -> frozenset[str]:
    """The properties to tell apart: named ones, a seed's, those never trained, or else all."""
    options: Options = task.options
    if options.properties:
        missing = set(options.properties) - names
        if missing:
            raise UsageError(f"{task.path} has no sentence of {min(missing)}; leave it out of --properties")
        return frozenset(options.properties)
    if options.unseen is not None:
        if not 1 < options.unseen <= len(names):
            raise UsageError(f"--unseen must be from 2 to the {len(names)} properties of {task.path}")
        return frozenset(by_seed(names, SEEDS[0] if options.seed is None else options.seed)[: options.unseen])
    if options.seed is not None:
        return frozenset(by_seed(names, options.seed)[:UNSEEN])
    return frozenset(names - set(task.extractor.model.config.trained) or names)


def among(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Probabilities given that exactly one of the properties holds, (sentences, properties).

    Each property's odds, normalised: what independent probabilities come to under that condition.

    >>> among(np.array([[0.0, 0.0]], np.float32)).tolist()
    [[0.5, 0.5]]
    """
    shifted = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    normalised: NDArray[np.float64] = shifted / shifted.sum(1, keepdims=True)
    return normalised


def confusion(read: Sequence[str], gold: Sequence[str]) -> dict[str, Counts]:
    """Counts of each gold property."""
    parts = {name: Counts() for name in sorted(set(gold))}
    for one, other in zip(read, gold, strict=True):
        parts[other] += Counts(int(one == other), 0, 1)
        if one in parts:
            parts[one] += Counts(0, 1, 0)
    return parts


def macro(parts: Mapping[str, Counts]) -> dict[str, float]:
    """Averages over the properties, and the harmonic mean of those.

    >>> macro({"P6": Counts(1, 1, 2), "P17": Counts(1, 2, 1)})
    {'precision': 0.75, 'recall': 0.75, 'f1': 0.75}
    """
    precision = sum(each.precision for each in parts.values()) / len(parts)
    recall = sum(each.recall for each in parts.values()) / len(parts)
    both = precision + recall
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / both if both else 0.0}


def _ontology(ontology: Ontology, names: frozenset[str], path: Path) -> Ontology:
    """The properties alone; one that the ontology does not have is taken from pid2name beside the data."""
    found = {name: ontology.properties[name] for name in names & ontology.properties.keys()}
    for name in sorted(names - found.keys()):
        folder = path if path.is_dir() else path.parent
        described: dict[str, Any] = {}
        for file in sorted(folder.glob("pid2name.json*")):
            described = read_json(file, dict[str, tuple[str, str]])
        if name not in described:
            raise DatasetError(
                f"{path}: neither the ontology nor a pid2name.json beside the data has a label for {name}; "
                "give one of them"
            )
        label, text = described[name]
        iri = f"http://www.wikidata.org/entity/{name}"
        kind = ValueKind.ITEM
        found[name] = Property(name, iri, label, text, (), kind, (), (), None, False, False, ())
    return Ontology(found, ontology.classes, ontology.version)


def _predictions(path: Path, kept: Sequence[Example], read: Sequence[str]) -> str:
    """The sentences in FewRel's form, each with the property that was read as its pid."""
    rows: dict[str, SentenceRow] = {}
    for file in files(path, "*.jsonl*"):
        rows |= {f"{file.name}:{number}": row for number, row in read_lines(file, SentenceRow)}
    lines = []
    for example, name in zip(kept, read, strict=True):
        row = rows[example.id]
        lines.append(json.dumps({"pid": name, "tokens": row.tokens, "h": row.h, "t": row.t}) + "\n")
    return "".join(lines)

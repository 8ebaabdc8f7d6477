"""Text2KGBench: triples of names that follow an ontology given with each sentence.

The figures are those of the benchmark's own scorer (Mihindukulasooriya et al., ISWC 2023, section 3;
`src/evaluation/run_eval.py` of cenguix/Text2KGBench). In each sentence, triples whose relation no
gold triple of that sentence has are left out, and precision, recall and F1 compare the others with
the gold as sets of strings, lower-cased and without spaces and underscores; a sentence for which
none is left has 0 of each. They are averaged over the sentences of an ontology, and those averages
over the ontologies. Ontology conformance is the share of all triples of a sentence whose relation is
in the ontology, 1 where there are none, averaged alike.

Of a property in a sentence, triples that are less than four fifths as sure as its best are not
predicted: the sentences mostly state a property once, and thresholds that suit this measure are low.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from kgbuild.errors import DatasetError
from kgbuild.evaluate.counts import Counts
from kgbuild.evaluate.report import Outcome, Report, Task, error
from kgbuild.evaluate.surface import Named, triples
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.protocols import Segmenter
from kgbuild.records import Document
from kgbuild.train.datasets.text2kgbench import Sentence, TripleRow, ontology_of, read_sentences

RUNNER_UP = 0.8
"""Least score of a triple, as a share of the best that its property has in the sentence."""
FIGURES = ("precision", "recall", "f1", "ontology_conformance")


@dataclass(frozen=True, slots=True)
class Reading:
    """One sentence, and the triples that were read of it, relations by their labels, with scores."""

    sentence: Sentence
    predicted: Mapping[Named, float]

    @property
    def gold(self) -> dict[str, TripleRow]:
        """Gold triples by their normalised strings."""
        return {normalised(each.sub, each.rel, each.obj): each for each in self.sentence.triples}

    @property
    def scored(self) -> dict[str, tuple[str, float]]:
        """Relation and best score of each triple that is scored, by its normalised string."""
        relations = {_key(each.rel) for each in self.sentence.triples}
        found: dict[str, tuple[str, float]] = {}
        for (subject, relation, object_), score in self.predicted.items():
            if _key(relation) in relations:
                name = normalised(subject, relation, object_)
                found[name] = (relation, max(score, found.get(name, ("", 0.0))[1]))
        return found


def _key(relation: str) -> str:
    return relation.strip().replace(" ", "_")


def normalised(subject: str, relation: str, object_: str) -> str:
    """A triple as the benchmark compares it.

    >>> normalised("Ada_King", "date of birth", "10 December 1815")
    'adakingdateofbirth10december1815'
    """
    return "".join(re.sub(r"[_\s]+", "", part).lower() for part in (subject, relation, object_))


def score(task: Task) -> Outcome:
    """Read each sentence with its own ontology; see the module for the figures."""
    readings = list(read(task.path, task.extractor, task.segmenter))
    if not readings:
        raise DatasetError(f"{task.path} has no sentences; there is nothing to score")
    each = averages(readings)
    mean = {name: sum(row[name] for row in each.values()) / len(each) for name in FIGURES}
    further = {
        "ontology_conformance": round(mean.pop("ontology_conformance"), 4),
        "sentences": len(readings),
        "by_ontology": {name: {k: round(v, 4) for k, v in row.items()} for name, row in each.items()},
    }
    report = Report(
        counts(readings),
        error((sure, right) for _, sure, right in judged(readings)),
        averages=mean,
        further=further,
    )
    return Outcome(report, predictions(readings))


def read(path: Path, known: NeuralExtractor, segmenter: Segmenter) -> Iterator[Reading]:
    """Read the sentences, ontology after ontology, from raw text; what `known` knows of them is used."""
    sentences = sorted(read_sentences(path), key=lambda each: each.ontology.id)
    for _, group in groupby(sentences, key=lambda each: each.ontology.id):
        rows = list(group)
        ontology = ontology_of(rows[0].ontology, known.ontology)
        extractor = NeuralExtractor(known.model, ontology, threshold=known.threshold)
        labels = {relation.id: relation.label for relation in rows[0].ontology.relations}
        for row in rows:
            document = Document(row.id, "", row.text)
            extraction = extractor.extract(document, segmenter.segment(document))
            found = without_runners_up(triples(extraction, ontology, row.text))
            yield Reading(row, {(a, labels[name], b): sure for (a, name, b), sure in found.items()})


def without_runners_up(found: Mapping[Named, float]) -> dict[Named, float]:
    """The triples that are nearly as sure as the best of their property.

    >>> list(without_runners_up({("A", "P57", "B"): 0.8, ("A", "P57", "C"): 0.3, ("A", "P58", "C"): 0.1}))
    [('A', 'P57', 'B'), ('A', 'P58', 'C')]
    """
    best: dict[str, float] = {}
    for (_, name, _), sure in found.items():
        best[name] = max(sure, best.get(name, 0.0))
    return {each: sure for each, sure in found.items() if sure >= RUNNER_UP * best[each[1]]}


def judged(readings: Iterable[Reading]) -> Iterator[tuple[str, float, bool]]:
    """Relation, score and truth of each triple that is scored: what calibration is fitted to."""
    for reading in readings:
        for name, (relation, sure) in reading.scored.items():
            yield relation, sure, name in reading.gold


def figures(reading: Reading) -> dict[str, float]:
    """One sentence's precision, recall, F1 and ontology conformance."""
    gold, found = reading.gold, reading.scored
    both = Counts(len(gold.keys() & found.keys()), len(found), len(gold))
    known = {_key(relation.label) for relation in reading.sentence.ontology.relations}
    conforming = sum(_key(relation) in known for _, relation, _ in reading.predicted)
    share = conforming / len(reading.predicted) if reading.predicted else 1.0
    return dict(zip(FIGURES, (both.precision, both.recall, both.f1, share), strict=True))


def averages(readings: Iterable[Reading]) -> dict[str, dict[str, float]]:
    """Each ontology's means over its sentences."""
    rows: dict[str, list[dict[str, float]]] = {}
    for reading in readings:
        rows.setdefault(reading.sentence.ontology.id, []).append(figures(reading))
    return {
        name: {figure: sum(row[figure] for row in group) / len(group) for figure in FIGURES}
        for name, group in sorted(rows.items())
    }


def counts(readings: Iterable[Reading]) -> dict[str, Counts]:
    """Counts by relation, of what is scored."""
    result: dict[str, Counts] = {}
    for reading in readings:
        gold = reading.gold
        rows = [(name, Counts(int(key in gold), 1, 0)) for key, (name, _) in reading.scored.items()]
        rows += [(each.rel, Counts(0, 0, 1)) for each in gold.values()]
        for name, each_count in rows:
            label = name.strip()
            result[label] = result.get(label, Counts()) + each_count
    return result


def predictions(readings: Sequence[Reading]) -> str:
    """Lines as the benchmark's scorer takes them: id, and triples as lists, relations with underscores."""
    lines = []
    for reading in readings:
        found = [[a, relation.replace(" ", "_"), b] for a, relation, b in sorted(reading.predicted)]
        row = {"id": reading.sentence.id, "sent": reading.sentence.text, "triples": found}
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    return "".join(lines)

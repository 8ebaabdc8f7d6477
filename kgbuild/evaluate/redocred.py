"""Re-DocRED: relations between entities of a document, with gold mentions or from raw text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kgbuild.errors import DatasetError
from kgbuild.evaluate import redocred_entities
from kgbuild.evaluate.counts import Counts
from kgbuild.evaluate.report import Outcome, Report, Task, error
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.records import Document, Mention, Sentence
from kgbuild.train.datasets import redocred
from kgbuild.train.datasets.files import files
from kgbuild.train.datasets.redocred import DocumentRow

Triple = tuple[int, str, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """One document: predicted facts between entities with their scores, and the gold ones."""

    title: str
    predicted: dict[Triple, float]
    gold: frozenset[Triple]


def score(task: Task) -> Outcome:
    """Score relations between gold mentions, or from raw text where those are not given.

    See `score_documents` and `kgbuild.evaluate.redocred_entities` for the two definitions.
    """
    rows = read_checked(task.path)
    if not any(row.labels for row in rows):
        raise DatasetError(f"{task.path} has no relations (labels); there is nothing to score")
    if not task.options.gold_mentions:
        return redocred_entities.score(rows, task)
    readings = list(read_documents(rows, task.extractor))
    judged = (
        (sure, fact in reading.gold) for reading in readings for fact, sure in reading.predicted.items()
    )
    return Outcome(Report(score_documents(readings), error(judged)), predictions(readings))


def read_checked(path: Path) -> list[DocumentRow]:
    """The documents of a file, or of a folder's development file; DatasetError for a broken one."""
    rows: list[DocumentRow] = []
    for file in _files(path):
        for number, row in enumerate(redocred.read_rows(file)):
            place = f"{file}: document {number}"
            redocred.example(row, frozenset(), place)
            for label in row.labels:
                if not (0 <= label.h < len(row.vertexSet) and 0 <= label.t < len(row.vertexSet)):
                    raise DatasetError(
                        f"{place} ({row.title}): {label.r} holds between the entities {label.h} and "
                        f"{label.t}, but there are {len(row.vertexSet)}"
                    )
            rows.append(row)
    return rows


def _files(path: Path) -> list[Path]:
    """The path itself, or of a folder the development file, all files where it has none."""
    development = sorted(path.glob("dev*.json*")) if path.is_dir() else []
    return development or files(path, "*.json*")


def read_documents(rows: Iterable[DocumentRow], extractor: NeuralExtractor) -> Iterator[Reading]:
    """Read relations between the gold mentions of each document."""
    for row in rows:
        yield _read(row, extractor)


def _read(row: DocumentRow, extractor: NeuralExtractor) -> Reading:
    document, sentences, mentions, entities = _parts(row)
    extraction = extractor.relate(document, sentences, mentions)
    position = {
        (mention.start, mention.end): entity for mention, entity in zip(mentions, entities, strict=True)
    }
    owner = [position[each.start, each.end] for each in extraction.mentions]
    predicted: dict[Triple, float] = {}
    read = [(each.subject, each.property, owner[each.object], each.score) for each in extraction.relations]
    read += [
        (each.subject, each.property, position[each.start, each.end], each.score)
        for each in extraction.attributes
    ]
    for subject, name, object_, sure in read:
        key = (owner[subject], name, object_)
        if key[0] != object_:
            predicted[key] = max(predicted.get(key, 0.0), sure)
    return Reading(row.title, predicted, gold_facts(row))


def gold_facts(row: DocumentRow) -> frozenset[Triple]:
    """The annotated facts: positions of entities, and a property."""
    return frozenset((label.h, label.r, label.t) for label in row.labels)


def _parts(row: DocumentRow) -> tuple[Document, list[Sentence], list[Mention], list[int]]:
    _, offsets = redocred.token_offsets(row.sents)
    example = redocred.example(row, frozenset(), row.title)
    text = example.text
    sentences = [
        Sentence(row.title, number, spans[0][0], text[spans[0][0] : spans[-1][1]])
        for number, spans in enumerate(offsets)
        if spans
    ]
    mentions = [
        Mention(each.start, each.end, text[each.start : each.end], each.label, 1.0)
        for each in example.mentions
        if each.label is not None
    ]
    return Document(row.title, "", text), sentences, mentions, [each.entity for each in example.mentions]


def score_documents(readings: list[Reading], threshold: float = 0.0) -> dict[str, Counts]:
    """Counts by property of the predictions with at least a score.

    A fact is right when its property and both its entities are those of a gold fact: the F1 of
    DocRED (Yao et al., ACL 2019, section 4), on Re-DocRED's labels (Tan et al., EMNLP 2022). Dates
    and numbers are entities there, so attributes count as relations.
    """
    result: dict[str, Counts] = {}
    for reading in readings:
        kept = {fact for fact, sure in reading.predicted.items() if sure >= threshold}
        for fact in kept | reading.gold:
            counts = Counts(
                int(fact in kept and fact in reading.gold), int(fact in kept), int(fact in reading.gold)
            )
            result[fact[1]] = result.get(fact[1], Counts()) + counts
    return result


def predictions(readings: Iterable[Reading]) -> str:
    """A submission in DocRED's form: one JSON list of title, h_idx, t_idx and r."""
    found = [
        {"title": reading.title, "h_idx": subject, "t_idx": object_, "r": name}
        for reading in readings
        for subject, name, object_ in sorted(reading.predicted)
    ]
    return json.dumps(found, ensure_ascii=False) + "\n"

"""Re-DocRED: relations between entities of a document, with gold mentions (Yao et al., ACL 2019)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kgbuild.errors import UsageError
from kgbuild.evaluate.counts import Counts
from kgbuild.evaluate.report import Outcome, Report, Task, error
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.records import Document, Mention, Sentence
from kgbuild.train.datasets import redocred
from kgbuild.train.datasets.redocred import TYPES, DocumentRow

Triple = tuple[int, str, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """One document: predicted facts between entities with their scores, and the gold ones."""

    title: str
    predicted: dict[Triple, float]
    gold: frozenset[Triple]


def read_documents(
    path: Path, extractor: NeuralExtractor, *, first: int = 0, last: int | None = None
) -> Iterator[Reading]:
    """Read relations between the gold mentions of each document."""
    for row in redocred.read_rows(path)[first:last]:
        document, sentences, mentions, entities = _parts(row)
        extraction = extractor.relate(document, sentences, mentions)
        position = {
            (mention.start, mention.end): entity for mention, entity in zip(mentions, entities, strict=True)
        }
        owner = [position[each.start, each.end] for each in extraction.mentions]
        predicted: dict[Triple, float] = {}
        read = [
            (each.subject, each.property, owner[each.object], each.score) for each in extraction.relations
        ]
        read += [
            (each.subject, each.property, position[each.start, each.end], each.score)
            for each in extraction.attributes
        ]
        for subject, name, object_, score in read:
            key = (owner[subject], name, object_)
            if key[0] != object_:
                predicted[key] = max(predicted.get(key, 0.0), score)
        yield Reading(row.title, predicted, frozenset((label.h, label.r, label.t) for label in row.labels))


def _parts(row: DocumentRow) -> tuple[Document, list[Sentence], list[Mention], list[int]]:
    text, offsets = redocred.token_offsets(row.sents)
    document = Document(row.title, "", text)
    sentences = [
        Sentence(row.title, number, spans[0][0], text[spans[0][0] : spans[-1][1]])
        for number, spans in enumerate(offsets)
        if spans
    ]
    found: dict[tuple[int, int], tuple[Mention, int]] = {}
    for entity, rows in enumerate(row.vertexSet):
        for mention in rows:
            tokens = offsets[mention.sent_id][mention.pos[0] : mention.pos[1]]
            span = (tokens[0][0], tokens[-1][1])
            found.setdefault(span, (Mention(*span, text[slice(*span)], TYPES[mention.type], 1.0), entity))
    ordered = [found[span] for span in sorted(found)]
    return document, sentences, [mention for mention, _ in ordered], [entity for _, entity in ordered]


def score_documents(readings: list[Reading], threshold: float = 0.0) -> dict[str, Counts]:
    """Counts by property of the predictions with at least a score."""
    result: dict[str, Counts] = {}
    for reading in readings:
        kept = {fact for fact, score in reading.predicted.items() if score >= threshold}
        for fact in kept | reading.gold:
            counts = Counts(
                int(fact in kept and fact in reading.gold), int(fact in kept), int(fact in reading.gold)
            )
            result[fact[1]] = result.get(fact[1], Counts()) + counts
    return result


def score(task: Task) -> Outcome:
    """Score relations between gold mentions; see `score_documents`."""
    if not task.options.gold_mentions:
        raise UsageError("Re-DocRED is scored between gold mentions so far: add --gold-mentions")
    readings = list(read_documents(task.path, task.extractor))
    judged = [
        (score, fact in reading.gold) for reading in readings for fact, score in reading.predicted.items()
    ]
    return Outcome(Report(score_documents(readings), error(judged)), predictions(readings))


def predictions(readings: Iterable[Reading]) -> str:
    """A submission in DocRED's form: one JSON list of title, h_idx, t_idx and r."""
    found = [
        {"title": reading.title, "h_idx": subject, "t_idx": object_, "r": name}
        for reading in readings
        for subject, name, object_ in sorted(reading.predicted)
    ]
    return json.dumps(found, ensure_ascii=False) + "\n"

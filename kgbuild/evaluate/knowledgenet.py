"""KnowledgeNet: facts between mentions, from raw passage text, with overlap of spans."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kgbuild.errors import DatasetError
from kgbuild.evaluate.counts import Counts
from kgbuild.evaluate.report import Outcome, Report, Task, error
from kgbuild.protocols import Extractor, Segmenter
from kgbuild.records import Document, Extraction
from kgbuild.train.datasets import knowledgenet
from kgbuild.train.datasets.files import files

Span = tuple[int, int]
Triple = tuple[str, Span, Span]


def overlap(a: Span, b: Span) -> bool:
    """Whether two half-open spans share a character."""
    return a[0] < b[1] and b[0] < a[1]


def hits(predicted: Iterable[Triple], gold: Iterable[Triple]) -> list[bool]:
    """Which predictions have a gold fact of their own: same property, both spans overlapping."""
    rest = list(gold)
    return [_take(fact, rest) for fact in predicted]


def _take(fact: Triple, rest: list[Triple]) -> bool:
    name, subject, object_ = fact
    for position, (other, gold_subject, gold_object) in enumerate(rest):
        if name == other and overlap(subject, gold_subject) and overlap(object_, gold_object):
            del rest[position]
            return True
    return False


def triples(extraction: Extraction) -> dict[Triple, float]:
    """An extraction in KnowledgeNet's properties, each fact with its best score."""
    said: dict[tuple[str, bool], list[str]] = {}
    for name, map_ in knowledgenet.PROPERTIES.items():
        for said_by in map_.properties:
            said.setdefault((said_by, False), []).append(name)
        for said_by in map_.inverses:
            said.setdefault((said_by, True), []).append(name)
    spans = [(mention.start, mention.end) for mention in extraction.mentions]
    read = [(each.subject, each.property, spans[each.object], each.score) for each in extraction.relations]
    read += [
        (each.subject, each.property, (each.start, each.end), each.score) for each in extraction.attributes
    ]
    found: dict[Triple, float] = {}
    for subject, said_as, object_, score in read:
        for inverse in (False, True):
            for name in said.get((said_as, inverse), ()):
                ends = (object_, spans[subject]) if inverse else (spans[subject], object_)
                key = (name, *ends)
                found[key] = max(found.get(key, 0.0), score)
    return found


@dataclass(frozen=True, slots=True)
class Passage:
    """One scored text: what was predicted, with scores, and what is gold, among scored properties."""

    predicted: dict[Triple, float]
    gold: tuple[Triple, ...]


def read_passages(
    path: Path, extractor: Extractor, segmenter: Segmenter, *, keep: Callable[[str], bool] = lambda _: True
) -> Iterator[Passage]:
    """Read KnowledgeNet's passages from raw text, those of the documents that `keep` accepts."""
    for row in read_checked(path):
        if not keep(row.document):
            continue
        for passage in row.passages:
            document = Document(f"{row.document}:{passage.start}", "", passage.text)
            predicted = triples(extractor.extract(document, segmenter.segment(document)))
            gold = {
                (
                    fact.property,
                    (fact.subject[0] - passage.start, fact.subject[1] - passage.start),
                    (fact.object[0] - passage.start, fact.object[1] - passage.start),
                )
                for fact in passage.facts
                if fact.property in passage.annotated
            }
            yield Passage(
                {fact: score for fact, score in predicted.items() if fact[0] in passage.annotated},
                tuple(sorted(gold)),
            )


def read_checked(path: Path) -> Iterator[knowledgenet.DocumentRow]:
    """The documents of a file, or of all in a folder; DatasetError where a span leaves its passage."""
    for file in files(path, "fold*.jsonl*"):
        for row in knowledgenet.read_rows(file):
            for passage in row.passages:
                for fact in passage.facts:
                    for start, end, text, _ in (fact.subject, fact.object):
                        if not passage.start <= start < end <= passage.start + len(passage.text):
                            raise DatasetError(
                                f"{file}: document {row.document}: {text!r} of {fact.property} has the span "
                                f"{start}:{end}, outside its passage at {passage.start}"
                            )
            yield row


def judged(passages: Iterable[Passage]) -> list[tuple[str, float, bool]]:
    """(property, score, whether it is right) of each prediction; better scores take gold facts first."""
    result = []
    for passage in passages:
        ordered = sorted(passage.predicted.items(), key=lambda row: (-row[1], row[0]))
        flags = hits([fact for fact, _ in ordered], passage.gold)
        result += [(fact[0], score, flag) for (fact, score), flag in zip(ordered, flags, strict=True)]
    return result


def score_passages(passages: Sequence[Passage], threshold: float = 0.0) -> dict[str, Counts]:
    """Counts by property, of the predictions with at least a score.

    A fact is right when its property, subject span and object span overlap a gold one's, each gold
    fact counting once (Mesquita et al., EMNLP 2019, text evaluation with overlap).
    """
    result = dict.fromkeys(knowledgenet.PROPERTIES, Counts())
    for name, score, right in judged(passages):
        if score >= threshold:
            result[name] += Counts(int(right), 1, 0)
    for passage in passages:
        for name, _, _ in passage.gold:
            result[name] += Counts(0, 0, 1)
    return result


def score(task: Task) -> Outcome:
    """Score from raw passage text, with overlap of spans; see `score_passages` for the definition."""
    passages = list(read_passages(task.path, task.extractor, task.segmenter))
    if not any(passage.gold for passage in passages):
        raise DatasetError(f"{task.path} has no facts; there is nothing to score")
    report = Report(score_passages(passages), error(row[1:] for row in judged(passages)))
    return Outcome(report, predictions(read_checked(task.path), passages))


def predictions(rows: Iterable[knowledgenet.DocumentRow], passages: Iterable[Passage]) -> str:
    """Lines in KnowledgeNet's form: its documents with the predicted facts, each with its score.

    `passages` are those of all rows, in order.
    """
    read = iter(passages)
    lines = []
    for row in rows:
        parts = []
        for passage in row.passages:
            found = sorted(next(read).predicted.items(), key=lambda pair: (pair[0][1:], pair[0][0]))
            facts = [
                {
                    "property": name,
                    "subject": _side(passage, subject),
                    "object": _side(passage, object_),
                    "score": round(sure, 4),
                }
                for (name, subject, object_), sure in found
            ]
            parts.append({**msgspec.to_builtins(passage), "facts": facts})
        lines.append(json.dumps({"document": row.document, "passages": parts}, ensure_ascii=False) + "\n")
    return "".join(lines)


def _side(passage: knowledgenet.PassageRow, span: Span) -> list[object]:
    """[start, end, text, IRI], offsets in the document; no IRI, for nothing is linked."""
    return [passage.start + span[0], passage.start + span[1], passage.text[slice(*span)], None]

"""Scores on annotated data, by each data set's own definition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kgbuild.protocols import Extractor, Segmenter
from kgbuild.records import Document, Extraction
from kgbuild.train.datasets import knowledgenet

Span = tuple[int, int]
Triple = tuple[str, Span, Span]


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, predictions and gold facts."""

    right: int = 0
    predicted: int = 0
    gold: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.right + other.right, self.predicted + other.predicted, self.gold + other.gold)

    @property
    def precision(self) -> float:
        """Share of the predictions that are right."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold facts that were predicted."""
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.predicted + self.gold
        return 2 * self.right / both if both else 0.0

    def report(self) -> dict[str, float | int]:
        """As a JSON object."""
        return {
            "f1": round(self.f1, 4),
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "count": self.gold,
        }


def overlap(a: Span, b: Span) -> bool:
    """Whether two half-open spans share a character."""
    return a[0] < b[1] and b[0] < a[1]


def matched(predicted: Iterable[Triple], gold: Iterable[Triple]) -> int:
    """How many predictions have a gold fact of their own: same property, both spans overlapping."""
    rest = list(gold)
    right = 0
    for name, subject, object_ in predicted:
        for position, (other, gold_subject, gold_object) in enumerate(rest):
            if name == other and overlap(subject, gold_subject) and overlap(object_, gold_object):
                del rest[position]
                right += 1
                break
    return right


def knowledgenet_triples(extraction: Extraction) -> dict[Triple, float]:
    """An extraction in KnowledgeNet's properties, each fact with its best score."""
    said: dict[tuple[str, bool], list[str]] = {}
    for name, map_ in knowledgenet.PROPERTIES.items():
        for property in map_.properties:
            said.setdefault((property, False), []).append(name)
        for property in map_.inverses:
            said.setdefault((property, True), []).append(name)
    spans = [(mention.start, mention.end) for mention in extraction.mentions]
    read = [(each.subject, each.property, spans[each.object], each.score) for each in extraction.relations]
    read += [
        (each.subject, each.property, (each.start, each.end), each.score) for each in extraction.attributes
    ]
    found: dict[Triple, float] = {}
    for subject, property, object_, score in read:
        for inverse in (False, True):
            for name in said.get((property, inverse), ()):
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
    for row in knowledgenet.read_rows(path):
        if not keep(row.document):
            continue
        for passage in row.passages:
            document = Document(f"{row.document}:{passage.start}", "", passage.text)
            predicted = knowledgenet_triples(extractor.extract(document, segmenter.segment(document)))
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


def score_passages(passages: Iterable[Passage], threshold: float = 0.0) -> dict[str, Counts]:
    """Counts by property, of the predictions with at least a score.

    A fact is right when its property, subject span and object span overlap a gold one's, each gold
    fact counting once (Mesquita et al., EMNLP 2019, section 5, text evaluation with overlap).
    """
    result: dict[str, Counts] = {}
    for passage in passages:
        kept = [
            fact
            for fact, score in sorted(passage.predicted.items(), key=lambda row: -row[1])
            if score >= threshold
        ]
        for name in {fact[0] for fact in (*kept, *passage.gold)}:
            predicted = [fact for fact in kept if fact[0] == name]
            gold = [fact for fact in passage.gold if fact[0] == name]
            counts = Counts(matched(predicted, gold), len(predicted), len(gold))
            result[name] = result.get(name, Counts()) + counts
    return result

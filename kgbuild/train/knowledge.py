"""Fit what a knowledge base's word is worth: annotated documents and indexes enter; the weights leave.

    python -m kgbuild.train.knowledge REDOCRED --index INDEX --corpus sample_corpus --out knowledge.json

REDOCRED is the file of Re-DocRED of which the documents from `--first` on train nothing, INDEX what
`make index-u` builds; the corpus is read with the sample index. Texts are read and linked as a build does,
so that the weights know how often links are wrong. Each half of the documents is scored with weights of
the other half, and what is written is fitted on both.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from kgbuild.errors import KgbuildError
from kgbuild.evaluate.expected import about, agrees, read_expected
from kgbuild.extract.doubtful import DoubtfulExtractor
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.facts.clusters import describe, resolve
from kgbuild.facts.knowledge import FLOOR, Known, Weights, Worth, log_odds
from kgbuild.facts.known import Verdict
from kgbuild.facts.target import Target
from kgbuild.iris import Iris
from kgbuild.link.index import LmdbIndex
from kgbuild.link.linker import ContextLinker, Manner
from kgbuild.link.meaning import Encoder
from kgbuild.link.rank import Ranker
from kgbuild.ontology import load_ontology
from kgbuild.pipeline import Read, Reader
from kgbuild.records import Attribute, Document, Entity, Rejection, Relation
from kgbuild.sources.files import FileSource
from kgbuild.text.sentences import RuleSegmenter
from kgbuild.train.datasets import redocred

LEAST_LINK = 0.2
"""Least probability of a link, that of a build."""
SAMPLE = Path(str(resources.files("kgbuild") / "data" / "kb" / "sample"))
STRENGTH = 1.0
"""Precision of the normal prior around no worth."""
SAME, OTHERS = "same", "others"


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """A reading of which the index tells something: `kind` "relation" or "date"; `least` is the score
    from which on its reader states it."""

    source: str
    document: str
    kind: str
    told: str
    score: float
    least: float
    right: bool


def reader_of(index: Path) -> Reader:
    """What reads texts, links them to an index, and tells what it doubts."""
    ontology = load_ontology()
    neural = NeuralExtractor.load(ontology=ontology, threshold=FLOOR)
    opened = LmdbIndex(index)
    ranker = Ranker.read(encoder=Encoder(neural.model.states, neural.gist))
    linker = ContextLinker(opened, ranker, threshold=LEAST_LINK, manner=Manner(nations=True))
    return Reader(RuleSegmenter(), DoubtfulExtractor(neural), linker, Target(ontology, opened, Iris()))


def of_corpus(folder: Path, index: Path = SAMPLE) -> Iterator[Finding]:
    """The findings of a corpus with expected facts, for the annotated subjects and properties."""
    expected = read_expected(folder / "_expected")
    reader = reader_of(index)
    for item in FileSource(str(folder), iris=Iris()).documents():
        facts = [] if isinstance(item, Rejection) else [each for each in expected if each.document == item.id]
        if isinstance(item, Rejection) or not facts:
            continue
        read = reader.extract(item)
        known, entities = _known(reader, read)
        for reading, told in _told(read, known):
            claim = known.claim(reading)
            if claim and any(about(claim, each, entities) for each in facts):
                right = any(agrees(claim, each, entities) for each in facts)
                yield _finding("corpus", item, reading, told, right)


def of_redocred(path: Path, index: Path, first: int) -> Iterator[Finding]:
    """The findings of Re-DocRED's documents from `first` on, of the properties that it annotates."""
    rows = redocred.read_rows(path)[first:]
    reader = reader_of(index)
    annotated = frozenset(label.r for row in rows for label in row.labels)
    for row in rows:
        example = redocred.example(row, annotated, str(path))
        spans = [(each.start, each.end, each.entity) for each in example.mentions]
        gold = {(fact.subject, fact.property, fact.object) for fact in example.facts}
        document = Document(row.title, f"urn:{row.title}", example.text)
        read = reader.extract(document)
        known, _ = _known(reader, read)
        best: dict[tuple[int, str, int], Finding] = {}
        for reading, told in _told(read, known):
            ends = [_entity(spans, start, end) for start, end in _spans(read, reading)]
            fact = (ends[0], reading.property, ends[1])
            if reading.property in annotated and min(ends) >= 0:
                found = _finding("Re-DocRED", document, reading, told, fact in gold)
                best[fact] = max(best.get(fact, found), found, key=lambda each: each.score)
        yield from best.values()


def _known(reader: Reader, read: Read) -> tuple[Known, dict[str, Entity]]:
    """What the index knows of a document's entities, and these by id."""
    links, target = reader.link(read), reader.target
    clusters = resolve(read.document, read.extraction, links, target.iris)
    entities = describe(clusters, target.index)
    return Known(read.document, clusters, entities, target.schema), entities


def _told(read: Read, known: Known) -> Iterator[tuple[Relation | Attribute, str]]:
    readings: tuple[Relation | Attribute, ...] = (*read.extraction.relations, *read.extraction.attributes)
    for reading in readings:
        found = known.finding(reading)
        if found is not Verdict.NEW:
            yield reading, SAME if found is Verdict.KNOWN else OTHERS


def _finding(
    source: str, document: Document, reading: Relation | Attribute, told: str, right: bool
) -> Finding:
    kind = "relation" if isinstance(reading, Relation) else "date"
    return Finding(source, document.id, kind, told, reading.score, reading.least, right)


def _spans(read: Read, reading: Relation | Attribute) -> Iterator[tuple[int, int]]:
    mentions = read.extraction.mentions
    yield mentions[reading.subject].start, mentions[reading.subject].end
    value = mentions[reading.object] if isinstance(reading, Relation) else reading
    yield value.start, value.end


def _entity(spans: Sequence[tuple[int, int, int]], start: int, end: int) -> int:
    """The one annotated entity with a mention that overlaps a span, or -1."""
    found = {entity for first, last, entity in spans if first < end and start < last}
    return found.pop() if len(found) == 1 else -1


def fit(findings: Iterable[Finding]) -> Weights:
    """The most likely worth of each kind of finding, under a normal prior around none."""
    listed = list(findings)

    def worth(kind: str) -> Worth:
        told = (
            [each for each in listed if (each.kind, each.told) == (kind, which)] for which in (SAME, OTHERS)
        )
        return Worth(*map(_worth, told))

    return Weights(worth("relation"), worth("date"))


def _worth(findings: Sequence[Finding]) -> float:
    """Newton's method on one number, which is added to the logarithm of odds of each finding.

    >>> rows = [Finding("", "", "date", SAME, 0.5, 0.5, right) for right in [True] * 90 + [False] * 10]
    >>> round(_worth(rows), 1), _worth([])
    (2.0, 0.0)
    """
    odds = np.array([log_odds(each.score) for each in findings])
    right = np.array([each.right for each in findings], dtype=float)
    worth = 0.0
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-odds - worth))
        slope = float((chance - right).sum()) + STRENGTH * worth
        worth -= slope / (float((chance * (1.0 - chance)).sum()) + STRENGTH)
    return round(worth, 4)


def figures(findings: Sequence[Finding]) -> dict[str, Any]:
    """By source: how many are right, and what the weights of the other half make of each half."""
    told: dict[str, Any] = {}
    for source in sorted({each.source for each in findings}):
        scored = [
            (each, weighed(each, fit(_half(findings, 1 - half))))
            for half in (0, 1)
            for each in _half(findings, half)
            if each.source == source
        ]
        told[source] = {
            "findings": _shares(each for each, _ in scored),
            "log loss": [
                _loss((each.score, each.right) for each, _ in scored),
                _loss((score, each.right) for each, score in scored),
            ],
            "stated, right": [_stated((each, each.score) for each, _ in scored), _stated(scored)],
        }
    return told


def weighed(finding: Finding, weights: Weights) -> float:
    """The probability of a finding under some weights."""
    worth = weights.relation if finding.kind == "relation" else weights.date
    added = worth.same if finding.told == SAME else worth.others
    return 1.0 / (1.0 + math.exp(-log_odds(finding.score) - added))


def _half(findings: Iterable[Finding], half: int) -> list[Finding]:
    return [each for each in findings if hashlib.sha256(each.document.encode()).digest()[0] % 2 == half]


def _shares(findings: Iterable[Finding]) -> dict[str, list[int]]:
    """Right and all, by kind and by what is told."""
    all_of: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for each in findings:
        name = f"{each.kind}, {each.told}"
        all_of[name] += 1
        right[name] += each.right
    return {name: [right[name], count] for name, count in sorted(all_of.items())}


def _loss(rows: Iterable[tuple[float, bool]]) -> float:
    losses = [-math.log(score if right else 1.0 - score) for score, right in rows]
    return round(sum(losses) / max(1, len(losses)), 4)


def _stated(rows: Iterable[tuple[Finding, float]]) -> list[int]:
    stated = [each.right for each, score in rows if score >= each.least]
    return [len(stated), sum(stated)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, fit and write; the figures are printed and kept in the file."""
    parser = argparse.ArgumentParser(prog="python -m kgbuild.train.knowledge", description=main.__doc__)
    parser.add_argument("redocred", type=Path, help="a file of Re-DocRED")
    parser.add_argument("--first", type=int, default=250, help="the first document that trained nothing")
    parser.add_argument("--index", type=Path, required=True, help="the index that these are read with")
    parser.add_argument("--corpus", type=Path, required=True, help="a corpus with expected facts")
    parser.add_argument("--out", type=Path, required=True, help="the file of the weights")
    options = parser.parse_args(arguments)
    try:
        findings = [*of_corpus(options.corpus), *of_redocred(options.redocred, options.index, options.first)]
    except KgbuildError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    fitted = msgspec.structs.replace(fit(findings), figures=figures(findings))
    options.out.write_bytes(msgspec.json.format(msgspec.json.encode(fitted)) + b"\n")
    sys.stdout.write(options.out.read_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())

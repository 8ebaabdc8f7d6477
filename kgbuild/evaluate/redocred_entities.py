"""Re-DocRED end to end: mentions, their clusters and relations, from raw text.

The headline is the strict definition of JEREX (Eberts & Ulges, EACL 2021): a relation is right when
its property is, and the mentions of both its entities are exactly those of the gold entities. Types
are not asked for; `relation_f1_typed` asks for them as well. `relation_f1_any_mention` matches a
predicted entity to the gold one with which it shares most mentions, at least one: nearer to systems
that name an entity once (REBEL, Huguet Cabot & Navigli, EMNLP 2021). `mention_f1` counts a mention
when span and type are exact.

Spans are token spans, the units in which the data is annotated: (sentence, first token, last + 1).
DocRED does not annotate pronouns, so they are left out of clusters, and what is said of them with
them. Dates and numbers written alike in a document are one entity, as they are there.

A fact's score is the probability that it is right by the strict definition, where the model was
calibrated for that: of its relation, and of both entities being read whole. Facts below the
calibration's threshold are not emitted.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from kgbuild.evaluate.counts import Counts, total
from kgbuild.evaluate.report import Outcome, Report, Task, error
from kgbuild.extract.calibration import EntityCalibration, entity_signs
from kgbuild.extract.labels import refers
from kgbuild.protocols import Extractor, Segmenter
from kgbuild.records import Document, Extraction, Label, Mention
from kgbuild.train.datasets import redocred
from kgbuild.train.datasets.redocred import TYPES, DocumentRow

TokenSpan = tuple[int, int, int]
CODES = {label: code for code, label in reversed(TYPES.items())}


@dataclass(frozen=True, slots=True)
class EntityRead:
    """An entity of a document: all its mentions with their types."""

    mentions: tuple[tuple[TokenSpan, Label], ...]

    @property
    def spans(self) -> frozenset[TokenSpan]:
        """Where it is mentioned."""
        return frozenset(span for span, _ in self.mentions)

    @property
    def label(self) -> Label:
        """The type of most of its mentions, the first of those."""
        return Counter(label for _, label in self.mentions).most_common(1)[0][0]


Fact = tuple[int, str, int]
Facts = dict[Fact, float]


@dataclass(frozen=True, slots=True)
class Graph:
    """Entities of a document, and facts between their positions with scores.

    `signs` are those of each entity that was read, for its calibration.
    """

    entities: tuple[EntityRead, ...]
    facts: Facts
    signs: tuple[tuple[float, float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a document, and what is gold."""

    row: DocumentRow
    read: Graph
    gold: Graph


Match = Callable[[Graph, Graph], list[int]]
"""For each predicted entity the position of the gold one that it stands for, or -1."""


def score(rows: Iterable[DocumentRow], task: Task) -> Outcome:
    """Read raw text and score by the definitions above; relations are broken down by property."""
    calibration = task.extractor.model.config.entities
    readings = [
        replace(each, read=calibrated(each.read, calibration) if calibration else each.read)
        for each in read_documents(rows, task.extractor, task.segmenter)
    ]
    judged = (each for reading in readings for each in judge(reading, same_spans).values())
    further = {
        "mention_f1": round(mention_counts(readings).f1, 4),
        "relation_f1_typed": round(total(counts(readings, same_spans_and_type).values()).f1, 4),
        "relation_f1_any_mention": round(total(counts(readings, shared_mention).values()).f1, 4),
    }
    report = Report(counts(readings, same_spans), error(judged), further=further)
    return Outcome(report, predictions(readings))


def read_documents(
    rows: Iterable[DocumentRow], extractor: Extractor, segmenter: Segmenter
) -> Iterator[Reading]:
    """Read each document from raw text; facts have the scores of their relations."""
    for row in rows:
        text, _ = redocred.token_offsets(row.sents)
        document = Document(row.title, "", text)
        extraction = extractor.extract(document, segmenter.segment(document))
        yield Reading(row, graph_of(extraction, row), gold_of(row))


def calibrated(read: Graph, calibration: EntityCalibration) -> Graph:
    """The same with the probability of each fact, and without those below the threshold."""
    whole = [calibration.whole(signs) for signs in read.signs]
    facts = {
        (subject, name, object_): calibration.holds(sure, whole[subject], whole[object_])
        for (subject, name, object_), sure in read.facts.items()
    }
    emitted = {fact: sure for fact, sure in facts.items() if sure >= calibration.fact.threshold}
    return replace(read, facts=emitted)


def same_spans(read: Graph, gold: Graph) -> list[int]:
    """Match entities whose mentions are exactly the same."""
    known = {entity.spans: number for number, entity in enumerate(gold.entities)}
    return [known.get(entity.spans, -1) for entity in read.entities]


def same_spans_and_type(read: Graph, gold: Graph) -> list[int]:
    """Match entities whose mentions and type are exactly the same."""
    found = same_spans(read, gold)
    return [
        number if number >= 0 and gold.entities[number].label == entity.label else -1
        for number, entity in zip(found, read.entities, strict=True)
    ]


def shared_mention(read: Graph, gold: Graph) -> list[int]:
    """Match each entity to the gold one with which it shares most mentions, the first of those."""
    owner = {span: number for number, entity in enumerate(gold.entities) for span in entity.spans}
    found = []
    for entity in read.entities:
        shared = Counter(owner[span] for span in sorted(entity.spans) if span in owner)
        found.append(min(shared, key=lambda number: (-shared[number], number)) if shared else -1)
    return found


def judge(reading: Reading, match: Match) -> dict[Fact, tuple[float, bool]]:
    """Each predicted fact between gold entities, with its best score and whether it is right.

    An entity that has no match keeps a negative number of its own, so that what is said of it is
    wrong, and counted once.
    """
    found = match(reading.read, reading.gold)
    number = [gold if gold >= 0 else -1 - position for position, gold in enumerate(found)]
    result: dict[Fact, tuple[float, bool]] = {}
    for (subject, name, object_), sure in reading.read.facts.items():
        fact = (number[subject], name, number[object_])
        result[fact] = (max(sure, result.get(fact, (0.0, False))[0]), fact in reading.gold.facts)
    return result


def counts(readings: Iterable[Reading], match: Match) -> dict[str, Counts]:
    """Counts by property."""
    result: dict[str, Counts] = {}
    for reading in readings:
        judged = judge(reading, match)
        rows = [(fact[1], Counts(int(right), 1, 0)) for fact, (_, right) in judged.items()]
        rows += [(name, Counts(0, 0, 1)) for _, name, _ in reading.gold.facts]
        for name, each in rows:
            result[name] = result.get(name, Counts()) + each
    return result


def mention_counts(readings: Iterable[Reading]) -> Counts:
    """Counts of mentions, right when span and type are exact."""
    result = Counts()
    for reading in readings:
        read, gold = (
            {mention for entity in graph.entities for mention in entity.mentions}
            for graph in (reading.read, reading.gold)
        )
        result += Counts(len(read & gold), len(read), len(gold))
    return result


def gold_of(row: DocumentRow) -> Graph:
    """The annotated entities and facts."""
    entities = tuple(
        EntityRead(tuple(((each.sent_id, *each.pos), TYPES[each.type]) for each in mentions))
        for mentions in row.vertexSet
    )
    return Graph(entities, {(label.h, label.r, label.t): 1.0 for label in row.labels})


def graph_of(extraction: Extraction, row: DocumentRow) -> Graph:
    """An extraction as entities and facts between them; pronouns are left out."""
    place = _Tokens(row)
    owner: dict[int, int] = {}
    members: list[dict[TokenSpan, Label]] = []
    signs = []
    for group in _groups(extraction):
        named = {position: extraction.mentions[position] for position in group}
        named = {position: each for position, each in named.items() if not refers(each.text)}
        if named:
            owner.update(dict.fromkeys(group, len(members)))
            members.append({place.span(each): each.label for each in named.values()})
            certainties = [extraction.sure(position) for position in named]
            signs.append(entity_signs([each.score for each in named.values()], certainties))
    facts: Facts = {}
    for subject, name, object_, sure in _facts(extraction):
        if subject in owner and object_ in owner and owner[subject] != owner[object_]:
            fact = (owner[subject], name, owner[object_])
            facts[fact] = max(sure, facts.get(fact, 0.0))
    entities = tuple(EntityRead(tuple(sorted(spans.items()))) for spans in members)
    return Graph(entities, facts, tuple(signs))


def _groups(extraction: Extraction) -> list[list[int]]:
    """Positions of mentions of one entity: clusters, values written alike, and single mentions."""
    groups: dict[object, list[int]] = {
        number: list(group) for number, group in enumerate(extraction.clusters)
    }
    clustered = {position for group in extraction.clusters for position in group}
    for position, mention in enumerate(extraction.mentions):
        if position not in clustered:
            alike = (mention.label, mention.text.casefold())
            groups.setdefault(alike if mention.label.is_value else (position,), []).append(position)
    return sorted(groups.values(), key=min)


def _facts(extraction: Extraction) -> Iterator[tuple[int, str, int, float]]:
    """(subject, property, object, score) of names; subject and object are positions of mentions."""
    position = {(each.start, each.end): number for number, each in enumerate(extraction.mentions)}
    named = [not refers(each.text) for each in extraction.mentions]
    for relation in extraction.relations:
        if named[relation.subject] and named[relation.object]:
            yield relation.subject, relation.property, relation.object, relation.score
    for value in extraction.attributes:
        if named[value.subject] and (value.start, value.end) in position:
            yield value.subject, value.property, position[value.start, value.end], value.score


class _Tokens:
    """Where the tokens of a document lie in its text."""

    def __init__(self, row: DocumentRow) -> None:
        _, offsets = redocred.token_offsets(row.sents)
        flat = [
            (start, end, sentence, token)
            for sentence, spans in enumerate(offsets)
            for token, (start, end) in enumerate(spans)
        ]
        self._starts = [start for start, *_ in flat]
        self._ends = [end for _, end, *_ in flat]
        self._places = [(sentence, token) for _, _, sentence, token in flat]
        self._lengths = [len(spans) for spans in offsets]

    def span(self, mention: Mention) -> TokenSpan:
        """The tokens that a mention touches, in the sentence in which it begins."""
        first = bisect_right(self._ends, mention.start)
        last = bisect_left(self._starts, mention.end) - 1
        sentence, begin = self._places[first]
        other, end = self._places[last]
        return sentence, begin, end + 1 if other == sentence else self._lengths[sentence]


def predictions(readings: Iterable[Reading]) -> str:
    """What was read in DocRED's form: a JSON list of documents with their own vertexSet and labels."""
    return json.dumps([_document(reading) for reading in readings], ensure_ascii=False) + "\n"


def _document(reading: Reading) -> dict[str, Any]:
    sentences = reading.row.sents
    return {
        "title": reading.row.title,
        "sents": sentences,
        "vertexSet": [
            [
                {
                    "name": " ".join(sentences[sentence][begin:end]),
                    "pos": [begin, end],
                    "sent_id": sentence,
                    "type": CODES[label],
                }
                for (sentence, begin, end), label in entity.mentions
            ]
            for entity in reading.read.entities
        ],
        "labels": [{"h": h, "t": t, "r": r, "evidence": []} for h, r, t in sorted(reading.read.facts)],
    }

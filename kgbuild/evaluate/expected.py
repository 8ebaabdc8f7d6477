"""Facts annotated by hand against what documents were read to say.

A line of an expectation file gives the document, subject, property and object or value; see
`sample_corpus/_README.md`. Entities match by QID or, where that fails, by a name in common; dates
match to the annotated precision; quantities by amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import msgspec

from kgbuild.errors import DatasetError
from kgbuild.evaluate.counts import Counts
from kgbuild.rdf.values import year
from kgbuild.records import (
    DocumentFacts,
    Entity,
    ItemValue,
    QuantityValue,
    Statement,
    TextValue,
    TimeValue,
    Value,
)


class Amount(msgspec.Struct, frozen=True):
    """A quantity; `unit` is a QID or null."""

    amount: str
    unit: str | None = None


class ExpectedFact(msgspec.Struct, frozen=True):
    """One annotated fact."""

    document: str
    sentence: str
    subject: str
    property: str
    subject_qid: str | None = None
    object: str | None = None
    object_qid: str | None = None
    value: str | Amount | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How documents agree with their expected facts.

    `recall` is over expected facts. `precision` is over the statements about an annotated subject
    and property of their document, since other statements may be true and not annotated. `linked`
    counts, among the found facts that give QIDs, those whose QIDs are right.
    """

    found: int
    expected: int
    right: int
    judged: int
    linked: int
    linkable: int
    by_property: Mapping[str, Counts]

    @property
    def recall(self) -> float:
        """Share of the expected facts that were found."""
        return self.found / self.expected if self.expected else 0.0

    @property
    def precision(self) -> float:
        """Share of the judged statements that are expected."""
        return self.right / self.judged if self.judged else 0.0


def read_expected(folder: Path) -> list[ExpectedFact]:
    """The facts of every JSON-lines file in a folder."""
    decoder = msgspec.json.Decoder(ExpectedFact)
    facts = []
    for file in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(file.read_bytes().splitlines(), 1):
            try:
                facts.append(decoder.decode(line))
            except msgspec.MsgspecError as error:
                raise DatasetError(f"{file}:{number}: {error}") from error
    return facts


def compare(read: Iterable[DocumentFacts], expected: Sequence[ExpectedFact]) -> Agreement:
    """Compare each document's statements with the facts expected of it."""
    by_document = {facts.document.id: facts for facts in read}
    counts: dict[str, Counts] = {}
    found = right = judged = linked = linkable = 0
    for name, facts in _grouped(expected):
        said = by_document.get(name)
        if said is None:
            raise DatasetError(f"no document {name!r} was read, but {len(facts)} facts are expected of it")
        entities = {entity.id: entity for entity in said.entities}
        hits = {fact: [each for each in said.statements if agrees(each, fact, entities)] for fact in facts}
        found += sum(bool(each) for each in hits.values())
        relevant = [each for each in said.statements if any(about(each, fact, entities) for fact in facts)]
        agreed = {id(each) for each_hits in hits.values() for each in each_hits}
        judged += len(relevant)
        right += sum(id(each) in agreed for each in relevant)
        for fact, each in hits.items():
            counts[fact.property] = counts.get(fact.property, Counts()) + Counts(int(bool(each)), 0, 1)
            if each and (fact.subject_qid or fact.object_qid):
                linkable += 1
                linked += any(_linked(statement, fact) for statement in each)
        for statement in relevant:
            counts[statement.property] = counts.get(statement.property, Counts()) + Counts(0, 1, 0)
    return Agreement(found, len(expected), right, judged, linked, linkable, counts)


def _grouped(expected: Sequence[ExpectedFact]) -> Iterator[tuple[str, list[ExpectedFact]]]:
    names = dict.fromkeys(fact.document for fact in expected)
    for name in names:
        yield name, [fact for fact in expected if fact.document == name]


def about(statement: Statement, fact: ExpectedFact, entities: Mapping[str, Entity]) -> bool:
    """Whether a statement has the subject and property of a fact."""
    return statement.property == fact.property and _same(
        statement.subject, fact.subject, fact.subject_qid, entities
    )


def agrees(statement: Statement, fact: ExpectedFact, entities: Mapping[str, Entity]) -> bool:
    """Whether a statement says a fact."""
    return about(statement, fact, entities) and _value_agrees(statement.value, fact, entities)


def _value_agrees(value: Value, fact: ExpectedFact, entities: Mapping[str, Entity]) -> bool:
    match value:
        case ItemValue(entity):
            return fact.object is not None and _same(entity, fact.object, fact.object_qid, entities)
        case TimeValue():
            return isinstance(fact.value, str) and _written(value).startswith(fact.value)
        case QuantityValue(amount):
            return isinstance(fact.value, Amount) and amount == Decimal(fact.value.amount)
        case TextValue(text):
            return fact.object is not None and _folded(text) == _folded(fact.object)


def _written(value: TimeValue) -> str:
    """An ISO date as precise as the value.

    >>> _written(TimeValue(1894, 2, None, 10)), _written(TimeValue(-44, 3, 15, 11))
    ('1894-02', '-0044-03-15')
    """
    parts = [year(value.year), *(f"{part:02d}" for part in (value.month, value.day) if part is not None)]
    return "-".join(parts)


def _same(id: str, name: str, qid: str | None, entities: Mapping[str, Entity]) -> bool:
    if qid is not None and id == qid:
        return True
    entity = entities.get(id)
    names = {_folded(each) for each in (entity.label, *entity.aliases)} if entity else set()
    return _folded(name) in names


def _folded(name: str) -> str:
    return " ".join(name.casefold().removeprefix("the ").split())


def _linked(statement: Statement, fact: ExpectedFact) -> bool:
    right = fact.subject_qid is None or statement.subject == fact.subject_qid
    if isinstance(statement.value, ItemValue):
        right = right and (fact.object_qid is None or statement.value.entity == fact.object_qid)
    return right

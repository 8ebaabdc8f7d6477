"""What was read of linked entities, weighed by what the knowledge base tells of them.

An extraction enters with the entities of its mentions; it leaves with other scores where the knowledge
base has the very value, or only others, and without what is then too doubtful. Nothing is added that was
not read. By Bayes' rule the logarithms of odds are summed: those of the reader, and what such a finding
is worth, which was fitted on annotated documents (`python -m kgbuild.train.knowledge`; decision 054).
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from kgbuild.errors import ModelError
from kgbuild.facts.clusters import Cluster
from kgbuild.facts.known import Verdict, judge, told_of
from kgbuild.facts.values import read_value
from kgbuild.ontology import Ontology, ValueKind
from kgbuild.records import (
    Attribute,
    Document,
    Entity,
    Extraction,
    ItemValue,
    Rejection,
    Relation,
    Statement,
    Value,
    Weighing,
)

Fact = TypeVar("Fact", Relation, Attribute)
TINY = 1e-6
FLOOR = 0.1
"""Least probability of a reading that is weighed."""


class Worth(msgspec.Struct, frozen=True):
    """What is added to the logarithm of odds where the same value is told, and where others are."""

    same: float
    others: float


class Weights(msgspec.Struct, frozen=True):
    """What the file holds; `figures` tell how it was fitted."""

    relation: Worth
    date: Worth
    figures: dict[str, Any] = {}


class Knowledge:
    """Weighs readings; `version` names the weights."""

    def __init__(self, weights: Weights, version: str) -> None:
        self.weights = weights
        self.version = version

    @classmethod
    def read(cls, path: str | os.PathLike[str] | None = None) -> Knowledge:
        """The weights of a file, or those in the package; ModelError where it does not hold any."""
        source = Path(path) if path else Path(str(files("kgbuild") / "data" / "kb" / "knowledge.json"))
        try:
            content = source.read_bytes()
            weights = msgspec.json.decode(content, type=Weights)
        except (OSError, msgspec.MsgspecError) as error:
            raise ModelError(
                f"cannot read the weights {source}: {error}; "
                "fit them with `python -m kgbuild.train.knowledge`"
            ) from error
        return cls(weights, hashlib.sha256(content).hexdigest()[:12])

    def weigh(self, extraction: Extraction, known: Known) -> tuple[Extraction, list[Relation | Attribute]]:
        """The extraction with what holds, and what would have held but for the knowledge base."""
        relations = tuple(self._weighed(each, known) for each in extraction.relations)
        attributes = tuple(self._weighed(each, known) for each in extraction.attributes)
        kept = replace(
            extraction,
            relations=tuple(filter(_holds, relations)),
            attributes=tuple(filter(_holds, attributes)),
        )
        weighed: tuple[Relation | Attribute, ...] = (*relations, *attributes)
        return kept, [each for each in weighed if _held(each) and not _holds(each)]

    def _weighed(self, fact: Fact, known: Known) -> Fact:
        found = known.finding(fact)
        if found is Verdict.NEW:
            return fact
        worth = self.weights.relation if isinstance(fact, Relation) else self.weights.date
        told, added = ("the same", worth.same) if found is Verdict.KNOWN else ("others", worth.others)
        score = 1.0 / (1.0 + math.exp(-log_odds(fact.score) - added))
        return replace(fact, score=round(score, 6), weighed=Weighing(fact.score, told))


def _holds(fact: Relation | Attribute) -> bool:
    return fact.score >= fact.least


def _held(fact: Relation | Attribute) -> bool:
    """Whether a fact would hold by its reader alone."""
    return (fact.weighed.read if fact.weighed else fact.score) >= fact.least


class Known:
    """What the knowledge base makes of what was read in one document."""

    def __init__(
        self,
        document: Document,
        clusters: Sequence[Cluster],
        entities: Mapping[str, Entity],
        ontology: Ontology,
    ) -> None:
        self._document = document
        self._entities = entities
        self._properties = ontology.properties
        self._linked = {
            position: cluster.entity
            for cluster in clusters
            if cluster.entity and ":" not in cluster.entity
            for position in cluster.mentions
        }
        self._inverses = {each.inverse: pid for pid, each in ontology.properties.items() if each.inverse}

    def claim(self, fact: Relation | Attribute) -> Statement | None:
        """What a fact says, where all its ends are linked and its value is an item or a date."""
        subject = self._linked.get(fact.subject)
        definition = self._properties.get(fact.property)
        value: Value | None = None
        if isinstance(fact, Relation):
            object_ = self._linked.get(fact.object)
            value = ItemValue(object_) if object_ else None
        elif definition and definition.kind is ValueKind.TIME:
            value = read_value(definition, self._document, fact.start, fact.end)
        return Statement(subject, fact.property, value) if subject and definition and value else None

    def finding(self, fact: Relation | Attribute) -> Verdict:
        """Whether the value of a fact is told, or only others are, of the same subject and property.

        It is new where neither is so, and where the fact makes no claim of linked entities.
        """
        claim = self.claim(fact)
        if claim is None:
            return Verdict.NEW
        found = self._judged(claim.subject, claim.property, claim.value)
        if found is Verdict.KNOWN or not isinstance(claim.value, ItemValue):
            return found
        turned = ItemValue(claim.subject)
        same = (self._judged(claim.value.entity, pid, turned) for pid in self._turned(claim.property))
        return Verdict.KNOWN if Verdict.KNOWN in same else found

    def _turned(self, property_id: str) -> Iterator[str]:
        """The properties that say the same of the object."""
        definition = self._properties[property_id]
        if definition.symmetric:
            yield property_id
        yield from filter(None, (definition.inverse, self._inverses.get(property_id)))

    def _judged(self, subject: str, property_id: str, value: Value) -> Verdict:
        """The verdict as of a property of one value: any other value that is told speaks against one."""
        entity = self._entities.get(value.entity) if isinstance(value, ItemValue) else None
        names = (entity.label, *entity.aliases) if entity else ()
        told = told_of(self._entities.get(subject), property_id)
        return judge(value, told, names=names, functional=True)


def unlikely(fact: Relation | Attribute, extraction: Extraction, stage: str) -> Rejection:
    """That a fact is not stated since the knowledge base tells others."""
    mentions = extraction.mentions
    value = mentions[fact.object].text if isinstance(fact, Relation) else fact.text
    read = fact.weighed.read if fact.weighed else fact.score
    detail = (
        f"{mentions[fact.subject].text} {fact.property} {value}: read with {read:.2f}, "
        f"{fact.score:.2f} since the knowledge base tells others"
    )
    return Rejection(stage, extraction.document_id, "unlikely by what is known", detail)


def log_odds(probability: float) -> float:
    """The natural logarithm of odds, finite.

    >>> log_odds(0.5), round(log_odds(1.0))
    (0.0, 14)
    """
    sure = min(max(probability, TINY), 1.0 - TINY)
    return math.log(sure / (1.0 - sure))

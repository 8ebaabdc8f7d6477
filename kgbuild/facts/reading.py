"""A document's relations, seen with the entities that its mentions are, and what they claim."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from kgbuild.facts.check import End, Violation, find_violation
from kgbuild.facts.clusters import Cluster, is_name
from kgbuild.facts.qualifiers import TIMES, find_qualifiers, is_attached
from kgbuild.facts.relations import with_properties
from kgbuild.facts.target import Target
from kgbuild.facts.values import read_value
from kgbuild.iris import value_key
from kgbuild.ontology import ValueKind
from kgbuild.records import (
    Attribute,
    Document,
    Entity,
    Evidence,
    Extraction,
    ItemValue,
    Label,
    Rejection,
    Relation,
    Sentence,
    Statement,
    Value,
)

STAGE = "normalise"

Qualified = tuple[tuple[str, Value], ...]
"""Properties and values that qualify a statement, in order of the properties."""


class Claim:
    """One claim, with what qualifies it, and its evidence so far, by span."""

    def __init__(
        self, subject: str, property: str, value: Value, qualifiers: tuple[tuple[str, Value], ...] = ()
    ) -> None:
        qualified = (part for name, each in qualifiers for part in (name, *value_key(each)))
        self.key = (subject, property, *value_key(value), *qualified)
        self._parts = (subject, property, value, qualifiers)
        self._evidence: dict[tuple[int, int], Evidence] = {}

    def support(self, evidence: Evidence) -> None:
        """Add evidence; of two for the same span, the better is kept."""
        span = (evidence.start, evidence.end)
        known = self._evidence.get(span)
        if known is None or evidence.score > known.score:
            self._evidence[span] = evidence

    def statement(self) -> Statement:
        """The claim as a record, its evidence in order of the text."""
        evidence = tuple(self._evidence[span] for span in sorted(self._evidence))
        return Statement(*self._parts, evidence=evidence)


class Reading:
    """A document's relations, seen with the entities that its mentions are."""

    def __init__(
        self,
        document: Document,
        sentences: Sequence[Sentence],
        extraction: Extraction,
        clusters: Sequence[Cluster],
        entities: Mapping[str, Entity],
        target: Target,
    ) -> None:
        ontology = target.schema
        self._document = document
        self._sentences = sorted(sentences, key=attrgetter("start"))
        self._starts = [sentence.start for sentence in self._sentences]
        self._mentions = extraction.mentions
        self._clusters = {position: cluster for cluster in clusters for position in cluster.mentions}
        self._entities = entities
        self._ontology = ontology
        self._extraction, refused = with_properties(extraction, ontology, self._end, target.alike)
        self.refused = [self._rejection(each.reason, each.rule) for each in refused]
        self._qualifiers = find_qualifiers(
            document, self._sentences, self._extraction, entity_of=self._entity, ontology=ontology
        )

    def relations(self) -> Iterator[tuple[Relation | Attribute, Qualified]]:
        """Relations, then attributes, with what qualifies them, in order of the text.

        A date that became a qualifier says nothing of the subject itself.
        """
        mentions, found = self._mentions, self._qualifiers
        relations = sorted(
            enumerate(self._extraction.relations),
            key=lambda each: (
                mentions[each[1].subject].start,
                mentions[each[1].object].start,
                each[1].property,
            ),
        )
        for number, relation in relations:
            yield relation, self._qualified(found.by_relation.get(number, ()))
        attributes = sorted(
            self._extraction.attributes,
            key=lambda each: (mentions[each.subject].start, each.start, each.property),
        )
        for attribute in attributes:
            if not is_attached(attribute, found, self._same):
                yield attribute, ()

    def claims(self, relation: Relation | Attribute, qualifiers: Qualified) -> Iterator[Claim | Rejection]:
        """What a relation claims (twice where it is symmetric), or why it claims nothing."""
        start, end = self._object_span(relation)
        written = self._document.text[start:end]
        name = f"{self._mentions[relation.subject].text} {relation.property} {written}"
        object_end = self._end(relation.object) if isinstance(relation, Relation) else None
        violation = find_violation(
            self._ontology, relation.property, self._end(relation.subject), object_end
        ) or self._undated(relation)
        if violation:
            yield self._rejection(violation.reason, violation.rule)
            return
        subject = self._entity(relation.subject)
        definition = self._ontology.properties[relation.property]
        value: Value | None
        if definition.kind is ValueKind.ITEM:
            entity = self._entity(relation.object) if isinstance(relation, Relation) else None
            value = ItemValue(entity) if entity else None
            missing = "unresolved mention"
        else:
            value = read_value(definition, self._document, start, end)
            missing = "unreadable value"
        if subject is None or value is None:
            yield self._rejection("unresolved mention" if subject is None else missing, name)
        elif value == ItemValue(subject):
            yield self._rejection("reflexive", name)
        else:
            yield Claim(subject, relation.property, value, qualifiers)
            if definition.symmetric and isinstance(value, ItemValue):
                yield Claim(value.entity, relation.property, ItemValue(subject), qualifiers)

    def evidence(self, relation: Relation | Attribute, extractor: str) -> Evidence:
        """The sentence, or the run of sentences, that holds both ends of a relation.

        Where an end is no name, the evidence is only as sure as its reference to one.
        """
        subject = self._mentions[relation.subject]
        start, end = self._object_span(relation)
        start, end = self._sentence_span(min(subject.start, start), max(subject.end, end))
        quote = self._document.text[start:end]
        sure = self._reference(relation.subject)
        if isinstance(relation, Relation):
            sure *= self._reference(relation.object)
        weighed = relation.weighed and replace(relation.weighed, read=relation.weighed.read * sure)
        return Evidence(self._document.id, start, end, quote, relation.score * sure, extractor, weighed)

    def _reference(self, position: int) -> float:
        """How sure it is which entity a mention means: names are."""
        return 1.0 if is_name(self._mentions[position].text) else self._extraction.sure(position)

    def _qualified(self, found: Iterable[tuple[str, tuple[int, int]]]) -> Qualified:
        """Properties and spans as properties and values; what cannot be read is left out."""
        positions = {(each.start, each.end): number for number, each in enumerate(self._mentions)}
        qualified: list[tuple[str, Value]] = []
        for pid, (start, end) in found:
            definition = self._ontology.properties.get(pid)
            if pid in TIMES and definition is not None:
                value = read_value(definition, self._document, start, end)
            else:
                entity = self._entity(positions[start, end])
                value = ItemValue(entity) if entity else None
            if value is not None:
                qualified.append((pid, value))
        return tuple(qualified)

    def _undated(self, relation: Relation | Attribute) -> Violation | None:
        """A start or end is that of an event or of a statement, never of a person or a place."""
        end = self._end(relation.subject)
        if relation.property not in TIMES or Label.OTHER in end.labels:
            return None
        rule = f"{relation.property} is of an event, {end.name} is {' or '.join(sorted(end.labels))}"
        return Violation("time of no statement", rule)

    def _same(self, one: int, other: int) -> bool:
        return self._entity(one) is not None and self._entity(one) == self._entity(other)

    def _object_span(self, relation: Relation | Attribute) -> tuple[int, int]:
        if isinstance(relation, Attribute):
            return relation.start, relation.end
        mention = self._mentions[relation.object]
        return mention.start, mention.end

    def _sentence_span(self, start: int, end: int) -> tuple[int, int]:
        """Widen a span to the sentences that it touches."""
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, end - 1) - 1
        if first >= 0 and self._sentences[first].end > start:
            start = self._sentences[first].start
        if last >= 0:
            end = max(end, self._sentences[last].end)
        return start, end

    def _entity(self, position: int) -> str | None:
        cluster = self._clusters.get(position)
        return cluster.entity if cluster else None

    def _end(self, position: int) -> End:
        mention = self._mentions[position]
        cluster = self._clusters.get(position)
        if cluster is None:
            return End(mention.text, frozenset({mention.label}))
        entity = self._entities.get(cluster.entity) if cluster.entity else None
        linked = entity is not None and ":" not in entity.id
        types = entity.types if entity and linked else ()
        return End(entity.label if entity else mention.text, cluster.labels, types)

    def _rejection(self, reason: str, detail: str) -> Rejection:
        return Rejection(STAGE, self._document.id, reason, detail)

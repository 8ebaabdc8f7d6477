"""What was read in a document to what it says: statements with evidence, entities, rejections.

Pure functions: equal inputs give equal records, in the same order. A property with an inverse is
stored as it was read; a symmetric one in both directions, as Wikidata stores it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from kgbuild.facts.check import End, find_violation
from kgbuild.facts.clusters import Cluster, describe, resolve
from kgbuild.facts.duplicates import sketch
from kgbuild.facts.values import read_value
from kgbuild.iris import Iris, value_key
from kgbuild.ontology import Ontology, ValueKind
from kgbuild.protocols import CandidateIndex
from kgbuild.records import (
    Attribute,
    Document,
    DocumentFacts,
    Entity,
    EntityMention,
    Evidence,
    Extraction,
    ItemValue,
    Link,
    Rejection,
    Relation,
    Revision,
    Sentence,
    Statement,
    Value,
)

STAGE = "normalise"


@dataclass(frozen=True, slots=True)
class Target:
    """What statements are made for: the schema, the knowledge base, and where our own IRIs live."""

    ontology: Ontology
    index: CandidateIndex | None
    iris: Iris


def assemble(
    document: Document,
    sentences: Sequence[Sentence],
    extraction: Extraction,
    links: Sequence[Link],
    *,
    revision: Revision,
    target: Target,
) -> DocumentFacts:
    """Everything that one document says, ready to be merged.

    Relations whose ends have no entity, whose value cannot be read or that the ontology forbids
    become rejections that name the rule.
    """
    clusters = resolve(document, extraction, links, target.iris)
    entities = describe(clusters, target.index)
    reading = _Reading(document, sentences, extraction, clusters, entities, target.ontology)
    claims: dict[tuple[str, ...], _Claim] = {}
    rejections = []
    for relation in _in_order(extraction):
        for found in reading.claims(relation):
            if isinstance(found, Rejection):
                rejections.append(found)
            else:
                claims.setdefault(found.key, found).support(reading.evidence(relation, revision.extractor))
    return DocumentFacts(
        document=document,
        revision=revision,
        mentions=_mentions(extraction, clusters, links),
        entities=tuple(entities[name] for name in sorted(entities)),
        statements=tuple(claims[key].statement() for key in sorted(claims)),
        rejections=tuple(rejections),
        sketch=sketch(document.text),
    )


class _Claim:
    """One claim and its evidence so far, by span."""

    def __init__(self, subject: str, property: str, value: Value) -> None:
        self.key = (subject, property, *value_key(value))
        self._parts = (subject, property, value)
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


class _Reading:
    """A document's relations, seen with the entities that its mentions are."""

    def __init__(
        self,
        document: Document,
        sentences: Sequence[Sentence],
        extraction: Extraction,
        clusters: Sequence[Cluster],
        entities: Mapping[str, Entity],
        ontology: Ontology,
    ) -> None:
        self._document = document
        self._sentences = sorted(sentences, key=attrgetter("start"))
        self._starts = [sentence.start for sentence in self._sentences]
        self._mentions = extraction.mentions
        self._clusters = {position: cluster for cluster in clusters for position in cluster.mentions}
        self._entities = entities
        self._ontology = ontology

    def claims(self, relation: Relation | Attribute) -> Iterator[_Claim | Rejection]:
        """What a relation claims (twice where it is symmetric), or why it claims nothing."""
        start, end = self._object_span(relation)
        written = self._document.text[start:end]
        name = f"{self._mentions[relation.subject].text} {relation.property} {written}"
        object_end = self._end(relation.object) if isinstance(relation, Relation) else None
        violation = find_violation(self._ontology, relation.property, self._end(relation.subject), object_end)
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
            yield _Claim(subject, relation.property, value)
            if definition.symmetric and isinstance(value, ItemValue):
                yield _Claim(value.entity, relation.property, ItemValue(subject))

    def evidence(self, relation: Relation | Attribute, extractor: str) -> Evidence:
        """The sentence, or the run of sentences, that holds both ends of a relation."""
        subject = self._mentions[relation.subject]
        start, end = self._object_span(relation)
        start, end = self._sentence_span(min(subject.start, start), max(subject.end, end))
        quote = self._document.text[start:end]
        return Evidence(self._document.id, start, end, quote, relation.score, extractor)

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


def _in_order(extraction: Extraction) -> list[Relation | Attribute]:
    """Relations, then attributes, in order of the text and not of their discovery."""
    mentions = extraction.mentions
    relations = sorted(
        extraction.relations,
        key=lambda each: (mentions[each.subject].start, mentions[each.object].start, each.property),
    )
    attributes = sorted(
        extraction.attributes, key=lambda each: (mentions[each.subject].start, each.start, each.property)
    )
    return [*relations, *attributes]


def _mentions(
    extraction: Extraction, clusters: Sequence[Cluster], links: Sequence[Link]
) -> tuple[EntityMention, ...]:
    """Each resolved mention with the score of its own link where that agrees with its cluster."""
    scores = {link.mention: link.score for link in links}
    entities = {link.mention: link.entity for link in links}
    found = []
    for cluster in clusters:
        if cluster.entity is None:
            continue
        for position in cluster.mentions:
            agrees = entities.get(position) == cluster.entity
            score = scores[position] if agrees else cluster.score
            found.append(EntityMention(extraction.mentions[position], cluster.entity, score))
    return tuple(sorted(found, key=lambda each: (each.mention.start, each.mention.end, each.entity)))

"""When a relation held: dates said with it, as qualifiers of its statement.

In go a document's relations and dates, out come, for each relation, the properties and values that
qualify it. A date is attached only where the sentence leaves no doubt to which relation it belongs;
docs/graph.md, "Qualifiers", has the rule.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kgbuild.facts.periods import read_period
from kgbuild.ontology import Ontology
from kgbuild.records import Attribute, Document, Extraction, Label, Mention, Relation, Sentence

START, END, POINT, OF = "P580", "P582", "P585", "P642"
TIMES = frozenset({START, END, POINT})

LASTING = frozenset(
    {"P6", "P26", "P35", "P39", "P54", "P69", "P102", "P108", "P118", "P127", "P137", "P159", "P169"}
    | {"P241", "P355", "P451", "P463", "P466", "P488", "P551", "P749", "P937", "P1037", "P1830", "P3320"}
)
"""Properties of which a statement holds for a time: they take a start and an end."""

MOMENTARY = frozenset({"P166", "P512", "P991", "P1346", "P1411"})
"""Properties of which a statement tells of an event: they take a point in time."""

WORK_PERIOD = frozenset({"P2031", "P2032"})
"""When a person worked at all: the dates of one employment are not those."""

_TOGETHER = {"P937": "P108", "P1411": "P166"}
"""Who is employed somewhere works there, and who is awarded something was nominated: a date is both's."""

_HEADS = frozenset({"P6", "P35"})
"""Properties of a place's head: who holds that office of it is the same claim as "position held" (P39)."""

_AWARD = r"award\w*|w[io]n\w*|receiv\w*|prize|honou?r\w*|elected|nominated|nomination|degree|graduat\w*"
_EVENTS: dict[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    "P26": (
        (START, re.compile(r"\b(?:marr(?:ied|y|ies|iage)|wed|wedding)\b", re.IGNORECASE)),
        (END, re.compile(r"\bdivorced?\b", re.IGNORECASE)),
    ),
    **{pid: ((POINT, re.compile(rf"\b(?:{_AWARD})\b", re.IGNORECASE)),) for pid in MOMENTARY},
}
"""Words that tell of the event which makes, begins or ends a statement, when it was "in" a year."""

_OTHER_EVENT = re.compile(
    r";|\b(?:born|died|death|divorced?|married|founded|established|opened|attended|joined)\b", re.IGNORECASE
)
"""What may stand between such a word and a date that belongs to something else."""

_SINCE = re.compile(
    r"\b(?:since|from|starting|beginning)(?: in| on)?(?: the| about| around)?\W*$", re.IGNORECASE
)
_UNTIL = re.compile(r"\b(?:until|till|up to|through|ending in)(?: the| about| around)?\W*$", re.IGNORECASE)
_DURING = re.compile(r"\b(?:in|on)(?: the| early| late| about| around)?\s*$", re.IGNORECASE)
_ONWARDS = re.compile(r"\s*(?:to|until|till|through|and|[-‐‑‒–—])\s*(?:the )?$", re.IGNORECASE)
_OF = re.compile(r"\s+of(?: the)?\s+", re.IGNORECASE)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Qualifiers:
    """What qualifies relations: by position in the extraction's relations, (property, span) in order.

    The span is that of a date, or of the mention of an entity (for P642, "of"). `dates` are the
    spans that were attached, each with the subjects and objects (positions) of its relations.
    """

    by_relation: Mapping[int, tuple[tuple[str, Span], ...]]
    dates: Mapping[Span, frozenset[int]]


def find_qualifiers(
    document: Document,
    sentences: Sequence[Sentence],
    extraction: Extraction,
    *,
    entity_of: Callable[[int], str | None],
    ontology: Ontology,
) -> Qualifiers:
    """The qualifiers of a document's relations; `entity_of` gives the entity of a mention's position."""
    reading = _Reading(document, extraction, entity_of, ontology)
    found: defaultdict[int, dict[str, set[Span]]] = defaultdict(lambda: defaultdict(set))
    for sentence in sentences:
        for relation, property_id, span in reading.attachments(sentence):
            found[relation][property_id].add(span)
    kept = {
        relation: tuple((pid, min(spans)) for pid, spans in sorted(by_property.items()) if len(spans) == 1)
        for relation, by_property in found.items()
    }
    dates: defaultdict[Span, set[int]] = defaultdict(set)
    for relation, qualifiers in kept.items():
        for property_id, span in qualifiers:
            if property_id in TIMES:
                dates[span] |= reading.ends(relation)
    return Qualifiers(
        {relation: each for relation, each in kept.items() if each},
        {span: frozenset(each) for span, each in dates.items()},
    )


class _Reading:
    """A document's relations by sentence, and what its dates already say."""

    def __init__(
        self,
        document: Document,
        extraction: Extraction,
        entity_of: Callable[[int], str | None],
        ontology: Ontology,
    ) -> None:
        self._document = document
        self._mentions = extraction.mentions
        self._relations = extraction.relations
        self._attributes = extraction.attributes
        self._entity_of = entity_of
        self._ontology = ontology
        self._dates = sorted({_span(each) for each in extraction.mentions if each.label is Label.TIME})
        self._taken = {
            (each.start, each.end)
            for each in extraction.attributes
            if each.property not in TIMES | WORK_PERIOD
        }

    def ends(self, relation: int) -> set[int]:
        """The positions of a relation's mentions."""
        return {self._relations[relation].subject, self._relations[relation].object}

    def attachments(self, sentence: Sentence) -> Iterator[tuple[int, str, Span]]:
        """Relations said in one sentence, each with a property and the span that qualifies it."""
        said = [number for number, each in enumerate(self._relations) if self._within(each, sentence)]
        dates = [span for span in self._dates if sentence.start <= span[0] and span[1] <= sentence.end]
        earlier: tuple[Span, bool] | None = None
        for span in dates:
            roles = self._roles(span, sentence, earlier)
            earlier = (span, START in roles)
            if span not in self._taken:
                for role in sorted(roles) or [""]:
                    near = self._nearest(said, span, role, sentence)
                    yield from ((number, property_id, span) for number, property_id in near)
        for number in said:
            if self._relations[number].property == "P39" and (holder := self._holder(number)):
                yield number, OF, holder

    def _within(self, relation: Relation, sentence: Sentence) -> bool:
        if relation.property not in LASTING | MOMENTARY:
            return False
        spans = [_span(self._mentions[each]) for each in (relation.subject, relation.object)]
        return all(sentence.start <= start and end <= sentence.end for start, end in spans)

    def _roles(self, span: Span, sentence: Sentence, earlier: tuple[Span, bool] | None) -> set[str]:
        """What the words before a date make of it: a start, an end, both for a range, or a moment."""
        before = self._document.text[sentence.start : span[0]]
        if read_period(self._document.text[slice(*span)]):
            return {START, END}
        if _SINCE.search(before):
            return {START}
        if _UNTIL.search(before):
            return {END}
        if earlier and earlier[1] and _ONWARDS.fullmatch(self._document.text[earlier[0][1] : span[0]]):
            return {END}
        return {POINT} if _DURING.search(before) else set()

    def _nearest(
        self, said: Iterable[int], span: Span, role: str, sentence: Sentence
    ) -> list[tuple[int, str]]:
        """The relation that a date belongs to, in each way it is said; none where two are as near.

        The words before the date give its role; where they give none, what the extractor read does.
        """
        near: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
        for number in said:
            relation = self._relations[number]
            property_id = self._property(relation, span, role, sentence)
            if property_id:
                gaps = (_gap(_span(self._mentions[each]), span) for each in self.ends(number))
                near[min(gaps)].append((number, property_id))
        chosen = near[min(near)] if near else []
        return chosen if len({self._claim(number) for number, _ in chosen}) == 1 else []

    def _property(self, relation: Relation, span: Span, role: str, sentence: Sentence) -> str | None:
        """The qualifier that a date of this role makes for a relation, or None."""
        if role in (START, END):
            return role if relation.property in LASTING else None
        for property_id, event in _EVENTS.get(relation.property, ()):
            if role == POINT and self._tells(event, span, sentence):
                return property_id
        subjects = {self._entity_of(relation.subject), self._entity_of(relation.object)} - {None}
        read = {
            each.property
            for each in self._attributes
            if each.property in TIMES
            and (each.start, each.end) == span
            and self._entity_of(each.subject) in subjects
        }
        lasts = relation.property in LASTING and relation.property not in _EVENTS
        return read.pop() if lasts and len(read) == 1 and read <= {START, END} else None

    def _tells(self, event: re.Pattern[str], span: Span, sentence: Sentence) -> bool:
        """Whether the sentence has a word for an event, and no other event between it and a date."""
        text = self._document.text
        for word in event.finditer(text, sentence.start, sentence.end):
            first, last = sorted((span, word.span()))
            if not _OTHER_EVENT.search(text, first[1], last[0]):
                return True
        return False

    def _claim(self, number: int) -> tuple[str, ...]:
        """What a relation claims, the same for a symmetric or an inverse one."""
        relation = self._relations[number]
        subject = self._entity_of(relation.subject) or f"mention {relation.subject}"
        value = self._entity_of(relation.object) or f"mention {relation.object}"
        if relation.property in _HEADS:
            return "P39", value, subject
        if relation.property == "P39" and (place := self._inside(relation.object)):
            return "P39", subject, place
        definition = self._ontology.properties.get(relation.property)
        forward = (_TOGETHER.get(relation.property, relation.property), subject, value)
        if definition is None or not (definition.symmetric or definition.inverse):
            return forward
        return min(forward, (definition.inverse or relation.property, value, subject))

    def _inside(self, office: int) -> str | None:
        """The entity that is named in an office: Germany of "Chancellor of Germany"."""
        start, end = _span(self._mentions[office])
        inside = (
            place
            for place, mention in enumerate(self._mentions)
            if place != office and start <= mention.start and mention.end <= end
        )
        return next((entity for place in inside if (entity := self._entity_of(place))), None)

    def _holder(self, number: int) -> Span | None:
        """The entity named right after a position, by "of": "president of France"."""
        position = self._mentions[self._relations[number].object]
        for place, mention in enumerate(self._mentions):
            between = self._document.text[position.end : mention.start]
            if mention.start > position.end and _OF.fullmatch(between) and self._entity_of(place):
                return _span(mention)
        return None


def is_attached(attribute: Attribute, found: Qualifiers, same: Callable[[int, int], bool]) -> bool:
    """Whether a start, end, point in time or work period was attached to a relation of the same subject."""
    ends = found.dates.get((attribute.start, attribute.end), frozenset())
    return attribute.property in TIMES | WORK_PERIOD and any(same(attribute.subject, each) for each in ends)


def _span(mention: Mention) -> Span:
    return mention.start, mention.end


def _gap(one: Span, other: Span) -> int:
    """Characters between two spans."""
    return max(other[0] - one[1], one[0] - other[1], 0)

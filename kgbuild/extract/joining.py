"""Extractions of one document as one: plain arithmetic on records.

The rule, of which the first extraction is the stronger: its mentions all stay as they are. A mention of
the second with the same span is the same mention. One that overlaps is left out; what was read of it
(relations, attributes, its cluster) goes over to the mention that it overlaps most if that has its type,
and is left out with it otherwise. But one around others of the second (an office) stays. Clusters that share
a mention are one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from kgbuild.extract.groups import united
from kgbuild.extract.nesting import around_others
from kgbuild.records import Attribute, Extraction, Relation

Fact = TypeVar("Fact", Relation, Attribute)


def join(first: Extraction, second: Extraction) -> Extraction:
    """Two extractions of one document as one, by the rule at the top of this module.

    >>> from kgbuild.records import Label, Mention
    >>> name = Mention(0, 12, "Acme Widgets", Label.ORGANISATION, 1.0)
    >>> part = Mention(0, 4, "Acme", Label.ORGANISATION, 0.8)
    >>> head = Mention(22, 25, "Ann", Label.PERSON, 0.9)
    >>> read = Extraction("d", 0, 30, (part, head), (Relation(0, "P169", 1, 0.7),))
    >>> joined = join(Extraction("d", 0, 30, (name,)), read)
    >>> [mention.text for mention in joined.mentions]
    ['Acme Widgets', 'Ann']
    >>> joined.relations == (Relation(0, "P169", 1, 0.7),)
    True
    """
    mentions = list(first.mentions)
    spans = {(each.start, each.end): place for place, each in enumerate(mentions)}
    owners = {at: place for place, each in enumerate(mentions) for at in range(each.start, each.end)}
    around = around_others(second.mentions)
    places: list[int | None] = []
    for at, mention in enumerate(second.mentions):
        place = spans.get((mention.start, mention.end))
        over = Counter(owners[each] for each in range(mention.start, mention.end) if each in owners)
        if place is None and over and at not in around:
            most = max(over, key=lambda each: (over[each], -each))
            place = most if mentions[most].label is mention.label else None
        elif place is None:
            place = len(mentions)
            mentions.append(mention)
        places.append(place)
    moved = _moved(second, places)
    return ordered(
        replace(
            first,
            start=min(first.start, second.start),
            end=max(first.end, second.end),
            mentions=tuple(mentions),
            relations=(*first.relations, *moved.relations),
            attributes=(*first.attributes, *moved.attributes),
            clusters=(*first.clusters, *moved.clusters),
            certainty=_certainties(first, second, places, len(mentions)),
        )
    )


def ordered(extraction: Extraction) -> Extraction:
    """The same with its mentions in order of the text, each relation once, and clusters apart.

    Of equal relations the one with the best score is kept; clusters that share a mention are one.
    """
    given = extraction.mentions
    order = sorted(range(len(given)), key=lambda place: (given[place].start, given[place].end))
    target = {old: new for new, old in enumerate(order)}
    moved = _moved(extraction, [target[old] for old in range(len(order))])
    return replace(
        moved,
        mentions=tuple(given[place] for place in order),
        relations=_best(moved.relations),
        attributes=_best(moved.attributes),
        clusters=united(moved.clusters),
        certainty=tuple(extraction.sure(place) for place in order),
    )


def _moved(extraction: Extraction, places: Sequence[int | None]) -> Extraction:
    """Relations, attributes and clusters with their mentions at other places; None leaves out.

    A relation whose two ends are now one mention is left out too.
    """
    relations = []
    for relation in extraction.relations:
        subject, object_ = places[relation.subject], places[relation.object]
        if subject is not None and object_ is not None and subject != object_:
            relations.append(replace(relation, subject=subject, object=object_))
    attributes = []
    for attribute in extraction.attributes:
        subject = places[attribute.subject]
        if subject is not None:
            attributes.append(replace(attribute, subject=subject))
    groups = (
        tuple(place for member in group if (place := places[member]) is not None)
        for group in extraction.clusters
    )
    return replace(
        extraction, relations=tuple(relations), attributes=tuple(attributes), clusters=tuple(groups)
    )


def _certainties(
    first: Extraction, second: Extraction, places: Sequence[int | None], count: int
) -> tuple[float, ...]:
    """Certainties of joined mentions: those of the first, and of what only the second has."""
    joined = [first.sure(place) for place in range(len(first.mentions))] + [1.0] * (
        count - len(first.mentions)
    )
    for position, place in enumerate(places):
        if place is not None and place >= len(first.mentions):
            joined[place] = second.sure(position)
    return tuple(joined)


def _best(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Facts in order of their ends, and of equal ones the best."""
    best: dict[Fact, Fact] = {}
    for fact in facts:
        key = replace(fact, score=0.0, least=0.0)
        if key not in best or _sureness(fact) > _sureness(best[key]):
            best[key] = fact
    return tuple(sorted(best.values(), key=_order))


def _sureness(fact: Fact) -> tuple[bool, float]:
    """What holds is surer than what does not."""
    return fact.score >= fact.least, fact.score


def _order(fact: Relation | Attribute) -> tuple[int, str, int]:
    return fact.subject, fact.property, fact.object if isinstance(fact, Relation) else fact.start

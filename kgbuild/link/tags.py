"""What an extractor read enters; gold documents with its labels, clusters and further mentions leave.

Gold mentions have no types and no coreference; in use the linker gets both from the extractor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from kgbuild.link.gold import GoldDocument
from kgbuild.records import Document, Extraction, Mention

SAME_SPAN = 0.6
"""Least share of both spans that is common to a gold mention and the read one that it corefers as."""


class Reader(Protocol):
    """Reads texts, and given mentions of them."""

    def read(self, document: Document) -> Extraction:
        """What is said in a document."""
        ...

    def locate(self, document: Document, mentions: Sequence[Mention]) -> Sequence[Mention]:
        """Given mentions, in their order, with the vectors of their contexts."""
        ...


def read_with(gold: GoldDocument, reader: Reader) -> GoldDocument:
    """A gold document aligned with what is read in it, each gold mention with a vector.

    A mention that the reader does not find, as most common nouns, is read where it stands.
    """
    made = aligned(gold, reader.read(gold.document))
    mentions = list(made.extraction.mentions)
    bare = [place for place in made.judged if not mentions[place].vector]
    if not bare:
        return made
    found = reader.locate(gold.document, [mentions[place] for place in bare])
    for place, mention in zip(bare, found, strict=True):
        mentions[place] = replace(mentions[place], vector=mention.vector)
    return replace(made, extraction=replace(made.extraction, mentions=tuple(mentions)))


def aligned(gold: GoldDocument, read: Extraction) -> GoldDocument:
    """The gold mentions with the labels and clusters of the read ones that they overlap most.

    Read mentions that overlap no gold one are added: they are not judged, but are what a document
    says besides.
    """
    own = gold.extraction.mentions
    partner = {place: _partner(mention, read.mentions) for place, mention in enumerate(own)}
    taken = set(partner.values())
    bearer = {place: source for place, source in partner.items() if _same_span(own[place], read, source)}
    free = [
        place
        for place, mention in enumerate(read.mentions)
        if place not in taken and not any(_shared(mention, other) for other in own)
    ]
    made = [
        (_labelled(mention, read, partner[place]), gold.entities[place], bearer.get(place), True)
        for place, mention in enumerate(own)
    ]
    made += [(read.mentions[place], None, place, False) for place in free]
    made.sort(key=lambda each: (each[0].start, each[0].end))
    places: dict[int, list[int]] = {}
    for place, (_, _, source, _) in enumerate(made):
        if source is not None:
            places.setdefault(source, []).append(place)
    clusters = (
        tuple(sorted(p for member in cluster for p in places.get(member, ()))) for cluster in read.clusters
    )
    extraction = replace(
        gold.extraction,
        mentions=tuple(mention for mention, *_ in made),
        clusters=tuple(cluster for cluster in clusters if len(cluster) > 1),
    )
    others = frozenset(place for place, (_, _, _, judged) in enumerate(made) if not judged)
    return replace(
        gold, extraction=extraction, entities=tuple(entity for _, entity, _, _ in made), others=others
    )


def _partner(mention: Mention, found: tuple[Mention, ...]) -> int | None:
    """The read mention that shares most characters, the tighter one of two."""
    shared = [
        (_shared(mention, other), -(other.end - other.start), -place) for place, other in enumerate(found)
    ]
    best, _, place = max(shared, default=(0, 0, 0))
    return -place if best > 0 else None


def _same_span(mention: Mention, read: Extraction, place: int | None) -> bool:
    """Whether a read mention is the gold one, give or take an article or a title."""
    if place is None:
        return False
    other = read.mentions[place]
    widest = max(mention.end, other.end) - min(mention.start, other.start)
    return _shared(mention, other) >= SAME_SPAN * widest


def _shared(one: Mention, other: Mention) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _labelled(mention: Mention, read: Extraction, partner: int | None) -> Mention:
    """A mention with the read one's vector, and its label where it has none and that is an entity's."""
    if partner is None:
        return mention
    other = read.mentions[partner]
    mention = replace(mention, vector=other.vector)
    if mention.score > 0.0 or other.label.is_value:
        return mention
    return replace(mention, label=other.label, score=other.score)

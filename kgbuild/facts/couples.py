"""Children of a couple: who "they" are that have a child, by who was said to be married before.

An extraction enters, in which a pronoun means one entity; it leaves with a child of "them" told of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kgbuild.pronouns import THEY
from kgbuild.records import Extraction, Mention, Relation

CHILD, SPOUSE = "P40", "P26"


def of_both(extraction: Extraction) -> Extraction:
    """The extraction with each child of "them" told of both of the couple that was named last before.

    It is told no more surely than that the two are married. Where nobody is, it stays as it was read.
    """
    mentions = extraction.mentions
    married = [
        each
        for each in extraction.relations
        if each.property == SPOUSE
        and each.score >= each.least
        and not any(mentions[end].text.casefold() in THEY for end in (each.subject, each.object))
    ]
    if not married:
        return extraction
    told = tuple(each for relation in extraction.relations for each in _told(relation, extraction, married))
    return replace(extraction, relations=told)


def _told(relation: Relation, extraction: Extraction, married: Sequence[Relation]) -> Iterator[Relation]:
    mentions = extraction.mentions
    they = mentions[relation.subject]
    before = [each for each in married if _end(each, mentions) <= they.start]
    if relation.property != CHILD or they.text.casefold() not in THEY or not before:
        yield relation
        return
    couple = max(before, key=lambda each: (_end(each, mentions), each.score))
    for parent in sorted({couple.subject, couple.object} - {relation.object}):
        yield replace(relation, subject=parent, score=min(relation.score, couple.score))


def _end(relation: Relation, mentions: Sequence[Mention]) -> int:
    """Where both ends of a relation have been named."""
    return max(mentions[relation.subject].end, mentions[relation.object].end)

"""The place that a sentence names most closely: "born in Campbell, New York" tells one birthplace.

A reader takes both for places of birth. The one around another is true only as its region, and a
property of one best value would have two; so where both are read of one subject, the outer one is refused.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from kgbuild.records import Document, Extraction, Label, Rejection, Relation

CLOSEST = frozenset({"P19", "P20", "P119", "P159", "P551", "P740", "P840"})
"""Properties whose value is the closest place: of birth, death, burial, headquarters, home and the like."""
REASON = "wider place"
_AROUND = re.compile(r",? (?:(?:in|on|near|of) )?(?:the )?")
"""What stands between a place and the one that it lies in or near."""


def without_wider(
    document: Document, extraction: Extraction, stage: str
) -> tuple[Extraction, list[Rejection]]:
    """The extraction without relations to places around another which is told too, and why they are gone."""
    inner = _inner(document, extraction)
    told = {
        (each.subject, each.property, each.object)
        for each in extraction.relations
        if each.property in CLOSEST and each.score >= each.least
    }

    def is_wider(relation: Relation) -> bool:
        return (relation.subject, relation.property, inner.get(relation.object)) in told

    kept = tuple(each for each in extraction.relations if not is_wider(each))
    mentions = extraction.mentions
    refused = [
        Rejection(
            stage,
            document.id,
            REASON,
            f"{mentions[each.subject].text} {each.property} {mentions[each.object].text}: the document says "
            f"{mentions[inner[each.object]].text}, which lies in or near it",
        )
        for each in extraction.relations
        if is_wider(each)
    ]
    return replace(extraction, relations=kept), refused


def _inner(document: Document, extraction: Extraction) -> dict[int, int]:
    """The place right before each place, by positions of mentions: "Campbell" for "New York"."""
    places = [at for at, mention in enumerate(extraction.mentions) if mention.label is Label.LOCATION]
    mentions = extraction.mentions
    return {
        outer: inner
        for inner, outer in pairwise(places)
        if _AROUND.fullmatch(document.text, mentions[inner].end, mentions[outer].start)
    }

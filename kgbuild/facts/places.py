"""The place that a sentence names most closely: "born in Campbell, New York" tells one birthplace.

A reader takes both for places of birth. The one around another is true only as its region, and a
property of one best value would have two; so where both are read of one subject, the outer one is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from kgbuild.facts.clusters import Cluster
from kgbuild.records import Document, Extraction, Label, Rejection, Relation

CLOSEST = frozenset({"P19", "P20", "P119", "P159", "P551", "P740", "P840"})
"""Properties whose value is the closest place: of birth, death, burial, headquarters, home and the like."""
REASON = "wider place"
_AROUND = re.compile(r",? (?:(?:in|on|near|of) )?(?:the )?")
"""What stands between a place and the one that it lies in or near."""
_LISTED = re.compile(r",? (?:and|or|&) (?:(?:in|on|near|of) )?(?:the )?")
"""What stands before the last of several places."""


def without_wider(
    document: Document, extraction: Extraction, clusters: Sequence[Cluster], stage: str
) -> tuple[Extraction, list[Rejection]]:
    """The extraction without relations to places around another which is told too, and why they are gone."""
    inner, mentions = _inner(document, extraction), extraction.mentions
    owner = {place: number for number, cluster in enumerate(clusters) for place in cluster.mentions}

    def is_told(relation: Relation) -> bool:
        return relation.property in CLOSEST and relation.score >= relation.least

    told = {
        (owner.get(each.subject), each.property, each.object)
        for each in extraction.relations
        if is_told(each)
    }

    def is_wider(relation: Relation) -> bool:
        closest = owner.get(relation.subject), relation.property, inner.get(relation.object)
        return is_told(relation) and closest in told

    wider = [each for each in extraction.relations if is_wider(each)]
    gone = frozenset(wider)
    kept = tuple(each for each in extraction.relations if each not in gone)
    refused = [
        Rejection(
            stage,
            document.id,
            REASON,
            f"{mentions[each.subject].text} {each.property} {mentions[each.object].text}: the document says "
            f"{mentions[inner[each.object]].text}, which lies in or near it",
        )
        for each in wider
    ]
    return replace(extraction, relations=kept), refused


def _inner(document: Document, extraction: Extraction) -> dict[int, int]:
    """The place that lies in each place, by positions of mentions: "Campbell" for "New York".

    It stands right before it; of several in a list none lies in another.
    """
    mentions = extraction.mentions
    places = [at for at, mention in enumerate(mentions) if mention.label is Label.LOCATION]
    found: dict[int, int] = {}
    listed = False
    for inner, outer in reversed(list(pairwise(places))):
        between = document.text[mentions[inner].end : mentions[outer].start]
        around = bool(_AROUND.fullmatch(between))
        listed = bool(_LISTED.fullmatch(between)) or (listed and around and between.startswith(","))
        if around and not listed:
            found[outer] = inner
    return found

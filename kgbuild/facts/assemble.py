"""What was read in a document to what it says: statements with evidence, entities, rejections.

Pure functions: equal inputs give equal records, in the same order. A property with an inverse is
stored as it was read; a symmetric one in both directions, as Wikidata stores it.
"""

from __future__ import annotations

from collections.abc import Sequence

from kgbuild.facts import knowledge, single
from kgbuild.facts.clusters import Cluster, describe, resolve
from kgbuild.facts.couples import of_both
from kgbuild.facts.duplicates import sketch
from kgbuild.facts.knowledge import Known
from kgbuild.facts.known import is_known, known_already
from kgbuild.facts.places import without_wider
from kgbuild.facts.reading import STAGE, Claim, Reading
from kgbuild.facts.single import without_doubtful
from kgbuild.facts.target import Target
from kgbuild.facts.vocabulary import rename, renamed
from kgbuild.records import (
    Document,
    DocumentFacts,
    EntityMention,
    Extraction,
    Link,
    Rejection,
    Revision,
    Sentence,
)

CANDIDATES_KEPT = 3
"""Candidates of a name that the graph keeps, for those who ask why it was linked so."""


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
    ontology = target.schema
    extraction = of_both(extraction)
    clusters = resolve(document, extraction, links, target.iris)
    entities = describe(clusters, target.index)
    unlikely: list[Rejection] = []
    if target.knowledge:
        known = Known(document, clusters, entities, ontology)
        extraction, doubted = target.knowledge.weigh(extraction, known)
        unlikely = [knowledge.unlikely(each, extraction, STAGE) for each in doubted]
    extraction, wider = without_wider(document, extraction, clusters, STAGE)
    reading = Reading(document, sentences, extraction, clusters, entities, target)
    claims: dict[tuple[str, ...], Claim] = {}
    rejections = [*unlikely, *wider, *reading.refused]
    for relation, qualifiers in reading.relations():
        for found in reading.claims(relation, qualifiers):
            if isinstance(found, Rejection):
                rejections.append(found)
            else:
                claims.setdefault(found.key, found).support(reading.evidence(relation, revision.extractor))
    statements, doubtful = without_doubtful([claims[key].statement() for key in sorted(claims)], ontology)
    rejections += single.rejections(doubtful, entities, document.id, STAGE)
    if target.only_new:
        told = [each for each in statements if is_known(each, entities, ontology)]
        statements = [each for each in statements if each not in told]
        rejections += [known_already(each, document.id, STAGE) for each in told]
    if target.vocabulary:
        statements, refused = rename(statements, renamed(ontology, target.vocabulary), document.id, STAGE)
        rejections += refused
    return DocumentFacts(
        document=document,
        revision=revision,
        mentions=_mentions(extraction, clusters, links),
        entities=tuple(entities[name] for name in sorted(entities)),
        statements=tuple(statements),
        rejections=tuple(rejections),
        sketch=sketch(document.text),
    )


def _weighed(link: Link | None) -> bool:
    return link is not None and bool(link.candidates)


def _mentions(
    extraction: Extraction, clusters: Sequence[Cluster], links: Sequence[Link]
) -> tuple[EntityMention, ...]:
    """Each resolved mention with the score of its own link where that agrees with its cluster.

    The first mention of a cluster that was looked up keeps its likeliest candidates.
    """
    by_mention = {link.mention: link for link in links}
    found = []
    for cluster in clusters:
        if cluster.entity is None:
            continue
        told = next((place for place in cluster.mentions if _weighed(by_mention.get(place))), None)
        for position in cluster.mentions:
            link = by_mention.get(position)
            agrees = link is not None and link.entity == cluster.entity
            score = link.score if link is not None and agrees else cluster.score
            kept = link.candidates[:CANDIDATES_KEPT] if link is not None and position == told else ()
            found.append(EntityMention(extraction.mentions[position], cluster.entity, score, kept))
    return tuple(sorted(found, key=lambda each: (each.mention.start, each.mention.end, each.entity)))

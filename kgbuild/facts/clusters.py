"""Mentions to the entities of a document: clusters vote for a link, or make a local entity.

A cluster with neither a link nor a name (only "she", only "the company") has no entity.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kgbuild.iris import Iris
from kgbuild.protocols import CandidateIndex
from kgbuild.records import Document, Entity, Extraction, Label, Link, Mention

_PRONOUNS = re.compile(
    r"i|me|my|mine|myself|we|us|our|ours|ourselves|you|your|yours|yourself|yourselves|he|him|his|himself|"
    r"she|her|hers|herself|it|its|itself|they|them|their|theirs|themselves|who|whom|whose|which|that|this|"
    r"these|those|one|oneself|both|each|here|there|where"
)
_DETERMINERS = re.compile(r"the|an?|this|that|these|those|his|her|its|their|our|my|your")
_CLASS_OF_LABEL = {
    Label.PERSON: "Q5",
    Label.ORGANISATION: "Q43229",
    Label.LOCATION: "Q2221906",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """Mentions (positions) of one entity; `names` are the written names, longest first.

    `labels` are all that its names are tagged with and `label` the one with most score; `entity` is
    None where nothing names it; `score` is that of the decision for the entity.
    """

    mentions: tuple[int, ...]
    names: tuple[str, ...]
    label: Label
    labels: frozenset[Label]
    entity: str | None
    score: float


def is_name(text: str) -> bool:
    """Whether a mention names its entity, and is no pronoun or description of it.

    >>> is_name("Marie Curie"), is_name("She"), is_name("the company"), is_name("The Hague"), is_name("US")
    (True, False, False, True, True)
    """
    words = text.split()
    if len(words) == 1:
        acronym = len(text) > 1 and text.isupper()
        return acronym or not _PRONOUNS.fullmatch(text.strip().lower())
    if not words or not _DETERMINERS.fullmatch(words[0].lower()):
        return bool(words)
    rest = " ".join(words[1:])
    return rest != rest.lower() or any(character.isdigit() for character in rest)


def resolve(
    document: Document, extraction: Extraction, links: Sequence[Link], iris: Iris
) -> tuple[Cluster, ...]:
    """The clusters of a document's entity mentions, in order of their first mention."""
    by_mention = {link.mention: link for link in links}
    ordinals: dict[str, int] = defaultdict(int)
    resolved = []
    for positions in _partition(extraction):
        mentions = [extraction.mentions[position] for position in positions]
        names = _names(mentions)
        tagged = [mention for mention in mentions if is_name(mention.text)] or mentions
        label = _main_label(tagged)
        entity, score = _vote([by_mention.get(position) for position in positions], mentions)
        if entity is None and names:
            key = f"{label} {_normalise(names[0])}"
            ordinals[key] += 1
            if ordinals[key] > 1:
                key = f"{key} {ordinals[key]}"
            entity = iris.local_entity(document.uri, key)
        labels = frozenset(mention.label for mention in tagged)
        resolved.append(Cluster(tuple(positions), names, label, labels, entity, score))
    return tuple(resolved)


def describe(clusters: Sequence[Cluster], index: CandidateIndex | None) -> dict[str, Entity]:
    """Each entity by its id: as the knowledge base tells, or else from its names in the document."""
    described: dict[str, Entity] = {}
    for cluster in clusters:
        entity = cluster.entity
        if entity is None or entity in described:
            continue
        known = index.entity(entity) if index and ":" not in entity else None
        types = (_CLASS_OF_LABEL[cluster.label],) if cluster.label in _CLASS_OF_LABEL else ()
        name, *aliases = cluster.names or (entity,)
        described[entity] = known or Entity(entity, name, tuple(aliases), types=types)
    return described


def _partition(extraction: Extraction) -> list[list[int]]:
    """Clusters of the mentions that are no values; a lone mention joins the one that has its name."""
    entities = [
        position for position, mention in enumerate(extraction.mentions) if not mention.label.is_value
    ]
    waiting = set(entities)
    clusters: list[list[int]] = []
    for cluster in extraction.clusters:
        members = sorted(waiting.intersection(cluster), key=lambda each: extraction.mentions[each].start)
        if members:
            clusters.append(members)
            waiting.difference_update(members)
    owners: dict[tuple[Label, str], int] = {}
    for number, members in enumerate(clusters):
        for position in members:
            mention = extraction.mentions[position]
            if is_name(mention.text):
                owners.setdefault((mention.label, _normalise(mention.text)), number)
    for position in entities:
        if position in waiting:
            mention = extraction.mentions[position]
            key = (mention.label, _normalise(mention.text))
            if key in owners and is_name(mention.text):
                clusters[owners[key]].append(position)
            else:
                owners[key] = len(clusters)
                clusters.append([position])
    spans = extraction.mentions
    ordered = [sorted(members, key=lambda each: (spans[each].start, spans[each].end)) for members in clusters]
    return sorted(ordered, key=lambda members: (spans[members[0]].start, spans[members[0]].end, members[0]))


def _vote(links: Sequence[Link | None], mentions: Sequence[Mention]) -> tuple[str | None, float]:
    """The entity with the most link score, and the score of that decision.

    Against it stand the names that have candidates and yet no entity; a name that the knowledge base
    does not know, and a pronoun, say nothing.
    """
    totals: dict[str | None, float] = defaultdict(float)
    best: dict[str | None, float] = defaultdict(float)
    for link, mention in zip(links, mentions, strict=True):
        if link and (link.entity or (link.candidates and is_name(mention.text))):
            totals[link.entity] += link.score
            best[link.entity] = max(best[link.entity], link.score)
    if not totals:
        return None, max(mention.score for mention in mentions)
    winner = min(totals, key=lambda entity: (-totals[entity], entity or ""))
    return winner, best[winner]


def _names(mentions: Sequence[Mention]) -> tuple[str, ...]:
    """The different names, longest first, with single spaces and no possessive ending."""
    plain = {
        re.sub(r"['’]s$", "", " ".join(mention.text.split())) for mention in mentions if is_name(mention.text)
    }
    return tuple(sorted(plain - {""}, key=lambda name: (-len(name), name)))


def _normalise(name: str) -> str:
    return re.sub(r"['’]s$", "", " ".join(name.split())).casefold()


def _main_label(mentions: Sequence[Mention]) -> Label:
    totals: Mapping[Label, float] = {
        label: sum(mention.score for mention in mentions if mention.label is label)
        for label in sorted({mention.label for mention in mentions})
    }
    return max(totals, key=lambda label: totals[label])

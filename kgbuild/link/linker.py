"""The linker: an extraction enters; for each of its mentions an entity, or none, leaves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from kgbuild.link.features import Array
from kgbuild.link.rank import Ranker
from kgbuild.link.surface import Group, groups
from kgbuild.protocols import CandidateIndex
from kgbuild.records import Candidate, Document, Entity, Extraction, Link

CANDIDATES = 30
KEPT = 10


class ContextLinker:
    """Links each group of mentions once, by its names and its context, or abstains.

    A link's score is the calibrated probability of its decision, be it an entity or none, and its
    candidates are the likeliest `kept`, with their probabilities. With `common_nouns`, mentions
    like "mathematics" are looked up too; `threshold` is the least probability of a link, the
    ranker's own by default.
    """

    def __init__(
        self,
        index: CandidateIndex,
        ranker: Ranker | None = None,
        *,
        threshold: float | None = None,
        common_nouns: bool = False,
        kept: int = KEPT,
    ) -> None:
        self.index = index
        self.ranker = Ranker.read() if ranker is None else ranker
        self.threshold = self.ranker.threshold if threshold is None else threshold
        self.common_nouns = common_nouns
        self.kept = kept
        options = f"{self.threshold:g}" + ("+nouns" if common_nouns else "")
        self.version = f"{index.version}+{self.ranker.version}@{options}"

    def link(self, document: Document, extraction: Extraction) -> tuple[Link, ...]:
        """One link for each mention, in order; members of a group agree, and values get none."""
        found = groups(extraction, common_nouns=self.common_nouns)
        entities = [candidate_entities(self.index, group, CANDIDATES) for group in found]
        cases = self.ranker.features.cases(document, extraction, found, entities)
        links = [Link(place, None, 1.0) for place in range(len(extraction.mentions))]
        for group, held, chances in zip(found, entities, self.ranker.probabilities(cases), strict=True):
            entity, score, candidates = self._decide(held, chances)
            for place in group.members:
                links[place] = Link(place, entity, score, candidates)
        return tuple(links)

    def _decide(
        self, entities: Sequence[Entity], chances: Array
    ) -> tuple[str | None, float, tuple[Candidate, ...]]:
        """The entity, or None, with the decision's probability and the likeliest candidates."""
        order = sorted(range(len(entities)), key=lambda place: (-chances[place], entities[place].id))
        candidates = tuple(
            Candidate(entities[place].id, entities[place].label, round(float(chances[place]), 6))
            for place in order[: self.kept]
        )
        if candidates and candidates[0].score >= self.threshold:
            return candidates[0].entity, candidates[0].score, candidates
        return None, round(1.0 - (candidates[0].score if candidates else 0.0), 6), candidates


def candidate_entities(index: CandidateIndex, group: Group, limit: int) -> tuple[Entity, ...]:
    """What a group may be: the entities of its names, and of longer names in the document."""
    names = (*group.names, *group.longer) if group.names else ()
    shares = [index.candidates(name, limit) for name in names]
    ids: dict[str, None] = {}
    for place in range(limit):
        ids.update((share[place].entity, None) for share in shares if place < len(share))
    held = (index.entity(qid) for qid in islice(ids, limit))
    return tuple(entity for entity in held if entity is not None)

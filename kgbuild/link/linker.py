"""The linker: an extraction enters; for each of its mentions an entity, or none, leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from kgbuild.link.candidates import CANDIDATES, candidate_entities, looked_up
from kgbuild.link.collective import coherent
from kgbuild.link.features import CANDIDATE_FEATURES, Array, Case
from kgbuild.link.rank import Ranker
from kgbuild.link.references import CERTAINTY, referents
from kgbuild.protocols import CandidateIndex
from kgbuild.records import Candidate, Document, Entity, Extraction, Link

KEPT = 10
_TOLD = tuple(
    (name, CANDIDATE_FEATURES.index(name))
    for name in (
        *(
            "prior",
            "label_match",
            "alias_match",
            "variant_match",
            "similarity",
            "longer_match",
            "wider_match",
        ),
        *("home_match", "kind_agrees", "kind_differs", "near_share", "document_share", "facts_mentioned"),
        *("company_related", "context_match", "team_of_sport_near", "is_as_asked", "next_place"),
    )
)
"""Features that are kept with candidates, and their places."""


@dataclass(frozen=True, slots=True)
class Manner:
    """What is linked, and how.

    With `common_nouns`, mentions like "mathematics" are looked up too. With `nations`, "a French painter"
    is linked to France, which is what statements ask for, and not to its people. With `collective`,
    candidates of a document speak for one another (`collective.coherent`): off by default, since it helps no
    more than chance on the linking sets.
    """

    common_nouns: bool = False
    nations: bool = False
    collective: bool = False

    def __str__(self) -> str:
        return "".join(f"+{name}" for name, chosen in asdict(self).items() if chosen)


class ContextLinker:
    """Links each group of mentions once, by its names and its context, or abstains.

    A link's score is the calibrated probability of its decision, be it an entity or none, and its
    candidates are the likeliest `kept`, with their probabilities. `threshold` is the least probability
    of a link, the ranker's own by default.
    """

    def __init__(
        self,
        index: CandidateIndex,
        ranker: Ranker | None = None,
        *,
        threshold: float | None = None,
        kept: int = KEPT,
        manner: Manner = Manner(),
    ) -> None:
        self.index = index
        self.ranker = Ranker.read() if ranker is None else ranker
        self.threshold = self.ranker.threshold if threshold is None else threshold
        self.kept = kept
        self.manner = manner
        self.version = f"{index.version}+{self.ranker.version}@{self.threshold:g}{manner}"

    def link(self, document: Document, extraction: Extraction) -> tuple[Link, ...]:
        """One link for each mention, in order; members of a group agree, and values get none."""
        found = looked_up(document, extraction, self.index, common_nouns=self.manner.common_nouns)
        entities = [candidate_entities(self.index, group, CANDIDATES) for group in found]
        cases = self.ranker.features.cases(document, extraction, found, entities, nations=self.manner.nations)
        chances = self.ranker.probabilities(cases)
        if self.manner.collective:
            chances = coherent(entities, chances)
        decisions = list(map(self._decide, entities, cases, chances))
        told = [_description(held, decision[0]) for held, decision in zip(entities, decisions, strict=True)]
        for number, other in referents(extraction, found, told):
            entity, score, candidates = decisions[other]
            decisions[number] = (entity, round(CERTAINTY * score, 6), candidates)
        links = [Link(place, None, 1.0) for place in range(len(extraction.mentions))]
        for group, (entity, score, candidates) in zip(found, decisions, strict=True):
            for place in group.members:
                links[place] = Link(place, entity, score, candidates)
        return tuple(links)

    def _decide(
        self, entities: Sequence[Entity], case: Case, chances: Array
    ) -> tuple[str | None, float, tuple[Candidate, ...]]:
        """The entity, or None, with the decision's probability and the likeliest candidates."""
        order = sorted(range(len(entities)), key=lambda place: (-chances[place], entities[place].id))
        candidates = tuple(
            Candidate(
                entities[place].id,
                entities[place].label,
                round(float(chances[place]), 6),
                _told(case.candidates[place]),
            )
            for place in order[: self.kept]
        )
        if candidates and candidates[0].score >= self.threshold:
            return candidates[0].entity, candidates[0].score, candidates
        return None, round(1.0 - (candidates[0].score if candidates else 0.0), 6), candidates


def _told(row: Array) -> tuple[tuple[str, float], ...]:
    """The features that a person may want to know, those that are 0 left out."""
    return tuple((name, round(float(row[at]), 3)) for name, at in _TOLD if row[at])


def _description(entities: Sequence[Entity], chosen: str | None) -> str:
    return next((entity.description for entity in entities if entity.id == chosen), "")

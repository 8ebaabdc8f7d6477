"""What the ranker sees: numbers about a group of mentions and each entity that it may be.

No feature is made from an entity's id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log1p

import numpy as np
from numpy.typing import NDArray

from kgbuild.link import asking, context, likeness, meaning, sports, whole
from kgbuild.link.asking import Asked
from kgbuild.link.context import Surroundings, near_words, surroundings, with_countries
from kgbuild.link.kinds import ROOTS
from kgbuild.link.likeness import Forms, longer_features, name_features
from kgbuild.link.meaning import Meaning
from kgbuild.link.profile import Profile, Profiles
from kgbuild.link.surface import Group
from kgbuild.link.teams import sport
from kgbuild.link.usage import next_place
from kgbuild.link.whole import LABELS
from kgbuild.records import Document, Entity, Extraction, Label

Array = NDArray[np.float32]

STEEPNESS = 10.0
"""What a prior is multiplied by to be the logarithm of a count."""

ROOT_NAMES = tuple(name for name, _ in ROOTS.values())

CANDIDATE_FEATURES = (
    "prior",
    "prior_share",
    "prior_lead",
    "most_popular",
    "prior_chance",
    "aliases",
    "facts",
    "described",
    "is_team",
    "is_team_in_sport",
    "sport_near",
    "sport_in_document",
    "team_of_sport_near",
    "team_of_sport_in_document",
    *asking.FEATURES,
    "next_place",
    "no_next_place",
    *likeness.FEATURES,
    *context.FEATURES,
    *meaning.FEATURES,
    *likeness.LONGER,
    "kind_unknown",
    "kind_agrees",
    "kind_differs",
    *(f"is_{name.replace(' ', '_')}" for name in ROOT_NAMES),
    *(f"{label.value}_is_{root}" for label in LABELS for root in (*LABELS, "unknown")),
)
GROUP_FEATURES = whole.FEATURES


@dataclass(frozen=True, slots=True)
class Case:
    """One decision: features of its candidates (candidates, features) and of its group (features,)."""

    candidates: Array
    group: Array


class Features:
    """Makes cases; `weights` are inverse document frequencies of words, `compared` a bi-encoder."""

    def __init__(self, weights: Mapping[str, float], compared: Meaning | None = None) -> None:
        self.profiles = Profiles(weights, compared)

    def cases(
        self,
        document: Document,
        extraction: Extraction,
        groups: Sequence[Group],
        entities: Sequence[Sequence[Entity]],
        *,
        nations: bool = False,
    ) -> list[Case]:
        """A case for each group of a document and its candidates.

        With `nations`, an adjective stands for its country, as statements ask for, also where it says what
        people somebody is of.
        """
        profiles = [[self.profiles.of(entity) for entity in held] for held in entities]
        around = surroundings(document, extraction, groups, profiles)
        return [
            self._case(place, group, profiles[place], extraction, around, nations)
            for place, group in enumerate(groups)
        ]

    def _case(
        self,
        place: int,
        group: Group,
        profiles: list[Profile],
        extraction: Extraction,
        around: Surroundings,
        nations: bool,
    ) -> Case:
        forms = Forms.of(group)
        near = with_countries(near_words(group, extraction, around.text))
        heard = sports.told(near), sports.told(around.words)
        playing = log1p(sport(near))
        first = [extraction.mentions[member] for member in group.members[: context.NEAR_MENTIONS]]
        asked = Asked.of(group.name, first, around.text, nations=nations)
        after = next_place(first[0], around.text)
        told = context.features(profiles, near, forms.words, around, around.best[place], self.profiles)
        fitting = self._fitting(group, profiles, extraction)
        names = [name_features(profile, forms) for profile in profiles]
        longer = [longer_features(profile, forms) for profile in profiles]
        same = [profile.entity.prior for profile, row in zip(profiles, names, strict=True) if any(row[:3])]
        pool = same or [profile.entity.prior for profile in profiles]
        rows = [
            (
                *_prior_features(profile.entity.prior, pool),
                *_fame_features(profile),
                *_team_features(profile, playing, heard),
                *asking.features(profile, asked),
                *_place_features(profile, after),
                *names[row],
                *told[row],
                *fitting[row],
                *longer[row],
                *_kind_features(profile, group.label),
            )
            for row, profile in enumerate(profiles)
        ]
        matrix = np.array(rows, dtype=np.float32).reshape(len(rows), len(CANDIDATE_FEATURES))
        of_group = (
            *whole.features(group, forms, names, same, longer),
            *whole.use(group, extraction, around.text, playing, asked),
        )
        return Case(matrix, np.array(of_group, dtype=np.float32))

    def _fitting(
        self, group: Group, profiles: Sequence[Profile], extraction: Extraction
    ) -> Sequence[tuple[float, ...]]:
        """`meaning.FEATURES` of each candidate."""
        compared = self.profiles.meaning
        here = compared.of_mentions(vectors_of(group, extraction)) if compared else None
        return meaning.features(here, [profile.meaning for profile in profiles])


def vectors_of(group: Group, extraction: Extraction) -> list[bytes]:
    """What their reader made of the first mentions of a group that are names."""
    mentions = [extraction.mentions[place] for place in group.members]
    named = [mention for mention in mentions if mention.text in group.names] or mentions
    return [mention.vector for mention in named[: context.NEAR_MENTIONS]]


def _prior_features(prior: float, pool: Sequence[float]) -> tuple[float, ...]:
    """Prior, its share of all of the name, its lead over the best, whether it is the best, its chance.

    The chance takes priors for logarithms of counts, which they are.
    """
    best = max(pool)
    whole = sum(exp(STEEPNESS * (other - best)) for other in pool)
    chance = exp(STEEPNESS * (prior - best)) / whole
    return prior, prior / (sum(pool) + 1e-6), prior - best, float(prior >= best), min(chance, 1.0)


def _fame_features(profile: Profile) -> tuple[float, float, float]:
    """How much is told of an entity: the better known have more names and facts."""
    entity = profile.entity
    return log1p(len(entity.aliases)), log1p(len(entity.facts)), float(bool(entity.description))


def _team_features(
    profile: Profile, playing: float, heard: tuple[dict[str, float], dict[str, float]]
) -> tuple[float, ...]:
    """Whether an entity is described as a team, alone and times how much the context tells of sport;
    how much more the words near and the document tell of the entity's sport than of others."""
    near, document = (sports.lead(profile.sports, each) for each in heard)
    return (
        float(profile.team),
        profile.team * playing,
        near,
        document,
        profile.team * near,
        profile.team * document,
    )


def _place_features(profile: Profile, after: str) -> tuple[float, float]:
    """Whether the place that follows a comma after the mention ("Decatur, Georgia") is among what is told
    of the entity, and whether there is one that is not."""
    told = bool(after) and (after in profile.facts or profile.words.issuperset(after.split()))
    return float(told), float(bool(after) and not told)


def _kind_features(profile: Profile, label: Label | None) -> tuple[float, ...]:
    """Agreement of the entity's kind and the mention's label; the entity's general classes; both crossed."""
    known = profile.kind is not None and label is not None
    crossed = [
        float(label is told and (profile.kind or "unknown") == held)
        for told in LABELS
        for held in (*LABELS, "unknown")
    ]
    return (
        float(profile.kind is None),
        float(known and profile.kind is label),
        float(known and profile.kind is not label),
        *profile.roots,
        *crossed,
    )

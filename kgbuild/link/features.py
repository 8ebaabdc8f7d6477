"""What the ranker sees: numbers about a group of mentions and each entity that it may be.

No feature is made from an entity's id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log1p

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from kgbuild.link import context
from kgbuild.link.context import Surroundings, near_words, surroundings
from kgbuild.link.demonyms import country_of
from kgbuild.link.kinds import ROOTS
from kgbuild.link.names import normalise, variants
from kgbuild.link.profile import Profile, Profiles
from kgbuild.link.surface import Group, is_name
from kgbuild.records import Document, Entity, Extraction, Label

Array = NDArray[np.float32]

LABELS = (Label.PERSON, Label.ORGANISATION, Label.LOCATION, Label.OTHER)
ROOT_NAMES = tuple(name for name, _ in ROOTS.values())

CANDIDATE_FEATURES = (
    "prior",
    "prior_share",
    "prior_lead",
    "most_popular",
    "label_match",
    "alias_match",
    "variant_match",
    "written_so",
    "similarity",
    "label_similarity",
    "holds_words",
    "words_covered",
    "first_word",
    "last_word",
    "initials_match",
    "words_explained",
    "begins_and_ends",
    "ends_so",
    "begins_so",
    "runs_through",
    "words_left",
    "token_similarity",
    *context.FEATURES,
    "longer_match",
    "longer_miss",
    "several_names_match",
    "kind_unknown",
    "kind_agrees",
    "kind_differs",
    *(f"is_{name.replace(' ', '_')}" for name in ROOT_NAMES),
    *(f"{label.value}_is_{root}" for label in LABELS for root in (*LABELS, "unknown")),
)
GROUP_FEATURES = (
    "bias",
    "candidates",
    "exact_candidates",
    "no_exact",
    "best_similarity",
    "best_exact_prior",
    "one_word",
    "words",
    "is_name",
    "all_capitals",
    "has_longer",
    "longer_known",
    "mentions",
    "is_demonym",
    "before_noun",
    "after_title",
    "label_unknown",
    *(f"label_{label.value}" for label in LABELS),
)

_TITLES = [
    "mr",
    "mrs",
    "ms",
    "dr",
    "prof",
    "professor",
    "president",
    "senator",
    "sen",
    "rep",
    "coach",
    "manager",
    "captain",
    "spokesman",
    "spokeswoman",
    "sgt",
    "sir",
    "judge",
    "justice",
    "king",
    "queen",
    "prince",
    "pope",
    "minister",
    "chief",
    "lawyer",
    "attorney",
    "director",
    "mayor",
    "gov",
]


@dataclass(frozen=True, slots=True)
class Case:
    """One decision: features of its candidates (candidates, features) and of its group (features,)."""

    candidates: Array
    group: Array


class Features:
    """Makes cases; `weights` are inverse document frequencies of words."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self.profiles = Profiles(weights)

    def cases(
        self,
        document: Document,
        extraction: Extraction,
        groups: Sequence[Group],
        entities: Sequence[Sequence[Entity]],
    ) -> list[Case]:
        """A case for each group of a document and its candidates."""
        profiles = [[self.profiles.of(entity) for entity in held] for held in entities]
        around = surroundings(document, extraction, groups, profiles)
        return [
            self._case(place, group, profiles[place], extraction, around)
            for place, group in enumerate(groups)
        ]

    def _case(
        self, place: int, group: Group, profiles: list[Profile], extraction: Extraction, around: Surroundings
    ) -> Case:
        forms = _Forms.of(group)
        near = near_words(group, extraction, around.text)
        told = context.features(profiles, near, forms.words, around, around.best[place], self.profiles)
        names = [_name_features(profile, forms) for profile in profiles]
        same = [profile.entity.prior for profile, row in zip(profiles, names, strict=True) if any(row[:3])]
        pool = same or [profile.entity.prior for profile in profiles]
        rows = [
            (
                *_prior_features(profile.entity.prior, pool),
                *names[row],
                *told[row],
                *_longer_features(profile, forms),
                *_kind_features(profile, group.label),
            )
            for row, profile in enumerate(profiles)
        ]
        matrix = np.array(rows, dtype=np.float32).reshape(len(rows), len(CANDIDATE_FEATURES))
        told_of_group = (
            *_group_features(group, forms, names, same, rows),
            *_use(group, extraction, around.text),
        )
        return Case(matrix, np.array((*told_of_group, *_labels(group)), dtype=np.float32))


@dataclass(frozen=True, slots=True)
class _Forms:
    """A group's names in normal form."""

    raw: frozenset[str]
    normal: tuple[str, ...]
    variants: frozenset[str]
    words: frozenset[str]
    longer: tuple[frozenset[str], ...]

    @classmethod
    def of(cls, group: Group) -> _Forms:
        """The forms of one group."""
        normal = tuple(dict.fromkeys(map(normalise, group.names)))
        longer = (frozenset((normalise(name), *variants(name))) for name in group.longer)
        return cls(
            raw=frozenset(group.names),
            normal=normal,
            variants=frozenset(form for name in group.names for form in variants(name)),
            words=frozenset(word for name in normal for word in name.split()),
            longer=tuple(longer),
        )


def _prior_features(prior: float, pool: Sequence[float]) -> tuple[float, ...]:
    """Prior, its share of all of the name, its lead over the best, and whether it is the best."""
    best = max(pool)
    return prior, prior / (sum(pool) + 1e-6), prior - best, float(prior >= best)


def _name_features(profile: Profile, forms: _Forms) -> tuple[float, ...]:
    """How the group's best name and the entity's names compare; the first three say that they are equal."""
    name = forms.normal[0] if forms.normal else ""
    label, known = profile.label, set(profile.names)
    words, own = name.split(), label.split()
    similar = max((fuzz.ratio(name, other) for other in profile.names), default=0.0) / 100.0
    covered = sum(word in profile.name_words for word in words) / max(len(words), 1)
    short = "".join(word[0] for word in own)
    return (
        float(label in forms.normal),
        float(name in known and name != label),
        float(not forms.variants.isdisjoint(known)),
        float(profile.entity.label in forms.raw),
        similar,
        fuzz.ratio(name, label) / 100.0,
        float(covered == 1.0),
        covered,
        float(bool(own) and words[:1] == own[:1]),
        float(bool(own) and words[-1:] == own[-1:]),
        float(len(short) > 1 and short == name),
        sum(word in profile.words or word in profile.name_words for word in words) / max(len(words), 1),
        *_part_features(words, profile),
    )


def _part_features(words: list[str], profile: Profile) -> tuple[float, ...]:
    """Which part of one of the entity's names the group's name is; 0 everywhere where it is none."""
    both = ends = begins = inside = 0.0
    fewest = 9
    held = set(words)
    for name in profile.names:
        other = name.split()
        if not words or len(other) <= len(words) or not held <= set(other):
            continue
        fewest = min(fewest, len(other) - len(words))
        at_start, at_end = other[: len(words)] == words, other[-len(words) :] == words
        begins, ends = max(begins, float(at_start)), max(ends, float(at_end))
        both = max(both, float(len(words) > 1 and other[0] == words[0] and other[-1] == words[-1]))
        inside = max(inside, float(not at_start and not at_end and f" {' '.join(words)} " in name))
    alike = max((fuzz.token_sort_ratio(" ".join(words), name) for name in profile.names), default=0.0) / 100.0
    return both, ends, begins, inside, log1p(fewest if fewest < 9 else 0), alike


def _longer_features(profile: Profile, forms: _Forms) -> tuple[float, ...]:
    """Whether the entity has one of the longer names in the document, and how many names it has."""
    known = set(profile.names)
    match = any(not longer.isdisjoint(known) for longer in forms.longer)
    several = sum(name in known for name in forms.normal)
    return float(match), float(bool(forms.longer) and not match), float(several > 1)


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


def _group_features(
    group: Group,
    forms: _Forms,
    names: Sequence[tuple[float, ...]],
    same: Sequence[float],
    rows: Sequence[tuple[float, ...]],
) -> tuple[float, ...]:
    """What of the group, and of its candidates together, speaks for or against a link."""
    longer = CANDIDATE_FEATURES.index("longer_match")
    words = forms.normal[0].split() if forms.normal else []
    return (
        1.0,
        log1p(len(names)),
        log1p(len(same)),
        float(not same),
        max((row[4] for row in names), default=0.0),
        max(same, default=0.0),
        float(len(words) == 1),
        log1p(len(words)),
        float(bool(group.names) and is_name(group.name)),
        float(group.name.isupper()),
        float(bool(group.longer)),
        float(any(row[longer] for row in rows)),
        log1p(len(group.members)),
    )


def _use(group: Group, extraction: Extraction, text: str) -> tuple[float, ...]:
    """How the text uses the first mention: as an adjective of a country, before a noun, after a title."""
    mention = extraction.mentions[group.members[0]]
    after, before = text[mention.end : mention.end + 2], text[: mention.start].rsplit(None, 2)[-1:]
    return (
        float(country_of(group.name) is not None),
        float(after[:1] == " " and after[1:].islower()),
        float(bool(before) and before[0].rstrip(".").lower() in _TITLES),
    )


def _labels(group: Group) -> tuple[float, ...]:
    return float(group.label is None), *(float(group.label is label) for label in LABELS)

"""What the ranker sees: numbers about a group of mentions and each entity that it may be.

No feature is made from an entity's id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from kgbuild.link.kinds import ROOTS, kind
from kgbuild.link.names import normalise, variants
from kgbuild.link.surface import Group, is_name
from kgbuild.records import Document, Entity, Extraction, Label

Array = NDArray[np.float32]

WINDOW = 160
"""Characters on each side of a mention that are its near context."""

NEAR_MENTIONS = 4
RAREST = 9.0
"""The weight (inverse document frequency) of a word that the ranker's table does not hold."""

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
    "near_words",
    "near_share",
    "document_words",
    "document_share",
    "rank_by_words",
    "facts_mentioned",
    "label_mentioned_in_full",
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
    "label_unknown",
    *(f"label_{label.value}" for label in LABELS),
)

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Profile:
    """What of an entity is compared with texts: computed once for each entity."""

    entity: Entity
    names: tuple[str, ...]
    name_words: frozenset[str]
    words: frozenset[str]
    facts: frozenset[str]
    weight: float
    kind: Label | None
    roots: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The words and names of a document, as sets."""

    text: str
    words: frozenset[str]
    names: frozenset[str]


def words_of(text: str) -> frozenset[str]:
    """The words of a text, case folded.

    >>> sorted(words_of("Born 1867-11-07 in Warsaw"))
    ['07', '11', '1867', 'born', 'in', 'warsaw']
    """
    return frozenset(_WORD.findall(text.casefold()))


def surroundings(document: Document, extraction: Extraction) -> Surroundings:
    """What of a document is compared with entities."""
    telling = (
        mention.text for mention in extraction.mentions if mention.label.is_value or is_name(mention.text)
    )
    names = frozenset(map(normalise, telling))
    return Surroundings(document.text, words_of(document.text), names)


class Features:
    """Makes feature matrices, with word weights and a cache of entities' profiles."""

    def __init__(self, weights: Mapping[str, float], cached: int = 20_000) -> None:
        self._weights = weights
        self.profile = lru_cache(cached)(self._profile)

    def weight(self, words: frozenset[str]) -> float:
        """Summed weight of words."""
        weights = self._weights
        return sum(weights.get(word, RAREST) for word in words)

    def _profile(self, entity: Entity) -> Profile:
        names = tuple(dict.fromkeys(filter(None, map(normalise, (entity.label, *entity.aliases)))))
        facts = [value for _, value in entity.facts]
        words = words_of(" ".join((entity.label, *entity.aliases[:8], entity.description, *facts)))
        held = set(entity.types)
        return Profile(
            entity=entity,
            names=names,
            name_words=frozenset(word for name in names for word in name.split()),
            words=frozenset(word for word in words if self._weights.get(word, RAREST) > 2.0),
            facts=frozenset(normalise(value) for value in facts) - set(names),
            weight=self.weight(words) + 1.0,
            kind=kind(entity),
            roots=tuple(float(root in held) for root in ROOTS),
        )

    def matrices(
        self, group: Group, mentions: Extraction, entities: Sequence[Entity], around: Surroundings
    ) -> tuple[Array, Array]:
        """Features of each candidate, (candidates, features), and of their group, (features,)."""
        profiles = [self.profile(entity) for entity in entities]
        forms = _Forms.of(group)
        near = self._near(group, mentions, around.text) - forms.words
        far = around.words - forms.words
        told = [self._context(profile, near, far, around) for profile in profiles]
        names = [_name_features(profile, forms) for profile in profiles]
        priors = [entity.prior for entity in entities]
        exact = [bool(row[0] or row[1] or row[2]) for row in names]
        pool = [prior for prior, same in zip(priors, exact, strict=True) if same] or priors
        rows = []
        for place, profile in enumerate(profiles):
            rank = sum(other[2] > told[place][2] for other in told)
            rows.append(
                (
                    *_prior_features(priors[place], pool),
                    *names[place],
                    *told[place][:4],
                    1.0 / (1.0 + rank),
                    *told[place][4:],
                    *_longer_features(profile, forms),
                    *_kind_features(profile, group.label),
                )
            )
        matrix = np.array(rows, dtype=np.float32).reshape(len(rows), len(CANDIDATE_FEATURES))
        return matrix, np.array(_group_features(group, forms, names, priors, rows), dtype=np.float32)

    def _near(self, group: Group, extraction: Extraction, text: str) -> frozenset[str]:
        """Words near the first mentions of a group."""
        found: frozenset[str] = frozenset()
        for place in group.members[:NEAR_MENTIONS]:
            mention = extraction.mentions[place]
            found |= words_of(text[max(0, mention.start - WINDOW) : mention.end + WINDOW])
        return found

    def _context(
        self, profile: Profile, near: frozenset[str], far: frozenset[str], around: Surroundings
    ) -> tuple[float, ...]:
        """Overlap of the entity's words with the near and the whole context, and of its facts with names."""
        weights = self._weights
        document = [weights.get(word, RAREST) for word in profile.words & far]
        close = [weights.get(word, RAREST) for word in profile.words & near]
        facts = len(profile.facts & around.names)
        return (
            float(np.log1p(sum(close))),
            sum(close) / profile.weight,
            float(np.log1p(sum(document))),
            sum(document) / profile.weight,
            float(np.log1p(facts)),
            float(profile.names[:1] != () and profile.names[0] in around.names),
        )


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
    """How the group's best name and the entity's names compare."""
    name = forms.normal[0] if forms.normal else ""
    label = profile.names[0] if profile.names else ""
    words, own = name.split(), label.split()
    similar = max((fuzz.ratio(name, other) for other in profile.names), default=0.0) / 100.0
    covered = sum(word in profile.name_words for word in words) / max(len(words), 1)
    known = set(profile.names)
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
    )


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
    priors: Sequence[float],
    rows: Sequence[tuple[float, ...]],
) -> tuple[float, ...]:
    """What of the group, and of its candidates together, speaks for or against a link."""
    longer = CANDIDATE_FEATURES.index("longer_match")
    exact = [prior for prior, row in zip(priors, names, strict=True) if row[0] or row[1] or row[2]]
    words = forms.normal[0].split() if forms.normal else []
    return (
        1.0,
        float(np.log1p(len(names))),
        float(np.log1p(len(exact))),
        float(not exact),
        max((row[4] for row in names), default=0.0),
        max(exact, default=0.0),
        float(len(words) == 1),
        float(np.log1p(len(words))),
        float(is_name(group.name)) if group.names else 0.0,
        float(group.name.isupper()),
        float(bool(group.longer)),
        float(any(row[longer] for row in rows)),
        float(np.log1p(len(group.members))),
        float(group.label is None),
        *(float(group.label is label) for label in LABELS),
    )

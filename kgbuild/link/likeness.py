"""How the names of a group of mentions and of an entity compare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import log1p

from rapidfuzz import fuzz

from kgbuild.link.names import normalise, variants
from kgbuild.link.profile import Profile
from kgbuild.link.surface import Group

FEATURES = (
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
)
"""What `name_features` gives; the first three say that a name is equal."""

SIMILARITY = FEATURES.index("similarity")
LONGER = (
    "longer_match",
    "longer_miss",
    "wider_match",
    "national_match",
    "several_names_match",
    "home_match",
    "home_first",
)
"""What `longer_features` gives."""


@dataclass(frozen=True, slots=True)
class Forms:
    """A group's names in normal form."""

    raw: frozenset[str]
    normal: tuple[str, ...]
    variants: frozenset[str]
    words: frozenset[str]
    longer: tuple[frozenset[str], ...]
    wider: frozenset[str]
    national: frozenset[str]
    home: tuple[str, ...]

    @classmethod
    def of(cls, group: Group) -> Forms:
        """The forms of one group."""
        normal = tuple(dict.fromkeys(map(normalise, group.names)))
        longer = (frozenset((normalise(name), *variants(name))) for name in group.longer)
        return cls(
            raw=frozenset(group.names),
            normal=normal,
            variants=frozenset(form for name in group.names for form in variants(name)),
            words=frozenset(word for name in normal for word in name.split()),
            longer=tuple(longer),
            wider=_forms(group.wider),
            national=_forms(group.national),
            home=group.home,
        )


def _forms(names: Iterable[str]) -> frozenset[str]:
    return frozenset(form for name in names for form in (normalise(name), *variants(name)))


def name_features(profile: Profile, forms: Forms) -> tuple[float, ...]:
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


def longer_features(profile: Profile, forms: Forms) -> tuple[float, ...]:
    """Whether the entity has one of the names that the group's may be short for, several of the group's, and
    which of its names with a place."""
    known = set(profile.names)
    match = any(not longer.isdisjoint(known) for longer in forms.longer)
    several = sum(name in known for name in forms.normal)
    missed = bool(forms.longer) and not match
    home = next((place for place, name in enumerate(forms.home) if name in known), None)
    return (
        float(match),
        float(missed),
        *(float(not each.isdisjoint(known)) for each in (forms.wider, forms.national)),
        float(several > 1),
        float(home is not None),
        1.0 / (1.0 + home) if home is not None else 0.0,
    )

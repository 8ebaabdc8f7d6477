"""Mentions of one document enter; groups of mentions that are decided together leave.

A pronoun or a common noun is never looked up by itself: it takes the link of its group. A short
name ("Curie") is looked up together with the longer name that the document gives (Marie Curie).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kgbuild.link.names import normalise
from kgbuild.records import Extraction, Label, Mention

PRONOUNS = frozenset(
    [
        "i",
        "me",
        "my",
        "mine",
        "myself",
        "we",
        "us",
        "our",
        "ours",
        "ourselves",
        "you",
        "your",
        "yours",
        "yourself",
        "yourselves",
        "he",
        "him",
        "his",
        "himself",
        "she",
        "her",
        "hers",
        "herself",
        "it",
        "its",
        "itself",
        "they",
        "them",
        "their",
        "theirs",
        "themselves",
        "this",
        "that",
        "these",
        "those",
        "one",
        "ones",
        "who",
        "whom",
        "whose",
        "which",
        "what",
        "there",
        "here",
        "both",
        "each",
        "another",
        "other",
        "others",
        "someone",
        "everyone",
    ]
)
_DETERMINERS = frozenset(
    ["the", "a", "an", "this", "that", "these", "those", "his", "her", "its", "their", "our", "my", "your"]
)
NAMES_OF_GROUP = 3
LONGER_NAMES = 2


@dataclass(frozen=True, slots=True)
class Group:
    """Mentions that get one link.

    `members` are positions in the extraction's mentions, `names` the forms to look up, the most
    telling first, `label` the extractor's, or None where it did not say; `longer` are other names
    in the document that hold all the words of this group's first name.
    """

    members: tuple[int, ...]
    names: tuple[str, ...]
    label: Label | None
    longer: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The most telling name, or "" for a group without one."""
        return self.names[0] if self.names else ""


def is_name(text: str) -> bool:
    """Whether a mention may be looked up by itself: it is no pronoun and no common noun.

    >>> [is_name(text) for text in ("Marie Curie", "She", "the company", "the Beatles", "東京", "IBM")]
    [True, False, False, True, True, True]
    """
    words = text.split()
    if normalise(text) in PRONOUNS and text not in ("US", "IT", "WHO"):
        return False
    if len(words) > 1 and words[0].lower() in _DETERMINERS:
        words = words[1:]
    return any(
        c.isupper() or c.isdigit() or (c.isalpha() and c.lower() == c.upper()) for w in words for c in w
    )


def is_common_noun(text: str) -> bool:
    """Whether a mention is written like a kind of thing, not like a name, a pronoun or a definite noun.

    >>> [is_common_noun(text) for text in ("mathematics", "the company", "she", "Paris")]
    [True, False, False, False]
    """
    words = text.lower().split()
    return not is_name(text) and words[0] not in _DETERMINERS and normalise(text) not in PRONOUNS


def groups(extraction: Extraction, *, common_nouns: bool = False) -> tuple[Group, ...]:
    """Partition the mentions that may be entities; mentions of times and numbers are left out.

    With `common_nouns`, mentions like "mathematics" are looked up too.
    """
    mentions = extraction.mentions
    sets = _united(extraction)
    made = [_group(members, mentions, common_nouns) for members in sets]
    words = [frozenset(normalise(group.name).split()) for group in made]
    by_word: dict[str, list[int]] = defaultdict(list)
    for place, held in enumerate(words):
        for word in held:
            by_word[word].append(place)
    return tuple(
        Group(group.members, group.names, group.label, _longer(place, made, words, by_word))
        for place, group in enumerate(made)
    )


def _united(extraction: Extraction) -> list[tuple[int, ...]]:
    """Clusters, drawn together where they share a full name; every other mention joins or stands alone."""
    mentions = extraction.mentions
    parent = list(range(len(mentions)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    for cluster in extraction.clusters:
        for place in cluster[1:]:
            parent[root(place)] = root(cluster[0])
    first: dict[tuple[str, bool], int] = {}
    for place, mention in enumerate(mentions):
        if mention.label.is_value or not (is_name(mention.text) or is_common_noun(mention.text)):
            continue
        holder = first.setdefault((normalise(mention.text), is_name(mention.text)), place)
        parent[root(place)] = root(holder)
    sets: dict[int, list[int]] = defaultdict(list)
    for place, mention in enumerate(mentions):
        if not mention.label.is_value:
            sets[root(place)].append(place)
    return sorted(tuple(members) for members in sets.values())


def _group(members: tuple[int, ...], mentions: Sequence[Mention], common_nouns: bool) -> Group:
    """A group with its names and the label that most of its named members have."""
    named = [mentions[place] for place in members if is_name(mentions[place].text)]
    if not named and common_nouns:
        named = [mentions[place] for place in members if is_common_noun(mentions[place].text)]
    votes: dict[Label, float] = defaultdict(float)
    for mention in named or [mentions[place] for place in members]:
        votes[mention.label] += mention.score
    label = max(sorted(votes), key=lambda held: votes[held])
    return Group(members, _names(named), label if votes[label] > 0 else None)


def _names(named: Iterable[Mention]) -> tuple[str, ...]:
    """Distinct names, the one with most words first, then the one seen first."""
    distinct: dict[str, str] = {}
    for mention in named:
        distinct.setdefault(normalise(mention.text), mention.text)
    ordered = sorted(distinct.items(), key=lambda pair: -min(len(pair[0].split()), 4))
    return tuple(text for normal, text in ordered if normal)[:NAMES_OF_GROUP]


def _longer(
    place: int, made: list[Group], words: list[frozenset[str]], by_word: dict[str, list[int]]
) -> tuple[str, ...]:
    """Names of other groups that hold all words of this group's name and more, nearest before it first."""
    own = words[place]
    if not own or len(own) > 3:
        return ()
    label = made[place].label
    start = made[place].members[0]
    found: list[tuple[bool, int, str]] = []
    for other in set.intersection(*(set(by_word[word]) for word in own)):
        if words[other] <= own or (label and made[other].label and label != made[other].label):
            continue
        first = made[other].members[0]
        found.append((first > start, abs(first - start), made[other].name))
    return tuple(name for _, _, name in sorted(found))[:LONGER_NAMES]

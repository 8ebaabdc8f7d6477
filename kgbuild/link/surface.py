"""Mentions of one document enter; groups of mentions that are decided together leave.

A pronoun or a common noun is never looked up by itself: it takes the link of its group. A short
name ("Curie") is looked up together with the longer name that the document gives (Marie Curie).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kgbuild.link.names import initials, normalise, variants
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
    in the document that hold all the words of this group's first name. `wider` are names of which
    its first mention may be a part of, as the text goes on around it, `national` those of
    teams that it may stand for; `home` are names with the place of the document that an office or institution
    may be of; `sporting` says that the text around tells of sport.
    """

    members: tuple[int, ...]
    names: tuple[str, ...]
    label: Label | None
    longer: tuple[str, ...] = ()
    wider: tuple[str, ...] = ()
    national: tuple[str, ...] = ()
    home: tuple[str, ...] = ()
    sporting: bool = False

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

    A cluster is one group, unless it holds names that one entity would hardly have (see
    `same_bearer`). Groups whose most telling names are equal are one, and a person's short name joins
    the only longer one that the document has. With `common_nouns`, mentions like "mathematics" are
    looked up too.
    """
    mentions = extraction.mentions
    named = [is_name(mention.text) or (common_nouns and is_common_noun(mention.text)) for mention in mentions]
    parts = [part for cluster in _clusters(extraction) for part in _parts(cluster, mentions, named)]
    made = [_group(members, mentions, named) for members in _united(parts, mentions, named)]
    return tuple(sorted(_shortened(_with_longer(made)), key=lambda group: group.members))


def same_bearer(one: str, other: str, label: Label | None = None) -> bool:
    """Whether two names may be of one entity: they share words, or one abbreviates the other.

    Of two full names of persons, one must hold all words of the other, or both begin and end alike.

    >>> same_bearer("Marie Curie", "Curie"), same_bearer("World Health Organization", "WHO")
    (True, True)
    >>> same_bearer("Jay Inslee", "Trudi Inslee", Label.PERSON), same_bearer("Apple Inc.", "Cupertino")
    (False, False)
    """
    first, second = _plain(one), _plain(other)
    if initials(" ".join(first)) == "".join(second) or initials(" ".join(second)) == "".join(first):
        return True
    shared = set(first) & set(second)
    if label is not Label.PERSON or not shared or set(first) <= set(second) or set(second) <= set(first):
        return bool(shared)
    return first[-1] == second[-1] and first[0][0] == second[0][0] and 1 in (len(first[0]), len(second[0]))


def _plain(name: str) -> list[str]:
    """Words of a name without titles and articles."""
    return min((normalise(name), *variants(name)), key=len).split()


def _clusters(extraction: Extraction) -> Iterator[list[int]]:
    """Clusters, and lone mentions as clusters of one; no mention comes twice, and no value at all."""
    waiting = {place for place, mention in enumerate(extraction.mentions) if not mention.label.is_value}
    for cluster in extraction.clusters:
        members = sorted(waiting.intersection(cluster))
        waiting.difference_update(members)
        if members:
            yield members
    for place in sorted(waiting):
        yield [place]


def _parts(cluster: list[int], mentions: Sequence[Mention], named: Sequence[bool]) -> list[list[int]]:
    """A cluster's mentions by the names that go together; a pronoun goes with the name before it."""
    parts: list[list[int]] = []
    latest: list[int] = []
    waiting: list[int] = []
    for place in cluster:
        if not named[place]:
            (latest or waiting).append(place)
            continue
        latest = next((part for part in reversed(parts) if _fits(place, part, mentions, named)), [])
        if not latest:
            parts.append(latest)
        latest.append(place)
    if not parts:
        return [waiting]
    parts[0][:0] = waiting
    return parts


def _fits(place: int, part: list[int], mentions: Sequence[Mention], named: Sequence[bool]) -> bool:
    """Whether a name may be of the same bearer as all names of a part."""
    mention = mentions[place]
    return all(
        same_bearer(mention.text, mentions[other].text, mention.label) for other in part if named[other]
    )


def _united(
    parts: list[list[int]], mentions: Sequence[Mention], named: Sequence[bool]
) -> list[tuple[int, ...]]:
    """Parts whose most telling names, and labels, are equal, drawn together."""
    found: dict[tuple[object, ...], list[int]] = {}
    for number, part in enumerate(parts):
        group = _group(tuple(part), mentions, named)
        key = (normalise(group.name), group.label) if group.names else (number,)
        found.setdefault(key, []).extend(part)
    return [tuple(sorted(members)) for members in found.values()]


def _group(members: tuple[int, ...], mentions: Sequence[Mention], named: Sequence[bool]) -> Group:
    """A group with its names and the label that most of its named members have."""
    telling = [mentions[place] for place in members if named[place]]
    votes: dict[Label, float] = defaultdict(float)
    for mention in telling or [mentions[place] for place in members]:
        votes[mention.label] += mention.score
    label = max(sorted(votes), key=lambda held: votes[held])
    return Group(members, _names(telling), label if votes[label] > 0 else None)


def _names(named: Iterable[Mention]) -> tuple[str, ...]:
    """Distinct names, the one with most words first, then the one seen first."""
    distinct: dict[str, str] = {}
    for mention in named:
        distinct.setdefault(normalise(mention.text), mention.text)
    ordered = sorted(distinct.items(), key=lambda pair: -min(len(pair[0].split()), 4))
    return tuple(text for normal, text in ordered if normal)[:NAMES_OF_GROUP]


def _with_longer(made: Sequence[Group]) -> list[tuple[Group, tuple[int, ...]]]:
    """Each group with its longer names, and the places of the groups that they are of."""
    words = [frozenset(normalise(group.name).split()) for group in made]
    by_word: dict[str, set[int]] = defaultdict(set)
    for place, held in enumerate(words):
        for word in held:
            by_word[word].add(place)
    found = []
    for place, group in enumerate(made):
        sharing = set.intersection(*(by_word[word] for word in words[place])) if words[place] else set()
        longer = [other for other in sharing if _is_longer(group, made[other], words[place], words[other])]
        start = group.members[0]
        longer.sort(key=lambda other: (made[other].members[0] > start, abs(made[other].members[0] - start)))
        names = tuple(made[other].name for other in longer[:LONGER_NAMES])
        found.append((replace(group, longer=names), tuple(longer)))
    return found


def _is_longer(group: Group, other: Group, own: frozenset[str], words: frozenset[str]) -> bool:
    """Whether another group's name holds all words of this one's and more, of the same kind."""
    if not own < words or len(own) > 3:
        return False
    return group.label is None or other.label is None or group.label is other.label


def _shortened(found: Sequence[tuple[Group, tuple[int, ...]]]) -> list[Group]:
    """Persons' short names joined to the only longer name that they can be of."""
    members = {place: list(group.members) for place, (group, _) in enumerate(found)}
    target = {}
    for place, (group, longer) in enumerate(found):
        if group.label is Label.PERSON and len(longer) == 1 and found[longer[0]][0].label is Label.PERSON:
            target[place] = longer[0]
    for place in target:
        members[_end(place, target)] += members.pop(place)
    return [
        replace(found[place][0], members=tuple(sorted(held)), names=_all_names(place, found, target))
        for place, held in members.items()
    ]


def _end(place: int, target: dict[int, int]) -> int:
    """Where a chain of joined names ends."""
    while place in target:
        place = target[place]
    return place


def _all_names(
    place: int, found: Sequence[tuple[Group, tuple[int, ...]]], target: dict[int, int]
) -> tuple[str, ...]:
    """A group's names, and after them those of the short names that joined it."""
    joined = (found[short][0].names for short in target if _end(short, target) == place)
    names = dict.fromkeys((*found[place][0].names, *(name for held in joined for name in held)))
    return tuple(names)[:NAMES_OF_GROUP]

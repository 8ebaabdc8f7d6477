"""Antecedent scores to antecedents of names, how sure these are, clusters, and pronouns' types from these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgbuild.extract.anaphora import Anaphora
from kgbuild.extract.groups import united
from kgbuild.extract.referents import Referents
from kgbuild.extract.strings import Match
from kgbuild.records import Label

UNLIKE = 2.0
"""Score above which names corefer that share no words, or not all of either: an epithet, another language."""
FORCED = 100.0
"""What puts equal names before all others."""
LEAST = 0.02
"""Least probability of a link that a rule made: equal names corefer whatever their scores."""


@dataclass(frozen=True, slots=True)
class References:
    """To what each mention refers: its antecedent's position or -1, and how sure that is; (mentions,).

    In a window that of a name is earlier; a pronoun may stand before the name that it means, and in a
    document a short name before the full one.
    """

    antecedent: NDArray[np.int64]
    certainty: NDArray[np.float64]

    @classmethod
    def of(cls, scores: NDArray[np.float32], matched: NDArray[np.int64], referents: Referents) -> References:
        """What names refer to, then pronouns, with certainties."""
        if not len(scores):
            return cls(np.zeros(0, np.int64), np.zeros(0))
        names = antecedents(scores, matched, referents)
        meant = Anaphora(scores, owners(names), referents).meanings()
        chosen = np.where(referents.pronoun, meant.antecedent, names)
        resolved = referents.pronoun & (chosen >= 0)
        return cls(chosen, np.where(resolved, meant.certainty, certainties(scores, referents, chosen)))


def antecedents(
    scores: NDArray[np.float32], matched: NDArray[np.int64], referents: Referents
) -> NDArray[np.int64]:
    """The best earlier name for each name, or -1 where none scores enough: (mentions,); -1 for pronouns.

    `scores[j, i]` is that of mention i as antecedent of j, `matched` its string match. Equal names
    always corefer; names of which neither has all the other's words do where the score is above
    `UNLIKE`. Values (dates, numbers) never corefer. Otherwise a mention refers only to one whose kind it
    shares, and no cluster has names of men and of women.
    """
    count = len(scores)
    if not count:
        return np.zeros(0, np.int64)
    kinds, sexes = referents.kinds, referents.sex
    name = ~referents.pronoun & ~referents.value
    equal = matched == Match.EXACT
    allowed = np.tri(count, count, -1, dtype=bool) & (equal | ((kinds[:, None] & kinds[None, :]) > 0))
    allowed &= name[:, None] & name[None, :]
    least = np.where(matched < Match.SUBSET, UNLIKE, 0.0)
    ranked = np.where(equal, np.maximum(scores, 0.0) + FORCED, scores - least)
    ranked = np.where(allowed, ranked, -np.inf)
    best = ranked.argmax(1)
    found = np.where(ranked[np.arange(count), best] > 0, best, -1)
    return found if _are_of_one_sex(found, sexes) else _one_by_one(ranked, sexes)


def _are_of_one_sex(antecedents: NDArray[np.int64], sexes: NDArray[np.int64]) -> bool:
    """Whether no cluster has names of men and of women."""
    owner = owners(antecedents)
    men, women = (np.bincount(owner, sexes == told, len(owner)) for told in (1, -1))
    return not ((men > 0) & (women > 0)).any()


def _one_by_one(ranked: NDArray[np.float32], sexes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The best antecedents in order, none in a cluster whose names so far are of the other sex."""
    count = len(ranked)
    found, owner, told = np.full(count, -1), np.arange(count), np.zeros(count, np.int64)
    for place in range(count):
        row = np.where(sexes[place] * told[owner] < 0, -np.inf, ranked[place])
        best = int(row.argmax())
        if row[best] > 0:
            found[place], owner[place] = best, owner[best]
        told[owner[place]] += sexes[place]
    return found


def owners(antecedents: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first mention of each one's cluster, by earlier antecedents (-1 for none): (mentions,).

    >>> owners(np.array([-1, 0, -1, 1, 2])).tolist()
    [0, 0, 2, 0, 2]
    """
    owner = np.arange(len(antecedents))
    for mention, antecedent in enumerate(antecedents.tolist()):
        if antecedent >= 0:
            owner[mention] = owner[antecedent]
    return owner


def certainties(
    scores: NDArray[np.float32], referents: Referents, chosen: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How sure it is that each mention is in its own cluster, and none other belongs to it: (mentions,).

    `scores` are as in `antecedents`, `chosen` is what that returned. The scores of a
    mention's antecedents and of "none" make probabilities (Lee et al., EMNLP 2017). What counts is
    that of its cluster (a pronoun before the first name counts as none), and that no later
    name of another cluster refers to it. Values are certain.
    """
    count = len(scores)
    if not count:
        return np.zeros(0)
    value, pronoun = referents.value, referents.pronoun
    before = np.tri(count, count, -1, dtype=bool) & ~value[:, None] & ~value[None, :]
    told = np.concatenate([np.zeros((count, 1)), np.where(before, scores, -np.inf)], 1)
    told = np.exp(told - told.max(1, keepdims=True))
    none, share = np.split(told / told.sum(1, keepdims=True), [1], axis=1)
    owner = np.arange(count)
    for group in clusters(chosen.tolist()):
        owner[list(group)] = group[0]
    together = owner[:, None] == owner[None, :]
    alone = none[:, 0] + (share * pronoun[None, :]).sum(1)
    own = np.where((together & before).any(1), (share * together).sum(1), alone)
    others = np.where(together | pronoun[:, None], 0.0, share)
    unclaimed = np.maximum(1.0 - others, LEAST).prod(0)
    return np.where(value, 1.0, np.maximum(own, LEAST) * unclaimed)


def clusters(antecedents: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Groups of two or more mentions joined by their antecedents (-1 for none), in order.

    >>> clusters([-1, 0, -1, 1, 2])
    ((0, 1, 3), (2, 4))
    """
    return united(pair for pair in enumerate(antecedents) if pair[1] >= 0)


def resolved(
    labels: Sequence[Label], pronoun: NDArray[np.bool_], groups: Sequence[Sequence[int]]
) -> dict[int, Label]:
    """The label of each pronoun that has a name in its cluster: that of most of its names."""
    found: dict[int, Label] = {}
    for group in groups:
        names = Counter(labels[member] for member in group if not pronoun[member])
        if names:
            [(label, _)] = names.most_common(1)
            found |= {member: label for member in group if pronoun[member]}
    return found

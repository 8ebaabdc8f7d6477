"""Antecedent scores to antecedents, how sure they are, clusters, and pronouns' types from these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgbuild.extract.labels import LABELS
from kgbuild.extract.strings import Match
from kgbuild.records import Label

UNLIKE = 2.0
"""Score above which names corefer that share no words, or not all of either: an epithet, another language."""
PRONOUN = -3.0
"""Score above which a pronoun corefers: nearly every one means something that was named."""
FORCED = 100.0
"""What puts equal names before all others."""
LEAST = 0.02
"""Least probability of a link that a rule made: equal names corefer whatever their scores."""
TURNS = 4
"""How often pronouns are asked again that are not of the sex of whom they were held to mean."""
VALUE_KINDS = sum(1 << number for number, label in enumerate(LABELS) if label.is_value)


@dataclass(frozen=True, slots=True)
class Referents:
    """What may refer: the kind of each mention, as in `kgbuild.extract.licence`, which are pronouns, and the
    sex that these tell, as in `kgbuild.extract.labels`.

    All are (mentions,).
    """

    kinds: NDArray[np.int64]
    pronoun: NDArray[np.bool_]
    sex: NDArray[np.int64]

    @property
    def value(self) -> NDArray[np.bool_]:
        """Which are values (dates, numbers)."""
        values: NDArray[np.bool_] = (self.kinds & VALUE_KINDS) != 0
        return values


@dataclass(frozen=True, slots=True)
class References:
    """To what each mention refers: its antecedent's position or -1, and how sure that is; (mentions,)."""

    antecedent: NDArray[np.int64]
    certainty: NDArray[np.float64]

    @classmethod
    def of(cls, scores: NDArray[np.float32], matched: NDArray[np.int64], referents: Referents) -> References:
        """What `antecedents` chooses, with its certainties."""
        chosen = antecedents(scores, matched, referents)
        return cls(chosen, certainties(scores, referents, chosen))


def antecedents(
    scores: NDArray[np.float32], matched: NDArray[np.int64], referents: Referents
) -> NDArray[np.int64]:
    """The best earlier mention of each, or -1 where none scores enough: (mentions,).

    `scores[j, i]` is that of mention i as antecedent of j, `matched` its string match. Equal names
    always corefer; names of which neither has all the other's words do where the score is above
    `UNLIKE`, pronouns where it is above `PRONOUN`. Values (dates, numbers) never corefer. Otherwise a
    mention refers only to one whose kind it shares, and a name to no pronoun. Nobody is both "he" and
    "she": the pronouns that are of the sex which a cluster has less evidence of refer to something else.
    """
    count = len(scores)
    if not count:
        return np.zeros(0, np.int64)
    kinds, pronoun = referents.kinds, referents.pronoun
    names = ~pronoun[:, None] & ~pronoun[None, :]
    equal = (matched == Match.EXACT) & names
    alike = equal | ((kinds[:, None] & kinds[None, :]) > 0)
    allowed = np.tri(count, count, -1, dtype=bool) & alike
    allowed &= ~referents.value[:, None] & ~referents.value[None, :]
    allowed &= pronoun[:, None] | ~pronoun[None, :]
    allowed &= referents.sex[:, None] * referents.sex[None, :] >= 0
    least = np.where(names & (matched < Match.SUBSET), UNLIKE, 0.0)
    least[pronoun] = PRONOUN
    ranked = np.where(equal, np.maximum(scores, 0.0) + FORCED, scores - least)
    ranked = np.where(allowed, ranked, -np.inf)
    chosen = _best(ranked)
    for _ in range(TURNS):
        clashing = _clashing(chosen, scores, referents.sex)
        if not clashing.any():
            break
        ranked[clashing] = -np.inf
        chosen = _best(ranked)
    return chosen


def _best(ranked: NDArray[np.float32]) -> NDArray[np.int64]:
    """The best of each row where that is above 0, else -1."""
    best = ranked.argmax(1)
    return np.where(ranked[np.arange(len(ranked)), best] > 0, best, -1)


def _clashing(
    chosen: NDArray[np.int64], scores: NDArray[np.float32], sex: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whom pronouns cannot mean, (mentions, mentions): all in their cluster where most are of the other sex.

    Each of its pronouns counts by how likely its antecedent is against "none".
    """
    wrong = np.zeros(scores.shape, bool)
    if sex.min(initial=0) >= 0 or sex.max(initial=0) <= 0:
        return wrong
    for group in clusters(len(chosen), chosen.tolist()):
        members = np.array(group)
        told = members[(sex[members] != 0) & (chosen[members] >= 0)]
        sure = 1.0 / (1.0 + np.exp(-scores[told, chosen[told]]))
        balance = (sex[told] * sure).sum() or 1.0
        others = told[sex[told] * balance < 0]
        wrong[np.ix_(others, np.setdiff1d(members, others))] = True
    return wrong


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
    for group in clusters(count, chosen.tolist()):
        owner[list(group)] = group[0]
    together = owner[:, None] == owner[None, :]
    alone = none[:, 0] + (share * pronoun[None, :]).sum(1)
    own = np.where((together & before).any(1), (share * together).sum(1), alone)
    others = np.where(together | pronoun[:, None], 0.0, share)
    unclaimed = np.maximum(1.0 - others, LEAST).prod(0)
    return np.where(value, 1.0, np.maximum(own, LEAST) * unclaimed)


def clusters(count: int, antecedents: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Groups of two or more mentions joined by their antecedents (-1 for none), in order.

    >>> clusters(5, [-1, 0, -1, 1, 2])
    ((0, 1, 3), (2, 4))
    """
    root = list(range(count))

    def find(mention: int) -> int:
        while root[mention] != mention:
            root[mention] = root[root[mention]]
            mention = root[mention]
        return mention

    for mention, antecedent in enumerate(antecedents):
        if antecedent >= 0:
            a, b = find(mention), find(antecedent)
            root[max(a, b)] = min(a, b)
    return _grouped(find(mention) for mention in range(count))


def _grouped(roots: Iterable[int]) -> tuple[tuple[int, ...], ...]:
    members: dict[int, list[int]] = {}
    for mention, found in enumerate(roots):
        members.setdefault(found, []).append(mention)
    return tuple(tuple(group) for group in members.values() if len(group) > 1)


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

"""Pronouns to what they mean: entities, by what the network says of their names, prominence and recency.

A network that learned pronouns from few texts rates "it" badly; that an entity is named often, was spoken of
just before and leads its sentence tells as much (Lappin & Leass, Computational Linguistics 1994; Grosz,
Joshi & Weinstein, Computational Linguistics 1995). Who speaks is never "he" in the quotation and always "I",
a relative pronoun means what it stands behind, and "she" nobody with a man's name.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgbuild.extract.referents import Referents
from kgbuild.extract.speech import NOBODY

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

FLOOR = -8.0
"""Least logit that counts, and what an entity has that is named only later."""
PRONOUN = -3.0
"""Logit above which a pronoun means what an earlier one does, where no name is there."""
TURNS = 4
"""How often pronouns are asked again that are not of the sex of whom they were held to mean."""
TOLD = 0.9
"""How sure it is who is "I" in a quotation, and to what a relative pronoun belongs."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What speaks for an entity as the meaning of a pronoun; fitted by `kgbuild.train.anaphora`.

    `logit` weighs the best logit of its earlier names, `names` and `distance` the logarithms of one more than
    the number of its names in the window and of the tokens since it was last mentioned, `later` that it is
    named only later in the sentence, and `leads` that it is mentioned first in the sentence, or where no
    entity is there, in the one before. `none` is the score of all that is no such entity.
    """

    logit: float
    names: float
    distance: float
    later: float
    leads: float
    none: float


PEOPLE = Weights(logit=0.284, names=0.775, distance=-0.417, later=0.93, leads=0.502, none=-0.701)
"""For "he", "she" and "I"."""
THINGS = Weights(logit=0.379, names=2.171, distance=-0.216, later=0.252, leads=0.989, none=-1.781)
"""For all others."""


@dataclass(frozen=True, slots=True)
class Meanings:
    """What pronouns mean: the position of an antecedent or `NOBODY`, and how sure it is, both (mentions,)."""

    antecedent: Ints
    certainty: Floats


@dataclass(frozen=True, slots=True)
class Named:
    """What a window's names tell of its entities, for each of its pronouns; carried pronouns count as names.

    `pronouns` are positions, `entities` the positions of the entities' first names, `column` the number of
    each mention's entity or `NOBODY`, `number` (entities,) the logarithm of one more than that of its names.
    The others are (pronouns, entities): the best `logit` of its earlier names, the last token at which one
    stands `before`, -1 where none does, and the first `behind` in the same sentence, else infinity. Only
    names that the pronoun may mean count: by their kind, and by the sex that the entity's names tell.
    """

    pronouns: Ints
    entities: Ints
    column: Ints
    number: Floats
    logit: Floats
    before: Floats
    behind: Floats

    @classmethod
    def of(cls, scores: NDArray[np.float32], owner: Ints, referents: Referents) -> Named:
        """`scores[j, i]` is the network's logit of mention i as antecedent of j, `owner` the first mention of
        each name's entity."""
        names = np.flatnonzero((~referents.pronoun | referents.carried) & ~referents.value)
        names = names[np.argsort(owner[names], kind="stable")]
        entities, first, column = np.unique(owner[names], return_index=True, return_inverse=True)
        pronouns = np.flatnonzero(referents.pronoun & ~referents.carried)
        each = pronouns[:, None]

        def most(values: NDArray[np.float64]) -> Floats:
            if not len(entities):
                return np.zeros((len(pronouns), 0))
            found: Floats = np.maximum.reduceat(values, first, axis=1)
            return found

        told = np.bincount(column, referents.sex[names], len(entities))[column]
        fits = (referents.kinds[each] & referents.kinds[names]) != 0
        fits &= referents.sex[each] * told >= 0
        earlier = fits & (names < each)
        later = fits & (names > each) & (referents.sentence[names] == referents.sentence[each])
        token = referents.token[names].astype(float)
        columns = np.full(len(owner), NOBODY)
        columns[names] = column
        return cls(
            pronouns,
            entities,
            columns,
            np.log1p(np.bincount(column, minlength=len(entities))),
            most(np.where(earlier, np.maximum(scores[each, names], FLOOR), FLOOR)),
            most(np.where(earlier, token, -1.0)),
            -most(np.where(later, -token, -np.inf)),
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of each pronoun before any is resolved, all (pronouns,).

    `token` is where it stands, `leaders` (pronouns, 2) are the first mentions of its sentence and of the one
    before (itself means nothing yet); `told` is the mention that it must mean by where it stands, and
    `other` who speaks where that is somebody else, all `NOBODY` where there is none. `person` says which mean
    people, `outside` which are "I" outside of quotations, whom no name tells.
    """

    token: Floats
    leaders: Ints
    told: Ints
    other: Ints
    person: Flags
    outside: Flags

    @classmethod
    def of(cls, referents: Referents, pronouns: Ints) -> Asked:
        """That of the pronouns at some positions."""
        speaking, sexed = referents.speaking[pronouns], referents.sex[pronouns] != 0
        head, speaker = referents.head[pronouns], referents.speaker[pronouns]
        beside = (head != NOBODY) & ((referents.kinds[head] & referents.kinds[pronouns]) != 0)
        return cls(
            referents.token[pronouns].astype(float),
            _leaders(referents, pronouns),
            np.where(beside, head, np.where(speaking, speaker, NOBODY)),
            np.where(sexed, speaker, NOBODY),
            sexed | speaking,
            speaking & ~referents.quoted[pronouns],
        )


def _leaders(referents: Referents, pronouns: Ints) -> Ints:
    """The first mentions, that are no values, of each pronoun's sentence and of the one before."""
    named = np.flatnonzero(~referents.value)
    sentences, first = np.unique(referents.sentence[named], return_index=True)
    leader = dict(zip(sentences.tolist(), named[first].tolist(), strict=True))
    numbers = referents.sentence[pronouns].tolist()
    leaders = [(leader[number], leader.get(number - 1, NOBODY)) for number in numbers]
    return np.array(leaders, np.int64).reshape(-1, 2)


class Anaphora:
    """The pronouns of a window, resolved in order, those in quotations last.

    `column` is the number of each mention's entity, or `NOBODY`; `recent` the last token at which an earlier
    pronoun means an entity, (pronouns, entities), -1 where none does.
    """

    def __init__(
        self,
        scores: NDArray[np.float32],
        owner: Ints,
        referents: Referents,
        *,
        people: Weights = PEOPLE,
        things: Weights = THINGS,
    ) -> None:
        self.scores, self.referents = scores, referents
        self.named = Named.of(scores, owner, referents)
        self.asked = Asked.of(referents, self.named.pronouns)
        self.later = self.named.before < 0
        self.possible = ~self.later | np.isfinite(self.named.behind)
        self.order = np.argsort(referents.quoted[self.named.pronouns], kind="stable").tolist()
        self.weights = [people if person else things for person in self.asked.person.tolist()]
        self.lasting = self._lasting()

    def meanings(self) -> Meanings:
        """What each pronoun means; nobody is both "he" and "she": pronouns of the sex of which an entity has
        less evidence mean another."""
        for _ in range(TURNS):
            self._begin()
            for row in self.order:
                self._resolve(row)
            clashing = self._clashing()
            if not clashing.any():
                break
            self.possible &= ~clashing
        return Meanings(self.antecedent, self.certainty)

    def candidates(self, row: int) -> tuple[Floats, Flags]:
        """How far each entity is from a pronoun, as `Weights.distance` weighs it, and which may be meant:
        both (entities,)."""
        named, here = self.named, self.asked.token[row]
        before = here - np.maximum(named.before[row], self.recent[row])
        distance = np.where(self.later[row], named.behind[row] - here, before)
        possible = self.possible[row].copy()
        other = self.asked.other[row]
        if other != NOBODY and self.column[other] != NOBODY:
            possible[self.column[other]] = False
        return np.log1p(np.where(possible, distance, 0.0)), possible

    def leading(self, row: int) -> Floats:
        """1 for the entity that leads what a pronoun goes on about, 0 for all others: (entities,)."""
        columns = [self.column[place] for place in self.asked.leaders[row] if place != NOBODY]
        leader = next((column for column in columns if column != NOBODY), NOBODY)
        found: Floats = (np.arange(len(self.named.entities)) == leader).astype(float)
        return found

    def _lasting(self) -> Floats:
        """What speaks for each entity whatever other pronouns mean, (pronouns, entities)."""
        weights = np.array([(each.logit, each.names, each.later) for each in self.weights]).reshape(-1, 3)
        logit, names, later = np.split(weights, 3, axis=1)
        found: Floats = logit * self.named.logit + names * self.named.number + later * self.later
        return found

    def _begin(self) -> None:
        count = len(self.referents.kinds)
        self.antecedent, self.certainty = np.full(count, NOBODY), np.zeros(count)
        self.column = self.named.column.copy()
        self.recent = np.full(self.named.logit.shape, -1.0)

    def _resolve(self, row: int) -> None:
        told = int(self.asked.told[row])
        if told != NOBODY:
            self._join(row, told, TOLD)
            return
        distance, possible = self.candidates(row)
        if not possible.any() or self.asked.outside[row]:
            self._follow(row)
            return
        weights = self.weights[row]
        passing = weights.distance * distance + weights.leads * self.leading(row)
        scores = np.where(possible, self.lasting[row] + passing, -np.inf)
        best = int(scores.argmax())
        rivals = np.exp(scores - scores[best]).sum() + np.exp(weights.none - scores[best])
        self._join(row, int(self.named.entities[best]), float(1.0 / rivals))

    def _follow(self, row: int) -> None:
        """A pronoun for which there is no name means what an earlier one does that has none either."""
        told, others = self.referents, self.named.pronouns
        place = others[row]
        alike = (others < place) & (self.column[others] == NOBODY)
        alike &= ((told.kinds[others] & told.kinds[place]) != 0) & (told.sex[others] * told.sex[place] >= 0)
        alike &= (told.speaking[others] == told.speaking[place]) & (told.quoted[others] == told.quoted[place])
        scores = np.where(alike, self.scores[place, others], -np.inf)
        if alike.any() and scores.max() > PRONOUN:
            best = int(others[scores.argmax()])
            self._join(row, best, 1.0 / (1.0 + np.exp(-float(scores.max()))))

    def _join(self, row: int, antecedent: int, certainty: float) -> None:
        place = self.named.pronouns[row]
        self.antecedent[place], self.certainty[place] = antecedent, certainty
        column = self.column[antecedent]
        if column != NOBODY:
            self.column[place] = column
            later = self.recent[row + 1 :, column]
            np.maximum(later, self.asked.token[row], out=later)

    def _clashing(self) -> Flags:
        """Which entities pronouns cannot mean, most evidence being of the other sex: (pronouns, entities)."""
        wrong = np.zeros(self.possible.shape, bool)
        named, told = self.named, self.referents
        rows = np.flatnonzero((told.sex[named.pronouns] != 0) & (self.column[named.pronouns] != NOBODY))
        places = named.pronouns[rows]
        column, sexes = self.column[places], told.sex[places]
        balance = np.bincount(column, sexes * self.certainty[places], len(named.entities))
        others = sexes * np.where(balance == 0, 1.0, balance)[column] < 0
        wrong[rows[others], column[others]] = True
        return wrong

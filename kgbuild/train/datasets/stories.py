"""Stories from templates: lives and families, films and books, prizes, capitals and offices.

What annotated texts say of a person they mostly say of one person alone, so in whole documents a network
gives a birthday to all who stand near it; since KnowledgeNet says only that one person is another's
child, it confounds fathers with mothers, and mothers with wives; and what documents seldom state, such as who
directed a film, it hardly believes. Rows of `stories.tsv` say who is meant: a story has one that opens it, up
to three others, and mostly goes on with another person, of whom nothing that was said before is true.
"""

from __future__ import annotations

import itertools
import random
import re
from calendar import month_name
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kgbuild.errors import DatasetError
from kgbuild.train.datasets.cast import Cast, Role, cast_of, drawn
from kgbuild.train.datasets.files import read_bytes
from kgbuild.train.datasets.templates import NOTHING
from kgbuild.train.examples import AnnotatedMention, Example, Fact, Scope, Tagging

COPIES = 24
"""Examples of each row."""
MOST = 3
"""Rows that follow the one that opens a story."""
MORE = 0.6
"""Share of the examples that go on with another person."""
NAMES = 40
"""More than any story has of one role."""
ABOUT = "s"
"""The slot of the person whom a story is about."""
RELATIVES = "bcde"
"""Slots of people who may have a first name only: children, brothers and sisters."""
FIRST_NAMES = 0.6
"""Share of them who have."""
FAMILY = frozenset({"P22", "P25", "P26", "P40", "P3373"})
SIBLING = "P3373"
INVERSES = {"P22": "P40", "P25": "P40", "P26": "P26", SIBLING: SIBLING, "P36": "P1376"}
_SEX = {"f": 0, "m": 1}
"""Slots of men and women; other people are of either sex."""
_PRONOUNS = ({"he": "he", "his": "his", "him": "him"}, {"he": "she", "his": "her", "him": "her"})
_THINGS = {"it": "it", "its": "its"}
_WORDS = (
    {"son": "son", "brother": "brother", "husband": "husband"},
    {"son": "daughter", "brother": "sister", "husband": "wife"},
)
_YEARS = {"t": range(1750, 1921), "u": range(1921, 2011)}
"""The years of days: {u} lies behind {t}."""
_ROLES = {
    **dict.fromkeys("pqr", Role.PLACE),
    **dict.fromkeys("ghi", Role.WORK),
    **dict.fromkeys("an", Role.AWARD),
    **dict.fromkeys(_YEARS, Role.TIME),
}
"""Slots that are no people."""
_YEAR = "y"
FORMS = {
    Role.PERSON: frozenset({*_PRONOUNS[0], *_WORDS[0]}),
    Role.TIME: frozenset({_YEAR}),
    Role.PLACE: frozenset(_THINGS),
    Role.WORK: frozenset(_THINGS),
    Role.AWARD: frozenset(_THINGS),
}
"""What a slot can be written as beside its name, in small letters."""
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{([a-z])(?::([A-Za-z]+))?\}")

Told = tuple[str, str, str]
"""A fact of a row: property, and the slots of subject and object."""


@dataclass(frozen=True, slots=True)
class Row:
    """A text with slots, the facts that it tells, and those of which nothing is known."""

    facts: tuple[Told, ...]
    unknown: tuple[Told, ...]
    text: str

    @property
    def opens(self) -> bool:
        """Whether a story may begin with it: it names whom it is about first."""
        return self.text.startswith(f"{{{ABOUT}}}")

    @property
    def properties(self) -> frozenset[str]:
        """The properties that it tells of whom it is about."""
        return frozenset(name for name, subject, _ in self.facts if subject == ABOUT)


def read_rows(path: Path) -> list[Row]:
    """The rows of a file, without lines that begin with #. DatasetError names the line of a broken one."""
    found = []
    for number, line in enumerate(read_bytes(path).decode().splitlines(), 1):
        if line and not line.startswith("#"):
            try:
                told, text = line.split("\t")
                found.append(_row(told, text))
            except ValueError as error:
                raise DatasetError(f"{path}:{number}: {error}") from error
    if not any(row.opens for row in found):
        raise DatasetError(f"{path} has no row that can open a story: let one begin with {{{ABOUT}}}")
    return found


def _row(told: str, text: str) -> Row:
    parts = [] if told == NOTHING else [part.split() for part in told.split(",")]
    for slot, form in _SLOT.findall(text):
        if form and form.lower() not in (known := FORMS[_role(slot)]):
            raise ValueError(f"the slot {slot} has no form {form}; it has {', '.join(sorted(known))}")
    slots = {match[1] for match in _SLOT.finditer(_CHOICE.sub("", text))}
    facts: tuple[list[Told], list[Told]] = ([], [])
    for name, subject, object_ in parts:
        ends = subject, object_.partition(":")[0]
        if missing := set(ends) - slots:
            raise ValueError(f"the text does not always have {{{min(missing)}}}")
        facts[name.startswith("?")].append((name.removeprefix("?"), *ends))
    return Row(tuple(facts[0]), tuple(facts[1]), text)


def read_stories(path: Path, before: Sequence[Example], *, seed: int) -> Iterator[Example]:
    """Stories around each row; names, words and what else is told are drawn by the seed.

    The names are those in the examples `before`. DatasetError where they are too few.
    """
    rows, draw, cast = read_rows(path), random.Random(seed), cast_of(before)
    wanted = {_role(slot) for row in rows for slot, _ in _SLOT.findall(row.text)} - {Role.TIME}
    if few := sorted(role for role in wanted if len(cast[role]) < NAMES):
        found = ", ".join(f"{len(cast[role])} of {role}" for role in few)
        raise DatasetError(
            f"stories need {NAMES} names of {', '.join(sorted(wanted))}, but there are {found}; they take "
            "them from the data sets before them: let one that annotates these come first"
        )
    stated = {name for row in rows for name, *_ in row.facts}
    told = frozenset(stated | {INVERSES[name] for name in stated & INVERSES.keys()})
    for copy in range(COPIES):
        for number, row in enumerate(rows):
            story = _Story(cast, draw)
            story.tell(_of_one(rows, row, draw))
            if draw.random() < MORE:
                story.tell(_of_one(rows, draw.choice(rows), draw))
            yield story.example(f"{path.name}:{number}:{copy}", told)


def _role(slot: str) -> Role:
    return _ROLES.get(slot, Role.PERSON)


def _of_one(rows: Sequence[Row], row: Row, draw: random.Random) -> list[Row]:
    """What is told of a person: the row, one that opens, and others; each property in one of them."""
    chosen = [row]
    openings = [each for each in rows if each.opens and _goes_with(chosen, each)]
    if not (row.opens or openings):
        raise DatasetError(f"no row that opens a story goes with {row.text!r}, which tells the same property")
    opening = [] if row.opens else [draw.choice(openings)]
    for other in draw.sample(rows, min(draw.randint(0, MOST - 1), len(rows))):
        if _goes_with([*opening, *chosen], other) and not other.opens:
            chosen.append(other)
    draw.shuffle(chosen)
    return sorted([*opening, *chosen], key=lambda each: not each.opens)


def _goes_with(told: Iterable[Row], other: Row) -> bool:
    return not any(each.properties & other.properties for each in told)


@dataclass(frozen=True, slots=True)
class _Named:
    """An entity of a story: its number, type, name, sex where it is a person, and day where it is one."""

    number: int
    role: Role
    name: str
    sex: int = 0

    def written(self, form: str | None) -> str:
        """The name, a day's year, or a pronoun or word of the person's sex, capitalised as its form is."""
        if form is None:
            return self.name
        if form == _YEAR:
            return self.name[-4:]
        said = _PRONOUNS[self.sex] | _WORDS[self.sex] if self.role is Role.PERSON else _THINGS
        word = said[form.lower()]
        return word.capitalize() if form[0].isupper() else word

    def is_mentioned(self, form: str | None) -> bool:
        """Whether what is written is a mention: "son" is none."""
        return form is None or form == _YEAR or form.lower() in (*_PRONOUNS[0], *_THINGS)


class _Story:
    """A text that grows by what is told of one person after the other; no two entities have one name."""

    def __init__(self, cast: Cast, draw: random.Random) -> None:
        self._names, self._draw = drawn(cast, NAMES, draw), draw
        self._text = ""
        self._mentions: list[AnnotatedMention] = []
        self._facts: list[Fact] = []
        self._unknown: list[Fact] = []
        self._count = 0

    def tell(self, rows: Sequence[Row]) -> None:
        """Add rows about one person, whom none of the text before is about.

        Nothing is known between relatives whom different rows name, nor whether children, or siblings, of
        one person are siblings of one another.
        """
        about = self._named(ABOUT)
        before: list[_Named] = []
        for row in rows:
            named = {ABOUT: about}
            self._fill(row.text, named)
            self._facts += _both_ways(row.facts, named)
            self._unknown += _both_ways(row.unknown, named)
            kin = sorted({slot for name, *ends in row.facts if name in FAMILY for slot in ends} - {ABOUT})
            related = [named[slot] for slot in kin]
            for one, other in itertools.product(before, related):
                self._unknown += (fact for name in sorted(FAMILY) for fact in _either(name, one, other))
            for one, other in itertools.combinations(related, 2):
                self._unknown += _either(SIBLING, one, other)
            before += related

    def example(self, id: str, annotated: frozenset[str]) -> Example:
        """The text with its annotation."""
        facts = tuple(dict.fromkeys(self._facts))
        return Example(
            id=id,
            text=self._text.rstrip(),
            mentions=tuple(self._mentions),
            facts=facts,
            unknown=tuple(dict.fromkeys(fact for fact in self._unknown if fact not in facts)),
            annotated=annotated,
            scope=Scope.ENTITY,
            tagging=Tagging.PARTIAL,
        )

    def _named(self, slot: str) -> _Named:
        number, self._count = self._count, self._count + 1
        role = _role(slot)
        if role is Role.TIME:
            return _Named(number, role, _day(_YEARS[slot], self._draw))
        name = next(self._names[role])
        if role is not Role.PERSON:
            return _Named(number, role, name)
        if slot in RELATIVES and self._draw.random() < FIRST_NAMES:
            name = name.split()[0]
        return _Named(number, role, name, _SEX.get(slot, self._draw.randint(0, 1)))

    def _fill(self, template: str, named: dict[str, _Named]) -> None:
        template = _CHOICE.sub(lambda match: self._draw.choice(match[1].split("|")), template)
        at = 0
        for match in _SLOT.finditer(template):
            self._text += template[at : match.start()]
            at = match.end()
            slot, form = match[1], match[2]
            if slot not in named:
                named[slot] = self._named(slot)
            entity = named[slot]
            word = entity.written(form)
            if entity.is_mentioned(form):
                start = len(self._text)
                self._mentions.append(
                    AnnotatedMention(start, start + len(word), entity.role.label, entity.number)
                )
            self._text += word
        self._text += template[at:] + " "


def _day(years: Sequence[int], draw: random.Random) -> str:
    """A day of these years as it is commonly written; the year stands last."""
    day, month, year = draw.randint(1, 28), draw.choice(month_name[1:]), draw.choice(years)
    return draw.choice((f"{day} {month} {year}", f"{month} {day}, {year}"))


def _both_ways(facts: Sequence[Told], named: Mapping[str, _Named]) -> Iterator[Fact]:
    """The facts between the named, with those that follow from them."""
    for name, subject, object_ in facts:
        one, other = named[subject].number, named[object_].number
        yield Fact(one, name, other)
        if name in INVERSES:
            yield Fact(other, INVERSES[name], one)


def _either(name: str, one: _Named, other: _Named) -> tuple[Fact, Fact]:
    """The property in both directions."""
    return Fact(one.number, name, other.number), Fact(other.number, name, one.number)

"""Stories from templates: lives and families, films and books, prizes, capitals, offices and who holds them.

What annotated texts say of a person they mostly say of one person alone, so in whole documents a network
gives a birthday to all who stand near it; since KnowledgeNet says only that one person is another's
child, it confounds fathers with mothers, and mothers with wives; and what documents seldom state, such as who
directed a film, it hardly believes. Rows of a file say who is meant: a story has one that opens it, up to
three others, and mostly goes on with another person (company, film), of whom nothing that was said before is
true. What a file's stories are about is the slot that begins its first row.
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
from kgbuild.extract.given_names import name_sex
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
RELATIVES = "bcde"
"""Slots of people who may have a first name only: children, brothers and sisters."""
FIRST_NAMES = 0.6
"""Share of them who have."""
FAMILY = frozenset({"P22", "P25", "P26", "P40", "P3373"})
SIBLING = "P3373"
INVERSES = {"P22": "P40", "P25": "P40", "P26": "P26", SIBLING: SIBLING, "P36": "P1376"}
_SEX = {"f": 1, "m": -1}
"""Slots of men and women; other people are of the sex that their name tells, or of either."""
_PRONOUNS = {1: {"he": "he", "his": "his", "him": "him"}, -1: {"he": "she", "his": "her", "him": "her"}}
_THINGS = {"it": "it", "its": "its"}
_WORDS = {
    1: {"son": "son", "brother": "brother", "husband": "husband"},
    -1: {"son": "daughter", "brother": "sister", "husband": "wife"},
}
_YEARS = {"t": range(1750, 1921), "u": range(1921, 2011)}
"""The years of days: {u} lies behind {t}."""
_ROLES = {
    **dict.fromkeys("pqr", Role.PLACE),
    **dict.fromkeys("ghi", Role.WORK),
    "j": Role.ORGANISATION,
    **dict.fromkeys("an", Role.AWARD),
    **dict.fromkeys(_YEARS, Role.TIME),
}
"""Slots that are no people."""
_YEAR = "y"
FORMS = {
    Role.PERSON: frozenset({*_PRONOUNS[1], *_WORDS[1]}),
    Role.TIME: frozenset({_YEAR}),
    Role.PLACE: frozenset(_THINGS),
    Role.ORGANISATION: frozenset(_THINGS),
    Role.WORK: frozenset(_THINGS),
    Role.AWARD: frozenset(_THINGS),
}
"""What a slot can be written as beside its name, in small letters."""
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{([a-z])(?::([A-Za-z]+))?\}")
_OFFICE = re.compile(r"<([kl]) ([^<>]*)>")
"""An office, which may hold slots: "<k governor of {p}>"; its mention has no type: it has no tags."""

Told = tuple[str, str, str]
"""A fact of a row: property, and the slots of subject and object."""


@dataclass(frozen=True, slots=True)
class Row:
    """A text with slots, the facts that it tells, and those of which nothing is known.

    `about` is the slot of what its story is about.
    """

    about: str
    facts: tuple[Told, ...]
    unknown: tuple[Told, ...]
    text: str

    @property
    def opens(self) -> bool:
        """Whether a story may begin with it: it names what it is about first."""
        return self.text.startswith(f"{{{self.about}}}")

    @property
    def properties(self) -> frozenset[str]:
        """The properties that it tells of what it is about."""
        return frozenset(name for name, subject, _ in self.facts if subject == self.about)


def read_rows(path: Path) -> list[Row]:
    """The rows of a file, without lines that begin with #. DatasetError names the line of a broken one.

    What they are about is the slot that the first text begins with.
    """
    lines = enumerate(read_bytes(path).decode().splitlines(), 1)
    found: list[Row] = []
    for number, line in lines:
        if line and not line.startswith("#"):
            try:
                told, text = line.split("\t")
                found.append(_row(found[0].about if found else _about(text), told, text))
            except ValueError as error:
                raise DatasetError(f"{path}:{number}: {error}") from error
    if not found:
        raise DatasetError(f"{path} has no rows")
    return found


def _about(text: str) -> str:
    """The slot that a file's first text begins with, which tells what all its stories are about."""
    opening = _SLOT.match(text)
    if opening is None or opening[2]:
        raise ValueError("the first text must begin with the name of what the stories are about, like {s}")
    return opening[1]


def _row(about: str, told: str, text: str) -> Row:
    parts = [] if told == NOTHING else [part.split() for part in told.split(",")]
    for slot, form in _SLOT.findall(text):
        if form and form.lower() not in (known := FORMS[_role(slot)]):
            raise ValueError(f"the slot {slot} has no form {form}; it has {', '.join(sorted(known))}")
    always = _CHOICE.sub("", text)
    slots = {match[1] for each in (_SLOT, _OFFICE) for match in each.finditer(always)}
    facts: tuple[list[Told], list[Told]] = ([], [])
    for name, subject, object_ in parts:
        ends = subject, object_.partition(":")[0]
        if missing := set(ends) - slots - {about}:
            raise ValueError(f"the text does not always have {{{min(missing)}}}")
        facts[name.startswith("?")].append((name.removeprefix("?"), *ends))
    return Row(about, tuple(facts[0]), tuple(facts[1]), text)


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
    """What is told of one person or thing: the row, one that opens, others; each property in one of them."""
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
    """An entity of a story: its number, type, name or day, and a person's sex as `name_sex` has it."""

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
        return form is None or form == _YEAR or form.lower() in (*_PRONOUNS[1], *_THINGS)


class _Story:
    """A text that grows by what is told of one person after the other; no two entities have one name."""

    def __init__(self, cast: Cast, draw: random.Random) -> None:
        self._names, self._draw = drawn(cast, NAMES, draw), draw
        self._people = list(self._names[Role.PERSON])
        self._text = ""
        self._mentions: list[AnnotatedMention] = []
        self._facts: list[Fact] = []
        self._unknown: list[Fact] = []
        self._count = 0

    def tell(self, rows: Sequence[Row]) -> None:
        """Add rows about one person or thing, which none of the text before is about.

        Nothing is known between relatives whom different rows name, nor whether children, or siblings, of
        one person are siblings of one another.
        """
        slot = rows[0].about
        about = self._named(slot)
        before: list[_Named] = []
        for row in rows:
            named = {slot: about}
            self._fill(row.text, named)
            self._facts += _both_ways(row.facts, named)
            self._unknown += _both_ways(row.unknown, named)
            kin = sorted({end for name, *ends in row.facts if name in FAMILY for end in ends} - {slot})
            related = [named[end] for end in kin]
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
        number, role = self._number(), _role(slot)
        if role is Role.TIME:
            return _Named(number, role, _day(_YEARS[slot], self._draw))
        if role is not Role.PERSON:
            return _Named(number, role, next(self._names[role]))
        people = self._people
        wanted = _SEX.get(slot, 0)
        name = people.pop(next((at for at, each in enumerate(people) if name_sex(each) * wanted >= 0), 0))
        sex = _SEX.get(slot) or name_sex(name) or self._draw.choice((1, -1))
        if slot in RELATIVES and self._draw.random() < FIRST_NAMES:
            name = name.split()[0]
        return _Named(number, role, name, sex)

    def _fill(self, template: str, named: dict[str, _Named]) -> None:
        template = _CHOICE.sub(lambda match: self._draw.choice(match[1].split("|")), template)
        at = 0
        for office in _OFFICE.finditer(template):
            self._write(template[at : office.start()], named)
            start = len(self._text)
            self._write(office[2], named)
            named[office[1]] = _Named(self._number(), Role.OFFICE, self._text[start:])
            self._mention(start, named[office[1]])
            at = office.end()
        self._write(template[at:] + " ", named)

    def _write(self, template: str, named: dict[str, _Named]) -> None:
        """Add a text with slots."""
        at = 0
        for match in _SLOT.finditer(template):
            slot, form = match[1], match[2]
            if slot not in named:
                named[slot] = self._named(slot)
            self._text += template[at : match.start()]
            start, at = len(self._text), match.end()
            self._text += named[slot].written(form)
            if named[slot].is_mentioned(form):
                self._mention(start, named[slot])
        self._text += template[at:]

    def _mention(self, start: int, entity: _Named) -> None:
        """What was written from an offset on is a mention."""
        self._mentions.append(AnnotatedMention(start, len(self._text), entity.role.label, entity.number))

    def _number(self) -> int:
        self._count += 1
        return self._count - 1


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

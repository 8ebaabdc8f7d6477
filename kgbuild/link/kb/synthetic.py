"""A number enters; a dump of so many made-up items in Wikidata's JSON format leaves.

    python -m kgbuild.link.kb.synthetic 1000000 --statements 8 > dump.json

The same arguments make the same bytes. Names are drawn from made-up words, common ones more often;
types, facts and sitelinks are spread as in Wikidata: few items have many. One line in a hundred has
an oddity of the format: no label, empty maps written as lists, deprecated ranks, a value that is
missing, a line of a property or lexeme.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator

CLASSES = (5, 515, 486972, 11424, 43229, 4830453, 7725634, 532, 16521, 13442814)
ABOVE = {515: 486972, 486972: 27096213, 4830453: 43229, 11424: 17537576, 7725634: 17537576, 532: 486972}
"""The classes of made-up items, and those above them."""

VALUES = ("P17", "P27", "P106", "P131", "P19", "P57", "P50", "P69", "P108", "P136", "P161", "P495")
OTHERS = ("P214", "P227", "P244", "P345", "P646", "P856", "P373", "P18")
"""Properties of items, and of strings, which no reader of names needs."""

LANGUAGES = ("en", "de", "fr", "es", "ru", "zh")
WORDS = 200_000
_SYLLABLES = (
    "ka",
    "lo",
    "mer",
    "tin",
    "vas",
    "ro",
    "bel",
    "su",
    "nor",
    "di",
    "gra",
    "pol",
    "xe",
    "hu",
    "wy",
    "än",
)


def lines(items: int, *, statements: int = 8, seed: int = 1, odd: float = 0.01) -> Iterator[bytes]:
    """The lines of a dump with their ends; the brackets are lines too.

    `statements` is the mean number of statements with string values for an item, each of about 600
    bytes, which is what most of a real dump is made of; `odd` is the share of lines with an oddity.

    >>> [len(list(lines(count))) for count in (0, 3)]
    [2, 5]
    """
    chance = random.Random(seed)
    yield b"[\n"
    for number in range(1, items + 1):
        comma = "," if number < items else ""
        if number in ABOVE or chance.random() >= odd:
            text = _item(number, items, statements, chance)
        else:
            text = _odd(number, items, chance)
        yield f"{text}{comma}\n".encode()
    yield b"]\n"


def word(number: int) -> str:
    """A made-up word; each number below 16**5 has its own.

    >>> word(0), word(17)
    ('kaka', 'lolo')
    """
    syllables = [_SYLLABLES[number % 16], _SYLLABLES[number // 16 % 16]]
    while number := number // 256 if len(syllables) == 2 else number // 16:
        syllables.append(_SYLLABLES[number % 16])
    return "".join(syllables)


def name(chance: random.Random) -> str:
    """A name of one to three words."""
    count = chance.choice((1, 2, 2, 2, 3))
    return " ".join(word(int(WORDS * chance.random() ** 2)).capitalize() for _ in range(count))


def _item(number: int, items: int, statements: int, chance: random.Random) -> str:
    """An item as everyone expects one."""
    label = name(chance)
    labels = ",".join(_text(language, label) for language in LANGUAGES[: chance.randint(1, 6)])
    others = ",".join(_named("en", name(chance)) for _ in range(chance.choice((0, 1, 2, 3, 3, 4, 4))))
    aliases = f'"en":[{others}]' if others else ""
    kind = CLASSES[int(len(CLASSES) * chance.random() ** 2)]
    claims = [_claims("P31", number, [kind])]
    if number in ABOVE:
        claims.append(_claims("P279", number, [ABOVE[number]]))
    claims += [
        _claims(pid, number, [1 + int(items * chance.random() ** 3)])
        for pid in chance.sample(VALUES, chance.randint(0, 6))
    ]
    if kind == 5:
        claims.append(_time("P569", number, chance.randint(1000, 2005)))
    claims += [
        _string(chance.choice(OTHERS) + str(place), number) for place in range(_about(statements, chance))
    ]
    sites = ",".join(
        f'"s{place}wiki":{{"site":"s{place}wiki","title":"{label}","badges":[]}}'
        for place in range(min(300, int(chance.paretovariate(0.8)) - 1))
    )
    return (
        f'{{"type":"item","id":"Q{number}","labels":{{{labels}}},'
        f'"descriptions":{{{_text("en", f"thing number {number} of its kind")}}},'
        f'"aliases":{{{aliases}}},'
        f'"claims":{{{",".join(claims)}}},"sitelinks":{{{sites}}},"lastrevid":{number}}}'
    )


def _odd(number: int, items: int, chance: random.Random) -> str:
    """An item, or something else, with an oddity."""
    plain = _named("en", name(chance))
    one = 1 + int(items * chance.random())
    head = f'{{"type":"item","id":"Q{number}","labels":{{"en":{plain}}}'
    return (
        f'{{"type":"item","id":"Q{number}","labels":[],"descriptions":[],"aliases":[],"claims":[],"sitelinks":[]}}',
        f'{head},"descriptions":[],"aliases":[],"claims":[],"sitelinks":[]}}',
        f"{head}}}",
        f'{head},"claims":{{"P17":[{_statement("P17", number, one, "deprecated")}]}}}}',
        f'{head},"claims":{{"P17":[{_statement("P17", number, one)},'
        f"{_statement('P17', number, 2, 'preferred')}]}}}}",
        f'{head},"claims":{{"P27":[{{"mainsnak":{{"snaktype":"somevalue","property":"P27"}},"rank":"normal"}}]}}}}',
        f'{{"type":"property","datatype":"string","id":"P{number}","labels":{{"en":{plain}}}}}',
        f'{{"type":"lexeme","id":"L{number}","lemmas":{{"en":{plain}}},"forms":[]}}',
    )[chance.randrange(8)]


def _text(language: str, text: str) -> str:
    return f'"{language}":{_named(language, text)}'


def _named(language: str, text: str) -> str:
    return f'{{"language":"{language}","value":"{text}"}}'


def _claims(pid: str, number: int, values: list[int]) -> str:
    return f'"{pid}":[{",".join(_statement(pid, number, value) for value in values)}]'


def _statement(pid: str, number: int, value: int, rank: str = "normal") -> str:
    return (
        f'{{"mainsnak":{{"snaktype":"value","property":"{pid}","datavalue":{{"value":{{"entity-type":"item",'
        f'"numeric-id":{value},"id":"Q{value}"}},"type":"wikibase-entityid"}},"datatype":"wikibase-item"}},'
        f'"type":"statement","id":"Q{number}$B3580D37-D30E-4BC6-A591-{value:012d}","rank":"{rank}"}}'
    )


def _time(pid: str, number: int, year: int) -> str:
    return (
        f'"{pid}":[{{"mainsnak":{{"snaktype":"value","property":"{pid}","datavalue":{{"value":{{"time":'
        f'"+{year:04d}-01-01T00:00:00Z","timezone":0,"before":0,"after":0,"precision":9,'
        '"calendarmodel":"http://www.wikidata.org/entity/Q1985727"},"type":"time"},"datatype":"time"},'
        f'"type":"statement","id":"Q{number}$time","rank":"normal"}}]'
    )


def _string(pid: str, number: int) -> str:
    return (
        f'"{pid}":[{{"mainsnak":{{"snaktype":"value","property":"{pid}","hash":"{number:040x}","datavalue":'
        f'{{"value":"identifier {number}","type":"string"}},"datatype":"external-id"}},"type":"statement",'
        f'"id":"Q{number}$8C9C6D1B-0000-4000-8000-{number:012d}","rank":"normal","references":[{{"hash":'
        f'"{number:040x}","snaks":{{"P248":[{{"snaktype":"value","property":"P248","datavalue":{{"value":'
        '{"entity-type":"item","numeric-id":36578,"id":"Q36578"},"type":"wikibase-entityid"},'
        '"datatype":"wikibase-item"}]},"snaks-order":["P248"]}]}]'
    )


def _about(mean: int, chance: random.Random) -> int:
    """A whole number with this mean, from 0 to twice as much."""
    return chance.randint(0, 2 * mean)


def main() -> int:
    """Write a dump to standard output."""
    parser = argparse.ArgumentParser(prog="python -m kgbuild.link.kb.synthetic", description=main.__doc__)
    parser.add_argument("items", type=int, help="number of items")
    parser.add_argument(
        "--statements", type=int, default=8, help="mean number of other statements of an item"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed makes another dump")
    options = parser.parse_args()
    for line in lines(options.items, statements=options.statements, seed=options.seed):
        sys.stdout.buffer.write(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())

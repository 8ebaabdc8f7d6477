"""The sex that people's names tell: by their given names, by a title, or by neither.

The given names were written down for kgbuild, without those that men and women share ("Robin"), or that
one language commonly gives to men and another to women ("Andrea", "Jean"). Some are family names as well:
"Clinton" alone tells nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from kgbuild.records import Label, Mention

_TITLES = {
    1: "mr sir king prince lord duke emperor count baron tsar pope cardinal herr monsieur señor",
    -1: "mrs ms miss queen princess lady dame duchess empress countess baroness madame frau señora",
    0: "dr saint st prof professor rev reverend president minister chancellor general colonel col captain"
    " major lieutenant lt sergeant sgt judge justice bishop senator governor",
}
_TITLE = {word: told for told, words in _TITLES.items() for word in words.split()}
_LONGEST = 16
"""Characters before a name that are looked at for its title."""


@cache
def _table() -> Mapping[str, frozenset[str]]:
    """The names of men ("he"), of women ("she") and those that are family names too, case-folded."""
    table = (files("kgbuild") / "data" / "given_names.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines())
    return {kind: frozenset(names.casefold().split()) for kind, names in rows}


@cache
def given_names() -> Mapping[str, int]:
    """The sex of each given name, case-folded: 1 for men's, -1 for women's."""
    return {name: sex for kind, sex in (("he", 1), ("she", -1)) for name in _table()[kind]}


def has_title(name: str) -> bool:
    """Whether a name begins with a title.

    >>> has_title("Mr. Bohr"), has_title("Niels Bohr")
    (True, False)
    """
    return name.split(" ", maxsplit=1)[0].rstrip(".").casefold() in _TITLE


def name_sex(name: str) -> int:
    """1 for a man's name, -1 for a woman's, 0 where nothing tells; a title counts before the name.

    >>> [name_sex(name) for name in ("Otto Hahn", "Dr. Marie Curie", "Queen Mary", "Prince", "Robin Day")]
    [1, -1, -1, 0, 0]
    """
    words = [word.rstrip(".").casefold() for word in name.split()]
    while len(words) > 1 and words[0] in _TITLE:
        if told := _TITLE[words[0]]:
            return told if words[1] not in ("and", "&") else 0
        words = words[1:]
    return given_names().get(words[0], 0) if words else 0


def sexes(text: str, mentions: Sequence[Mention]) -> list[int]:
    """The sex that each mention tells by a person's name, as `name_sex` has it; 0 for all others.

    A title may stand before the mention as well as in it. One word that is the family name in longer names
    tells what all of these do: "Babbage" beside "Charles Babbage"; and nothing where they differ, or do not
    tell: "Ruth" beside "Babe Ruth". One that may be a family name tells something only beside a longer name
    that begins with it.
    """
    names = [mention.text if mention.label is Label.PERSON else "" for mention in mentions]
    told = {name: name_sex(name) for name in names}
    family: dict[str, set[int]] = defaultdict(set)
    for name, sex in told.items():
        if " " in name:
            family[name.split()[-1].casefold()].add(sex)
    given = {name.split()[0].casefold() for name in told if " " in name}
    shared = dict.fromkeys(_table()["family"] - given, 0)
    shared |= {word: found.pop() if len(found) == 1 else 0 for word, found in family.items()}
    return [
        (_title_before(text, mention.start) if name else 0) or shared.get(name.casefold(), told[name])
        for name, mention in zip(names, mentions, strict=True)
    ]


def _title_before(text: str, start: int) -> int:
    """The sex that a title right before an offset tells."""
    words = text[max(0, start - _LONGEST) : start].split()
    return _TITLE.get(words[-1].rstrip(".").casefold(), 0) if words and text[start - 1].isspace() else 0

"""How names are compared: one normal form, and the other ways in which the same name is written."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from kgbuild.link.demonyms import country_of, people_of, region_of

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
_KEPT_MARKS = (7, 8, 9)
"""Combining classes that make another letter: nukta, kana voicing, virama."""

_PLAIN = re.compile(r"[a-z0-9]{2,}(?: [a-z0-9]{2,})*")
_APOSTROPHES = re.compile(r"[\u0027\u2018\u2019\u02bc\u0060\u00b4\u05f3]")
_SEPARATORS = re.compile(r"[^\w+#]+|_+")
_POSSESSIVE = re.compile(r"(?<=\w)(?:['’]s|(?<=s)['’])$", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|a|an|his|her|its|their|our|my)\s+", re.IGNORECASE)
_FORMER = re.compile(r"^(?:former\s+|then[\s-]+|ex-|late\s+)", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")
_COMPANY = re.compile(
    r",?\s+(?:inc|incorporated|corp|corporation|company|co|ltd|limited|llc|plc|gmbh|ag|sa|nv)\.?$",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"^(?:mr|mrs|ms|miss|dr|prof|professor|sir|dame|lord|lady|president|senator|sen|rep|gov|governor|"
    r"king|queen|prince|princess|pope|saint|st|general|gen|judge|justice|captain|capt|minister|mayor|"
    r"emperor|empress|duke|duchess|count|countess|archbishop|bishop|cardinal|chancellor|colonel|col|"
    r"lieutenant|lt|major|admiral|sergeant|sgt|secretary|congressman|congresswoman|coach|reverend|rev)\.?\s+",
    re.IGNORECASE,
)


class _Marks(dict[int, int | None]):
    """A table for `str.translate` that takes combining characters out; it fills as it is used."""

    def __missing__(self, code: int) -> int | None:
        folded = unicodedata.combining(chr(code)) not in (0, *_KEPT_MARKS)
        self[code] = None if folded else code
        return self[code]


_marks = _Marks()


@lru_cache(maxsize=65536)
def normalise(name: str) -> str:
    """The form in which two spellings of a name are equal: case, diacritics and punctuation folded.

    Initials are drawn together, so that dots and spaces between them do not matter. A name of
    punctuation alone keeps it; white space alone becomes the empty string.

    >>> normalise("Gdańsk–Wrzeszcz"), normalise("J. K. Rowling"), normalise("U.S."), normalise("!!!")
    ('gdansk wrzeszcz', 'jk rowling', 'us', '!!!')
    """
    folded = name.lower() if name.isascii() else _fold(name)
    if _PLAIN.fullmatch(folded):  # as most names are, and the rest would leave them as they are
        return folded
    spaced = _SEPARATORS.sub(" ", _APOSTROPHES.sub("", folded).replace("&", " and ")).strip()
    if not spaced:
        return " ".join(folded.split())
    return " ".join(_join_initials(spaced.split()))


def _fold(name: str) -> str:
    """Case and diacritics folded, and compatibility characters replaced."""
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", name).casefold())
    folded = folded.translate(_marks)
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded).translate(_LETTERS)


def _join_initials(tokens: list[str]) -> list[str]:
    """Draw runs of single Latin letters together.

    >>> _join_initials(["j", "r", "r", "tolkien"])
    ['jrr', 'tolkien']
    """
    joined: list[str] = []
    run = ""
    for token in tokens:
        if len(token) == 1 and "a" <= token <= "z":
            run += token
            continue
        if run:
            joined.append(run)
            run = ""
        joined.append(token)
    return [*joined, run] if run else joined


@lru_cache(maxsize=65536)
def variants(surface: str) -> tuple[str, ...]:
    """Normal forms of other ways to write a name, likeliest first, without the name's own.

    >>> variants("The Beatles' (band)")
    ('beatles band', 'the beatles', 'beatles')
    >>> variants("Curie, Marie")
    ('marie curie', 'curie')
    """
    found: dict[str, None] = {}
    queue = [surface.strip()]
    for form in queue:
        for other in _rewritten(form):
            normal = normalise(other)
            if normal and normal not in found:
                found[normal] = None
                queue.append(other)
    found.pop(normalise(surface), None)
    return tuple(found)


def _rewritten(form: str) -> list[str]:
    """What one rewriting step makes of a form."""
    rules = (_POSSESSIVE, _ARTICLE, _FORMER, _BRACKETS, _TITLE, _COMPANY)
    forms = [rule.sub("", form) for rule in rules]
    if country := country_of(form):
        forms += [country, *people_of(form)]
    if region := region_of(form):
        forms.append(region)
    if form.endswith(" Counties"):
        forms.append(form.removesuffix("ies") + "y")
    if form.count(",") == 1:
        last, first = (part.strip() for part in form.split(","))
        if last and first and not _COMPANY.match(f", {first}"):
            forms += [f"{first} {last}", last]
    if form.islower() and len(form) > 3:
        forms.append(singular(form))
        if form.endswith("ish") and " " not in form:
            forms.append(form.removesuffix("ish"))
    return [other for other in forms if other and other != form]


def singular(noun: str) -> str:
    """An English noun without its plural ending.

    >>> singular("soldiers"), singular("short stories"), singular("churches"), singular("glass")
    ('soldier', 'short story', 'church', 'glass')
    """
    if noun.endswith("ies"):
        return noun[:-3] + "y"
    if noun.endswith(("ches", "shes", "sses", "xes")):
        return noun[:-2]
    return noun[:-1] if noun.endswith("s") and not noun.endswith(("ss", "us", "is")) else noun


def initials(normal: str) -> str:
    """The first letters of a normal form's words, or "" where there are fewer than two.

    >>> initials("world health organization")
    'who'
    """
    words = [word for word in normal.split() if word not in ("of", "the", "and", "for", "de", "in")]
    return "".join(word[0] for word in words) if len(words) > 1 else ""

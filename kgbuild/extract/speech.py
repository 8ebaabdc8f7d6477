"""Quotations in a text, and who speaks in each.

"I" in a quotation is its speaker, and "he" there is somebody else (the first sieve of Lee et al.,
Computational Linguistics 2013). Who speaks is read from the words around: '"…," said Ada', 'Ada said: "…"'.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgbuild.extract.labels import is_pronoun, sex
from kgbuild.records import Label, Mention, Sentence

NOBODY = -1

_SPEECH = re.compile(
    r"\b(?:said|says|saying|say|told|tells|added|adds|explained|explains|asked|asks|wrote|writes|replied|replies"
    r"|continued|continues|noted|notes|argued|argues|claimed|claims|insisted|insists|announced|admitted|admits"
    r"|recalled|recalls|stated|states|tweeted|warned|warns|joked|jokes|commented|comments|concluded|declared"
    r"|remarked|observed|confirmed|revealed|responded|quipped|praised|suggested|suggests|described|complained"
    r"|elaborated|quoted)\b",
    re.IGNORECASE,
)
"""Verbs of speech, as news and encyclopedias have them."""
_MARK = re.compile(r"[\"“”‘’'\n]")
_STOP = re.compile(r"[.!?](?=\s+[A-Z\"“'‘]|\s*$)|\n")
_OBJECT = re.compile(r"\b(?:that|to|in|of|about|him|her|them)\b|[,:]")
"""Behind a verb of speech, what tells that a name after it is not who speaks."""
_BY = re.compile(r"\s+by\s")
_REACH = 160
"""Characters in which the speaker is looked for on either side of a quotation."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """What stands between quotation marks: offsets of the first character within and of the closing mark."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class People:
    """The mentions of a text, in order; who of them may speak, by `places`, and where these start."""

    mentions: Sequence[Mention]
    places: Sequence[int]
    starts: Sequence[int]

    @classmethod
    def of(cls, mentions: Sequence[Mention]) -> People:
        """Persons' names, "he" and "she"."""
        places = [place for place, mention in enumerate(mentions) if _speaks(mention)]
        return cls(mentions, places, [mentions[place].start for place in places])

    def within(self, start: int, end: int) -> Sequence[int]:
        """Places of those whose mentions begin between two offsets."""
        return self.places[bisect_left(self.starts, start) : bisect_left(self.starts, end)]


def quotations(text: str) -> tuple[Quotation, ...]:
    """The quotations of a text, in order; none crosses a paragraph.

    Single quotation marks count only where the closing one follows punctuation: apostrophes look like them.

    >>> text = 'He said "no" twice. \\'Yes,\\' said Ada. It\\'s Ada\\'s.'
    >>> [text[each.start : each.end] for each in quotations(text)]
    ['no', 'Yes,']
    """
    found: list[Quotation] = []
    opened: dict[str, int] = {}
    for mark in _MARK.finditer(text):
        at, kind = mark.start(), mark[0]
        if kind == "\n":
            if '"' in opened:
                found.append(Quotation(opened['"'], at))
            opened.clear()
        elif kind in '"“”':
            if '"' in opened and kind != "“":
                found.append(Quotation(opened.pop('"'), at))
            elif kind != "”":
                opened['"'] = mark.end()
        elif '"' not in opened:
            if "'" in opened and at and text[at - 1] in ".,!?…":
                found.append(Quotation(opened.pop("'"), at))
            elif kind != "’" and _opens(text, at):
                opened["'"] = mark.end()
    if '"' in opened:
        found.append(Quotation(opened['"'], len(text)))
    return tuple(found)


def _opens(text: str, at: int) -> bool:
    """Whether a single mark stands where a word begins."""
    return (not at or text[at - 1].isspace() or text[at - 1] in "([") and text[at + 1 : at + 2].isalnum()


def said(
    text: str, mentions: Sequence[Mention], sentences: Sequence[Sentence]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Who says the words in which each mention stands, and which are in a quotation, both (mentions,).

    It is the position of the mention of the speaker, `NOBODY` outside of quotations and where nothing tells.
    `mentions` are in order. Who speaks is a person, or "he" or "she". A quotation right behind another, or in
    a paragraph of its own behind it, has its speaker.
    """
    speaker, quoted = np.full(len(mentions), NOBODY), np.zeros(len(mentions), bool)
    starts = [mention.start for mention in mentions]
    people = People.of(mentions)
    begins = [sentence.start for sentence in sentences]
    spoken = quotations(text)
    last, end = NOBODY, 0
    nexts = [*(each.start - 1 for each in spoken[1:]), len(text)] if spoken else []
    for here, following in zip(spoken, nexts, strict=True):
        inside = slice(bisect_left(starts, here.start), bisect_left(starts, here.end))
        place = _after(text, people, here.end + 1, following)
        if place == NOBODY:
            sentence = begins[max(bisect_right(begins, here.start) - 1, 0)] if begins else 0
            place = _before(text, people, max(sentence, end), here.start - 1)
        if place == NOBODY and not _between(text, end, here.start - 1):
            place = last
        speaker[inside], quoted[inside] = place, True
        last, end = place, here.end + 1
    return speaker, quoted


def _between(text: str, start: int, end: int) -> str:
    """What stands between two quotations but the first one's attribution."""
    stop = _STOP.search(text, start, end)
    return text[stop.end() if stop else start : end].strip()


def _speaks(mention: Mention) -> bool:
    """Whether a mention is a person's name, "he" or "she"."""
    named = mention.text[:1].isupper() and not is_pronoun(mention.text)
    return mention.label is Label.PERSON and (named or sex(mention.text) != 0)


def _after(text: str, people: People, start: int, end: int) -> int:
    """Who is named before the verb of speech behind a quotation, or right behind that."""
    stop = _STOP.search(text, start, min(end, start + _REACH))
    end = stop.start() if stop else min(end, start + _REACH)
    verb = _SPEECH.search(text, start, end)
    if verb is None:
        return NOBODY
    if ahead := people.within(start, verb.start()):
        return ahead[-1]
    behind = people.within(verb.end(), end)
    if behind and not _OBJECT.search(text, verb.end(), people.mentions[behind[0]].start):
        return behind[0]
    return NOBODY


def _before(text: str, people: People, start: int, end: int) -> int:
    """Who is named before the last verb of speech ahead of a quotation, or behind "by"; where there is a
    colon, but no such verb, who is named first."""
    verbs = list(_SPEECH.finditer(text, max(start, end - 2 * _REACH), end))
    if verbs and (ahead := people.within(start, verbs[-1].start())):
        return ahead[-1]
    if verbs and not _BY.match(text, verbs[-1].end(), end):
        return NOBODY
    if not verbs and not text[start:end].rstrip().endswith(":"):
        return NOBODY
    first = people.within(verbs[-1].end() if verbs else start, end)
    return first[0] if first else NOBODY

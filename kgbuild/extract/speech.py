"""Quotations in a text, and who speaks in each.

"I" in a quotation is its speaker, and "he" there is somebody else (the first sieve of Lee et al., Computational
Linguistics 2013). Who speaks is read from the words around: '"…," said Ada', 'Ada told them: "…"'.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgbuild.extract.labels import sex
from kgbuild.records import Label, Mention, Sentence

NOBODY = -1

_SPEECH = re.compile(
    r"\b(?:said|says|saying|say|told|tells|added|adds|explained|explains|asked|asks|wrote|writes|replied|replies"
    r"|continued|continues|noted|notes|argued|argues|claimed|claims|insisted|insists|announced|admitted|admits|recalled"
    r"|recalls|stated|states|tweeted|warned|warns|joked|jokes|commented|comments|concluded|declared|remarked|observed"
    r"|confirmed|revealed|responded|quipped|praised|suggested|suggests|described|described|complained|elaborated|quoted)\b",
    re.IGNORECASE,
)
"""Verbs of speech, as news and encyclopedias have them."""
_MARK = re.compile(r"[\"“”‘’']|\n\s*\n|\n")
_STOP = re.compile(r"[.!?](?=\s+[A-Z\"“'‘]|\s*$)|\n")
_REACH = 160
"""Characters in which the speaker is looked for on either side of a quotation."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """What stands between quotation marks: offsets of the first character within and of the closing mark."""

    start: int
    end: int


def quotations(text: str) -> tuple[Quotation, ...]:
    """The quotations of a text, in order; none crosses a paragraph.

    Straight single quotation marks count only where the closing one follows punctuation, since apostrophes look like
    them.

    >>> text = 'He said "no" twice. \\'Yes,\\' said Ada. It\\'s Ada\\'s.'
    >>> [text[each.start : each.end] for each in quotations(text)]
    ['no', 'Yes,']
    """
    found: list[Quotation] = []
    opened: dict[str, int] = {}
    for mark in _MARK.finditer(text):
        at, kind = mark.start(), mark[0]
        if kind.startswith("\n"):
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
    people = [place for place, mention in enumerate(mentions) if _speaks(mention)]
    begins = [sentence.start for sentence in sentences]
    spoken = quotations(text)
    last, end = NOBODY, 0
    nexts = [each.start - 1 for each in spoken[1:]] + [len(text)]
    for here, following in zip(spoken, nexts):
        inside = slice(bisect_left(starts, here.start), bisect_left(starts, here.end))
        place = _after(text, mentions, people, here.end + 1, following)
        if place == NOBODY:
            sentence = begins[max(bisect_right(begins, here.start) - 1, 0)] if begins else 0
            place = _before(text, mentions, people, max(sentence, end), here.start - 1)
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
    return mention.label is Label.PERSON and (
        sex(mention.text) != 0 or mention.text[:1].isupper() and mention.text != "I"
    )


def _among(mentions: Sequence[Mention], people: Sequence[int], start: int, end: int) -> Iterator[int]:
    for place in people:
        if start <= mentions[place].start and mentions[place].end <= end:
            yield place


def _after(text: str, mentions: Sequence[Mention], people: Sequence[int], start: int, end: int) -> int:
    """Who "… said" or "said …" names behind a quotation."""
    end = min(end, start + _REACH)
    stop = _STOP.search(text, start, end)
    end = stop.start() if stop else end
    verb = _SPEECH.search(text, start, end)
    if not verb:
        return NOBODY
    behind = next(_among(mentions, people, verb.end(), end), NOBODY)
    ahead = list(_among(mentions, people, start, verb.start()))
    if ahead:
        return ahead[-1]
    if behind != NOBODY and not re.search(r"\b(?:that|to|in|of|about|him|her|them)\b|[,:]", text[verb.end() : mentions[behind].start]):
        return behind
    return NOBODY


def _before(text: str, mentions: Sequence[Mention], people: Sequence[int], start: int, end: int) -> int:
    """Who says what follows: the one before the last verb of speech, or the first of a clause that ends in a colon."""
    verbs = list(_SPEECH.finditer(text, max(start, end - 2 * _REACH), end))
    colon = text[start:end].rstrip().endswith(":")
    if verbs:
        ahead = list(_among(mentions, people, start, verbs[-1].start()))
        if ahead:
            return ahead[-1]
        by = re.match(r"\s+by\s", text[verbs[-1].end() : end])
        if by:
            return next(_among(mentions, people, verbs[-1].end(), end), NOBODY)
        return NOBODY
    if colon:
        return next(_among(mentions, people, start, end), NOBODY)
    return NOBODY

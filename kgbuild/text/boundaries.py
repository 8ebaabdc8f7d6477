"""Where sentences begin: light rules over the boundaries that a sentencizer proposes.

In go a text and the offsets at which a tokenizer-based sentencizer begins sentences; out come the
offsets after the rules. The sentencizer splits at every token that is a full stop, and languages
differ in how many abbreviations their tokenizer knows; these rules hold for all of them:

- a title or a reference word (`Dr.`, `e.g.`) never ends a sentence;
- a word that counts (`No.`, `pp.`, `Jan.`) does not end one before a digit;
- an initial, a dotted abbreviation or a company ending (`J.`, `U.S.`, `Inc.`) ends one only before
  a word that usually begins sentences (`He`, `The`), and then it does;
- an enumerator (`1.`, `b.`) does not stand alone;
- a comma or colon after a full stop goes on with the sentence;
- a small letter goes on with the sentence, unless the writer begins sentences with small letters;
- a reference mark (`[3]`) belongs to the sentence before it;
- a year of four digits may end a sentence where ordinals are written with a full stop;
- an opening quotation mark or bracket belongs to what follows it;
- the full stops of Chinese and Japanese end a sentence without white space.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NEVER_LAST = re.compile(
    r"dr|mrs?|ms|mx|prof|ste?|gen|col|lt|cmdr|cap?t|cpt|sgt|maj|adm|rev|hon|gov|sen|rep|pres|mt|ft|messrs"
    r"|mme|mlle|e\.g|i\.e|cf|vs|viz|al|approx|resp|hr|fr|dott|sig|sra|srta|dra|bzw|z\.b|u\.a|d\.h|ggf|vgl",
    re.IGNORECASE,
)
_COUNTS = re.compile(
    r"nos?|nrs?|num|pp?|vols?|figs?|art|ch|chap|sect?|ca?|§|para|ed|bd"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec",
    re.IGNORECASE,
)
_MAY_BE_LAST = re.compile(r"inc|ltd|co|corp|llc|bros|jr|sr|esq|etc|univ|dept|bhd|plc", re.IGNORECASE)
_OPENERS = (
    "The|He|She|It|They|We|You|His|Her|Its|Their|Our|This|That|These|Those|There|An|In|On|At|By|From|For|"
    "With|After|Before|During|Since|Until|When|While|As|If|But|And|Although|Though|Because|However|Later|"
    "Then|Today|Both|Many|Some|Most|Such|What|Who|Where|Why|How"
)
_QUOTED_OPENER = rf"[\"'“‘«(\[]*(?:{_OPENERS})\b(?!\.)"
_SENTENCE_OPENER = re.compile(_QUOTED_OPENER)
_LAST_WORD = re.compile(r"([^\W_](?:[\w.'’-]*\w)?|§)\.$")
_DOTTED = re.compile(r"[^\W\d_]{1,2}(?:\.[^\W\d_]{1,2})+")
_ENUMERATOR = re.compile(r"[(\[]?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)]{1,2}")
_CITATION = re.compile(r"\[\w{1,4}\]")
_CJK_STOP = re.compile(r"[。！？｡][。！？｡…”’」』）】》\"')\]]*(?=\S)")
_MISSED = re.compile(
    rf"(?<![\w.])(?:[^\W\d_](?:\.[^\W\d_]{{1,2}})*|(?i:inc|ltd|co|corp|jr|sr|etc|ph\.d))\.[\"'”’)\]]*\s+"
    rf"(?={_QUOTED_OPENER})"
    r"|(?<=\d{4})\.\s+(?=[^\W\d_])"
    r"|[.!?][\"'”’]*(?:\[\w{1,4}\])+\s+(?=\S)"
)
_OPENING = "“‘«„「『（《【([{"
_CLOSERS = "\"'”’»)]}」』）】》"
_ALWAYS_CLOSING = "”)]}」』）】》"
_STOPS = ".!?…。！？｡"
_REACH = 80  # characters to the left of a boundary that the rules look at


def revise(text: str, starts: Iterable[int]) -> list[int]:
    """The offsets at which sentences begin, from those that a sentencizer proposes.

    >>> revise("He met Dr. No. She left.", [0, 11, 15])
    [0, 15]
    >>> revise("She works for Acme Inc. It pays.", [0])
    [0, 24]
    """
    proposed = {_before_opening(text, start) for start in starts}
    proposed.update(match.end() for match in _MISSED.finditer(text))
    proposed.update(match.end() for match in _CJK_STOP.finditer(text))
    kept = [0]
    for start in sorted(proposed):
        if start > kept[-1] and _is_boundary(text, kept[-1], start):
            kept.append(start)
    return kept


def _before_opening(text: str, start: int) -> int:
    """Move a boundary to the left of quotation marks and brackets that open what follows it."""
    boundary = start
    for index in range(start - 1, max(0, start - _REACH), -1):
        char = text[index]
        if char.isspace():
            continue
        if char.isalnum() or char in _STOPS:
            break
        attached = not text[index + 1 : index + 2].isspace()
        if not (text[index - 1].isspace() or (attached and char in _OPENING)):
            break
        boundary = index
    return boundary


def _is_boundary(text: str, sentence: int, start: int) -> bool:
    """Whether a sentence that began at `sentence` ends before `start`."""
    left = text[max(sentence, start - _REACH) : start].rstrip()
    right = text[start : start + _REACH].lstrip()
    if not left or not right or left[-1] in ",;:":  # `Acme Inc., which`
        return False
    spaced = text[start - 1].isspace() or text[start].isspace()
    if start - sentence <= _REACH and _ENUMERATOR.fullmatch(left):
        return False
    if not spaced and (right[0] in _ALWAYS_CLOSING or _CITATION.match(right)):
        return False
    stop = left.rstrip(_CLOSERS)
    if stop.endswith(".") and stop == left and not _dot_ends(left, right, spaced=spaced):
        return False
    if right[0].islower() and stop[-1:] in tuple(".!?"):
        return spaced and _begins_small(text, sentence)
    return True


def _dot_ends(left: str, right: str, *, spaced: bool) -> bool:
    """Whether the full stop at the end of `left` ends a sentence, by the word before it."""
    if not spaced and (right[0].isdigit() or right[1:2] == "."):
        return False
    match = _LAST_WORD.search(left)
    if match is None:
        return True
    word = match[1]
    if _NEVER_LAST.fullmatch(word):
        return False
    if _COUNTS.fullmatch(word) and right[0].isdigit():
        return False
    is_initial = len(word) == 1 and word.isupper()
    if is_initial or _MAY_BE_LAST.fullmatch(word) or _DOTTED.fullmatch(word):
        return _SENTENCE_OPENER.match(right) is not None
    return True


def _begins_small(text: str, sentence: int) -> bool:
    """Whether the sentence that begins here begins with a small letter."""
    return next((char.islower() for char in text[sentence : sentence + _REACH] if char.isalpha()), False)

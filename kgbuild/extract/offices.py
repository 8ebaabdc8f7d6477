"""Offices as mentions: "governor of Georgia", "French president", "prime minister".

They are common nouns, which the tags leave out as the DocRED guidelines do (Yao et al., ACL 2019), and a
place inside must stay a mention of its own; so they are found by their nouns, and may hold other mentions.
An extractor keeps those of which it reads that somebody holds them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kgbuild.characters import lowered
from kgbuild.ontology import Ontology
from kgbuild.records import Label, Mention

POSITION = "Q4164871"
"""Wikidata's class of positions: a property whose values are of it alone is one of holding an office."""

_RANKS = (
    "vice deputy prime chief foreign finance defen[cs]e interior home lieutenant attorney solicitor"
    " governor secretary director surgeon inspector postmaster auditor associate state lord general"
)
_FIRST = "first(?=[ -](?:minister|lady|secretary))"
_NOUNS = (
    "president premier minister chancellor governor mayor senator secretary general king queen emperor"
    " empress pope bishop archbishop patriarch cardinal abbot dean caliph sultan shah tsar czar emir"
    " khan pharaoh doge consul dictator regent viceroy speaker ambassador envoy commissioner judge"
    " justice prosecutor treasurer comptroller councillor councilor alderman sheriff marshal deputy"
    " representative congressman congresswoman delegate commander governor-general secretary-general"
    " chairman chairwoman chairperson chair leader head chief duke duchess count countess earl margrave"
    " elector lord lady"
)
_TELLING = (
    "(?:deputy )?prime minister|(?:foreign|finance|defen[cs]e|interior) minister|(?:home|foreign) secretary"
    "|secretary of (?:state|defen[cs]e|agriculture|commerce|labor|war|the (?:navy|army|treasury|interior))"
    "|(?:attorney|solicitor|surgeon) general|chief justice|chief of staff|chancellor of the exchequer"
    "|leader of the opposition|speaker of the house|poet laureate|pope"
    "|member of (?:the )?(?:european )?(?:parliament|congress)"
)
"""Offices that need no name to tell of what they are."""
_ASSEMBLY = (
    "House|Senate|Parliament|Congress|Assembly|Council|Diet|Bundestag|Knesset|Duma|Legislature|Lords|Commons"
)
"""Of what a member holds an office."""
_RANK = "|".join([*_RANKS.split(), _FIRST])
_NOUN = "|".join(_NOUNS.split())
_OFFICE = re.compile(
    rf"\b(?:(?P<telling>{_TELLING})|(?:(?:{_RANK})[ -]){{0,4}}(?:{_NOUN})"
    r"|(?P<member>member))\b(?![-'’]|\.\w)"
)
"""An office's noun in a text in lower case."""
_DEPARTMENT = re.compile(
    r" (?:of|for) (?:the )?(?!life\b|years\b|several\b|which\b|whose\b|their\b)"
    r"(?:foreign affairs|home affairs|war|\w{5,}(?:,? and \w{5,})?)\b",
    re.IGNORECASE,
)
"""What a minister's or secretary's department is called: "for women and youth", "of education"."""
_HAS_DEPARTMENT = re.compile(r"\b(?:minister|secretary(?: of state)?)$", re.IGNORECASE)
_OF = re.compile(r"( of )(?:the )?")
_FOR = re.compile(r"( (?:of|for|from|to|in) )(?:the )?")
_SENT = re.compile(
    r"\b(?:minister|secretary|senator|ambassador|envoy|consul|commissioner|representative|delegate|deputy"
    r"|congressman|congresswoman|general|judge)(?: of state)?$",
    re.IGNORECASE,
)
"""Offices for, from, to or in a place."""
_AFTER_PLACE = re.compile(
    r"\b(?:president|premier|minister|chancellor|governor(?:-general)?|mayor|senator|congress(?:wo)?man|secretary"
    r"|ambassador|envoy|king|queen|emperor|empress|sultan|tsar|shah|pope|treasurer|commissioner)$",
    re.IGNORECASE,
)
"""Offices that stand behind their place: "the French president"; "Georgia head coach" is none of a head."""
_OWNERS = frozenset({Label.LOCATION, Label.ORGANISATION})


def are_held(ontology: Ontology, property_id: str) -> bool:
    """Whether the values of a property are offices, and nothing else."""
    classes = ontology.properties[property_id].range
    return bool(classes) and all(ontology.is_a(each, POSITION) for each in classes)


def offices(text: str, mentions: Iterable[Mention]) -> list[Mention]:
    """The offices that a text names, of type other; `mentions` are what else it names.

    An office is told by the place or organisation that it is of, if its noun alone does not tell it. None
    has the span of another of the mentions, or begins or ends within one.

    >>> text = "Kemp, governor of Georgia, met the French president and the prime minister."
    >>> georgia = Mention(18, 25, "Georgia", Label.LOCATION, 1.0)
    >>> french = Mention(35, 41, "French", Label.LOCATION, 1.0)
    >>> [office.text for office in offices(text, [georgia, french])]
    ['governor of Georgia', 'French president', 'prime minister']
    """
    beside = _Beside(text, mentions)
    found = list[Mention]()
    for noun in _OFFICE.finditer(lowered(text)):
        start, end = beside.reach(noun)
        if start < end and not (found and start < found[-1].end):
            found.append(Mention(start, end, text[start:end], Label.OTHER, 1.0))
    return found


class _Beside:
    """A text with what stands beside its offices: the other mentions by where they begin and end."""

    def __init__(self, text: str, mentions: Iterable[Mention]) -> None:
        self._text = text
        held = list(mentions)
        self._beginning = {each.start: each for each in held}
        self._ending = {each.end: each for each in held}
        self._taken = {offset for each in held for offset in range(each.start, each.end)}
        self._inside = {offset for each in held for offset in range(each.start + 1, each.end)}

    def reach(self, noun: re.Match[str]) -> tuple[int, int]:
        """Where the office of a noun begins and ends; an empty span where it is none."""
        start, end = noun.span()
        word = start + len(re.split(r" of ", noun[0])[0])
        if not self._taken.isdisjoint(range(start, word)) or end in self._inside:
            return end, end
        if _HAS_DEPARTMENT.search(noun[0]) and (told := _DEPARTMENT.match(self._text, end)):
            end = told.end() if self._taken.isdisjoint(range(*told.span())) else end
        owner = self._owner(self._text[start:end], end)
        if noun["member"]:
            return (start, owner.end) if owner and re.search(_ASSEMBLY, owner.text) else (end, end)
        end = owner.end if owner else end
        before = self._ending.get(start - 1)
        beside = before and before.label in _OWNERS and self._text[start - 1] == " "
        if before and beside and _AFTER_PLACE.search(noun[0]):
            start = before.start
        told_by_others = (start, end) != noun.span()
        return (start, end) if told_by_others or noun["telling"] else (end, end)

    def _owner(self, office: str, end: int) -> Mention | None:
        """The place or organisation that an office is of, by the words behind it."""
        of = (_FOR if _SENT.search(office) else _OF).match(self._text, end)
        places = (of.end(), of.end(1)) if of else ()
        owner = next((self._beginning[place] for place in places if place in self._beginning), None)
        return owner if owner and owner.label in _OWNERS else None

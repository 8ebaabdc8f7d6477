"""A group of mentions enters; the entities that it may be leave, those of the nearest names first.

An index is asked for the group's own names, for longer names that the document gives, and for the
wider name around the mention ("France" in "Tour de France"). Where it knows none of them, the parts
of the name are tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from kgbuild.link.context import near_words
from kgbuild.link.home import Homes, home_names, homes
from kgbuild.link.names import normalise, variants
from kgbuild.link.surface import Group, groups, is_name
from kgbuild.link.teams import TELLING, is_team, national_teams, sport
from kgbuild.protocols import CandidateIndex
from kgbuild.records import Document, Entity, Extraction, Label, Mention

CANDIDATES = 30
WIDEST = 6
"""Words that are looked at on each side of a mention for a wider name."""

LONGEST_PARTED = 8
"""Words of the longest name whose parts are tried."""

TEAMS_AMONG, MOST_TEAMS = 120, 8
"""Candidates among which teams are looked for where the text tells of sport, and how many are kept."""

NEAREST = 3
"""Entities that are asked for of a wider name or a part, of which those of exactly that name are kept."""

_NAME = r"[A-Z][a-z]+(?: [A-Z][a-z]+)*?"
_BEFORE = re.compile(rf"(?:(?:[A-Z][\w.'’-]*|of|the|de|for|and|&) ){{1,{WIDEST}}}$")
_AFTER = re.compile(rf"(?: (?:[A-Z][\w.'’-]*|of|the|de|for|and|&)){{1,{WIDEST}}}")
_SHARED = re.compile(rf"(?:, {_NAME})*,? and {_NAME} ([A-Z][a-z]+)\b(?! [A-Z])")
"""What follows a name that shares its last word with others: "North and South America"."""

_SMALL = frozenset(["of", "the", "de", "for", "and", "&"])


def looked_up(
    document: Document, extraction: Extraction, index: CandidateIndex, *, common_nouns: bool = False
) -> tuple[Group, ...]:
    """The groups of a document, each with the wider names around its first mention, and those with a place.

    Mentions that begin or end within a word are looked up by the whole words.
    """
    whole = replace(extraction, mentions=tuple(_whole(document.text, each) for each in extraction.mentions))
    there = homes(whole, index)
    return tuple(
        _with_context(document.text, whole, _in_full(group, whole, index, document.text), there)
        if group.names
        else group
        for group in groups(whole, common_nouns=common_nouns)
    )


def _in_full(group: Group, extraction: Extraction, index: CandidateIndex, text: str) -> Group:
    """A group whose first mention shares the last word of a name after it, with the name in full, where the
    index knows that: "North and South America" names North America."""
    names = shared_names(text, extraction.mentions[group.members[0]])
    full = next((name for name in names if index.exact(name, 1)), None)
    return replace(group, names=(full, *group.names)) if full else group


def _with_context(text: str, extraction: Extraction, group: Group, there: Homes) -> Group:
    """A group with what the text around it, and the document, say of its name."""
    sporting = sport(near_words(group, extraction, text)) >= TELLING
    first = extraction.mentions[group.members[0]]
    return replace(
        group,
        wider=wider_names(text, first),
        national=national_teams(group.name) if sporting else (),
        home=home_names(group, there, text[first.end : first.end + 5]),
        sporting=sporting,
    )


def _whole(text: str, mention: Mention) -> Mention:
    """A mention with the rest of the words within which it begins and ends, and no white space around."""
    start, end = mention.start, mention.end
    while end > start and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    if start == end:
        return mention
    while start > 0 and text[start - 1].isalpha() and text[start].isalpha() and _joined(text, start):
        start -= 1
    while end < len(text) and text[end].isalpha() and text[end - 1].isalpha() and _joined(text, end):
        end += 1
    if (start, end) == (mention.start, mention.end):
        return mention
    return replace(mention, start=start, end=end, text=text[start:end])


def _joined(text: str, place: int) -> bool:
    """Whether letters go on over a place as in one word: not so in scripts without spaces."""
    return text[place - 1].lower() != text[place - 1].upper() and text[place].islower()


def candidate_entities(index: CandidateIndex, group: Group, limit: int = CANDIDATES) -> tuple[Entity, ...]:
    """What a group may be: the entities of its names, and of longer names in the document."""
    if not group.names:
        return ()
    ids = dict.fromkeys(_merged(index, (*group.names, *group.longer), limit))
    around = (*group.wider, *group.national)
    wide = dict.fromkeys(found for name in around for found in _exactly(index, name))
    wide |= dict.fromkeys(found for name in group.home for found in index.exact(name)[:NEAREST])
    wide |= dict.fromkeys(_teams(index, group))
    if not ids:
        wide |= dict.fromkeys(found for part in parts(group.name) for found in _exactly(index, part))
    first = [*islice(ids, limit - min(len(wide), limit // 3)), *wide, *ids]
    held = (index.entity(qid) for qid in islice(dict.fromkeys(first), limit))
    return tuple(entity for entity in held if entity is not None)


def _teams(index: CandidateIndex, group: Group) -> Iterator[str]:
    """The most popular sports teams that have the name in theirs, where the text tells of sport."""
    if not group.sporting or group.label in (Label.PERSON, Label.OTHER) or not is_name(group.name):
        return
    held = (index.entity(found.entity) for found in index.candidates(group.name, TEAMS_AMONG))
    yield from islice((entity.id for entity in held if entity and is_team(entity)), MOST_TEAMS)


def _merged(index: CandidateIndex, names: tuple[str, ...], limit: int) -> Iterator[str]:
    """The candidates of several names in turn."""
    shares = [index.candidates(name, limit) for name in names]
    for place in range(limit):
        yield from (share[place].entity for share in shares if place < len(share))


def _exactly(index: CandidateIndex, name: str) -> Iterator[str]:
    """The entities that have exactly this name."""
    forms = {normalise(name), *variants(name)}
    for candidate in index.candidates(name, NEAREST):
        entity = index.entity(candidate.entity)
        if entity and not forms.isdisjoint(map(normalise, (entity.label, *entity.aliases))):
            yield entity.id


def parts(name: str) -> Iterator[str]:
    """Runs of a name's words, longest first; single words of common nouns only, and at the ends only.

    >>> list(parts("Chung-Ang University Graduate School"))[:2]
    ['Chung-Ang University Graduate', 'University Graduate School']
    >>> list(parts("resident playwright"))
    ['playwright', 'resident']
    """
    words = name.replace("-", " ").split() if name.islower() else name.split()
    if len(words) > LONGEST_PARTED:
        return
    for size in range(len(words) - 1, 1, -1):
        for start in range(len(words) - size + 1):
            run = words[start : start + size]
            if run[0] not in _SMALL and run[-1] not in _SMALL:
                yield " ".join(run)
    if name.islower() and len(words) > 1:
        yield from (words[-1], words[0])


def wider_names(text: str, mention: Mention) -> tuple[str, ...]:
    """Names that go on before or after a mention, the widest first.

    >>> text = "He won the Tour de France twice."
    >>> wider_names(text, Mention(19, 25, "France", "location", 1.0))
    ('Tour de France',)
    """
    before = _BEFORE.search(text[max(0, mention.start - 80) : mention.start])
    after = _AFTER.match(text[mention.end : mention.end + 80])
    left = _trimmed(before.group().split()) if before else []
    right = _trimmed(after.group().split()[::-1])[::-1] if after else []
    own = text[mention.start : mention.end]
    found: dict[str, None] = {}
    for heads, tails in ((left, right), (left, []), ([], right)):
        if heads or tails:
            found[" ".join((*heads, own, *tails))] = None
    if nearer := _trimmed(left[1:]):
        found[" ".join((*nearer, own))] = None
    return tuple(found)


def shared_names(text: str, mention: Mention) -> tuple[str, ...]:
    """The names that a mention has with the last word of what follows it, which it shares.

    >>> text = "in Orange, Riverside and Imperial Counties"
    >>> shared_names(text, Mention(3, 9, "Orange", "location", 1.0))
    ('Orange County', 'Orange Counties')
    """
    shared = _SHARED.match(text, mention.end)
    if shared is None:
        return ()
    word = shared[1]
    head = word.removesuffix("ies") + "y" if word.endswith("ies") else word.removesuffix("s")
    own = text[mention.start : mention.end]
    return tuple(dict.fromkeys((f"{own} {head}", f"{own} {word}")))


def _trimmed(words: list[str]) -> list[str]:
    """Words from the first that is no small one."""
    while words and words[0] in _SMALL:
        words = words[1:]
    return words

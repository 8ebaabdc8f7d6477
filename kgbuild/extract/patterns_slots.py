"""Relation patterns over one tokenized sentence whose mentions are known: spaCy's Matcher.

In go a sentence's tokens and its mentions as token spans; out come the fillers of each pattern's
slots, as token spans. A slot that stands for a mention is filled by the whole of one mention.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from kgbuild.extract.patterns import RelationPattern, Slot

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

TokenSpan = tuple[int, int]
"""First token, and the one after the last."""
_BEGINS, _GOES_ON = 3, 1  # spaCy's ENT_IOB


@dataclass(frozen=True, slots=True)
class Filled:
    """One match: the pattern's number, and the tokens in its slots."""

    pattern: int
    subject: TokenSpan
    object: TokenSpan


class SlotMatcher:
    """All relation patterns of a file, compiled for one vocabulary."""

    def __init__(self, vocab: Vocab, patterns: Sequence[RelationPattern]) -> None:
        from spacy.matcher import Matcher

        self._matcher = Matcher(vocab)
        self._patterns = patterns
        self._slots: list[list[Slot | None]] = []
        for number, pattern in enumerate(patterns):
            tokens, slots = _compiled(pattern)
            self._slots.append(slots)
            self._matcher.add(str(number), [tokens])
        self._numbers = {vocab.strings[str(number)]: number for number in range(len(patterns))}

    def find(self, doc: Doc, mentions: Mapping[TokenSpan, str]) -> tuple[Filled, ...]:
        """The matches in a sentence, `mentions` being its mentions' labels by span.

        The spans must not overlap. Of matches that differ only in how many words a slot captures, the
        longest is kept.
        """
        from spacy.tokens import Span

        doc.set_ents([Span(doc, *span, label) for span, label in mentions.items()])
        found: dict[int, dict[Filled, None]] = defaultdict(dict)
        matches: Any = self._matcher(doc, with_alignments=True)
        for key, start, _, alignment in matches:
            number = self._numbers[key]
            filled = self._filled(number, start, alignment)
            if self._whole(filled, mentions):
                found[number][filled] = None
        return tuple(each for number in sorted(found) for each in longest(list(found[number])))

    def _filled(self, number: int, start: int, alignment: Sequence[int]) -> Filled:
        """The slots' tokens, from the pattern token that each matched token belongs to."""
        slots = self._slots[number]
        places: dict[Slot | None, list[int]] = defaultdict(list)
        for offset, token in enumerate(alignment):
            places[slots[token]].append(start + offset)
        spans = {slot: (held[0], held[-1] + 1) for slot, held in places.items()}
        return Filled(number, spans.get("subject", (0, 0)), spans.get("object", (0, 0)))

    def _whole(self, filled: Filled, mentions: Mapping[TokenSpan, str]) -> bool:
        """Whether no slot is empty, and each that stands for a mention holds the whole of one."""
        held = {"subject": filled.subject, "object": filled.object}
        if any(first == end for first, end in held.values()):
            return False
        tokens = self._patterns[filled.pattern].tokens
        return all(held[token.slot] in mentions for token in tokens if token.slot and token.is_mention)


def _compiled(pattern: RelationPattern) -> tuple[list[dict[str, Any]], list[Slot | None]]:
    """Tokens for the Matcher, and the slot of each."""
    tokens: list[dict[str, Any]] = []
    slots: list[Slot | None] = []
    for token in pattern.tokens:
        if token.is_mention:
            labels = {"IN": sorted(token.labels)}
            tokens += [{"ENT_TYPE": labels, "ENT_IOB": _BEGINS}, {"ENT_IOB": _GOES_ON, "OP": "*"}]
            slots += [token.slot, token.slot]
        else:
            tokens.append(dict(token.attributes))
            slots.append(token.slot)
    return tokens, slots


def longest(found: Sequence[Filled]) -> Iterator[Filled]:
    """Matches of one pattern that are not parts of another.

    A match is compared with those alone whose subject holds its own, and of these with one object each.
    """
    objects: dict[TokenSpan, list[TokenSpan]] = defaultdict(list)
    for each in found:
        objects[each.subject].append(each.object)
    outermost = {subject: _outermost(spans) for subject, spans in objects.items()}
    holders: dict[int, list[TokenSpan]] = defaultdict(list)
    for subject in outermost:
        for token in range(*subject):
            holders[token].append(subject)
    for each in found:
        first, end = each.subject
        wider = (subject for subject in holders[first] if end <= subject[1] and subject != each.subject)
        if _holder(each.object, outermost[each.subject]) == each.object and not any(
            _holder(each.object, outermost[subject]) for subject in wider
        ):
            yield each


def _outermost(spans: Iterable[TokenSpan]) -> list[TokenSpan]:
    """The spans that lie in no other, in order: both their first tokens and their ends rise.

    >>> _outermost([(4, 6), (1, 3), (1, 2), (2, 5), (5, 6)])
    [(1, 3), (2, 5), (4, 6)]
    """
    found: list[TokenSpan] = []
    for span in sorted(spans, key=lambda each: (each[0], -each[1])):
        if not found or span[1] > found[-1][1]:
            found.append(span)
    return found


def _holder(span: TokenSpan, outermost: Sequence[TokenSpan]) -> TokenSpan | None:
    """The last of the outermost spans that begins no later, if the span lies in it; None if in none.

    >>> _holder((2, 3), [(1, 3), (2, 5)]), _holder((2, 6), [(1, 3), (2, 5)])
    ((2, 5), None)
    """
    place = bisect_right(outermost, span[0], key=itemgetter(0))
    return outermost[place - 1] if place and span[1] <= outermost[place - 1][1] else None

"""Relation patterns over one tokenized sentence whose mentions are known: spaCy's Matcher.

In go a sentence's tokens and its mentions as token spans; out come the fillers of each pattern's
slots, as token spans. A slot that stands for a mention is filled by the whole of one mention.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
        return tuple(each for number in sorted(found) for each in _longest(list(found[number])))

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


def _longest(found: Sequence[Filled]) -> Iterator[Filled]:
    """Matches of one pattern that are not parts of another."""
    for each in found:
        if not any(other != each and _holds(other, each) for other in found):
            yield each


def _holds(outer: Filled, inner: Filled) -> bool:
    return all(
        wide[0] <= narrow[0] and narrow[1] <= wide[1]
        for wide, narrow in ((outer.subject, inner.subject), (outer.object, inner.object))
    )

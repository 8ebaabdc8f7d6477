"""Examples as arrays: token ids, tag targets, and mentions as token spans, made once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from spacy.lang.en.stop_words import STOP_WORDS

from kgbuild.extract.encode import APART, TextEncoder, Tokens
from kgbuild.extract.labels import LABELS, PRONOUN, UNKNOWN, begin, is_pronoun
from kgbuild.extract.strings import matches
from kgbuild.train.examples import Example, Fact, Scope, Tagging

IGNORED = -100
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Features:
    """An example cut to one window.

    `ids`, `shapes`, `tags` are (tokens,), special tokens included; tags are `IGNORED` where unknown.
    Mentions are (mentions,): first and last token, label number, entity (-1 unknown), `gold` False
    for those that the annotation does not give. `matches` is (mentions, mentions). `unannotated` is the
    recipe's; it holds for properties that are not `elsewhere`, annotated in other texts of the set.
    `remembered` is the recipe's too.
    """

    example: Example
    tokens: Tokens
    ids: Ints
    shapes: Ints
    tags: Ints
    first: Ints
    last: Ints
    label: Ints
    entity: Ints
    gold: NDArray[np.bool_]
    matches: Ints
    facts: tuple[Fact, ...]
    unknown: tuple[Fact, ...]
    unannotated: float = 0.0
    elsewhere: frozenset[str] = frozenset()
    remembered: float = 0.0


@dataclass(frozen=True, slots=True)
class SpanTarget:
    """A mention for training: code points, label number, entity, whether it is annotated."""

    start: int
    end: int
    label: int
    entity: int
    gold: bool


def featurize(example: Example, encoder: TextEncoder, *, length: int) -> Features:
    """One window of at most `length` tokens; what lies behind it does not train."""
    tokens = encoder.tokens(example.text, cased=example.cased)
    room = length - 2
    tokens = Tokens(*(getattr(tokens, name)[:room] for name in ("ids", "start", "end", "word", "shapes")))
    spans = [
        SpanTarget(m.start, m.end, UNKNOWN if m.label is None else LABELS.index(m.label), m.entity, True)
        for m in example.mentions
    ]
    spans = [
        replace(span, label=PRONOUN) if is_pronoun(example.text[span.start : span.end]) else span
        for span in spans
    ]
    if example.scope is not Scope.PAIR:
        taken = {(span.start, span.end) for span in spans}
        spans += [
            SpanTarget(match.start(), match.end(), PRONOUN, -1, False)
            for match in APART.finditer(example.text)
            if is_pronoun(match[0]) and match.span() not in taken
        ]
    return with_spans(example, encoder, tokens, spans)


def with_spans(example: Example, encoder: TextEncoder, tokens: Tokens, spans: list[SpanTarget]) -> Features:
    """Features over the given mentions; gold ones keep their order, which facts refer to."""
    first = np.searchsorted(tokens.end, [span.start for span in spans], side="right")
    last = np.searchsorted(tokens.start, [span.end for span in spans], side="left") - 1
    inside = (first < len(tokens.ids)) & (last >= first) & (last < len(tokens.ids))
    if len(tokens.ids):
        inside &= np.array([span.end <= tokens.end[-1] for span in spans], bool)
    kept = np.flatnonzero(inside)
    position = {int(old): new for new, old in enumerate(kept)}
    chosen = [spans[number] for number in kept]
    return Features(
        example=example,
        tokens=tokens,
        ids=np.r_[encoder.begin, tokens.ids, encoder.end],
        shapes=np.r_[0, tokens.shapes, 0],
        tags=np.r_[IGNORED, _tags(example, tokens, first[kept], last[kept], chosen), IGNORED],
        first=first[kept] + 1,
        last=last[kept] + 1,
        label=np.array([span.label for span in chosen], np.int64),
        entity=np.array([span.entity for span in chosen], np.int64),
        gold=np.array([span.gold for span in chosen], bool),
        matches=matches([example.text[span.start : span.end] for span in chosen]),
        facts=_renumbered(example, example.facts, position),
        unknown=_renumbered(example, example.unknown, position),
    )


def _renumbered(example: Example, facts: tuple[Fact, ...], position: dict[int, int]) -> tuple[Fact, ...]:
    if example.scope is Scope.ENTITY:
        return facts
    return tuple(
        Fact(position[fact.subject], fact.property, position[fact.object])
        for fact in facts
        if fact.subject in position and fact.object in position
    )


def _perhaps_named(text: str, tokens: Tokens) -> Ints:
    """First pieces of words that may be in a name or value which nobody annotated.

    Those are words with a capital or a digit, but for a stop word before a word in small letters: that
    opens a sentence.
    """
    starts = np.flatnonzero(tokens.first)
    bounds = [*tokens.start[starts].tolist(), len(text)]
    words = [text[a:b].strip() for a, b in pairwise(bounds)]
    opens = [
        word.casefold() in STOP_WORDS and following[:1].islower()
        for word, following in pairwise([*words, ""])
    ]
    perhaps = [
        not opening and (word[:1].isupper() or any(map(str.isdigit, word)))
        for word, opening in zip(words, opens, strict=True)
    ]
    found: Ints = starts[np.array(perhaps, bool)]
    return found


def _tags(example: Example, tokens: Tokens, first: Ints, last: Ints, spans: list[SpanTarget]) -> Ints:
    """Tag targets of word-initial pieces; all others are ignored."""
    tags = np.full(len(tokens.ids), IGNORED)
    if example.tagging in (Tagging.NONE, Tagging.READ):
        return tags
    word_start = tokens.first
    tags[word_start] = 0
    if example.tagging is Tagging.PARTIAL:
        tags[_perhaps_named(example.text, tokens)] = IGNORED
    for span, a, b in zip(spans, first, last, strict=True):
        if span.gold and span.label < PRONOUN:
            tags[a : b + 1] = begin(LABELS[span.label]) + 1
            tags[a] = begin(LABELS[span.label])
    tags[~word_start] = IGNORED
    return tags

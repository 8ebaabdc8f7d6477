"""Exact match: what was predicted against what is gold, as sets, counted by type."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from kgbuild.evaluate.counts import Counts
from kgbuild.extract.labels import refers
from kgbuild.records import Mention

Item = TypeVar("Item")
Span = tuple[int, int]


def counts_by(
    read: Iterable[tuple[Collection[Item], Collection[Item]]],
    type_of: Callable[[Item], str],
    types: Iterable[str],
) -> dict[str, Counts]:
    """Counts of each type over (predicted, gold) of many texts.

    >>> counts_by([({"a1", "b1"}, {"a1", "a2"})], lambda item: item[0], "ab")
    {'a': Counts(right=1, predicted=1, gold=2), 'b': Counts(right=0, predicted=1, gold=0)}
    """
    result = dict.fromkeys(types, Counts())
    for predicted, gold in read:
        for item in {*predicted, *gold}:
            found, known = item in predicted, item in gold
            result[type_of(item)] += Counts(int(found and known), int(found), int(known))
    return result


def averages_over_types(parts: Mapping[str, Counts], prefix: str) -> dict[str, float]:
    """Precision, recall and F1, each the mean over the types that occur.

    >>> averages_over_types({"a": Counts(1, 1, 1), "b": Counts(0, 1, 1), "c": Counts()}, "macro_")
    {'macro_f1': 0.5, 'macro_precision': 0.5, 'macro_recall': 0.5}
    """
    seen = [each for each in parts.values() if each.gold or each.predicted] or [Counts()]
    figures: list[tuple[str, Callable[[Counts], Any]]] = [
        ("f1", lambda each: each.f1),
        ("precision", lambda each: each.precision),
        ("recall", lambda each: each.recall),
    ]
    return {prefix + name: round(sum(map(figure, seen)) / len(seen), 4) for name, figure in figures}


def on_tokens(mentions: Sequence[Mention], offsets: Sequence[Span]) -> dict[int, Span]:
    """The tokens that each mention touches, half-open, by its position; pronouns are left out.

    Where two touch one token the surer mention has it, as if tokens had been tagged. `offsets` are
    the code points of each token.

    >>> from kgbuild.records import Label
    >>> ann, lee = (Mention(*span, Label.PERSON, 0.9) for span in ((0, 3, "Ann"), (4, 7, "Lee")))
    >>> on_tokens([ann, lee], [(0, 3), (4, 8)])
    {0: (0, 1), 1: (1, 2)}
    """
    starts, ends = [start for start, _ in offsets], [end for _, end in offsets]
    found: dict[int, Span] = {}
    taken: set[int] = set()
    for number in sorted(range(len(mentions)), key=lambda each: -mentions[each].score):
        mention = mentions[number]
        span = bisect_right(ends, mention.start), bisect_left(starts, mention.end)
        if not refers(mention.text) and taken.isdisjoint(range(*span)):
            taken |= {*range(*span)}
            found[number] = span
    return found

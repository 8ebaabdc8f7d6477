"""Tag probabilities to mentions, and mentions to token positions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from kgbuild.extract.descriptions import descriptions
from kgbuild.extract.encode import APART, Tokens
from kgbuild.extract.labels import LABELS, PRONOUN, UNKNOWN, antecedent_types
from kgbuild.extract.licence import OFFICE, kind
from kgbuild.extract.tagging import TagChain, WordTags
from kgbuild.records import Label, Mention

_JOINING = re.compile(r"(?<=\w)(?:\s+(?:of|for|from|to|at|by|in|on|with|and|the|an?))+$")
"""Words after a name that belong to what follows it: "Oscar for"."""


@dataclass(frozen=True, slots=True)
class Found:
    """Mentions of a document in order, with what the network needs of them.

    All arrays are (mentions,): first and last token, label number (PRONOUN for pronouns and definite
    descriptions), and kind as in `kgbuild.extract.licence`. Offices may hold others; no others overlap.
    """

    mentions: tuple[Mention, ...]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    label: NDArray[np.int64]
    kinds: NDArray[np.int64]

    @property
    def office(self) -> NDArray[np.bool_]:
        """Which are offices."""
        offices: NDArray[np.bool_] = self.kinds == OFFICE
        return offices

    def at(self, places: NDArray[np.int64]) -> Found:
        """The mentions at some places, in order."""
        mentions = tuple(self.mentions[place] for place in places.tolist())
        return Found(mentions, self.first[places], self.last[places], self.label[places], self.kinds[places])


def tagged_mentions(text: str, words: WordTags, chain: TagChain) -> list[Mention]:
    """The mentions of the best tags; none crosses sentences, or ends in a word that joins it to the next."""
    start, end = words.start.tolist(), words.end.tolist()
    spans = chain.spans(words.probabilities, words.bounds)
    written = [(start[span.first], text[start[span.first] : end[span.last]], span) for span in spans]
    names = [(at, _JOINING.sub("", name), span) for at, name, span in written]
    return [Mention(at, at + len(name), name, LABELS[span.label], span.score) for at, name, span in names]


def agreed(mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions, those that are written alike all with the type that they have most surely.

    A name keeps its sense in a document (one sense per discourse, Gale, Church & Yarowsky, 1992).

    >>> place, firm = LABELS[2], LABELS[1]
    >>> read = [Mention(0, 4, "Acme", firm, 0.9), Mention(9, 13, "Acme", place, 0.6)]
    >>> [each.label is firm for each in agreed(read)]
    [True, True]
    """
    totals: dict[str, dict[Label, float]] = defaultdict(lambda: defaultdict(float))
    for mention in mentions:
        totals[mention.text][mention.label] += mention.score
    likeliest = {text: max(found, key=lambda label: found[label]) for text, found in totals.items()}
    return [
        mention
        if mention.label is likeliest[mention.text]
        else replace(mention, label=likeliest[mention.text])
        for mention in mentions
    ]


def apart(mentions: Sequence[Mention], known: Sequence[Mention]) -> list[Mention]:
    """The known mentions, and of the others those that overlap none of them.

    >>> known = Mention(0, 12, "Acme Widgets", LABELS[1], 1.0)
    >>> [each.text for each in apart([Mention(5, 12, "Widgets", LABELS[1], 0.9)], [known])]
    ['Acme Widgets']
    """
    taken = {offset for each in known for offset in range(each.start, each.end)}
    return [*known, *(each for each in mentions if taken.isdisjoint(range(each.start, each.end)))]


def references(text: str, mentions: Iterable[Mention]) -> list[Mention]:
    """The pronouns and definite descriptions outside the given mentions, with their likeliest types."""
    taken = np.zeros(len(text) + 1, bool)
    for mention in mentions:
        taken[mention.start : mention.end] = True
    return [
        Mention(*match.span(), match[0], types[0], 1.0)
        for match in chain(APART.finditer(text), descriptions(text))
        if (types := antecedent_types(match[0])) and not taken[match.start() : match.end()].any()
    ]


def located(mentions: Iterable[Mention], tokens: Tokens, offices: Iterable[Mention] = ()) -> Found:
    """Mentions, and offices, sorted and with their tokens."""
    both = [*((mention, False) for mention in mentions), *((office, True) for office in offices)]
    both.sort(key=lambda each: (each[0].start, each[0].end))
    ordered = tuple(mention for mention, _ in both)
    read = [_label_and_kind(mention, office=office) for mention, office in both]
    return Found(
        ordered,
        np.searchsorted(tokens.end, [mention.start for mention in ordered], side="right"),
        np.searchsorted(tokens.start, [mention.end for mention in ordered], side="left") - 1,
        np.array([label for label, _ in read], np.int64),
        np.array([each for _, each in read], np.int64),
    )


def _label_and_kind(mention: Mention, *, office: bool) -> tuple[int, int]:
    """The label number that the network is told of a mention, and its kind."""
    if office:
        return UNKNOWN, OFFICE
    told = antecedent_types(mention.text)
    return (PRONOUN if told else LABELS.index(mention.label)), kind(told or [mention.label])

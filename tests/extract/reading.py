"""Mentions of a text without a network: the names that a test lists, and what may stand for them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from kgbuild.extract.labels import LABELS, PRONOUN, antecedent_types
from kgbuild.extract.licence import kind
from kgbuild.extract.mentions import Found, references
from kgbuild.extract.referents import Referents
from kgbuild.records import Document, Label, Mention, Sentence
from kgbuild.text.sentences import RuleSegmenter


def sentences(text: str) -> tuple[Sentence, ...]:
    return tuple(RuleSegmenter().segment(Document("d", "", text)))


def mentions(text: str, names: Mapping[str, Label]) -> tuple[Mention, ...]:
    """All places of the names, and the pronouns and descriptions outside of them, in order."""
    longest = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    found = [
        Mention(*match.span(), match[0], names[match[0]], 1.0)
        for match in (re.finditer(rf"\b(?:{longest})\b", text) if names else ())
    ]
    return tuple(sorted([*found, *references(text, found)], key=lambda mention: mention.start))


def located(text: str, names: Mapping[str, Label]) -> Found:
    """The mentions, each word a token."""
    found = mentions(text, names)
    types = [antecedent_types(mention.text) for mention in found]
    words = np.array([match.start() for match in re.finditer(r"\w+", text)])
    first = np.searchsorted(words, [mention.start for mention in found])
    last = np.searchsorted(words, [mention.end for mention in found]) - 1
    label = [
        PRONOUN if told else LABELS.index(mention.label) for mention, told in zip(found, types, strict=True)
    ]
    kinds = [kind(told or [mention.label]) for mention, told in zip(found, types, strict=True)]
    return Found(found, first, last, np.array(label, np.int64), np.array(kinds, np.int64))


def referents(text: str, names: Mapping[str, Label]) -> tuple[tuple[Mention, ...], Referents]:
    """The mentions, and what may refer among them."""
    found = located(text, names)
    return found.mentions, Referents.of(text, found, sentences(text))

"""What refers in a text, and what can be told of it without a network: kinds, sexes, speech, places."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kgbuild.extract.given_names import sexes
from kgbuild.extract.labels import LABELS, PRONOUN, sex
from kgbuild.extract.mentions import Found
from kgbuild.extract.speech import NOBODY, said
from kgbuild.pronouns import RELATIVE, SPEAKING
from kgbuild.records import Label, Mention, Sentence

VALUE_KINDS = sum(1 << number for number, label in enumerate(LABELS) if label.is_value)
_JOINT = re.compile(r",? ")
"""What stands between a name and its relative pronoun."""

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Referents:
    """The mentions of a document or window, in order; all arrays are (mentions,).

    `kinds` are as in `kgbuild.extract.licence`; `pronoun` says which are pronouns or definite descriptions,
    `speaking` which are "I" or "my", and `sex` what pronouns and people's names tell, 1 of men and -1 of
    women. `token` is the number of the first token, `sentence` that of the sentence. `speaker` is the
    position of who says the words, `NOBODY` where that is not told; `quoted` says which are in a quotation.
    `head` is the position of the mention that a pronoun must mean: that right before a relative pronoun, or
    what another window told; else `NOBODY`. `carried` are pronouns that stand for entities as the window
    before told, which none of the names here was decided to be.
    """

    kinds: Ints
    pronoun: Flags
    sex: Ints
    speaking: Flags
    token: Ints
    sentence: Ints
    quoted: Flags
    speaker: Ints
    head: Ints
    carried: Flags

    @classmethod
    def of(cls, text: str, found: Found, sentences: Sequence[Sentence]) -> Self:
        """Those of a document."""
        mentions = found.mentions
        folded = [mention.text.casefold() for mention in mentions]
        pronoun = found.label == PRONOUN
        speaker, quoted = said(text, mentions, sentences)
        begins = [sentence.start for sentence in sentences]
        starts = [mention.start for mention in mentions]
        return cls(
            found.kinds,
            pronoun,
            np.where(pronoun, [sex(each.text) for each in mentions], sexes(text, mentions)).astype(np.int64),
            np.array([word in SPEAKING for word in folded], bool) & pronoun,
            found.first,
            np.searchsorted(begins, starts, side="right").astype(np.int64),
            quoted,
            speaker,
            _heads(text, mentions, folded),
            np.zeros(len(mentions), bool),
        )

    @property
    def value(self) -> Flags:
        """Which are values (dates, numbers)."""
        values: Flags = (self.kinds & VALUE_KINDS) != 0
        return values

    def within(self, inside: Ints) -> Self:
        """Those at some positions, in order, with positions among these."""
        moved = np.full(len(self.kinds) + 1, NOBODY)
        moved[inside] = np.arange(len(inside))
        parts = {each.name: getattr(self, each.name)[inside] for each in fields(self)}
        return type(self)(**parts | {"speaker": moved[parts["speaker"]], "head": moved[parts["head"]]})


def _heads(text: str, mentions: Sequence[Mention], folded: Sequence[str]) -> Ints:
    """The mention that ends right before each relative pronoun; "who" is a person."""
    found = np.full(len(mentions), NOBODY)
    for place, (before, here) in enumerate(pairwise(mentions), 1):
        person = before.label is Label.PERSON or folded[place] not in ("who", "whom")
        if folded[place] in RELATIVE and person and _JOINT.fullmatch(text, before.end, here.start):
            found[place] = place - 1
    return found

"""What the model reads without believing it, for a later stage that knows more.

A document enters; its extraction leaves with all that is read at a `floor`, each relation and attribute
with the probability from which on the model states it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.extract.labels import PRONOUNS, is_pronoun
from kgbuild.extract.licence import is_several, kind
from kgbuild.records import Attribute, Document, Extraction, Mention, Relation, Sentence


class DoubtfulExtractor:
    """A neural extractor that reads from its own threshold on, and marks what the model does not state.

    `threshold` is the least probability of what is stated, None for those that the model learned.
    """

    def __init__(self, floor: NeuralExtractor, threshold: float | None = None) -> None:
        self._floor = floor
        self._stated = floor.calibrated(threshold)
        self._column = {name: column for column, name in enumerate(floor.names)}
        self.version = floor.version + ("" if threshold is None else f"-{threshold:g}")

    def extract(self, document: Document, sentences: Sequence[Sentence]) -> Extraction:
        """Mentions, relations, attributes and clusters of one document, what is not stated among them."""
        return self._marked(self._floor.extract(document, sentences))

    def extract_around(
        self, document: Document, sentences: Sequence[Sentence], known: Sequence[Mention]
    ) -> Extraction:
        """As `extract`, with known mentions, which do not overlap, in place of those that overlap them."""
        return self._marked(self._floor.extract_around(document, sentences, known))

    def _marked(self, extraction: Extraction) -> Extraction:
        several = [_refers_to_several(mention) for mention in extraction.mentions]

        def least(fact: Relation | Attribute) -> float:
            ends = (fact.subject, fact.object) if isinstance(fact, Relation) else (fact.subject,)
            return float(self._stated.least(self._column[fact.property], any(several[end] for end in ends)))

        return replace(
            extraction,
            relations=tuple(replace(each, least=least(each)) for each in extraction.relations),
            attributes=tuple(replace(each, least=least(each)) for each in extraction.attributes),
        )


def _refers_to_several(mention: Mention) -> bool:
    """Whether a mention is a pronoun that may mean things of several types, as the scorer sees it."""
    text = mention.text
    return is_pronoun(text) and bool(is_several(np.array(kind(PRONOUNS[text.casefold()]))))

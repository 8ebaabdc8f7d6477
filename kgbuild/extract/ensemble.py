"""Two extractors as one: what both read in a document, by the rule of `kgbuild.extract.joining`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from kgbuild.extract.joining import join
from kgbuild.extract.patterns_extractor import PatternExtractor
from kgbuild.protocols import Extractor
from kgbuild.records import Document, Extraction, Mention, Sentence


@runtime_checkable
class Guided(Protocol):
    """An extractor that can be told of mentions, and reads what the text says of them too."""

    def extract_around(
        self, document: Document, sentences: Sequence[Sentence], known: Sequence[Mention]
    ) -> Extraction:
        """As `extract`, with the known mentions in place of whatever would overlap them."""
        ...


class Ensemble:
    """Patterns and another extractor: the patterns' names win, and their phrasings see all mentions."""

    def __init__(self, patterns: PatternExtractor, other: Extractor) -> None:
        self.patterns = patterns
        self.other = other
        self.version = f"{other.version}+{patterns.version}"

    def extract(self, document: Document, sentences: Sequence[Sentence]) -> Extraction:
        """What either reads, and what the patterns' phrasings say of the mentions of both."""
        named = self.patterns.names(document, sentences)
        if isinstance(self.other, Guided):
            read = self.other.extract_around(document, sentences, named.mentions)
        else:
            read = self.other.extract(document, sentences)
        return self.patterns.relate(document, sentences, join(named, read))

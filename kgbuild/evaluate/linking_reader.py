"""Texts and given mentions enter; what the extractor reads there leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.protocols import Segmenter
from kgbuild.records import Document, Extraction, Mention


@dataclass(frozen=True, slots=True)
class ExtractingReader:
    """A `kgbuild.link.tags.Reader` by the neural extractor."""

    extractor: NeuralExtractor
    segmenter: Segmenter

    def read(self, document: Document) -> Extraction:
        """Mentions and clusters of a document, and what else the extractor reads."""
        return self.extractor.extract(document, self.segmenter.segment(document))

    def locate(self, document: Document, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
        """Given mentions, in their order, with the vectors of their contexts."""
        return self.extractor.relate(document, self.segmenter.segment(document), mentions).mentions

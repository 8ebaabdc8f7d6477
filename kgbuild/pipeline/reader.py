"""What turns one document into facts: its parts, and what they read on the way.

In goes a `Document`; out come its `DocumentFacts`, a function of that document and of the parts alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kgbuild import graph
from kgbuild.facts.assemble import assemble
from kgbuild.facts.target import Target
from kgbuild.protocols import Extractor, Linker, Segmenter
from kgbuild.records import Document, DocumentFacts, Extraction, Link, Revision, Sentence
from kgbuild.shapes import Shapes


@dataclass(frozen=True, slots=True)
class Read:
    """A document, its sentences and what was extracted from it."""

    document: Document
    sentences: tuple[Sentence, ...]
    extraction: Extraction


@dataclass(frozen=True, slots=True)
class Reader:
    """The parts that turn one document into facts, each a function of that document alone."""

    segmenter: Segmenter
    extractor: Extractor
    linker: Linker
    target: Target
    shapes: Shapes | None = None

    def extract(self, document: Document) -> Read:
        """Sentences, then mentions, relations and attributes."""
        sentences = self.segmenter.segment(document)
        return Read(document, sentences, self.extractor.extract(document, sentences))

    def link(self, read: Read) -> tuple[Link, ...]:
        """The entity of each mention, or none."""
        return self.linker.link(read.document, read.extraction)

    def normalise(self, read: Read, links: Sequence[Link], revision: Revision) -> DocumentFacts:
        """Statements that the ontology and the shapes allow, with their evidence."""
        facts = assemble(
            read.document, read.sentences, read.extraction, links, revision=revision, target=self.target
        )
        if self.shapes is None:
            return facts
        return graph.check(facts, self.shapes, ontology=self.target.ontology, iris=self.target.iris)

    @property
    def schema(self) -> str:
        """Version of the ontology, of what is made of it, and of the shapes."""
        return f"{self.target.version}+{self.shapes.version}" if self.shapes else self.target.version

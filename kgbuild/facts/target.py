"""What statements are made for."""

from __future__ import annotations

from dataclasses import dataclass

from kgbuild.facts.knowledge import Knowledge
from kgbuild.facts.relations import Alike
from kgbuild.iris import Iris
from kgbuild.ontology import Ontology
from kgbuild.protocols import CandidateIndex


@dataclass(frozen=True, slots=True)
class Target:
    """What statements are made for: the schema, the knowledge base, and where our own IRIs live.

    With `only_new`, what the knowledge base tells already is not stated. Where `vocabulary` is a
    namespace, statements are made in its words; `ontology` then has those too, beside those of
    `reading`, in which relations are read and checked. Words for a relation that no property has mean
    the one with a name `alike`, where that is given. With `knowledge`, what the knowledge base tells of
    linked entities weighs in on what was read of them.
    """

    ontology: Ontology
    index: CandidateIndex | None
    iris: Iris
    only_new: bool = False
    vocabulary: str | None = None
    reading: Ontology | None = None
    alike: Alike | None = None
    knowledge: Knowledge | None = None

    @property
    def schema(self) -> Ontology:
        """The ontology that relations are read in."""
        return self.reading or self.ontology

    @property
    def version(self) -> str:
        """What a document's statements depend on beside its text, the extractor and the linker."""
        known = f"+knowledge-{self.knowledge.version}" if self.knowledge else ""
        return f"{self.ontology.version}{'+only-new' if self.only_new else ''}{known}"

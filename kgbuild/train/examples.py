"""The one form that every training set is read into.

An example says what was annotated and, as importantly, what was not: a property outside
`annotated`, a mention outside an exhaustive annotation and the facts in `unknown` train nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kgbuild.errors import DatasetError
from kgbuild.records import Label


class Scope(StrEnum):
    """What a fact of the example holds between."""

    MENTION = "mention"
    """Mentions: every ordered pair is annotated (KnowledgeNet)."""
    ENTITY = "entity"
    """Entities, given by all their mentions (DocRED)."""
    PAIR = "pair"
    """The first two mentions only; nothing is said of others (FewRel)."""
    STATED = "stated"
    """The first two mentions; the stated properties are false of other subjects, and of other objects
    as far as the data set's `unannotated` says, for a text may tell more than is listed (Text2KGBench)."""


class Tagging(StrEnum):
    """How completely mentions are annotated."""

    FULL = "full"
    PARTIAL = "partial"
    """The given mentions are right; capitalised words and numbers outside them are unknown."""
    NONE = "none"
    READ = "read"
    """None is annotated; the mentions are those that the model finds."""


@dataclass(frozen=True, slots=True)
class AnnotatedMention:
    """A gold span; `label` None where the data gives no type, `entity` -1 where none is known."""

    start: int
    end: int
    label: Label | None
    entity: int = -1


@dataclass(frozen=True, slots=True)
class Fact:
    """A gold fact: positions of mentions, or numbers of entities where the scope is ENTITY."""

    subject: int
    property: str
    object: int


@dataclass(frozen=True, slots=True)
class Example:
    """A text with its annotation."""

    id: str
    text: str
    mentions: tuple[AnnotatedMention, ...]
    facts: tuple[Fact, ...] = ()
    unknown: tuple[Fact, ...] = ()
    annotated: frozenset[str] = frozenset()
    scope: Scope = Scope.MENTION
    tagging: Tagging = Tagging.FULL
    cased: bool = True

    @property
    def document(self) -> str:
        """The id of the document of which the text is a passage: what stands before the id's last colon.

        >>> Example("Q1:a:80", "Ada", ()).document
        'Q1:a'
        """
        return self.id.rpartition(":")[0]

    def surface(self, mention: AnnotatedMention) -> str:
        """What a mention of the text says."""
        return self.text[mention.start : mention.end]

    def __post_init__(self) -> None:
        for mention in self.mentions:
            if not 0 <= mention.start < mention.end <= len(self.text):
                raise DatasetError(
                    f"{self.id}: the mention {mention.start}:{mention.end} lies outside the text of "
                    f"{len(self.text)} characters"
                )

"""The frozen data that the rooms pass to one another.

Offsets are half-open Unicode code points in `Document.text`, everywhere. A later stage makes a
new record; it never fills in an earlier one. Validation happens once, at construction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Label(StrEnum):
    """Entity types that the extractor tags (the inventory of DocRED, Yao et al., ACL 2019)."""

    PERSON = "person"
    ORGANISATION = "organisation"
    LOCATION = "location"
    TIME = "time"
    NUMBER = "number"
    OTHER = "other"

    @property
    def is_value(self) -> bool:
        """Whether mentions of this type are literal values and never entities."""
        return self in (Label.TIME, Label.NUMBER)


@dataclass(frozen=True, slots=True)
class Document:
    """One text with its identity.

    `id` names the document inside its source (a relative path, a JSONL id); `uri` is its IRI and
    the name of its graph; `content_hash` is the SHA-256 (hex) of the bytes that it was read from;
    `language` is a BCP 47 tag or None.
    """

    id: str
    uri: str
    text: str
    title: str | None = None
    language: str | None = None
    published: date | None = None
    mime: str = "text/plain"
    content_hash: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence; `start` is its offset in the document's text."""

    document_id: str
    index: int
    start: int
    text: str

    @property
    def end(self) -> int:
        """Offset just after the last character."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Mention:
    """A span that names, or refers by a pronoun to, an entity or a value; `score` in [0, 1].

    `vector` is what its reader made of it and of the words around, as little-endian float16; it is empty
    where the reader has none.
    """

    start: int
    end: int
    text: str
    label: Label
    score: float
    vector: bytes = field(default=b"", repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"mention {self.text!r} has the empty or negative span {self.start}:{self.end}")


@dataclass(frozen=True, slots=True)
class Weighing:
    """Why a score is not its reader's: `read` is that of the reader, and `told` what a knowledge base
    tells of the subject and property: "the same" value, or "others"."""

    read: float
    told: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A property read between two mentions; subject and object are positions in the mentions.

    It holds where `score` is at least `least`; one that was `weighed` has another score than its reader's.
    """

    subject: int
    property: str
    object: int
    score: float
    least: float = 0.0
    weighed: Weighing | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """A property of a mention whose value is the literal written at `start`:`end`.

    `least` and `weighed` are those of a `Relation`.
    """

    subject: int
    property: str
    start: int
    end: int
    text: str
    score: float
    least: float = 0.0
    weighed: Weighing | None = None


@dataclass(frozen=True, slots=True)
class Extraction:
    """What an extractor read in the characters `start`:`end` of a document.

    `clusters` partitions (a part of) the mentions: positions of mentions of one entity. A mention
    in no cluster stands alone. `certainty` has for each mention the probability that it is where it
    belongs, in its cluster or alone; where it is empty, all are certain.
    """

    document_id: str
    start: int
    end: int
    mentions: tuple[Mention, ...]
    relations: tuple[Relation, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    clusters: tuple[tuple[int, ...], ...] = ()
    certainty: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.certainty and len(self.certainty) != len(self.mentions):
            raise ValueError(f"{len(self.certainty)} certainties for {len(self.mentions)} mentions")

    def sure(self, position: int) -> float:
        """The certainty of the mention at a position."""
        return self.certainty[position] if self.certainty else 1.0


@dataclass(frozen=True, slots=True)
class Entity:
    """What a knowledge base, or a document, tells of an entity.

    `id` is a QID for Wikidata's entities and an absolute IRI otherwise. `types` are class ids, most
    specific first; `facts` are (property id, value label) pairs; `prior` is a popularity in [0, 1].
    `same` are ids of the same thing elsewhere (`owl:sameAs`).
    """

    id: str
    label: str
    aliases: tuple[str, ...] = ()
    description: str = ""
    types: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    prior: float = 0.0
    same: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity that a surface form may name, with its score (prior, or probability after ranking).

    `features` are (name, value) pairs of what the ranker saw and a person may want to know.
    """

    entity: str
    label: str
    score: float
    features: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """The decision for one mention: an entity, or None for "not in the knowledge base"."""

    mention: int
    entity: str | None
    score: float
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemValue:
    """An entity as a value: a QID, or an absolute IRI."""

    entity: str


@dataclass(frozen=True, slots=True)
class TimeValue:
    """A point in time as Wikidata has it (https://www.wikidata.org/wiki/Help:Dates).

    `year` is astronomical (0 is 1 BCE); `month` and `day` are None where the text does not give
    them. `precision` is Wikidata's: 7 century, 8 decade, 9 year, 10 month, 11 day.
    """

    year: int
    month: int | None = None
    day: int | None = None
    precision: int = 9


@dataclass(frozen=True, slots=True)
class QuantityValue:
    """An amount and its unit, a QID, or None for a bare number."""

    amount: Decimal
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class TextValue:
    """A string, with its BCP 47 language where it has one."""

    text: str
    language: str | None = None


Value = ItemValue | TimeValue | QuantityValue | TextValue


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a document says a statement: the sentence, quoted, and how sure the extractor is.

    `start`:`end` span the quote in the document's text, so `text[start:end] == quote`. Where a knowledge
    base had its say, `weighed` tells how sure the extractor was alone.
    """

    document_id: str
    start: int
    end: int
    quote: str
    score: float
    extractor: str
    weighed: Weighing | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim with its qualifiers; `subject` is a QID or IRI, `property` a property id."""

    subject: str
    property: str
    value: Value
    qualifiers: tuple[tuple[str, Value], ...] = ()
    confidence: float = 0.0
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejection:
    """Something that was not taken, by which stage and why; kept and counted, never dropped."""

    stage: str
    document_id: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True, order=True)
class ShapeResult:
    """One result of a SHACL validation (https://www.w3.org/TR/shacl/#validation-report).

    `focus` and `shape` are IRIs, `path` one or empty; `value` is a term in N-Triples, or empty;
    `severity` is "Violation", "Warning" or "Info".
    """

    focus: str
    path: str
    value: str
    shape: str
    component: str
    severity: str
    message: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A statement, with its evidence, that breaks shapes and so is kept out of the graph."""

    statement: Statement
    results: tuple[ShapeResult, ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """What a document's graph was made from; equal revisions make equal graphs."""

    content_hash: str
    reader: str
    extractor: str
    linker: str
    ontology: str


@dataclass(frozen=True, slots=True)
class EntityMention:
    """A mention with the entity that it was resolved to and the score of that decision.

    `candidates` are those that were weighed, likeliest first, where they are kept.
    """

    mention: Mention
    entity: str
    score: float
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """All that one document says, ready to be merged: the unit of truth.

    `entities` describes each entity that `mentions` or `statements` name. Statements carry the
    evidence of this document only, and their confidence is not yet set. By `sketch` its
    near-duplicates are known; an empty one has none. What is `quarantined` is in no statement.
    """

    document: Document
    revision: Revision
    mentions: tuple[EntityMention, ...] = ()
    entities: tuple[Entity, ...] = ()
    statements: tuple[Statement, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    sketch: str = ""
    quarantined: tuple[Quarantined, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What one run read, refused and wrote; `seconds` by stage.

    Of the `characters` of its documents the extractor read `characters_read`: all, or something is lost.
    `mentions` are all that it read, dates and numbers too; `statements` are those of each document, so that
    what two of them say is counted twice.
    """

    run: str
    documents: int = 0
    unchanged: int = 0
    characters: int = 0
    characters_read: int = 0
    mentions: int = 0
    links: int = 0
    statements: int = 0
    rejections: tuple[Rejection, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

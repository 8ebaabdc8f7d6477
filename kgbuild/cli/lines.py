"""The JSON lines of `kgbuild extract`: a text in, what was read in it out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import pyoxigraph as ox

from kgbuild.errors import SourceError
from kgbuild.facts.values import read_value
from kgbuild.ontology import Ontology
from kgbuild.pipeline import Read
from kgbuild.rdf import honest_date, simple_value
from kgbuild.records import Attribute, Document, Link, TimeValue


class TextLine(msgspec.Struct, frozen=True):
    """An input line; other fields are ignored."""

    id: str | int
    text: str


class MentionItem(msgspec.Struct, frozen=True):
    """A mention; `entity` is a QID or null, `cluster` the number of its coreference cluster or null."""

    start: int
    end: int
    text: str
    label: str
    score: float
    entity: str | None
    cluster: int | None


class RelationItem(msgspec.Struct, frozen=True):
    """A property between two mentions, given by their positions in `mentions`."""

    subject: int
    property: str
    object: int
    score: float


class AttributeItem(msgspec.Struct, frozen=True):
    """A property with a literal value; `value` and `datatype` are null where it cannot be normalised."""

    subject: int
    property: str
    start: int
    end: int
    text: str
    value: str | None
    datatype: str | None
    score: float


class ReadLine(msgspec.Struct, frozen=True):
    """An output line; offsets are code points of the input's text."""

    id: str | int
    mentions: list[MentionItem]
    relations: list[RelationItem]
    attributes: list[AttributeItem]


def parse(lines: Iterable[bytes], name: str) -> Iterator[TextLine]:
    """Texts from JSON lines, blank ones left out; SourceError, with the line's number, for another line.

    >>> list(parse([b'{"id": 1, "text": "A"}'], "a.jsonl"))
    [TextLine(id=1, text='A')]
    """
    decoder = msgspec.json.Decoder(TextLine)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise SourceError(
                f'{name}, line {number}: {error}; each line must be an object {{"id": …, "text": "…"}}'
            ) from error


def document(line: TextLine) -> Document:
    """A line's text as a document of its own."""
    return Document(str(line.id), f"urn:kgbuild:line:{line.id}", line.text)


def render(line: TextLine, read: Read, links: Sequence[Link], ontology: Ontology) -> ReadLine:
    """What was read in a line's text."""
    extraction = read.extraction
    cluster = {position: number for number, members in enumerate(extraction.clusters) for position in members}
    mentions = [
        MentionItem(
            start=mention.start,
            end=mention.end,
            text=mention.text,
            label=mention.label,
            score=_rounded(mention.score),
            entity=link.entity,
            cluster=cluster.get(place),
        )
        for place, (mention, link) in enumerate(zip(extraction.mentions, links, strict=True))
    ]
    relations = [
        RelationItem(each.subject, each.property, each.object, _rounded(each.score))
        for each in extraction.relations
    ]
    attributes = [_attribute(each, read.document, ontology) for each in extraction.attributes]
    return ReadLine(line.id, mentions, relations, attributes)


def _attribute(attribute: Attribute, document: Document, ontology: Ontology) -> AttributeItem:
    definition = ontology.properties[attribute.property]
    value = read_value(definition, document, attribute.start, attribute.end)
    term = None
    if value is not None:
        term = (honest_date(value) if isinstance(value, TimeValue) else None) or simple_value(value)
    return AttributeItem(
        subject=attribute.subject,
        property=attribute.property,
        start=attribute.start,
        end=attribute.end,
        text=attribute.text,
        value=term.value if term else None,
        datatype=term.datatype.value if isinstance(term, ox.Literal) else None,
        score=_rounded(attribute.score),
    )


def _rounded(score: float) -> float:
    return round(score, 6)

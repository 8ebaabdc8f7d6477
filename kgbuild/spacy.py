"""kgbuild as a component of a spaCy pipeline: `nlp.add_pipe("kgbuild")`.

In goes a `Doc`; it leaves with names and values in `doc.ents`, the entities they are linked to in
`kb_id_`, and `doc._.relations`, `doc._.attributes` and `doc._.coreference` in terms of its spans. spaCy
imports this module with every pipeline where kgbuild is installed, so it imports little itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from kgbuild.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from kgbuild.pipeline import Reader
    from kgbuild.records import Extraction, Link

_KEY = "kgbuild"


@dataclass(frozen=True, slots=True)
class SpanRelation:
    """A property between two spans of a Doc; `score` in [0, 1]."""

    subject: Span
    property: str
    object: Span
    score: float


@dataclass(frozen=True, slots=True)
class SpanAttribute:
    """A property whose value is the date, number or text in a span of a Doc; `score` in [0, 1]."""

    subject: Span
    property: str
    value: Span
    score: float


@Language.factory(
    "kgbuild",
    assigns=[
        "doc.ents",
        "token.ent_iob",
        "token.ent_type",
        "token.ent_kb_id",
        "doc._.relations",
        "doc._.attributes",
        "doc._.coreference",
    ],
    default_config={"file": None, "settings": {}},
)
def make_component(nlp: Language, name: str, file: str | None, settings: Mapping[str, Any]) -> Component:
    """The component for a settings file, or for settings as such a file has them.

    Raises ConfigurationError, when the component is added, for a setting that cannot be.
    """
    del nlp
    register()
    return Component(name, file, settings)


class Component:
    """Reads each Doc by itself; model and index are loaded at the first.

    It keeps nothing but its settings, which spaCy writes with the pipeline's configuration.
    """

    def __init__(self, name: str, file: str | None, settings: Mapping[str, Any]) -> None:
        from kgbuild.config import load_settings, parse_settings

        if file and settings:
            raise ConfigurationError(f"{name}: give a file or settings, not both")
        given = load_settings(Path(file)) if file else parse_settings(settings, name=name)
        self.name = name
        self.settings = given

    @cached_property
    def reader(self) -> Reader:
        """The extractor and linker that the settings choose."""
        from kgbuild import wiring

        return wiring.text_reader(self.settings)

    def __call__(self, doc: Doc) -> Doc:
        """Read one Doc; entities that earlier components set are kept where ours overlap them."""
        from kgbuild.extract.labels import refers
        from kgbuild.extract.nesting import around_others
        from kgbuild.records import Document

        read = self.reader.extract(Document(_KEY, f"urn:{_KEY}", doc.text, language=doc.lang_ or None))
        spans = _spans(doc, read.extraction, self.reader.link(read))
        doc.user_data[_KEY] = _plain(doc, read.extraction, spans)
        around = around_others(read.extraction.mentions)
        named = [span for at, span in enumerate(spans) if at not in around and not refers(span.text)]
        doc.set_ents([*doc.ents, *_apart(named, doc.ents)])
        return doc

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs: the settings; it loads the model itself."""
        return {"name": self.name, "settings": self.settings}

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:
        """Write nothing: the pipeline's configuration has the settings."""
        del path, exclude

    def from_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> Component:
        """Read nothing: the pipeline's configuration had the settings."""
        del path, exclude
        return self


def register() -> None:
    """Give every Doc `_.relations`, `_.attributes` and `_.coreference`.

    Adding the component does it. A program that reads stored Docs without the component calls it.
    UsageError where the program has attributes of its own by one of these names.
    """
    getters = {"relations": _relations, "attributes": _attributes, "coreference": _coreference}
    for name, getter in getters.items():
        if not Doc.has_extension(name):
            Doc.set_extension(name, getter=getter)
        elif Doc.get_extension(name)[2] is not getter:
            raise UsageError(
                f"doc._.{name} is taken by another extension; remove it, or use kgbuild in another process"
            )


def _spans(doc: Doc, extraction: Extraction, links: Sequence[Link]) -> list[Span]:
    """Each mention as whole tokens, with its label and the entity that it is linked to."""
    return [
        _tokens(doc, mention.start, mention.end, str(mention.label), link.entity or "")
        for mention, link in zip(extraction.mentions, links, strict=True)
    ]


def _tokens(doc: Doc, start: int, end: int, label: str = "", kb_id: str = "") -> Span:
    """The tokens that characters of the Doc's text touch."""
    span = doc.char_span(start, end, label=label, kb_id=kb_id, alignment_mode="expand")
    if span is None:
        raise ValueError(f"characters {start} to {end} are not in the Doc")
    return span


def _apart(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """The spans that overlap neither one another, of which the longest is kept, nor the taken ones."""
    tokens = {token for span in taken for token in range(span.start, span.end)}
    return filter_spans(span for span in spans if tokens.isdisjoint(range(span.start, span.end)))


def _plain(doc: Doc, extraction: Extraction, spans: Sequence[Span]) -> dict[str, list[Any]]:
    """What was read, as numbers and strings that spaCy can store.

    A span is [first character, character after the last, label, entity], for a later component may merge or
    split tokens.
    """
    ends = [_stored(span) for span in spans]
    return {
        "relations": [
            [ends[each.subject], each.property, ends[each.object], each.score]
            for each in extraction.relations
        ],
        "attributes": [
            [ends[each.subject], each.property, _stored(_tokens(doc, each.start, each.end)), each.score]
            for each in extraction.attributes
        ],
        "coreference": [[ends[place] for place in cluster] for cluster in extraction.clusters],
    }


def _stored(span: Span) -> list[Any]:
    return [span.start_char, span.end_char, span.label_, span.kb_id_]


def _read(doc: Doc, kind: str) -> list[Any]:
    found: list[Any] = doc.user_data.get(_KEY, {}).get(kind, [])
    return found


def _relations(doc: Doc) -> tuple[SpanRelation, ...]:
    return tuple(
        SpanRelation(_tokens(doc, *subject), name, _tokens(doc, *object_), score)
        for subject, name, object_, score in _read(doc, "relations")
    )


def _attributes(doc: Doc) -> tuple[SpanAttribute, ...]:
    return tuple(
        SpanAttribute(_tokens(doc, *subject), name, _tokens(doc, *value), score)
        for subject, name, value, score in _read(doc, "attributes")
    )


def _coreference(doc: Doc) -> tuple[tuple[Span, ...], ...]:
    return tuple(tuple(_tokens(doc, *each) for each in cluster) for cluster in _read(doc, "coreference"))

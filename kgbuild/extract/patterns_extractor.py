"""The pattern extractor behind the `Extractor` seam: a user's names and phrasings, by spaCy's matchers.

Names are found in each sentence by a span ruler (phrases and token patterns); of those that overlap
the longest counts, then the one that begins first, then the one that stands first in the file. Relations
are found around mentions, whoever found those. Line breaks and other white space are no tokens.
"""

from __future__ import annotations

import re
import threading
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kgbuild.characters import without_surrogates
from kgbuild.errors import ConfigurationError
from kgbuild.extract.joining import ordered
from kgbuild.extract.nesting import around_others
from kgbuild.extract.patterns import EntityPattern, Patterns, SlotToken
from kgbuild.extract.patterns_slots import Filled, SlotMatcher, TokenSpan
from kgbuild.records import Attribute, Document, Extraction, Mention, Relation, Sentence

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.pipeline import SpanRuler
    from spacy.tokens import Doc

_LONG_WORD = re.compile(r"\S{200,}")
_KEY = "names"


@dataclass(frozen=True, slots=True)
class _Text:
    """A piece of text as tokens without white space, and their offsets in the document."""

    doc: Doc
    starts: list[int]
    ends: list[int]

    def span(self, mention: Mention) -> TokenSpan | None:
        """The tokens of a mention, those that it cuts included; None where it is not inside."""
        first = bisect_right(self.ends, mention.start)
        last = bisect_left(self.starts, mention.end)
        return (first, last) if first < last else None


class PatternExtractor:
    """Reads documents with one pattern file. Safe to share between threads.

    spaCy's memory of words is emptied after each document, so that memory stays flat.
    """

    def __init__(self, patterns: Patterns) -> None:
        import spacy

        try:
            self._pipeline: Language = spacy.blank(patterns.language)
        except ImportError as error:
            raise ConfigurationError(
                f"spaCy cannot tokenize the patterns' language {patterns.language!r}: {error}"
            ) from error
        self.patterns = patterns
        self.version = f"patterns-{patterns.digest}"
        self._ruler = _span_ruler(self._pipeline, patterns.entities)
        self._slots = SlotMatcher(self._pipeline.vocab, patterns.relations)
        self._lock = threading.Lock()  # over the pipeline: its vocabulary is not safe to share

    def extract(self, document: Document, sentences: Sequence[Sentence]) -> Extraction:
        """The names, the relations between them, and clusters of names of one entity."""
        return self.relate(document, sentences, self.names(document, sentences))

    def names(self, document: Document, sentences: Sequence[Sentence]) -> Extraction:
        """The mentions that entity patterns match; those with one id, or one name and type, corefer."""
        mentions: list[Mention] = []
        groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
        if self.patterns.entities:
            with self._memory():
                for sentence in sentences:
                    for pattern, start, end in self._named(self._text(sentence.text, sentence.start)):
                        text = document.text[start:end]
                        key = (pattern.id,) if pattern.id else (pattern.label, text.casefold())
                        groups[key].append(len(mentions))
                        mentions.append(Mention(start, end, text, pattern.label, pattern.score))
        clusters = tuple(
            tuple(group)
            for group in groups.values()
            if len(group) > 1 and not mentions[group[0]].label.is_value
        )
        return Extraction(document.id, 0, len(document.text), tuple(mentions), clusters=clusters)

    def relate(self, document: Document, sentences: Sequence[Sentence], extraction: Extraction) -> Extraction:
        """The extraction with what relation patterns say of its mentions, and the mentions they make."""
        if not self.patterns.relations:
            return extraction
        found = _Facts(document, extraction, self.patterns)
        inside = _by_sentence(extraction.mentions, sentences)
        with self._memory():
            for number, sentence in enumerate(sentences):
                text = self._text(sentence.text, sentence.start)
                held = _token_spans(text, extraction.mentions, inside.get(number, ()))
                labels = {span: str(extraction.mentions[place].label) for span, place in held.items()}
                for filled in self._slots.find(text.doc, labels):
                    found.add(filled, text, held)
        return found.extraction()

    def identify(self, names: Iterable[str]) -> dict[str, str]:
        """The ids of the names that a pattern with an id matches as a whole."""
        ids = {}
        with self._memory():
            for name in dict.fromkeys(names):
                found = list(self._named(self._text(name, 0)))
                if len(found) == 1 and found[0][1:] == (0, len(name)) and found[0][0].id:
                    ids[name] = found[0][0].id
        return ids

    @contextmanager
    def _memory(self) -> Iterator[None]:
        """The pipeline to this thread alone; the words that it learns are forgotten at the end."""
        with self._lock, self._pipeline.memory_zone():
            yield

    def _text(self, text: str, offset: int) -> _Text:
        """Tokenize; a word of hundreds of characters, which takes spaCy long, is no name."""
        from spacy.tokens import Doc

        readable = without_surrogates(text)
        readable = _LONG_WORD.sub(lambda word: "x" * len(word[0]), readable)
        tokens = [token for token in self._pipeline.make_doc(readable) if not token.is_space]
        words = [token.text for token in tokens]
        starts = [offset + token.idx for token in tokens]
        ends = [start + len(word) for start, word in zip(starts, words, strict=True)]
        spaces = [end < start for end, start in zip(ends, [*starts[1:], 0], strict=False)]
        return _Text(Doc(self._pipeline.vocab, words=words, spaces=spaces), starts, ends)

    def _named(self, text: _Text) -> Iterator[tuple[EntityPattern, int, int]]:
        """Names in order of the text, as (pattern, start, end); they do not overlap."""
        if not text.starts or not self.patterns.entities:
            return
        found = {(span.start, span.end, int(span.id_)) for span in self._ruler.match(text.doc)}
        taken: set[int] = set()
        kept = []
        for start, end, number in sorted(found, key=lambda each: (each[0] - each[1], each[0], each[2])):
            if taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                kept.append((start, end, number))
        for start, end, number in sorted(kept):
            yield self.patterns.entities[number], text.starts[start], text.ends[end - 1]


class _Facts:
    """What relation patterns say of one document."""

    def __init__(self, document: Document, extraction: Extraction, patterns: Patterns) -> None:
        self._document = document
        self._given = extraction
        self._patterns = patterns
        self._mentions = list(extraction.mentions)
        self._made: dict[tuple[int, int], int] = {}
        self._relations: list[Relation] = []
        self._attributes: list[Attribute] = []

    def add(self, filled: Filled, text: _Text, held: Mapping[TokenSpan, int]) -> None:
        """Take one match; it says nothing where what it captures cuts a mention."""
        pattern = self._patterns.relations[filled.pattern]
        parts = {token.slot: token for token in pattern.tokens if token.slot}
        subject = self._mention(filled.subject, parts["subject"], text, held)
        if subject is None:
            return
        start, end = _offsets(filled.object, text)
        if parts["object"].is_mention:
            mention = self._mentions[held[filled.object]]
            start, end = mention.start, mention.end
        if pattern.literal:
            value = self._document.text[start:end]
            self._attributes.append(Attribute(subject, pattern.property, start, end, value, pattern.score))
            return
        object_ = self._mention(filled.object, parts["object"], text, held)
        if object_ is not None and object_ != subject:
            self._relations.append(Relation(subject, pattern.property, object_, pattern.score))

    def extraction(self) -> Extraction:
        """The extraction with all that was added."""
        known = len(self._given.mentions)
        return ordered(
            replace(
                self._given,
                mentions=tuple(self._mentions),
                certainty=(*map(self._given.sure, range(known)), *[1.0] * (len(self._mentions) - known)),
                relations=(*self._given.relations, *self._relations),
                attributes=(*self._given.attributes, *self._attributes),
            )
        )

    def _mention(
        self, span: TokenSpan, token: SlotToken, text: _Text, held: Mapping[TokenSpan, int]
    ) -> int | None:
        """The mention in a slot: the one that holds the words, or a new one; None where one is cut."""
        touched = [(start, end) for start, end in held if start < span[1] and end > span[0]]
        if touched:
            (start, end), *others = touched
            return held[start, end] if not others and start <= span[0] and span[1] <= end else None
        start, end = _offsets(span, text)
        if (start, end) not in self._made:
            (label,) = token.labels
            self._made[start, end] = len(self._mentions)
            self._mentions.append(Mention(start, end, self._document.text[start:end], label, 1.0))
        return self._made[start, end]


def _offsets(span: TokenSpan, text: _Text) -> tuple[int, int]:
    return text.starts[span[0]], text.ends[span[1] - 1]


def _by_sentence(mentions: Sequence[Mention], sentences: Sequence[Sentence]) -> dict[int, list[int]]:
    """Positions of the mentions that each sentence (by its place) holds whole."""
    starts = [sentence.start for sentence in sentences]
    inside: dict[int, list[int]] = defaultdict(list)
    for place, mention in enumerate(mentions):
        number = bisect_right(starts, mention.start) - 1
        if number >= 0 and mention.end <= sentences[number].end:
            inside[number].append(place)
    return inside


def _token_spans(text: _Text, mentions: Sequence[Mention], places: Iterable[int]) -> dict[TokenSpan, int]:
    """Mentions by their tokens; of those that share a token the longest counts, then the first.

    Those around others do not count.
    """
    inside = list(places)
    around = around_others([mentions[place] for place in inside])
    alone = [place for at, place in enumerate(inside) if at not in around]
    spans = {place: span for place in alone if (span := text.span(mentions[place]))}
    held: dict[TokenSpan, int] = {}
    taken: set[int] = set()
    for place in sorted(spans, key=lambda each: (spans[each][0] - spans[each][1], each)):
        tokens = range(*spans[place])
        if taken.isdisjoint(tokens):
            taken.update(tokens)
            held[spans[place]] = place
    return held


def _span_ruler(pipeline: Language, patterns: Sequence[EntityPattern]) -> SpanRuler:
    """spaCy's ruler, which gives every match; a pattern's id there is its number."""
    from spacy.pipeline import SpanRuler

    ruler = SpanRuler(pipeline, spans_filter=None)
    ruler.add_patterns(
        [
            {
                "label": str(each.label),
                "id": str(number),
                "pattern": each.pattern if isinstance(each.pattern, str) else list(map(dict, each.pattern)),
            }
            for number, each in enumerate(patterns)
        ]
    )
    return ruler

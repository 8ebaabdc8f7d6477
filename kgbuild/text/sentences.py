"""Text to sentences by rules: spaCy's tokenizer and sentencizer of the language.

In goes a document; out come its sentences. Offsets are code points of the document's text. No
model is loaded, so any language works; one that spaCy does not know, or cannot tokenize without
another package, is read with the multi-language rules.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kgbuild.characters import without_surrogates
from kgbuild.records import Document, Sentence
from kgbuild.text.boundaries import revise

if TYPE_CHECKING:
    from spacy.language import Language

MULTI_LANGUAGE = "xx"
_CHUNK = 20_000  # characters; far below spaCy's limit, and no sentence is so long
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n\s*")
_LONG_WORD = re.compile(r"\S{200,}")
_SPACY_NAMES = {"cmn": "zh", "yue": "zh", "wuu": "zh", "no": "nb", "nn": "nb", "in": "id", "iw": "he"}
_pipelines: dict[str, Language] = {}
_lock = threading.Lock()  # over the pipelines: their vocabulary is not safe to share


class RuleSegmenter:
    """Sentences by punctuation and the language's tokenizer exceptions.

    A blank line always ends a sentence; `kgbuild.text.boundaries` says what else does. Safe to
    share between threads and to send to other processes: pipelines are cached in the module. spaCy
    remembers each word that it sees, in about 400 bytes; beyond `vocabulary` words it starts anew.
    """

    version = "rules/1"

    def __init__(self, *, vocabulary: int = 200_000) -> None:
        self._vocabulary = vocabulary

    def segment(self, document: Document) -> tuple[Sentence, ...]:
        """Sentences in order, without the white space around them.

        They do not overlap, and hold every character but white space.
        """
        text = document.text
        if not text or text.isspace():
            return ()
        with _lock:
            pipeline = _pipeline(_spacy_name(document.language), self._vocabulary)
            spans = [span for paragraph in _paragraphs(text) for span in _spans(pipeline, text, *paragraph)]
        return tuple(
            Sentence(document.id, index, start, text[start:end]) for index, (start, end) in enumerate(spans)
        )


def _spacy_name(language: str | None) -> str:
    """The primary subtag of a BCP 47 tag, as spaCy names it.

    >>> _spacy_name("zh-Hans"), _spacy_name("en_GB"), _spacy_name(None)
    ('zh', 'en', 'xx')
    """
    if not language:
        return MULTI_LANGUAGE
    primary = re.split("[-_]", language.casefold(), maxsplit=1)[0]
    return _SPACY_NAMES.get(primary, primary)


def _pipeline(language: str, vocabulary: int) -> Language:
    """The language's pipeline; a new one once it has seen more words than `vocabulary`."""
    known = _pipelines.get(language)
    if known is None or len(known.vocab) > vocabulary:
        known = _pipelines[language] = _new_pipeline(language)
    return known


def _new_pipeline(language: str) -> Language:
    """A tokenizer and sentencizer; the multi-language one where spaCy cannot make the language's."""
    import spacy

    try:
        pipeline = spacy.blank(language)
    except ImportError:
        pipeline = spacy.blank(MULTI_LANGUAGE)
    pipeline.add_pipe("sentencizer")
    return pipeline


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Spans between blank lines."""
    start = 0
    for gap in _PARAGRAPH_BREAK.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


def _spans(pipeline: Language, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Sentence spans of one paragraph, read in chunks that overlap by the last sentence."""
    while start < end:
        stop = min(start + _CHUNK, end)
        starts = [start + offset for offset in _starts(pipeline, text[start:stop])]
        if stop < end and len(starts) > 1:
            stop = starts.pop()
        for begin, finish in zip(starts, [*starts[1:], stop], strict=True):
            sentence = text[begin:finish]
            left = begin + len(sentence) - len(sentence.lstrip())
            right = begin + len(sentence.rstrip())
            if left < right:
                yield left, right
        start = stop


def _starts(pipeline: Language, chunk: str) -> list[int]:
    """Offsets in the chunk at which sentences begin; the first is 0."""
    readable = without_surrogates(chunk)
    if pipeline.lang != "zh":  # the others strip affixes one by one: quadratic in a word's length
        readable = _LONG_WORD.sub(lambda word: "x" * (len(word[0]) - 1) + word[0][-1], readable)
    return revise(chunk, [sentence.start_char for sentence in pipeline(readable).sents])

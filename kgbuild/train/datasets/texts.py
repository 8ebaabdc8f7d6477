"""Texts alone, in which nothing is annotated: what another model says of them is all that trains.

They are documents as a build reads them (`kgbuild.sources`), cut between sentences to what fits into a
window, or the texts of files of mentions with their entities (`kgbuild.link.gold`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from kgbuild.iris import Iris
from kgbuild.link.gold import read_gold
from kgbuild.records import Rejection, Sentence
from kgbuild.sources.files import FileSource
from kgbuild.text.sentences import RuleSegmenter
from kgbuild.train.examples import Example, Tagging

logger = logging.getLogger(__name__)

LONGEST = 1600
"""Characters of a text, which are four hundred word pieces or so; a longer sentence is one by itself."""


def read_texts(path: Path) -> Iterator[Example]:
    """The texts of all documents in a folder or file; those that cannot be read are named and left out, as by
    a build. Raises `SourceError` where there is nothing.
    """
    segmenter = RuleSegmenter()
    for item in FileSource(str(path), iris=Iris()).documents():
        if isinstance(item, Rejection):
            logger.warning("%s: %s is left out (%s: %s)", path, item.document_id, item.reason, item.detail)
            continue
        for number, (start, end) in enumerate(parts(segmenter.segment(item))):
            yield bare(f"{item.id}:{number}", item.text[start:end])


def read_linking(path: Path) -> Iterator[Example]:
    """The texts of a file of mentions, in any form that the linker is evaluated on."""
    for gold in read_gold(path):
        yield bare(f"{gold.document.id}:0", gold.document.text.strip())


def parts(sentences: Sequence[Sentence]) -> Iterator[tuple[int, int]]:
    """Start and end of so many sentences each as are no longer than `LONGEST`.

    >>> one, two = Sentence("d", 0, 0, "a" * 1000), Sentence("d", 1, 1001, "b" * 900)
    >>> list(parts([one, two, Sentence("d", 2, 1902, "c")]))
    [(0, 1000), (1001, 1903)]
    """
    taken: list[Sentence] = []
    for sentence in sentences:
        if taken and sentence.end - taken[0].start > LONGEST:
            yield taken[0].start, taken[-1].end
            taken = []
        taken.append(sentence)
    if taken:
        yield taken[0].start, taken[-1].end


def bare(id: str, text: str, *, cased: bool = True) -> Example:
    """A text by itself; `id` is that of an example."""
    return Example(id, text, (), tagging=Tagging.READ, cased=cased)

"""A build small enough for a test: documents in memory, names by a pattern, links by a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import pytest

import flows  # noqa: F401 - settles Prefect's environment before a test imports it
from kgbuild.config import ShardSettings
from kgbuild.facts.target import Target
from kgbuild.graph import revisions
from kgbuild.iris import Iris
from kgbuild.ontology import load_ontology
from kgbuild.pipeline import Job, Reader
from kgbuild.records import Document, Extraction, Label, Link, Mention, Rejection, Relation, Sentence
from kgbuild.stores.oxigraph import OxigraphStore
from kgbuild.text.sentences import RuleSegmenter

NAMES = re.compile(r"\b[A-Z][a-z]+\b")
QIDS = {"Marie": "Q7186", "Pierre": "Q37463"}


class ListSource:
    """Documents from store, and how many are alive at once."""

    version = "list/1"

    def __init__(self, *items: Document | Rejection) -> None:
        self.items = items
        self.given = 0

    def documents(self) -> Iterator[Document | Rejection]:
        for item in self.items:
            self.given += 1
            yield item


class NameExtractor:
    """Capitalised words are persons; neighbours in a sentence are married."""

    def __init__(self, read: list[str], version: str) -> None:
        self.read = read
        self.version = version

    def extract(self, document: Document, sentences: Sequence[Sentence]) -> Extraction:
        self.read.append(document.id)
        mentions = []
        relations = []
        for sentence in sentences:
            first = len(mentions)
            for match in NAMES.finditer(sentence.text):
                start = sentence.start + match.start()
                mentions.append(Mention(start, start + len(match[0]), match[0], Label.PERSON, 0.9))
            relations += [Relation(place, "P26", place + 1, 0.8) for place in range(first, len(mentions) - 1)]
        return Extraction(document.id, 0, len(document.text), tuple(mentions), tuple(relations))


class TableLinker:
    """Names that a table has."""

    version = "table/1"

    def link(self, document: Document, extraction: Extraction) -> tuple[Link, ...]:
        return tuple(
            Link(place, QIDS.get(mention.text), 1.0) for place, mention in enumerate(extraction.mentions)
        )


@pytest.fixture
def store() -> Iterator[OxigraphStore]:
    opened = OxigraphStore()
    yield opened
    opened.close()


@pytest.fixture
def job(store: OxigraphStore) -> Callable[..., Job]:
    """Makes a job over documents in memory; `read` collects the ids that are extracted."""

    def make(
        *items: Document | Rejection,
        size: int = 2,
        read: list[str] | None = None,
        version: str = "names/1",
    ) -> Job:
        return Job(
            run="1",
            corpus="test",
            source=ListSource(*items),
            reader=Reader(
                segmenter=RuleSegmenter(),
                extractor=NameExtractor([] if read is None else read, version),
                linker=TableLinker(),
                target=Target(load_ontology(), None, Iris()),
            ),
            store=store,
            known=revisions(store),
            limits=ShardSettings(documents=size, characters=1000),
            total=len(items),
        )

    return make

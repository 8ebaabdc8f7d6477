"""Stored readings of some sample documents, and the exact graph that they make.

A reading is what the model extracted, what the linker decided and what the index told, so that a
new model or index changes nothing here. `python tests/golden/stored.py` writes all anew, from the
shipped model and index; look at the difference before committing it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from kgbuild import graph, wiring
from kgbuild.config import Settings
from kgbuild.export import export
from kgbuild.facts.assemble import assemble
from kgbuild.facts.target import Target
from kgbuild.iris import Iris
from kgbuild.ontology import load_ontology
from kgbuild.records import Candidate, Document, DocumentFacts, Entity, Extraction, Link, Revision
from kgbuild.stores.oxigraph import OxigraphStore

HERE = Path(__file__).parent
CORPUS = HERE.parents[1] / "sample_corpus"
READINGS = HERE / "readings.jsonl"
GRAPH = HERE / "graph.nq"
DOCUMENTS = frozenset(
    {
        "companies/nokia-founding.md",
        "companies/nokia-short-history.txt",
        "film/two-john-fords.md",
        "science/lise-meitner.txt",
        "politics/plains-bakery.txt",
    }
)
REVISION = Revision("content", "reader", "extractor", "linker", "ontology")


@dataclass(frozen=True, slots=True)
class Reading:
    """One document as it was read; `entities` are those that its links name."""

    extraction: Extraction
    links: tuple[Link, ...]
    entities: tuple[Entity, ...]


class StoredEntities:
    """The knowledge base as far as the readings tell it."""

    version = "stored"

    def __init__(self, readings: dict[str, Reading]) -> None:
        self._entities = {entity.id: entity for each in readings.values() for entity in each.entities}

    def candidates(self, surface: str, limit: int = 30) -> tuple[Candidate, ...]:
        """None: every link is decided."""
        return ()

    def entity(self, id: str) -> Entity | None:
        """What was told of an entity."""
        return self._entities.get(id)


def documents() -> list[Document]:
    """The chosen documents, as they are read today."""
    found = wiring.source(str(CORPUS), Settings()).documents()
    return [each for each in found if isinstance(each, Document) and each.id in DOCUMENTS]


def stored_readings() -> dict[str, Reading]:
    """Stored readings by document id."""
    decoder = msgspec.json.Decoder(Reading)
    rows = [decoder.decode(line) for line in READINGS.read_bytes().splitlines()]
    return {each.extraction.document_id: each for each in rows}


def facts_of(readings: dict[str, Reading]) -> list[DocumentFacts]:
    """What the chosen documents say by these readings."""
    target = Target(load_ontology(), StoredEntities(readings), Iris())
    segmenter = wiring.segmenter()
    return [
        assemble(
            document,
            segmenter.segment(document),
            readings[document.id].extraction,
            readings[document.id].links,
            revision=REVISION,
            target=target,
        )
        for document in documents()
    ]


def build(readings: dict[str, Reading], path: Path, *, backwards: bool = False) -> None:
    """Normalise and merge stored readings, and export the graph to a file."""
    store, iris = OxigraphStore(), Iris()
    facts = facts_of(readings)
    for each in reversed(facts) if backwards else facts:
        graph.merge(store, [each], ontology=load_ontology(), iris=iris)
    export(store, path, iris=iris)


def main() -> None:
    """Write readings and graph."""
    settings = Settings()
    reader, index = wiring.reader(settings), wiring.index(settings.index)
    readings = {}
    for document in documents():
        read = reader.extract(document)
        links = reader.link(read)
        named = sorted({link.entity for link in links if link.entity is not None})
        entities = tuple(entity for name in named if (entity := index.entity(name)) is not None)
        mentions = tuple(replace(mention, vector=b"") for mention in read.extraction.mentions)
        readings[document.id] = Reading(replace(read.extraction, mentions=mentions), links, entities)
    encoder = msgspec.json.Encoder()
    READINGS.write_bytes(b"".join(encoder.encode(readings[name]) + b"\n" for name in sorted(readings)))
    build(readings, GRAPH)
    sys.stdout.write(f"{READINGS} and {GRAPH} written\n")


if __name__ == "__main__":
    main()

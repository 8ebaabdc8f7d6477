"""Stored extractions of some sample documents, and the exact graph that they make.

`python tests/golden/stored.py` writes both anew, from the shipped model and index; look at the
difference before committing it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from kgbuild import graph, wiring
from kgbuild.config import Settings
from kgbuild.export import export
from kgbuild.pipeline import Read
from kgbuild.records import Document, Extraction, Revision
from kgbuild.stores.oxigraph import OxigraphStore

HERE = Path(__file__).parent
CORPUS = HERE.parents[1] / "sample_corpus"
EXTRACTIONS = HERE / "extractions.jsonl"
GRAPH = HERE / "graph.nq"
DOCUMENTS = frozenset(
    {
        "companies/nokia-founding.md",
        "companies/nokia-short-history.txt",
        "film/two-john-fords.md",
        "film/steve-mcqueen-director.html",
        "places/paris-kentucky.md",
        "science/lise-meitner.txt",
        "politics/plains-bakery.txt",
    }
)
REVISION = Revision("content", "reader", "extractor", "linker", "ontology")


def documents() -> list[Document]:
    """The chosen documents, as they are read today."""
    found = wiring.source(str(CORPUS), Settings()).documents()
    return [each for each in found if isinstance(each, Document) and each.id in DOCUMENTS]


def stored_extractions() -> dict[str, Extraction]:
    """Stored extractions by document id."""
    decoder = msgspec.json.Decoder(Extraction)
    rows = [decoder.decode(line) for line in EXTRACTIONS.read_bytes().splitlines()]
    return {each.document_id: each for each in rows}


def build(extractions: dict[str, Extraction], path: Path, *, backwards: bool = False) -> None:
    """Link, normalise and merge stored extractions, and export the graph to a file."""
    settings = Settings()
    reader = wiring.reader(settings)
    store = OxigraphStore()
    chosen = documents()
    for document in reversed(chosen) if backwards else chosen:
        read = Read(document, reader.segmenter.segment(document), extractions[document.id])
        facts = reader.normalise(read, reader.link(read), REVISION)
        graph.merge(store, [facts], ontology=reader.target.ontology, iris=reader.target.iris)
    export(store, path, iris=reader.target.iris)


def main() -> None:
    """Write extractions and graph."""
    reader = wiring.reader(Settings())
    extractions = {each.id: reader.extract(each).extraction for each in documents()}
    encoder = msgspec.json.Encoder()
    EXTRACTIONS.write_bytes(
        b"".join(encoder.encode(extractions[name]) + b"\n" for name in sorted(extractions))
    )
    build(extractions, GRAPH)
    sys.stdout.write(f"{EXTRACTIONS} and {GRAPH} written\n")


if __name__ == "__main__":
    main()

"""Settings to objects: the only place that knows which implementation stands behind which seam."""

from kgbuild.wiring.jobs import about, check_store, digests, job, retract, source, store
from kgbuild.wiring.parts import (
    extractor,
    extractors,
    index,
    knowledge,
    knowledge_base,
    linker,
    ontology,
    patterns,
    ranker,
    reader,
    reading,
    renew,
    segmenter,
    shapes,
)

__all__ = [
    "about",
    "check_store",
    "digests",
    "extractor",
    "extractors",
    "index",
    "job",
    "knowledge",
    "knowledge_base",
    "linker",
    "ontology",
    "patterns",
    "ranker",
    "reader",
    "reading",
    "renew",
    "retract",
    "segmenter",
    "shapes",
    "source",
    "store",
]

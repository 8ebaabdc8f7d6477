"""The knowledge graph in a store: documents go in and out of it, and all else follows from them.

In go `DocumentFacts`; the store afterwards holds what a store would hold into which the same
documents had been merged in any other order. The layout is described in DESIGN, "The graph".
"""

from kgbuild.graph.inference import refresh_inferences
from kgbuild.graph.manifest import identifiers, named, record_run, rejected, revision, revisions
from kgbuild.graph.merge import merge, reject, retract

__all__ = [
    "identifiers",
    "merge",
    "named",
    "record_run",
    "refresh_inferences",
    "reject",
    "rejected",
    "retract",
    "revision",
    "revisions",
]

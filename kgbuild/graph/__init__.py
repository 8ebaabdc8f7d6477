"""The knowledge graph in a store: documents go in and out of it, and all else follows from them.

In go `DocumentFacts`; the store afterwards holds what a store would hold into which the same
documents had been merged in any other order. The layout is described in DESIGN, "The graph".
"""

from kgbuild.graph.check import check, validate
from kgbuild.graph.identity import demote, promote, refresh_identities
from kgbuild.graph.inference import refresh_inferences
from kgbuild.graph.manifest import identifiers, named, rejected, revision, revisions
from kgbuild.graph.merge import load, merge, reject, retract
from kgbuild.graph.retraction import take_back
from kgbuild.graph.runs import describe_dataset, record_retraction, record_run

__all__ = [
    "check",
    "demote",
    "describe_dataset",
    "identifiers",
    "load",
    "merge",
    "named",
    "promote",
    "record_retraction",
    "record_run",
    "refresh_identities",
    "refresh_inferences",
    "reject",
    "rejected",
    "retract",
    "revision",
    "revisions",
    "take_back",
    "validate",
]

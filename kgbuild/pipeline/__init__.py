"""From documents to a merged graph, over bounded shards.

In go the parts of a `Job`; out comes a `BuildReport`.
"""

from kgbuild.pipeline.build import build
from kgbuild.pipeline.reader import Read, Reader
from kgbuild.pipeline.stages import (
    Job,
    Progress,
    Shard,
    Stages,
    extract,
    ingest,
    link,
    merge,
    normalise,
    unseen,
)

__all__ = [
    "Job",
    "Progress",
    "Read",
    "Reader",
    "Shard",
    "Stages",
    "build",
    "extract",
    "ingest",
    "link",
    "merge",
    "normalise",
    "unseen",
]

"""What a linker said of a file enters; the file's own form, with the links, leaves for other scorers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from kgbuild.evaluate.linking import Judged
from kgbuild.link.nif import NifDocument, write_nif


def write_links(judged: Iterable[Judged], path: Path, *, system: str) -> None:
    """Write NIF for documents that were NIF, and else ELEVANT's linked articles, one a line.

    The form of articles: https://github.com/ad-freiburg/elevant/blob/master/docs/link_entities.md.
    """
    seen = list(judged)
    if all(each.gold.row is None for each in seen):
        path.write_bytes(write_nif(_nif(each) for each in seen))
    else:
        path.write_bytes(b"".join(msgspec.json.encode(_article(each, system)) + b"\n" for each in seen))


def _nif(judged: Judged) -> NifDocument:
    document = judged.gold.document
    spans = sorted((start, end, entity) for (start, end), entity in judged.predicted.items())
    return NifDocument(document.id, document.text, tuple(spans))


def _article(judged: Judged, system: str) -> dict[str, Any]:
    """An article with its links and their candidates, likeliest first."""
    row = judged.gold.row or {}
    kept = ("id", "title", "text", "hyperlinks", "title_synonyms", "url", "evaluation_span")
    mentions = [
        {
            "span": list(span),
            "recognized_by": system,
            "id": entity or "<NIL>",
            "linked_by": system,
            "score": judged.links[span].score,
            "candidates": [candidate.entity for candidate in judged.links[span].candidates],
            "candidate_scores": [candidate.score for candidate in judged.links[span].candidates],
        }
        for span, entity in sorted(judged.predicted.items())
    ]
    article = {"id": judged.gold.document.id, "text": judged.gold.document.text}
    return article | {name: row[name] for name in kept if name in row} | {"entity_mentions": mentions}

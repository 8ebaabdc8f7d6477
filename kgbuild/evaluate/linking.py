"""Entity linking: gold documents and a linker enter; what it got right, and its figures, leave.

Precision, recall and F1 are micro-averages over mentions that have an item in the gold, and
`macro_f1` is the mean over documents, 1 where there is neither a gold nor a predicted item (GERBIL,
Röder et al., Semantic Web 2018). A prediction is right where span and item are the gold's. What the
index does not hold costs recall; `coverage` says how much that is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kgbuild.errors import DatasetError
from kgbuild.evaluate.counts import Counts, total
from kgbuild.link.gold import GoldDocument, read_gold
from kgbuild.link.surface import is_name
from kgbuild.link.tags import Reader, read_with
from kgbuild.protocols import CandidateIndex, Linker
from kgbuild.records import Extraction, Link

Span = tuple[int, int]

WEIGHED = 30
"""Candidates among which the right one counts as found."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One document: gold and predicted entities by span, and what the index knows of the gold.

    `links` hold the candidates of each predicted span, `known` the gold items that the index has.
    """

    gold: GoldDocument
    right: Mapping[Span, str | None]
    predicted: Mapping[Span, str | None]
    links: Mapping[Span, Link]
    known: frozenset[str]

    @property
    def counts(self) -> Counts:
        """Items that are right, predicted and gold."""
        hits = sum(
            entity is not None and self.predicted.get(span) == entity for span, entity in self.right.items()
        )
        return Counts(
            hits,
            sum(entity is not None for entity in self.predicted.values()),
            sum(entity is not None for entity in self.right.values()),
        )


def judge(
    path: Path, linker: Linker, index: CandidateIndex, reader: Reader, *, end_to_end: bool = False
) -> Iterator[Judged]:
    """Link each document of a file: its gold mentions, or with `end_to_end` what is read in its text.

    Gold mentions get the labels, clusters and vectors of what is read; read mentions elsewhere are context.
    """
    mentions = 0
    for gold in read_gold(path):
        mentions += len(gold.extraction.mentions)
        if end_to_end:
            extraction = reader.read(gold.document)
            yield _judged(gold, extraction, _inside(gold, extraction), linker, index)
        else:
            given = read_with(gold, reader)
            yield _judged(gold, given.extraction, list(given.judged), linker, index)
    if not mentions:
        raise DatasetError(f"{path} has no annotated mentions; there is nothing to score")


def _judged(
    gold: GoldDocument, extraction: Extraction, places: Iterable[int], linker: Linker, index: CandidateIndex
) -> Judged:
    """Link an extraction and keep the mentions at these places."""
    links = linker.link(gold.document, extraction)
    spans = {place: (extraction.mentions[place].start, extraction.mentions[place].end) for place in places}
    right = {
        (mention.start, mention.end): entity
        for mention, entity in zip(gold.extraction.mentions, gold.entities, strict=True)
    }
    return Judged(
        gold=gold,
        right=right,
        predicted={span: links[place].entity for place, span in spans.items()},
        links={span: links[place] for place, span in spans.items()},
        known=frozenset(entity for entity in right.values() if entity and index.entity(entity)),
    )


def _inside(gold: GoldDocument, extraction: Extraction) -> list[int]:
    """Mentions that the gold tells of: no values, in its span, and none that may be linked or not."""
    end = len(gold.document.text) if gold.end is None else gold.end
    right = {(mention.start, mention.end) for mention in gold.extraction.mentions}
    return [
        place
        for place, mention in enumerate(extraction.mentions)
        if not mention.label.is_value
        and gold.start <= mention.start
        and mention.end <= end
        and ((mention.start, mention.end) in right or not _optional(gold, mention.start, mention.end))
    ]


def _optional(gold: GoldDocument, start: int, end: int) -> bool:
    return any(start < last and first < end for first, last in gold.optional)


def figures(judged: Iterable[Judged]) -> dict[str, float | int]:
    """All figures of a set.

    `accuracy_in_kb`: gold mentions whose item the index has that are linked to it (`_named`: those that
    are names, no pronouns and common nouns);
    `candidate_recall`: those of them that are names and have it among 30 candidates (`_all`: pronouns
    and common nouns too); `nil_f1` and `accuracy_nil_or_in_kb`: over gold mentions that have no item,
    or one that the index has; `coverage`: gold mentions with an item that the index has, of those
    with an item.
    """
    seen = list(judged)
    overall = total(each.counts for each in seen)
    tally: Counter[str] = Counter()
    for each in seen:
        for span, entity in each.right.items():
            tally.update(_tally(each, span, entity))
    nil = Counts(tally["nil right"], tally["nil predicted"], tally["nil"])
    weighed = tally["known"] + tally["nil"]
    macro = [1.0 if not (n.gold or n.predicted) else n.f1 for n in (each.counts for each in seen)]
    return {
        **overall.report(),
        "macro_f1": _share(sum(macro), len(macro)),
        "accuracy_in_kb": _share(tally["known right"], tally["known"]),
        "accuracy_in_kb_named": _share(tally["named right"], tally["named"]),
        "candidate_recall": _share(tally["named found"], tally["named"]),
        "candidate_recall_all": _share(tally["found"], tally["known"]),
        "nil_f1": round(nil.f1, 4),
        "accuracy_nil_or_in_kb": _share(tally["known right"] + tally["nil right"], weighed),
        "coverage": _share(tally["known"], overall.gold),
        "in_kb": tally["known"],
        "nil": tally["nil"],
        "documents": len(seen),
    }


def _tally(judged: Judged, span: Span, entity: str | None) -> Iterator[str]:
    """What one gold mention adds to the counts."""
    said = judged.predicted.get(span)
    abstained = span in judged.predicted and said is None
    if entity is None or entity in judged.known:
        if abstained:
            yield "nil predicted"
        if entity is None:
            yield "nil"
            if abstained:
                yield "nil right"
            return
        yield "known"
        if said == entity:
            yield "known right"
        held = judged.links[span].candidates[:WEIGHED] if span in judged.links else ()
        found = any(candidate.entity == entity for candidate in held)
        if found:
            yield "found"
        if is_name(judged.gold.document.text[slice(*span)]):
            yield "named"
            if said == entity:
                yield "named right"
            if found:
                yield "named found"


def _share(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 0.0

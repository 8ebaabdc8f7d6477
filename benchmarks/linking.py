"""Linking: candidates, accuracy, abstention, coherence and speed, side by side with what was aimed at.

    python benchmarks/linking.py ../shared/data --index runs/index-u [--items 100000 1000000 10000000]

`make index-u` builds the index of the linking figures; those of reading, building and looking up are of
generated dumps of `--items` (see `linking_index.py`; 10 million take hours and 60 GB, `--folder` keeps
them). The texts are read once by the shipped extractor; what is timed is the linker alone, with candidates,
features, ranker and references, in one process and in two that share the index. The shipped ranker was
fitted on these very sets: its own figures flatter it, so the cross-validated ones, which its file holds,
stand beside them.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from linking_index import Measured, measure_all

from kgbuild import wiring
from kgbuild.config import Settings
from kgbuild.evaluate.linking import WEIGHED, Judged, figures, judge
from kgbuild.evaluate.linking_reader import ExtractingReader
from kgbuild.link.index import LmdbIndex
from kgbuild.link.linker import ContextLinker, Manner
from kgbuild.link.rank import Ranker
from kgbuild.records import Document, Extraction, Mention

SETS = {
    "rss-500": "rss-500.jsonl.gz",
    "oke-2015": "oke-2015-train.jsonl.gz",
    "wiki-fair": "wiki-fair-v2.jsonl.gz",
    "news-fair": "news-fair-v2.jsonl.gz",
    "kore50": "kore50.jsonl.gz",
}
MEASURED = ("rss-500", "oke-2015", "wiki-fair", "news-fair")
RESAMPLES = 2000
PATIENCE = 600
"""Seconds after which a process that has not answered has failed."""

SLOWER = " (plain or zstd, the slower)"


class Readings:
    """What the extractor read in each text, once."""

    def __init__(self) -> None:
        settings = Settings()
        extractor = wiring.extractor(settings.model, settings.ontology, None)
        self._reader = ExtractingReader(extractor, wiring.segmenter())
        self._held: dict[str, tuple[Document, Extraction]] = {}
        self._located: dict[tuple[str, tuple[tuple[int, int], ...]], Sequence[Mention]] = {}

    def read(self, document: Document) -> Extraction:
        if document.text not in self._held:
            self._held[document.text] = (document, self._reader.read(document))
        return self._held[document.text][1]

    def locate(self, document: Document, mentions: Sequence[Mention]) -> Sequence[Mention]:
        key = document.text, tuple((each.start, each.end) for each in mentions)
        if key not in self._located:
            self._located[key] = self._reader.locate(document, mentions)
        return self._located[key]

    def __iter__(self) -> Iterator[tuple[Document, Extraction]]:
        return iter(self._held.values())


def right_in_index(judged: Sequence[Judged]) -> np.ndarray:
    """Of each document, mentions in the index that are right, and all of them: (documents, 2)."""
    return np.array(
        [
            (
                sum(
                    each.predicted.get(span) == entity
                    for span, entity in each.right.items()
                    if entity in each.known
                ),
                sum(entity in each.known for entity in each.right.values()),
            )
            for each in judged
        ]
    )


def gain(alone: Sequence[Judged], together: Sequence[Judged]) -> tuple[float, float, float]:
    """What coherence adds to accuracy in the index, with a 95 % interval over resampled documents."""
    before, after = right_in_index(alone), right_in_index(together)
    dice = np.random.default_rng(0)
    drawn = dice.integers(len(before), size=(RESAMPLES, len(before)))
    shares = [(after[rows, 0].sum() - before[rows, 0].sum()) / before[rows, 1].sum() for rows in drawn]
    low, high = np.percentile(shares, [2.5, 97.5])
    return (after[:, 0].sum() - before[:, 0].sum()) / before[:, 1].sum(), low, high


def speed(linker: ContextLinker, readings: Readings) -> float:
    """Mentions a second over all documents that were read, the second time through."""
    for document, extraction in readings:
        linker.link(document, extraction)
    start = time.process_time()
    mentions = 0
    for document, extraction in readings:
        mentions += len(linker.link(document, extraction))
    return mentions / (time.process_time() - start)


def speed_of_two(linker: ContextLinker, readings: Readings) -> float:
    """Mentions a second of two processes, each with half of the documents, once all have been linked.

    They share the index, and what this process remembers of it; the slower one's wall time counts.
    """
    context = get_context("fork")
    start, taken = context.Barrier(2), context.Queue()
    documents = sorted(readings, key=lambda each: len(each[1].mentions))

    def work(half: int) -> None:
        start.wait()
        began = time.perf_counter()
        for document, extraction in documents[half::2]:
            linker.link(document, extraction)
        taken.put(time.perf_counter() - began)

    workers = [context.Process(target=work, args=(half,)) for half in range(2)]
    for worker in workers:
        worker.start()
    slower = max(taken.get(timeout=PATIENCE) for _ in workers)
    for worker in workers:
        worker.join()
    return sum(len(extraction.mentions) for _, extraction in documents) / slower


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "data", type=Path, nargs="?", default=Path("../shared/data"), help="the folder of data sets"
    )
    parser.add_argument("--index", type=Path, default=Path("runs/index-u"))
    parser.add_argument("--items", type=int, nargs="*", default=[100_000], help="sizes of generated dumps")
    parser.add_argument("--statements", type=int, default=8, help="of a generated item")
    parser.add_argument("--folder", type=Path, help="where dumps and indexes are kept; default: nowhere")
    options = parser.parse_args()
    index_rows(measure_all(options.items, options.statements, options.folder))
    folder = options.data / "linking"
    if not folder.is_dir() or not options.index.is_dir():
        sys.stdout.write(
            f"skipped: {folder} or {options.index} is not there (`make index-u` builds the index)\n"
        )
        return 0
    index, readings = LmdbIndex(options.index), Readings()
    ranker = wiring.ranker(Settings())
    linkers = {
        told: ContextLinker(index, ranker, kept=WEIGHED, manner=Manner(common_nouns=True, collective=told))
        for told in (True, False)
    }
    judged = {
        (name, told): list(judge(folder / file, linker, index, readings))
        for name, file in SETS.items()
        for told, linker in linkers.items()
    }
    report(judged, linkers[False], readings)
    return 0


def index_rows(sizes: Sequence[Measured]) -> None:
    """Print the rows of the table that are about the index' size and speed."""
    for size in sizes:
        sys.stdout.write(f"generated dump of {size.items:,} items, one core\n")
        line(f"read and filtered, MB/s of JSON{SLOWER}", "200", f"{size.read:.0f}")
        line("index built, MB/s of JSON", "60", f"{size.built:.0f}")
        line("peak memory, MB", "1,000", f"{size.peak:.0f}")
        line("index on disk, GB at 10 million items", "4", f"{size.size / size.items * 1e7 / 1e9:.2f}")
        line("exact look-up, µs", "10", f"{size.exact:.1f}")
        line("the same, names of 30 bearers and more", "10", f"{size.common:.1f}")
        line("start-up, s", "0.5", f"{size.opened:.4f}")


def line(what: str, aim: str, found: str) -> None:
    """Print one row: what was measured, what was aimed at, and what was found."""
    sys.stdout.write(f"{what:58}{aim:>8}   {found}\n")


def report(judged: dict[tuple[str, bool], list[Judged]], linker: ContextLinker, readings: Readings) -> None:
    """Print the rows of the table."""
    cross = Ranker.read().figures
    told = {name: figures(judged[name, False]) for name in SETS}
    columns = (
        *("candidate_recall", "accuracy_in_kb", "accuracy_in_kb_named", "accuracy_nil_or_in_kb", "nil_f1"),
        *("f1", "coverage"),
    )
    sys.stdout.write(f"{'':12}" + "".join(f"{name:>23}" for name in columns) + "   cross-validated in kb\n")
    for name, row in told.items():
        cells = "".join(f"{row[column]:23.3f}" for column in columns)
        sys.stdout.write(
            f"{name:12}{cells}{cross.get(name, {}).get('accuracy_in_index', float('nan')):24.3f}\n"
        )
    without = cross.get("without_contexts", {}).get("mean_accuracy_in_index", float("nan"))
    mean, named = (
        sum(float(told[name][which]) for name in MEASURED) / len(MEASURED)
        for which in ("accuracy_in_kb", "accuracy_in_kb_named")
    )
    pooled = figures(each for name in SETS for each in judged[name, False])
    added, low, high = gain(
        [each for name in SETS for each in judged[name, False]],
        [each for name in SETS for each in judged[name, True]],
    )
    rows = [
        ("candidate recall at 30, named, pooled", "0.95", f"{pooled['candidate_recall']:.3f}"),
        ("mean accuracy in the index, all mentions", "0.85", f"{mean:.3f}"),
        ("the same, names alone", "", f"{named:.3f}"),
        (
            "the same, cross-validated, names and common nouns",
            "0.85",
            f"{cross['mean_accuracy_in_index']:.3f}",
        ),
        ("the same without the bi-encoder", "", f"{without:.3f}"),
        ("RSS-500, right item or right NIL", "0.90", f"{told['rss-500']['accuracy_nil_or_in_kb']:.3f}"),
        ("coherence, accuracy in the index, pooled", ">= 0", f"{added:+.4f} [{low:+.4f}, {high:+.4f}]"),
        ("mentions a second of processor time", "", f"{speed(linker, readings):,.0f}"),
        ("mentions a second, two processes", "2,000", f"{speed_of_two(linker, readings):,.0f}"),
    ]
    for row in rows:
        line(*row)


if __name__ == "__main__":
    sys.exit(main())

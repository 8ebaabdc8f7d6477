"""Speed of the graph, part by part.

    python benchmarks/graph.py [merge] [bulk] [retract] [--statements 10000 100000]

Merging is set against the rate at which the same store takes the same quads in plain transactions of
one document each, a first build against the store's bulk loader; taking back is measured at several
sizes of the store, and counts the truthy triples that it writes. Times are of the processor: ratios
within a line hold.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyoxigraph as ox
from parts import run_parts

from kgbuild import graph
from kgbuild.facts.duplicates import sketch
from kgbuild.iris import Iris
from kgbuild.ontology import load_ontology
from kgbuild.protocols import Pattern
from kgbuild.records import (
    Document,
    DocumentFacts,
    Entity,
    EntityMention,
    Evidence,
    ItemValue,
    Label,
    Mention,
    Revision,
    Statement,
    TimeValue,
    Value,
)
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()
ONTOLOGY = load_ontology()
PROPERTIES = ("P26", "P69", "P108", "P551", "P19", "P569", "P570")
STATEMENTS = 10
AT_ONCE = 512
"""Documents that are loaded at once."""
IN_TURN = 25
"""Documents that are merged before as many are put into a store plainly."""


def generated(documents: int, *, seed: int = 0) -> Iterator[DocumentFacts]:
    """Documents of ten statements each, about ten times as many people as documents and 50 places."""
    chosen = random.Random(seed)
    for number in range(documents):
        sentences = [f"Sentence {number} {each} of {chosen.random()}." for each in range(STATEMENTS)]
        text = " ".join(sentences)
        people = [f"Q{1000 + chosen.randrange(10 * documents)}" for _ in range(STATEMENTS)]
        statements, mentions = [], []
        for person, sentence in zip(people, sentences, strict=True):
            start = text.index(sentence)
            evidence = Evidence(
                str(number), start, start + len(sentence), sentence, chosen.uniform(0.3, 1), "x"
            )
            pid = chosen.choice(PROPERTIES)
            value: Value = ItemValue(f"Q{chosen.randrange(1, 51)}")
            if pid in ("P569", "P570"):
                value = TimeValue(chosen.randrange(1800, 2000))
            statements.append(Statement(person, pid, value, evidence=(evidence,)))
            mention = Mention(start, start + 8, "Sentence", Label.PERSON, 0.9)
            mentions.append(EntityMention(mention, person, 0.8))
        yield DocumentFacts(
            Document(str(number), IRIS.document("bench", str(number)), text, language="en"),
            Revision("content", "reader", "extractor", "linker", "ontology"),
            tuple(mentions),
            tuple(Entity(person, f"Person {person}", ("Somebody",), types=("Q5",)) for person in set(people)),
            tuple(statements),
            sketch=sketch(text),
        )


def merge(sizes: Sequence[int], folder: Path) -> None:
    """Merging against plain transactions: what each document adds, put by itself into another store.

    The two take turns, some documents at a time: what else the machine does is the same for both.
    """
    for size in sizes:
        facts = list(generated(size // STATEMENTS))
        merged, plain = Recording(folder / f"merged-{size}"), OxigraphStore(folder / f"plain-{size}")
        seconds = plain_seconds = 0.0
        quads = 0
        for start in range(0, len(facts), IN_TURN):
            some = facts[start : start + IN_TURN]
            merged.added = []
            seconds += _timed(lambda: graph.merge(merged, some, ontology=ONTOLOGY, iris=IRIS))  # noqa: B023
            plain_seconds += _timed(lambda: [plain.engine.extend(each) for each in merged.added])  # noqa: B023
            quads += sum(map(len, merged.added))
        for store in (merged, plain):
            store.close()
        _tell("merge", size, quads, seconds, {"plain transactions": plain_seconds})


def bulk(sizes: Sequence[int], folder: Path) -> None:
    """A first build's loading against the engine's bulk loader, given the quads or a file of them."""
    for size in sizes:
        facts = list(generated(size // STATEMENTS))
        loaded = OxigraphStore(folder / f"loaded-{size}")
        groups = [facts[start : start + AT_ONCE] for start in range(0, len(facts), AT_ONCE)]
        seconds = _timed(
            lambda: [graph.load(loaded, each, ontology=ONTOLOGY, iris=IRIS) for each in groups]  # noqa: B023
        )
        quads = list(loaded.quads())
        loaded.close()
        file = folder / f"{size}.nq"
        ox.serialize(quads, file, format=ox.RdfFormat.N_QUADS)
        stores = {name: OxigraphStore(folder / f"{name}-{size}") for name in ("quads", "file")}
        others = {
            "bulk of quads": _timed(lambda: stores["quads"].engine.bulk_extend(quads)),  # noqa: B023
            "bulk of a file": _timed(lambda: stores["file"].engine.bulk_load(path=file)),  # noqa: B023
        }
        for store in stores.values():
            store.close()
        _tell("bulk", size, len(quads), seconds, others)


def _tell(name: str, size: int, quads: int, seconds: float, others: Mapping[str, float]) -> None:
    """One line: the rate, and those of others with the ratio to each."""
    told = [
        f"{other} {quads / taken:>8,.0f} quads/s, ratio {taken / seconds:.2f}"
        for other, taken in others.items()
    ]
    print(f"{name}  {size:>7,} statements  {quads / seconds:>8,.0f} quads/s  {'  '.join(told)}", flush=True)


def retract(sizes: Sequence[int], folder: Path) -> None:
    """Milliseconds to take one of a hundred documents back, by the size of the store, and what it touches."""
    for size in sizes:
        store = Counting(folder / f"retract-{size}")
        facts = list(generated(size // STATEMENTS))
        for start in range(0, len(facts), AT_ONCE):
            graph.load(store, facts[start : start + AT_ONCE], ontology=ONTOLOGY, iris=IRIS)
        chosen = facts[:: max(1, len(facts) // 100)][:100]
        _settle()
        store.truthy = store.looked_up = 0
        times = [
            _timed(lambda: graph.retract(store, each.document.uri, ontology=ONTOLOGY, iris=IRIS))  # noqa: B023
            for each in chosen
        ]
        slots = {
            (each.document.uri, said.subject, said.property) for each in chosen for said in each.statements
        }
        print(
            f"retract  {size:>7,} statements  median {statistics.median(times) * 1000:.2f} ms  "
            f"95 % {sorted(times)[94] * 1000:.2f} ms  {store.looked_up / len(chosen):,.0f} quads looked up  "
            f"{store.truthy} truthy triples written for "
            f"{len(slots)} subjects and properties",
            flush=True,
        )
        store.close()


class Recording(OxigraphStore):
    """A store that keeps what each transaction adds, in the order in which it is written."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.added: list[list[ox.Quad]] = []

    def change(self, remove: Collection[ox.Quad], add: Collection[ox.Quad]) -> None:
        self.added.append(list(add))
        super().change(remove, add)


class Counting(OxigraphStore):
    """A store that counts the truthy triples that come and go, and the quads that are looked up."""

    truthy = looked_up = 0

    def match(self, patterns: Iterable[Pattern]) -> Iterator[ox.Quad]:
        for quad in super().match(patterns):
            self.looked_up += 1
            yield quad

    def change(self, remove: Collection[ox.Quad], add: Collection[ox.Quad]) -> None:
        graph_name = IRIS.graph("truthy")
        self.truthy += sum(quad.graph_name.value == graph_name for quad in (*remove, *add))
        super().change(remove, add)


def _settle() -> None:
    """Wait until the engine has sorted what was loaded, which it does in threads of its own."""
    used = -1.0
    while time.process_time() - used > 0.05:
        used = time.process_time()
        time.sleep(2)


def _timed(action: Callable[[], object]) -> float:
    """Seconds of the processor: what others do on the machine counts for nothing."""
    start = time.process_time()
    action()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--statements", type=int, nargs="+", default=[10_000, 100_000])
    run_parts(
        parser,
        {
            "merge": lambda options, folder: merge(options.statements, folder),
            "bulk": lambda options, folder: bulk(options.statements, folder),
            "retract": lambda options, folder: retract(options.statements, folder),
        },
    )


if __name__ == "__main__":
    main()

"""Whether the graph is right, whatever happens to it, part by part.

    python benchmarks/graph_correctness.py [values] [fuzz] [order] [kills] [--cases 10000] [--kills 100]

Values are the tables of surface forms of the tests. Orders, thirds and kills go through the stored
readings of the golden test.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from importlib import import_module
from itertools import combinations
from pathlib import Path

from parts import run_parts

from kgbuild import graph
from kgbuild.export import export
from kgbuild.iris import Iris
from kgbuild.ontology import load_ontology
from kgbuild.records import DocumentFacts, QuantityValue
from kgbuild.stores.oxigraph import OxigraphStore

TESTS = Path(__file__).parents[1] / "tests"
sys.path += [str(TESTS / room) for room in ("facts", "golden", "graph")]
IRIS = Iris()
ONTOLOGY = load_ontology()


def values() -> None:
    """The tables of surface forms: right values, and what is read where nothing should be."""
    dates, quantities = (import_module(f"test_{name}") for name in ("dates", "quantities"))
    read = [
        (expected, dates.written(dates.read_time(text, published=date.fromisoformat(day) if day else None)))
        for text, day, expected in dates.rows()
    ]
    for text, amount, unit in quantities.rows():
        found = quantities.read_quantity(text)
        wanted = None if amount == "-" else QuantityValue(Decimal(amount), unit or None)
        read.append((str(wanted) if wanted else "-", str(found) if found else "-"))
    right = sum(wanted == found for wanted, found in read)
    invented = sum(wanted == "-" != found for wanted, found in read)
    none = sum(wanted == "-" for wanted, _ in read)
    share = right / len(read)
    print(
        f"values  {right} of {len(read)} forms right ({share:.3f}), "
        f"{invented} invented of {none} that have none"
    )


def fuzz(cases: int) -> None:
    """Graphs of any text, IRI, tag and literal through three parsers, and two processes' canonical bytes."""
    tests = [str(TESTS / "export" / f"test_{name}.py") for name in ("fuzz", "processes")]
    program = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    result = subprocess.run(
        program, env={**os.environ, "KGBUILD_FUZZ": str(cases)}, capture_output=True, text=True, check=False
    )
    verdict = "all the same for three parsers" if result.returncode == 0 else result.stdout[-2000:]
    print(f"fuzz  {cases:,} graphs and {max(cases // 4, 50):,} documents: {verdict}", flush=True)


def order(folder: Path) -> None:
    """Documents in other orders, and thirds of them taken back: the same bytes, or not."""
    stored = import_module("stored")
    facts = list(stored.facts_of(stored.stored_readings()))
    chosen = random.Random(0)

    def exported(documents: Sequence[DocumentFacts], gone: Sequence[DocumentFacts] = ()) -> bytes:
        store = OxigraphStore()
        graph.merge(store, documents, ontology=ONTOLOGY, iris=IRIS)
        for each in gone:
            graph.retract(store, each.document.uri, ontology=ONTOLOGY, iris=IRIS)
        export(store, folder / "graph.nq", iris=IRIS)
        return (folder / "graph.nq").read_bytes()

    whole = exported(facts)
    orders = [chosen.sample(facts, len(facts)) for _ in range(10)]
    same = sum(exported(each) == whole for each in orders)
    thirds = list(combinations(facts, round(len(facts) / 3)))
    back = sum(
        exported(facts, third) == exported([each for each in facts if each not in third]) for third in thirds
    )
    print(
        f"order  {same} of {len(orders)} orders, and {back} of {len(thirds)} thirds taken back, give the "
        f"same bytes ({len(facts)} documents, {len(whole):,} bytes)",
        flush=True,
    )


def kills(number: int, folder: Path) -> None:
    """Merges that are killed at random moments, finished, and compared to the byte."""
    killing = import_module("killing")
    stored = import_module("stored")
    facts = stored.facts_of(stored.stored_readings())
    hit, whole = killing.merge_killed(facts, folder, kills=number, seed=1)
    print(f"kill -9  {number} merges, {hit} hit while merging, all {len(whole):,} bytes the same", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    run_parts(
        parser,
        {
            "values": lambda _options, _folder: values(),
            "fuzz": lambda options, _folder: fuzz(options.cases),
            "order": lambda _options, folder: order(folder),
            "kills": lambda options, folder: kills(options.kills, folder),
        },
    )


if __name__ == "__main__":
    main()

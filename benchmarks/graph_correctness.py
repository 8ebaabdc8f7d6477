"""Whether the graph is right, whatever happens to it, part by part.

    python benchmarks/graph_correctness.py [values] [fuzz] [order] [kills] [--cases 10000] [--kills 100]

Values are the tables of surface forms of the tests. Orders, thirds and kills go through the stored
readings of the golden test.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from types import ModuleType

from kgbuild import graph
from kgbuild.export import export
from kgbuild.iris import Iris
from kgbuild.ontology import load_ontology
from kgbuild.records import DocumentFacts, QuantityValue
from kgbuild.stores.oxigraph import OxigraphStore

TESTS = Path(__file__).parents[1] / "tests"
IRIS = Iris()
ONTOLOGY = load_ontology()


def values() -> None:
    """The tables of surface forms: right values, and what is read where nothing should be."""
    dates, quantities = (_module(TESTS / "facts" / f"test_{name}.py") for name in ("dates", "quantities"))
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
    stored = _module(TESTS / "golden" / "stored.py")
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
    killing = _module(TESTS / "graph" / "killing.py")
    stored = _module(TESTS / "golden" / "stored.py")
    facts = stored.facts_of(stored.stored_readings())
    hit, whole = killing.merge_killed(facts, folder, kills=number, seed=1)
    print(f"kill -9  {number} merges, {hit} hit while merging, all {len(whole):,} bytes the same", flush=True)


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"bench_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = ("values", "fuzz", "order", "kills")
    parser.add_argument("parts", nargs="*", default=parts, metavar="|".join(parts))
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    options = parser.parse_args()
    runs: dict[str, Callable[[Path], None]] = {
        "values": lambda _: values(),
        "fuzz": lambda _: fuzz(options.cases),
        "order": order,
        "kills": lambda folder: kills(options.kills, folder),
    }
    for name in options.parts:
        if name not in runs:
            parser.error(f"{name!r} is none of {', '.join(parts)}")
        with tempfile.TemporaryDirectory() as folder:
            runs[name](Path(folder))


if __name__ == "__main__":
    main()

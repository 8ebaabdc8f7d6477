"""Merge facts in a process of its own, which is killed at random moments and started again.

`python tests/graph/killing.py STORE FACTS AT_ONCE` is that process: FACTS is a pickle that the parent
wrote a moment ago. It leaves out what the store has already, as a build does, and loads AT_ONCE documents
at once as a first build does, or merges one after the other where that is 0.
"""

from __future__ import annotations

import pickle
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from kgbuild import graph
from kgbuild.export import export
from kgbuild.iris import Iris
from kgbuild.ontology import load_ontology
from kgbuild.records import DocumentFacts
from kgbuild.stores.oxigraph import OxigraphStore


def merge_killed(
    facts: Sequence[DocumentFacts], folder: Path, *, kills: int, seed: int, at_once: int = 0
) -> tuple[int, bytes]:
    """Kill so many merges, each into a new store, finish each, and compare the exports.

    The number of kills that hit the merge while it ran, and the one export that all of them gave;
    AssertionError where one differs from that of an undisturbed merge.
    """
    moments = random.Random(seed)
    pickled = folder / "facts.pickle"
    pickled.write_bytes(pickle.dumps(tuple(facts)))
    whole, seconds = _merge(folder / "undisturbed", pickled, at_once)
    hit = 0
    for number in range(kills):
        path = folder / f"killed-{number}"
        hit += _killed(path, pickled, at_once, moments.uniform(0, seconds))
        again, _ = _merge(path, pickled, at_once)
        assert again == whole, f"after kill {number} the graph is another"
    return hit, whole


def _start(path: Path, pickled: Path, at_once: int) -> subprocess.Popen[bytes]:
    """A process that is about to merge."""
    program = [sys.executable, __file__, path, pickled, str(at_once)]
    process = subprocess.Popen(program, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"merging\n"
    return process


def _merge(path: Path, pickled: Path, at_once: int) -> tuple[bytes, float]:
    """The export after an undisturbed merge, and how long that took in seconds."""
    with _start(path, pickled, at_once) as process:
        started = time.perf_counter()
        assert process.wait() == 0
        seconds = time.perf_counter() - started
    store = OxigraphStore(path, read_only=True)
    file = path.with_suffix(".nq")
    export(store, file, iris=Iris())
    store.close()
    return file.read_bytes(), seconds


def _killed(path: Path, pickled: Path, at_once: int, after: float) -> bool:
    """Kill a merge so many seconds after its start; whether it was still running."""
    with _start(path, pickled, at_once) as process:
        time.sleep(after)
        process.kill()
        return process.wait() != 0


def _main(path: Path, pickled: Path, at_once: int) -> None:
    facts: tuple[DocumentFacts, ...] = pickle.loads(pickled.read_bytes())
    ontology, iris = load_ontology(), Iris()
    store = OxigraphStore(path)
    sys.stdout.write("merging\n")
    sys.stdout.flush()
    known = graph.revisions(store)
    facts = tuple(each for each in facts if known.get(each.document.uri) != each.revision)
    for start in range(0, len(facts), at_once or 1):
        write = graph.load if at_once else graph.merge
        write(store, facts[start : start + (at_once or 1)], ontology=ontology, iris=iris)
    store.close()


if __name__ == "__main__":
    _main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))

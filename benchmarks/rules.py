"""What rules and shapes cost a merge: `python benchmarks/rules.py [documents]`.

Documents are made up: 20 statements each over ten properties, one in ten of them in a hierarchy of
3,000 places with ten in each. Times are of the processor, in milliseconds a document.
"""

from __future__ import annotations

import dataclasses
import random
import sys
import time
from collections.abc import Callable, Sequence

from kgbuild.graph import check, merge, retract
from kgbuild.iris import Iris
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.records import (
    Document,
    DocumentFacts,
    Entity,
    Evidence,
    ItemValue,
    Revision,
    Statement,
    TimeValue,
)
from kgbuild.shapes import load_shapes
from kgbuild.stores.oxigraph import OxigraphStore

PROPERTIES = ("P19", "P569", "P108", "P26", "P22", "P131", "P17", "P106", "P69", "P36")
IRIS = Iris()


def made_up(number: int, statements: int = 20) -> DocumentFacts:
    text = f"Text number {number} with many words. " * 20
    found = {}
    for place in range(statements):
        pid = random.choice(PROPERTIES)
        subject, value = f"Q{random.randrange(1, 5000)}", ItemValue(f"Q{random.randrange(1, 5000)}")
        if pid == "P131":
            inner = random.randrange(2, 3000)
            subject, value = f"Q{10000 + inner}", ItemValue(f"Q{10000 + inner // 10}")
        elif pid == "P17":
            subject = f"Q{10000 + random.randrange(2, 300)}"
            value = ItemValue(f"Q{20000 + random.randrange(20)}")
        elif pid == "P569":
            value = TimeValue(random.randrange(1800, 2000))
        evidence = Evidence(str(number), place, place + 20, text[place : place + 20], 0.8, "made up")
        found[subject, pid, value] = Statement(subject, pid, value, (), 0.0, (evidence,))
    entities = tuple(Entity(each, each) for each in sorted({key[0] for key in found}))
    document = Document(str(number), f"urn:benchmark:{number}", text)
    return DocumentFacts(document, Revision("h", "r", "e", "l", "o"), (), entities, tuple(found.values()))


def milliseconds(work: Callable[[], object], times: int) -> float:
    start = time.process_time()
    work()
    return 1000 * (time.process_time() - start) / times


def with_rules(name: str, ontology: Ontology, documents: Sequence[DocumentFacts]) -> None:
    store = OxigraphStore()
    merged = milliseconds(lambda: merge(store, documents, ontology=ontology, iris=IRIS), len(documents))
    quads, inferred = len(list(store.quads())), len(list(store.quads(IRIS.graph("inferred"))))
    gone = [each.document.uri for each in documents[: len(documents) // 10]]
    taken = milliseconds(
        lambda: [retract(store, uri, ontology=ontology, iris=IRIS) for uri in gone], len(gone)
    )
    print(f"{name:18} merge {merged:5.1f}, retract {taken:5.1f}; {quads:,} quads, {inferred:,} inferred")


def with_shapes(ontology: Ontology, documents: Sequence[DocumentFacts]) -> None:
    start = time.process_time()
    shapes = load_shapes(ontology, IRIS)
    print(f"shapes read in {time.process_time() - start:.1f} s")
    taken = milliseconds(
        lambda: [check(each, shapes, ontology=ontology, iris=IRIS) for each in documents], len(documents)
    )
    print(f"{'shapes':18} check {taken:5.1f}")


def main() -> None:
    random.seed(2)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    documents = [made_up(number) for number in range(count)]
    ontology = load_ontology()
    some = tuple(rule for rule in ontology.rules if len(rule.body) == 1)
    for name, rules in (("no rules", ()), ("rules of one step", some), ("all rules", ontology.rules)):
        with_rules(name, dataclasses.replace(ontology, rules=rules), documents)
    with_shapes(ontology, documents[: count // 10])


if __name__ == "__main__":
    main()

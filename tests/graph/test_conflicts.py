"""Which statements cannot all be right, and which only look so."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kgbuild.graph import merge, retract
from kgbuild.graph.conflicts import ConflictKind, find_conflicts
from kgbuild.iris import Iris
from kgbuild.ontology import load_ontology
from kgbuild.records import (
    Document,
    DocumentFacts,
    Evidence,
    ItemValue,
    QuantityValue,
    Revision,
    Statement,
    TimeValue,
    Value,
)
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()
ONTOLOGY = load_ontology()
Said = tuple[str, str, Value]


def document(name: str, *said: Said, qualifiers: tuple[tuple[str, Value], ...] = ()) -> DocumentFacts:
    """What a document of one sentence says; the later in the alphabet, the surer it is."""
    text = f"Sentence of {name}."
    evidence = Evidence(name, 0, len(text), text, 0.5 + (ord(name) - ord("a")) / 100, "hand")
    statements = tuple(Statement(*each, qualifiers, evidence=(evidence,)) for each in said)
    return DocumentFacts(
        Document(name, f"urn:doc:{name}", text), Revision("", "", "", "", ""), statements=statements
    )


def found(*documents: DocumentFacts) -> list[tuple[str, str, int]]:
    store = OxigraphStore()
    merge(store, documents, ontology=ONTOLOGY, iris=IRIS)
    conflicts = find_conflicts(store, ontology=ONTOLOGY, iris=IRIS)
    return [(each.kind.value, each.subject, len(each.statements)) for each in conflicts]


def item(subject: str, pid: str, value: str) -> Said:
    return subject, pid, ItemValue(value)


def date(subject: str, pid: str, *parts: int, precision: int | None = None) -> Said:
    return subject, pid, TimeValue(*parts, precision=precision or 8 + len(parts))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([item("Q1", "P19", "Q2"), item("Q1", "P19", "Q3")], ("values", "Q1", 2)),
        ([date("Q1", "P569", 1879), date("Q1", "P569", 1880)], ("values", "Q1", 2)),
        (
            [date("Q1", "P569", 1879), date("Q1", "P569", 1879, 3), date("Q1", "P569", 1880)],
            ("values", "Q1", 3),
        ),
        ([date("Q1", "P569", 1955), date("Q1", "P570", 1879)], ("order", "Q1", 2)),
        ([date("Q1", "P571", 1999, 5, 3), date("Q1", "P576", 1999, 4)], ("order", "Q1", 2)),
        ([date("Q1", "P569", -43), date("Q1", "P570", -99, precision=7)], None),
        ([date("Q1", "P569", -10), date("Q1", "P570", -43)], ("order", "Q1", 2)),
        ([item("Q1", "P22", "Q2"), date("Q1", "P569", 1800), date("Q2", "P569", 1830)], ("order", "Q1", 3)),
        ([item("Q2", "P40", "Q1"), date("Q1", "P569", 1800), date("Q2", "P569", 1830)], ("order", "Q1", 3)),
        ([item("Q1", "P403", "Q2"), item("Q3", "P974", "Q1")], ("inverse", "Q1", 2)),
        (
            [item("Q1", "P22", "Q2"), item("Q1", "P25", "Q3"), item("Q4", "P40", "Q1")],
            ("parents", "Q1", 3),
        ),
        (
            [item("Q1", "P22", "Q2"), item("Q1", "P25", "Q3"), *(item(f"Q{n}", "P40", "Q1") for n in (4, 5))],
            ("parents", "Q1", 4),
        ),
        ([item("Q1", "P361", "Q2"), item("Q2", "P361", "Q1")], ("ring", "Q1", 2)),
    ],
)
def test_what_cannot_be_is_found_in_one_document_or_in_several(
    said: list[Said], expected: tuple[str, str, int] | None
) -> None:
    conflicts = [expected] if expected else []
    assert found(document("a", *said)) == conflicts
    assert found(*(document(name, each) for name, each in zip("abcd", said, strict=False))) == conflicts


@pytest.mark.parametrize(
    "said",
    [
        [date("Q1", "P569", 1879), date("Q1", "P569", 1879, 3, 14)],
        [date("Q1", "P569", 1870, precision=8), date("Q1", "P569", 1879)],
        [date("Q1", "P569", 1879), date("Q1", "P570", 1879)],
        [date("Q1", "P569", 1879), date("Q1", "P570", 1900, precision=7)],
        [item("Q1", "P108", "Q2"), item("Q1", "P108", "Q3")],
        [item("Q1", "P19", "Q2"), item("Q1", "P19", "Q3"), item("Q2", "P131", "Q4"), item("Q4", "P17", "Q3")],
        [item("Q1", "P22", "Q2"), item("Q1", "P25", "Q3"), item("Q2", "P40", "Q1"), item("Q3", "P40", "Q1")],
        [item("Q1", "P26", "Q2"), item("Q2", "P26", "Q1")],
        [date("Q1", "P569", 1955), date("Q2", "P570", 1879)],
        [("Q1", "P1082", QuantityValue(Decimal(1))), ("Q1", "P1082", QuantityValue(Decimal(2)))],
    ],
)
def test_what_may_be_is_no_conflict(said: list[Said]) -> None:
    assert found(document("a", *said)) == []


def test_a_statement_that_ends_before_it_starts() -> None:
    wrong = (("P580", TimeValue(2005)), ("P582", TimeValue(1999)))
    right = (("P580", TimeValue(1999)), ("P582", TimeValue(1999, 3, precision=10)))
    said = item("Q1", "P108", "Q2")
    assert found(document("a", said, qualifiers=wrong)) == [("order", "Q1", 1)]
    assert found(document("a", said, qualifiers=right)) == []


def test_a_rival_that_is_not_preferred_breaks_no_other_rule() -> None:
    """The surer birth is before the death; the other one is a conflict of values only."""
    death, wrong = date("Q1", "P570", 1950), date("Q1", "P569", 1960)
    assert [kind for kind, *_ in found(document("a", wrong, death))] == ["order"]
    assert [
        kind for kind, *_ in found(document("a", wrong, death), document("b", date("Q1", "P569", 1900)))
    ] == ["values"]


def test_a_conflict_goes_with_its_document_and_names_its_rule() -> None:
    store = OxigraphStore()
    documents = [document(name, item("Q1", "P19", value)) for name, value in (("a", "Q2"), ("b", "Q3"))]
    merge(store, documents, ontology=ONTOLOGY, iris=IRIS)
    [conflict] = find_conflicts(store, ontology=ONTOLOGY, iris=IRIS)
    assert (conflict.kind, conflict.rule) == (
        ConflictKind.VALUES,
        "place of birth (P19) has one value at a time",
    )
    retract(store, "urn:doc:b", ontology=ONTOLOGY, iris=IRIS)
    assert find_conflicts(store, ontology=ONTOLOGY, iris=IRIS) == ()

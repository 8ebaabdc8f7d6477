"""Agreement with facts annotated by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kgbuild.errors import DatasetError
from kgbuild.evaluate.expected import Amount, ExpectedFact, compare, read_expected
from kgbuild.records import (
    Document,
    DocumentFacts,
    Entity,
    ItemValue,
    QuantityValue,
    Revision,
    Statement,
    TimeValue,
)

ADA = Entity("Q7259", "Ada Lovelace", ("Ada",))
LONDON = Entity("urn:local:1", "London")


def said(*statements: Statement) -> DocumentFacts:
    document = Document("a.txt", "urn:a", "text")
    return DocumentFacts(
        document, Revision("", "", "", "", ""), entities=(ADA, LONDON), statements=statements
    )


def expected(**given: object) -> ExpectedFact:
    return ExpectedFact(**{"document": "a.txt", "sentence": "s", "subject": "Ada Lovelace", **given})  # type: ignore[arg-type]


BORN = expected(property="P19", object="London", object_qid="Q84", subject_qid="Q7259")


def test_a_fact_is_found_by_name_where_the_link_is_wrong_and_the_link_is_counted_apart() -> None:
    agreement = compare([said(Statement("Q7259", "P19", ItemValue("urn:local:1")))], [BORN])
    assert (agreement.found, agreement.linked, agreement.linkable) == (1, 0, 1)
    linked = compare([said(Statement("Q7259", "P19", ItemValue("Q84")))], [BORN])
    assert (linked.found, linked.linked) == (1, 1)


@pytest.mark.parametrize(
    ("value", "agrees"), [(TimeValue(-43, 3, 15, 11), True), (TimeValue(43, 3, 15, 11), False)]
)
def test_a_date_before_christ_agrees(value: TimeValue, agrees: bool) -> None:
    fact = expected(property="P570", value="-0043-03-15")
    assert compare([said(Statement("Q7259", "P570", value))], [fact]).found == agrees


@pytest.mark.parametrize(
    ("value", "agrees"),
    [
        (TimeValue(1815, 12, 10, 11), True),
        (TimeValue(1815, 12, None, 10), False),
        (TimeValue(1816, 12, 10, 11), False),
    ],
)
def test_dates_agree_to_the_annotated_precision(value: TimeValue, agrees: bool) -> None:
    fact = expected(property="P569", value="1815-12-10")
    assert compare([said(Statement("Q7259", "P569", value))], [fact]).found == agrees


def test_quantities_agree_by_amount() -> None:
    fact = expected(property="P2048", value=Amount("1.70", "Q11573"))
    assert compare([said(Statement("Q7259", "P2048", QuantityValue(Decimal("1.7"))))], [fact]).found == 1


def test_precision_is_over_the_annotated_subjects_and_properties_only() -> None:
    statements = (
        Statement("Q7259", "P19", ItemValue("Q84")),
        Statement("Q7259", "P19", ItemValue("Q90")),
        Statement("Q7259", "P26", ItemValue("Q1")),
    )
    agreement = compare([said(*statements)], [BORN])
    assert (agreement.right, agreement.judged, agreement.precision) == (1, 2, 0.5)


def test_missing_documents_and_broken_lines_are_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"a\.txt"):
        compare([], [BORN])
    (tmp_path / "facts.jsonl").write_text('{"document": "a"}\n')
    with pytest.raises(DatasetError, match=r"facts\.jsonl:1"):
        read_expected(tmp_path)

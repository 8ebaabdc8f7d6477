"""The sample corpus read by the shipped model: what the hand-made annotation says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgbuild import wiring
from kgbuild.config import Settings, parse_settings
from kgbuild.evaluate.expected import Agreement, compare, read_expected
from kgbuild.records import DocumentFacts, Rejection, Revision

CORPUS = Path(__file__).parents[2] / "sample_corpus"
RECALL = 0.68
PRECISION = 0.85


@pytest.fixture(scope="module")
def read() -> tuple[list[DocumentFacts], list[Rejection]]:
    return read_by(Settings())


def read_by(settings: Settings) -> tuple[list[DocumentFacts], list[Rejection]]:
    reader = wiring.reader(settings)
    facts: list[DocumentFacts] = []
    rejections: list[Rejection] = []
    for item in wiring.source(str(CORPUS), settings).documents():
        if isinstance(item, Rejection):
            rejections.append(item)
        else:
            text = reader.extract(item)
            facts.append(reader.normalise(text, reader.link(text), Revision("", "", "", "", "")))
    return facts, rejections


@pytest.fixture(scope="module")
def agreement(read: tuple[list[DocumentFacts], list[Rejection]]) -> Agreement:
    return compare(read[0], read_expected(CORPUS / "_expected"))


def test_every_good_document_is_read_and_every_bad_one_refused(
    read: tuple[list[DocumentFacts], list[Rejection]],
) -> None:
    facts, rejections = read
    assert len(facts) >= 60
    assert sorted((each.document_id, each.reason) for each in rejections) == [
        ("rejected/broken-line.jsonl/2", "not JSON"),
        ("rejected/empty.txt", "empty"),
        ("rejected/garbage.txt", "not UTF-8"),
        ("rejected/latin1.txt", "not UTF-8"),
        ("rejected/notes.xyz", "unsupported type"),
        ("rejected/truncated.pdf", "damaged PDF"),
    ]


def test_recall_and_precision_stay_above_the_floor(
    agreement: Agreement, record_testsuite_property, capsys: pytest.CaptureFixture[str]
) -> None:
    record_testsuite_property("expected_facts_recall", agreement.recall)
    with capsys.disabled():
        print(
            f"\nexpected facts: recall {agreement.recall:.3f} ({agreement.found} of {agreement.expected}), "
            f"precision {agreement.precision:.3f} ({agreement.right} of {agreement.judged}), "
            f"linked right {agreement.linked} of {agreement.linkable}"
        )
    assert agreement.recall >= RECALL
    assert agreement.precision >= PRECISION


def test_every_quote_is_the_text_at_its_offsets(read: tuple[list[DocumentFacts], list[Rejection]]) -> None:
    quotes = 0
    for facts in read[0]:
        text = facts.document.text
        for statement in facts.statements:
            assert statement.evidence
            for each in statement.evidence:
                assert text[each.start : each.end] == each.quote
                quotes += 1
    assert quotes


def test_the_fast_model_reads_nearly_as_well() -> None:
    facts, _ = read_by(parse_settings({"model": {"name": "fast"}}))
    found = compare(facts, read_expected(CORPUS / "_expected"))
    assert found.recall >= 0.65
    assert found.precision >= 0.85
    assert found.linked >= 0.9 * found.linkable

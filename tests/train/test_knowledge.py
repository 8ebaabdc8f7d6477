"""What findings are worth: by hand-made ones, and by a document that is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kgbuild.facts.knowledge import log_odds
from kgbuild.train.knowledge import OTHERS, SAME, Finding, figures, fit, main, weighed


def findings(kind: str, told: str, right: int, wrong: int, score: float = 0.5) -> list[Finding]:
    return [
        Finding("set", f"{kind} {told} {number}", kind, told, score, 0.5, number < right)
        for number in range(right + wrong)
    ]


def test_worth_is_what_the_findings_say() -> None:
    rows = [*findings("relation", SAME, 90, 10), *findings("relation", OTHERS, 20, 80)]
    rows += findings("date", SAME, 50, 50, score=0.9)
    weights = fit(rows)
    assert weights.relation.same == pytest.approx(log_odds(0.9), abs=0.25)  # drawn a little towards none
    assert weights.relation.others == pytest.approx(log_odds(0.2), abs=0.2)
    assert weights.date.same == pytest.approx(-log_odds(0.9), abs=0.2)  # the reader was too sure
    assert weights.date.others == 0.0
    assert weighed(rows[0], weights) == pytest.approx(0.9, abs=0.03)


def test_figures_are_of_weights_that_have_not_seen_the_document() -> None:
    told = figures([*findings("relation", SAME, 90, 10), *findings("date", OTHERS, 10, 90)])["set"]
    assert told["findings"] == {"date, others": [10, 100], "relation, same": [90, 100]}
    before, after = told["log loss"]
    assert after < before
    assert told["stated, right"] == [[200, 100], [100, 90]]
    chance = [Finding("set", str(number), "date", SAME, 0.5, 0.5, number % 2 == 0) for number in range(2)]
    before, after = figures(chance)["set"]["log loss"]
    assert after >= before  # what one document teaches does not help another


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = tmp_path / "corpus"
    (corpus / "_expected").mkdir(parents=True)
    (corpus / "_expected" / "a.jsonl").write_text("{}\n")
    index = str(Path(__file__).parents[2] / "kgbuild" / "data" / "kb" / "sample")
    arguments = ["dev.json", "--index", index, "--corpus", str(corpus), "--out", str(tmp_path / "out.json")]
    assert main(arguments) == 1
    assert "a.jsonl:1" in capsys.readouterr().err
    assert not (tmp_path / "out.json").exists()


def test_documents_are_read_and_judged(tmp_path: Path) -> None:
    """Re-DocRED's form and a corpus: the sample index tells where Einstein studied."""
    sentence = "Albert Einstein studied at ETH Zurich ."
    person = [{"sent_id": 0, "pos": [0, 2], "type": "PER"}]
    school = [{"sent_id": 0, "pos": [4, 6], "type": "ORG"}]
    row = {"title": "Einstein", "sents": [sentence.split()], "vertexSet": [person, school]}
    labels = [{"h": 0, "t": 1, "r": "P69"}]
    (tmp_path / "dev.json").write_text(json.dumps([row | {"labels": labels}]))
    corpus = tmp_path / "corpus"
    (corpus / "_expected").mkdir(parents=True)
    (corpus / "a.txt").write_text("Albert Einstein studied at ETH Zurich.")
    fact = {"document": "a.txt", "sentence": "", "subject": "Albert Einstein", "property": "P69"}
    (corpus / "_expected" / "a.jsonl").write_text(json.dumps(fact | {"object": "ETH Zurich"}) + "\n")
    index = Path(__file__).parents[2] / "kgbuild" / "data" / "kb" / "sample"
    out = tmp_path / "out.json"
    arguments = [str(tmp_path / "dev.json"), "--first", "0", "--index", str(index), "--corpus", str(corpus)]
    assert main([*arguments, "--out", str(out)]) == 0
    written = json.loads(out.read_text())
    assert written["relation"]["same"] > 0
    for source in ("corpus", "Re-DocRED"):
        assert written["figures"][source]["findings"]["relation, same"] == [1, 1]

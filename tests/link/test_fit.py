"""Fitting on examples small enough to check."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from kgbuild.link.features import CANDIDATE_FEATURES, GROUP_FEATURES, Case
from kgbuild.link.fit import __main__ as command
from kgbuild.link.fit.examples import FOLDS, SETS, Example
from kgbuild.link.fit.figures import calibration_error, figures, temperature
from kgbuild.link.fit.network import averaged, cross_validate, fit, fit_one, fold_networks, predict
from kgbuild.link.rank import Ranker

WIDE, NARROW = len(CANDIDATE_FEATURES), len(GROUP_FEATURES)


def example(seed: int, *, known: bool = True, candidates: int = 3, **options: object) -> Example:
    """The right candidate is the one whose label matches; where none does, the answer is NIL."""
    dice = np.random.default_rng(seed)
    rows = np.zeros((candidates, WIDE), np.float32)
    rows[:, CANDIDATE_FEATURES.index("prior")] = dice.random(candidates)
    match = CANDIDATE_FEATURES.index("label_match")
    answer = int(dice.integers(candidates)) if known and candidates else candidates
    if answer < candidates:
        rows[answer, match] = 1.0
    group = np.zeros(NARROW, np.float32)
    group[0] = 1.0
    group[GROUP_FEATURES.index("no_exact")] = not known
    case = Case(rows, group)
    return Example("rss-500", seed % FOLDS, case, answer, known, not known, 1, **options)


@pytest.fixture(scope="module")
def made() -> list[Example]:
    return [example(seed, known=seed % 3 > 0, candidates=1 + seed % 4) for seed in range(800)]


def test_the_fitted_network_finds_the_rule(made: list[Example]) -> None:
    told, order = cross_validate(made, fold_networks(made))
    assert len(order) == len(made)
    shares = figures(told, order, 0.5)["rss-500"]
    assert shares["mentions"] == 800
    assert shares["in_index"] == sum(one.known for one in made)
    assert shares["candidate_recall"] == 1.0
    assert shares["accuracy_in_index"] > 0.9
    assert shares["nil_accuracy"] > 0.9
    heat = temperature(told, order)
    assert 0.6 <= heat <= 2.5
    tempered = [torch.log_softmax(one / heat, 0) for one in told]
    assert calibration_error(tempered, order) < calibration_error(told, order) < 0.3


def test_the_file_computes_what_the_network_computes(made: list[Example]) -> None:
    network = fit(made)
    ranker = Ranker(command.weights(network, {"the": 0.1}, 1.0, 0.5, {}), "v")
    expected = [torch.exp(one).tolist() for one in predict(network, made[:20])]
    for chances, other in zip(ranker.probabilities([one.case for one in made[:20]]), expected, strict=True):
        assert chances.tolist() == pytest.approx(other, abs=2e-3)


def test_fitting_twice_gives_the_same(made: list[Example]) -> None:
    one, other = fit(made[:80]), fit(made[:80])
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_the_averaged_network_scores_as_its_parts_do_on_average(made: list[Example]) -> None:
    parts = [fit_one(made[:80], seed) for seed in range(3)]
    told = predict(averaged(parts), made[:5])
    separate = zip(*(predict(part, made[:5]) for part in parts), strict=True)
    for one, others in zip(told, separate, strict=True):
        mean = torch.log_softmax(torch.stack(list(others)).mean(0), 0)
        assert one.tolist() == pytest.approx(mean.tolist(), abs=1e-4)


def test_bereft_examples_are_not_measured() -> None:
    some = [example(seed) for seed in range(40)] + [example(99, known=False, bereft=True)]
    assert len(cross_validate(some, fold_networks(some))[1]) == 40


def test_texts_are_written_for_the_extractor(tmp_path: Path) -> None:
    row = {"text": "Paris.", "labels": [{"span": [0, 5], "entity_id": "Q90"}]}
    for path, _, _ in SETS.values():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(gzip.compress(json.dumps(row).encode()))
    out = tmp_path / "texts.jsonl"
    assert command.main([str(tmp_path), "--texts", "--out", str(out)]) == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert len({line["id"] for line in lines}) == len(SETS)
    assert {line["text"] for line in lines} == {"Paris."}


def test_a_missing_set_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([str(tmp_path), "--texts", "--out", str(tmp_path / "texts.jsonl")]) == 1
    assert "rss-500.jsonl.gz" in capsys.readouterr().err

"""The ranker on weights and features made by hand, and its file."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from kgbuild.errors import ModelError
from kgbuild.link.features import CANDIDATE_FEATURES, GROUP_FEATURES, Case
from kgbuild.link.rank import FORMAT, Ranker, Weights
from kgbuild.link.trees import Trees

WIDE, NARROW = len(CANDIDATE_FEATURES), len(GROUP_FEATURES)


def by_hand(**changes: object) -> Weights:
    """Weights of one hidden unit that sees the prior, and a NIL score that sees whether no name is equal."""
    hidden = [[0.0] for _ in range(WIDE)]
    hidden[CANDIDATE_FEATURES.index("prior")] = [1.0]
    nil = [[0.0] for _ in range(NARROW)]
    nil[GROUP_FEATURES.index("no_exact")] = [1.0]
    weights = Weights(
        format=FORMAT,
        candidate_features=CANDIDATE_FEATURES,
        group_features=GROUP_FEATURES,
        mean=[0.0] * (WIDE + NARROW),
        scale=[1.0] * (WIDE + NARROW),
        hidden=hidden,
        group_hidden=[[0.0] for _ in range(NARROW)],
        hidden_bias=[0.0],
        out=[4.0],
        nil_hidden=nil,
        nil_hidden_bias=[0.0],
        nil_out=[5.0],
        nil_bias=0.0,
        temperature=1.0,
        trees=trees(),
        trees_temperature=1.0,
        threshold=0.5,
        words={"the": 0.5},
    )
    return msgspec.structs.replace(weights, **changes)


def trees(known: float = 0.0) -> Trees:
    """One tree of a single split: whether a row is of a candidate, or of none of them."""
    return Trees([[CANDIDATE_FEATURES.index("prior")]], [[-1.0]], [[-1]], [[-2]], [[0.0, known]])


def case(*priors: float, no_exact: bool = False) -> Case:
    rows = np.zeros((len(priors), WIDE), np.float32)
    rows[:, CANDIDATE_FEATURES.index("prior")] = priors
    group = np.zeros(NARROW, np.float32)
    group[GROUP_FEATURES.index("no_exact")] = no_exact
    return Case(rows, group)


def test_probabilities_are_a_softmax_over_candidates_and_none() -> None:
    (chances,) = Ranker(by_hand(), "v").probabilities([case(1.0, 0.0)])
    scores = np.exp([4 * np.tanh(1.0), 0.0, 0.0])
    assert chances == pytest.approx((scores / scores.sum() + 1 / 3) / 2, abs=1e-6)


def test_trees_and_the_network_say_the_same_much() -> None:
    (chances,) = Ranker(by_hand(trees=trees(2.0), out=[0.0]), "v").probabilities([case(1.0, 0.0)])
    scores = np.exp([2.0, 2.0, 0.0])
    assert chances == pytest.approx((scores / scores.sum() + 1 / 3) / 2, abs=1e-6)
    warm = Ranker(by_hand(trees=trees(2.0), out=[0.0], trees_temperature=4.0), "v")
    assert warm.probabilities([case(1.0, 0.0)])[0][0] < chances[0]


def test_cases_do_not_depend_on_one_another() -> None:
    ranker = Ranker(by_hand(), "v")
    cases = [case(0.9, 0.3, 0.1), case(), case(0.2, no_exact=True)]
    together = ranker.probabilities(cases)
    assert [len(chances) for chances in together] == [4, 1, 2]
    for one, chances in zip(cases, together, strict=True):
        assert ranker.probabilities([one])[0] == pytest.approx(chances, abs=1e-6)
    assert together[1].tolist() == [1.0]
    assert together[2][1] > together[2][0]
    assert ranker.probabilities([]) == []


def test_a_higher_temperature_is_less_sure() -> None:
    cold = Ranker(by_hand(), "v").probabilities([case(1.0)])[0]
    warm = Ranker(by_hand(temperature=3.0), "v").probabilities([case(1.0)])[0]
    assert 0.5 < warm[0] < cold[0]


def test_a_ranker_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "ranker.json"
    path.write_bytes(msgspec.json.encode(by_hand()))
    read = Ranker.read(path)
    assert read.threshold == 0.5
    assert len(read.version) == 12
    path.write_bytes(msgspec.json.encode(by_hand(threshold=0.6)))
    assert Ranker.read(path).version != read.version


def test_the_ranker_in_the_package_tells_its_figures() -> None:
    figures = Ranker.read().figures
    assert figures["rss-500"]["candidate_recall"] >= 0.95
    assert figures["expected_calibration_error"] < 0.03


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"{"])
def test_a_broken_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ranker.json").write_bytes(content)
    with pytest.raises(ModelError, match="cannot read the ranker"):
        Ranker.read(tmp_path / "ranker.json")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot read the ranker"):
        Ranker.read(tmp_path / "missing.json")


@pytest.mark.parametrize(
    "changes", [{"format": 99}, {"candidate_features": ("prior",)}, {"group_features": ()}]
)
def test_a_ranker_for_other_features(tmp_path: Path, changes: dict[str, object]) -> None:
    path = tmp_path / "ranker.json"
    path.write_bytes(msgspec.json.encode(by_hand(**changes)))
    with pytest.raises(ModelError, match="fit it again"):
        Ranker.read(path)

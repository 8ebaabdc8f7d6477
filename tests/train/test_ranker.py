"""Fitting on examples small enough to check."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from kgbuild.link.features import CANDIDATE_FEATURES, GROUP_FEATURES, Case, Features
from kgbuild.link.gold import GoldDocument
from kgbuild.link.kb.build import build_index
from kgbuild.link.meaning import Encoder
from kgbuild.link.rank import Ranker
from kgbuild.link.table import TableIndex
from kgbuild.link.trees import Forest
from kgbuild.records import Document, Entity, Extraction, Label, Mention
from kgbuild.train.ranker import __main__ as command
from kgbuild.train.ranker.biencoder import COLUMN, compared, without
from kgbuild.train.ranker.examples import FOLDS, Example, examples
from kgbuild.train.ranker.figures import FALLBACK, calibration_error, chosen_threshold, figures, temperature
from kgbuild.train.ranker.network import averaged, fit, fit_one, fold_networks, predict
from kgbuild.train.ranker.trees import fit_trees, fold_trees, laid_out, predict_trees
from kgbuild.train.ranker.validation import averaged_chances, cross_validate
from kgbuild.train.ranker.work import at_once

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
    told, order = cross_validate(made, fold_networks(made), predict)
    assert len(order) == len(made)
    found_by_the_rule(told, order)


def test_the_fitted_trees_find_the_rule(made: list[Example]) -> None:
    told, order = cross_validate(made, fold_trees(made), predict_trees)
    assert len(order) == len(made)
    found_by_the_rule(told, order)


def found_by_the_rule(told: list[torch.Tensor], order: list[Example]) -> None:
    shares = figures(told, order, 0.5)["rss-500"]
    assert shares["mentions"] == 800
    assert shares["in_index"] == sum(one.known for one in order)
    assert shares["candidate_recall"] == 1.0
    assert shares["accuracy_in_index"] > 0.9
    assert shares["nil_accuracy"] > 0.9
    heat = temperature(told, order)
    assert 0.6 <= heat <= 2.5
    tempered = [torch.log_softmax(one / heat, 0) for one in told]
    assert calibration_error(tempered, order) < calibration_error(told, order) < 0.3


def test_the_file_computes_what_the_network_computes(made: list[Example]) -> None:
    network, trees, heats = fit(made), fit_trees(made), (1.0, 1.5)
    ranker = Ranker(command.weights(network, trees, {"the": 0.1}, command.Fitted(*heats, 0.5, {})), "v")
    both = averaged_chances(predict(network, made[:20]), predict_trees(trees, made[:20]), heats)
    expected = [torch.exp(one).tolist() for one in both]
    for chances, other in zip(ranker.probabilities([one.case for one in made[:20]]), expected, strict=True):
        assert chances.tolist() == pytest.approx(other, abs=2e-3)


def test_trees_score_as_they_did_when_they_were_grown() -> None:
    grown = {
        "split_feature": 1,
        "threshold": 1e-35,
        "left_child": {"leaf_value": -0.5},
        "right_child": {
            "split_feature": 0,
            "threshold": 2.0,
            "left_child": {"leaf_value": 0.25},
            "right_child": {"leaf_value": 1.0},
        },
    }
    rows = np.array([[9.0, 0.0], [2.0, 1.0], [2.5, 1.0]], np.float32)
    assert Forest(laid_out([grown, {"leaf_value": 2.0}]), 2).scores(rows).tolist() == [1.5, 2.25, 3.0]


def test_fitting_trees_twice_gives_the_same(made: list[Example]) -> None:
    assert fit_trees(made[:200]) == fit_trees(made[:200])


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
    assert len(cross_validate(some, fold_networks(some), predict)[1]) == 40


def test_a_missing_set_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build_index([Entity("Q90", "Paris")], tmp_path / "kb")
    arguments = [str(tmp_path), "--index", str(tmp_path / "kb"), "--out", str(tmp_path / "ranker.json")]
    assert command.main(arguments) == 1
    assert "rss-500.jsonl.gz" in capsys.readouterr().err
    assert command.main([*arguments[:2], str(tmp_path / "no"), *arguments[3:]]) == 1
    assert "there is no index in" in capsys.readouterr().err


def test_several_processes_do_what_one_does() -> None:
    odd = {3, 5}
    found = [at_once(lambda number: number in odd, range(10), workers) for workers in (1, 2)]
    assert found[0] == found[1] == [number in odd for number in range(10)]


def test_the_lowest_threshold_that_abstains_often_enough_is_chosen() -> None:
    """Ten NIL names, each with one candidate, of a probability of 0.03, 0.08, ... 0.48."""
    some = [example(seed, known=False, candidates=1) for seed in range(10)]
    sure = [0.03 + 0.05 * place for place in range(10)]
    told = [torch.log(torch.tensor([chance, 1.0 - chance])) for chance in sure]
    assert chosen_threshold(told, some) == 0.44, "nine of ten are left alone"
    assert chosen_threshold([], []) == FALLBACK


def gist(text: str) -> np.ndarray:
    """Animals and cars."""
    return np.array(["cat" in text, "car" in text, 1.0], np.float32) + np.float32(len(text) % 7) / 70


def meant(seed: int) -> Example:
    """Of two entities of one name, the one that the context is about is right, whatever their order."""
    dice = np.random.default_rng(seed)
    animal = bool(dice.integers(2))
    kinds = [("cat", "Q1"), ("car", "Q2")][:: int(dice.choice([1, -1]))]
    held = tuple(Entity(f"{qid}{seed}", f"Jaguar {seed}", description=kind) for kind, qid in kinds)
    answer = [kind for kind, _ in kinds].index("cat" if animal else "car")
    noise = dice.normal(size=4).astype(np.float32) / 4
    about = np.concatenate([np.array([animal, not animal], np.float32), noise])
    return dataclasses.replace(example(seed, candidates=2), answer=answer, entities=held, context=about)


@dataclasses.dataclass(frozen=True)
class Knowing:
    """A reader that has read."""

    held: Extraction

    def read(self, document: Document) -> Extraction:
        return self.held

    def locate(self, document: Document, mentions: Sequence[Mention]) -> Sequence[Mention]:
        return mentions


def test_an_adjective_is_asked_for_its_country_in_sets_of_relations() -> None:
    text = "an American playwright"
    read = Extraction("d", 0, len(text), (Mention(3, 11, "American", Label.LOCATION, 0.9),))
    gold = GoldDocument(Document("d", "urn:d", text), read, ("Q30",))
    index = TableIndex([Entity("Q30", "United States of America"), Entity("Q846570", "Americans")])
    column = GROUP_FEATURES.index("asks_for_people")
    for name, asked in (("rss-500", 1.0), ("wiki-fair", 1.0), ("knowledgenet-2", 0.0), ("wiki80-dev", 0.0)):
        made = examples(name, gold, Knowing(read), index, Features({}))
        assert {one.case.group[column] for one in made} == {asked}


def test_the_biencoder_learns_what_contexts_are_about() -> None:
    given = [meant(seed) for seed in range(600)]
    told, projections = compared(given, Encoder("abc", gist))
    right = [int(one.case.candidates[:, COLUMN].argmax()) == one.answer for one in told]
    assert sum(right) > 0.95 * len(right), "each told by one that was fitted without its fold"
    assert projections.encoder == "abc"
    assert [one.answer for one in told] == [one.answer for one in given]
    assert not any(one.case.candidates[:, COLUMN].any() for one in without(told))

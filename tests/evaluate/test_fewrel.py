"""FewRel's zero-shot score: splits by seeds, macro averages, sentences in and out."""

from __future__ import annotations

import dataclasses
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from kgbuild.errors import DatasetError, UsageError
from kgbuild.evaluate.counts import Counts
from kgbuild.evaluate.fewrel import SEEDS, UNSEEN, _ontology, among, by_seed, confusion, macro, score
from kgbuild.evaluate.pairs import pair_logits
from kgbuild.extract.calibration import Calibration
from kgbuild.extract.model import Model
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.ontology import load_ontology
from kgbuild.train.datasets.fewrel import read_fewrel
from kgbuild.train.start import grown

NAMES = ("P6", "P17", "P19", "P22")


def row(name: str, *tokens: str) -> dict[str, Any]:
    return {
        "pid": name,
        "tokens": [*tokens, "of", "ada"],
        "h": [0, 1],
        "t": [len(tokens) + 1, len(tokens) + 2],
    }


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [row(name, *["rome"] * (1 + number)) for number, name in enumerate(NAMES)]
    path = tmp_path / "val.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    return path


def test_a_split_depends_on_its_seed_alone_and_smaller_tests_lie_inside_larger_ones() -> None:
    names = [f"P{number}" for number in range(80)]
    splits = [by_seed(names, seed) for seed in SEEDS]
    assert len({tuple(split) for split in splits}) == len(SEEDS) == 5
    for split, seed in zip(splits, SEEDS, strict=True):
        assert by_seed(split[:UNSEEN][::-1], seed)[:10] == split[:10]


def test_averages_are_over_the_gold_properties() -> None:
    parts = confusion(["P6", "P6", "P17", "P19"], ["P6", "P17", "P17", "P17"])
    assert parts == {"P6": Counts(1, 2, 1), "P17": Counts(1, 1, 3)}
    found = macro(parts)
    assert (found["precision"], found["recall"]) == pytest.approx((0.75, 2 / 3))
    assert found["f1"] == pytest.approx(2 * 0.75 * (2 / 3) / (0.75 + 2 / 3))
    assert macro(confusion(["P6"], ["P17"]))["f1"] == 0.0


def test_probabilities_are_odds_made_one() -> None:
    found = among(np.log(np.array([[1.0, 3.0], [1e-20, 1e20]], np.float32)))
    assert found[0].tolist() == pytest.approx([0.25, 0.75])
    assert found[1].tolist() == pytest.approx([0.0, 1.0])


def test_a_pair_s_score_does_not_depend_on_its_batch(tiny_model: Model, data: Path) -> None:
    examples = list(read_fewrel(data))
    ontology = load_ontology()
    names, together = pair_logits(tiny_model, ontology, examples)
    alone = np.concatenate([pair_logits(tiny_model, ontology, [each])[1] for each in examples])
    assert together.shape == (4, len(names))
    np.testing.assert_allclose(together, alone, atol=1e-4)
    assert len({*together.argmax(1).tolist()}) <= 4


def test_what_was_never_learned_is_calibrated_as_it_is_read(tiny_model: Model, data: Path) -> None:
    model = grown(tiny_model, NAMES)
    with torch.no_grad():
        model.network.memory[1].normal_()
    examples = list(read_fewrel(data))
    names, raw = pair_logits(model, load_ontology(), examples)
    common, own = Calibration(0.5, 1.0), Calibration(2.0, -3.0)
    model.config = dataclasses.replace(model.config, calibration=common, unlearned=own)
    _, found = pair_logits(model, load_ontology(), examples)
    learned, never = names.index("P17"), names.index("P6")
    np.testing.assert_allclose(found[:, learned], 0.5 * raw[:, learned] + 1.0, atol=1e-4)
    np.testing.assert_allclose(found[:, never], 2.0 * raw[:, never] - 3.0, atol=1e-4)


def test_a_mention_behind_the_window_is_named(tiny_model: Model, data: Path) -> None:
    rows = [row("P6", "rome"), row("P17", *["rome"] * tiny_model.config.window)]
    data.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    short, long = read_fewrel(data)
    for examples in ([long], [short, long]):
        with pytest.raises(DatasetError, match=rf"{long.id}: not both mentions"):
            pair_logits(tiny_model, load_ontology(), examples)


def test_every_sentence_is_assigned_one_of_the_chosen(task: Any, data: Path) -> None:
    outcome = score(task(data))
    found = outcome.report.as_json()
    assert (found["count"], found["unseen"]) == (4, 4)
    assert found["by_property"].keys() == set(NAMES)
    read = [json.loads(line) for line in outcome.predictions.splitlines()]
    assert [len(each["tokens"]) for each in read] == [3, 4, 5, 6]
    assert {each["pid"] for each in read} <= set(NAMES)
    right = sum(each["pid"] == name for each, name in zip(read, NAMES, strict=True))
    assert right == round(found["recall"] * 4)


def test_what_is_told_apart_may_be_chosen(task: Any, data: Path) -> None:
    first = by_seed(NAMES, 1)[:2]
    for options in ({"unseen": 2, "seed": 1}, {"unseen": 2}, {"properties": tuple(first)}):
        assert score(task(data, **options)).report.as_json()["by_property"].keys() == set(first)
    assert len(score(task(data, seed=3)).report.parts) == 4


def test_properties_that_were_trained_are_left_out_where_others_are_there(
    task: Any, tiny_model: Model, data: Path
) -> None:
    tiny_model.network.memory = type(tiny_model.network.memory)(tiny_model.network.memory.new_zeros(2, 17))
    tiny_model.config = dataclasses.replace(tiny_model.config, trained=("P6", "P17"))
    assert score(task(data)).report.parts.keys() == {"P19", "P22"}


def test_a_property_outside_the_ontology_is_named_by_the_data_or_refused(task: Any, tmp_path: Path) -> None:
    path = tmp_path / "val.jsonl"
    path.write_text("\n".join(json.dumps(row(name, "x")) for name in ("P6", "P999999")))
    with pytest.raises(DatasetError, match="has a label for P999999"):
        score(task(path))
    (tmp_path / "pid2name.json").write_text(json.dumps({"P999999": ["made by", "who made it"]}))
    assert score(task(path)).report.overall.gold == 2


def test_unseen_properties_are_told_as_those_that_trained(tiny_model: Model, data: Path) -> None:
    tiny_model.config = dataclasses.replace(tiny_model.config, ends=True, property_length=200)
    whole = load_ontology()
    trained = PropertyTexts.of(whole, tiny_model)
    unseen = PropertyTexts.of(_ontology(whole, frozenset(NAMES), data), tiny_model)
    assert unseen.names == tuple(sorted(NAMES))
    rows = torch.tensor([trained.names.index(name) for name in unseen.names])
    told, expected = unseen.described, trained.described.at(rows)
    assert torch.equal(told.at(torch.arange(len(rows))).text.ids, expected.text.ids)
    for ends in ("domain", "range"):
        places, others = getattr(told, ends), getattr(expected, ends)
        assert torch.equal(told.ends.at(places).ids, expected.ends.at(others).ids)
    assert told.ends.mask.any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"unseen": 5}, "from 2 to the 4"),
        ({"unseen": 1}, "from 2"),
        ({"properties": ("P1",)}, "no sentence of P1"),
    ],
)
def test_impossible_choices_are_refused(task: Any, data: Path, options: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        score(task(data, **options))

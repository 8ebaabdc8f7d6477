"""Likeness learned alone: all else stays, and how sure it is was told by properties that were withheld."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from kgbuild.errors import ConfigurationError
from kgbuild.extract.background import Background
from kgbuild.extract.calibration import Calibration
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.extract.likeness import CONTEXT, END
from kgbuild.extract.model import load_model, save_model
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.ontology import load_ontology
from kgbuild.records import Document, Label, Mention, Sentence
from kgbuild.train import likening, unlearned
from kgbuild.train import loop as loop_module
from kgbuild.train.config import DataConfig, TrainingConfig
from kgbuild.train.judgements import Judgements
from kgbuild.train.likening import Seen, fit_likeness, seen
from kgbuild.train.loop import Trainer
from kgbuild.train.losses import group_scores
from kgbuild.train.run import run
from kgbuild.train.start import grown
from kgbuild.train.unlearned import with_likeness

PLACES = [("Ada", "Rome"), ("Bob", "Oslo"), ("Cleo", "Bonn"), ("Dan", "Bern")]


def quiet(*_: object) -> None:
    """Reports nothing."""


@pytest.fixture
def learning(recipe: TrainingConfig, tmp_path: Path) -> TrainingConfig:
    """A recipe that learns likeness of two properties, which two verbs tell."""
    rows = [
        {
            "id": f"{number}-{verb}",
            "text": f"{name} {verb} {place}",
            "mentions": [
                {"start": 0, "end": len(name), "label": "person"},
                {"start": len(name) + 6, "end": len(name) + 6 + len(place), "label": "location"},
            ],
            "facts": [{"subject": 0, "property": property_, "object": 1}],
        }
        for verb, property_ in (("left", "P551"), ("hates", "P27"))
        for number, (name, place) in enumerate(PLACES)
        for verb in [f"{verb:<4}"[:4]]
    ]
    (tmp_path / "mine.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = [DataConfig(format="annotations", path="mine.jsonl", repeat=20)]
    return msgspec.structs.replace(recipe, data=data, learn="likeness", likeness=6)


def evidence_of(trainer: Trainer) -> list[Seen]:
    rows = trainer.shown(0)
    return list(seen(trainer.model.network, trainer.updater.inventory, rows, tokens=64, seed=1))


def loss_of(trainer: Trainer, evidence: list[Seen], columns: list[int]) -> float:
    network = trainer.model.network
    with torch.no_grad():
        states = network.texts(trainer.updater.texts.described.at(torch.tensor(columns)))
        total = 0.0
        for each in evidence:
            ends = network.likeness.mentions(each.states.float())
            pairs = network.likeness.of_pairs(ends[each.subject], ends[each.object], each.context)
            told = each.targets.of(torch.tensor(columns))
            scores = group_scores(pairs @ network.likeness.of_properties(states).T, told)
            total += float(binary_cross_entropy_with_logits(scores, told.targets, weight=told.weights))
    return total


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likening, "RATE", 0.05)


def test_what_is_seen_of_pairs_is_what_the_network_compares(learning: TrainingConfig) -> None:
    trainer = Trainer(learning)
    network = trainer.model.network
    [first, *_] = evidence_of(trainer)
    ends = network.likeness.mentions(first.states.float())
    pairs = network.likeness.of_pairs(ends[first.subject], ends[first.object], first.context)
    [batch, *_] = likening.batches(trainer.shown(0), tokens=64, seed=1)
    made = likening.collate(batch, trainer.updater.inventory, most_pairs=likening.MOST_PAIRS, seed=1)
    with torch.no_grad():
        hidden = network.encode(made.window)
        mentions = network.read_mentions(hidden, made.spans, made.matches)
        whole = network.pair_vectors(hidden, made.window.mask, mentions, made.pairs)[made.pairs.mask]
    torch.testing.assert_close(pairs, whole[:, network.config.width :], atol=2e-2, rtol=2e-2)
    assert len(pairs) == len(first.targets.group)


def test_likeness_learns_of_some_columns_alone(learning: TrainingConfig, quick: None) -> None:
    trainer = Trainer(learning)
    evidence, network = evidence_of(trainer), trainer.model.network
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    columns = [trainer.updater.inventory.columns[name] for name in ("P27", "P551")]
    losses = {}
    for taught in (columns, columns[:1]):
        fit_likeness(network, trainer.updater.texts, evidence, taught, seed=1)
        losses[tuple(taught)] = [loss_of(trainer, evidence, [column]) for column in columns]
    at_first = grown(trainer.model, trainer.model.config.trained, likeness=0)
    trainer.model.network.likeness = grown(at_first, at_first.config.trained, likeness=6).network.likeness
    untaught = [loss_of(trainer, evidence, [column]) for column in columns]
    both, one = losses.values()
    assert both[0] < untaught[0] / 2
    assert both[1] < untaught[1] / 2
    assert one[0] < untaught[0] / 2
    assert one[1] > both[1]
    after = network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before if "likeness" not in name)


def test_the_same_seed_learns_the_same(learning: TrainingConfig) -> None:
    weights = []
    for seed in (1, 1, 2):
        trainer = Trainer(learning)
        column = {trainer.updater.inventory.columns["P27"]}
        fit_likeness(trainer.model.network, trainer.updater.texts, evidence_of(trainer), column, seed=seed)
        weights.append(trainer.model.network.likeness.end.weight.clone())
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[1], weights[2])


def test_some_ends_are_open_while_it_learns(
    learning: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = Trainer(learning)
    states = trainer.model.network.texts(trainer.updater.texts.described)
    monkeypatch.setattr(likening, "OPENED", 0.5)
    torch.manual_seed(1)
    opened = likening._opened(states)
    same = (opened.domain == states.text).all(1).float().mean()
    assert (states.domain == states.text).all(1).float().mean() < 0.3 < same < 0.8
    kept = (opened.domain == states.domain).all(1) | (opened.domain == states.text).all(1)
    assert kept.all()
    assert torch.equal(opened.text, states.text)
    seen_open: list[int] = []
    monkeypatch.setattr(likening, "_opened", lambda given: seen_open.append(len(given.text)) or given)
    evidence = evidence_of(trainer)
    fit_likeness(trainer.model.network, trainer.updater.texts, evidence, {1, 2, 5}, seed=1)
    assert seen_open == [3] * len(evidence), "drawn anew in each step"


def test_all_that_was_learned_stays(learning: TrainingConfig, tmp_path: Path) -> None:
    start = grown(load_model(Path(str(learning.start_from))), ("P19", "P551"))
    with torch.no_grad():
        start.network.memory.normal_()
    save_model(start, tmp_path / "known")
    config = msgspec.structs.replace(learning, start_from=str(tmp_path / "known"))
    assert run(config, quiet, quiet) == {}, "nothing is there to calibrate on"
    before, after = load_model(tmp_path / "known"), load_model(Path(config.output))
    old, new = before.network.state_dict(), after.network.state_dict()
    assert all(torch.equal(old[name], new[name]) for name in old if name != "memory")
    rows = dict(zip(after.config.trained, after.network.memory, strict=True))
    width = before.network.config.width
    for number, name in enumerate(("P19", "P551")):
        assert torch.equal(rows[name][:width], before.network.memory[number, :width])
        assert torch.equal(rows[name][-1], before.network.memory[number, -1])
        assert not rows[name][width:-1].any()
    assert after.network.likeness.weight.tolist() != [CONTEXT, END]
    assert dataclasses.replace(
        after.config, network=before.config.network, trained=before.config.trained
    ) == (before.config)


def test_how_sure_it_is_is_told_by_properties_that_it_forgot(
    recipe: TrainingConfig, learning: TrainingConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    start = grown(load_model(Path(str(recipe.start_from))), ("P19", "P27", "P551"))
    with torch.no_grad():
        start.network.memory.normal_()
    save_model(start, tmp_path / "known")
    config = msgspec.structs.replace(
        recipe,
        learn="likeness",
        likeness=6,
        holdout=2,
        start_from=str(tmp_path / "known"),
        data=[*recipe.data, *learning.data],
    )
    told: list[set[str]] = []

    def judged(extractor: NeuralExtractor, _config: TrainingConfig) -> Judgements:
        assert extractor.threshold == unlearned.LOWEST
        texts = PropertyTexts.of(extractor.ontology, extractor.model)
        told.append({"P19", "P27", "P551"}.intersection(texts.unlearned(extractor.model)))
        rows = [("PLACE_OF_BIRTH", 0.9, True), ("PLACE_OF_BIRTH", 0.2, False), ("P20", 0.4, True)]
        return Judgements.of(rows, ("PLACE_OF_BIRTH", "PLACE_OF_BIRTH", "P20"))

    monkeypatch.setattr(unlearned, "of_knowledgenet", judged)
    model, scores = with_likeness(config)
    assert sorted(map(sorted, told)) == sorted(
        sorted(name for name in ("P19", "P27", "P551") if unlearned._part(name) == part) for part in (0, 1)
    )
    assert all(told)
    assert model.network.memory[model.config.trained.index("P19")].any(), "it forgot for a while only"
    calibration = model.config.unlearned
    assert calibration is not None
    assert calibration.of(0.9) > calibration.of(0.2)
    assert scores["count"] == 2, "what was not withheld is judged of no part"
    assert scores["recall"] == 0.5


def test_properties_that_are_judged_as_one_are_withheld_together() -> None:
    assert len({unlearned._part(name) for name in ("P22", "P25", "P40")}) == 1
    assert {unlearned._part(f"P{number}") for number in range(20)} == {0, 1}


def test_a_calibration_lets_through_what_is_sure_enough() -> None:
    found = Judgements.of([("P1", 0.9, True), ("P1", 0.5, False), ("P2", 0.3, True)], ("P1", "P2", "P2"))
    calibration = Calibration(scale=2.0, shift=0.0, threshold=0.5)
    kept = found.calibrated(calibration)
    assert kept.properties == ("P1", "P1")
    assert kept.scores == pytest.approx([calibration.of(0.9), 0.5])
    assert kept.gold == found.gold
    assert kept.report == {
        "f1": 0.4,
        "precision": 0.5,
        "recall": 0.3333,
        "count": 3,
        "ece": pytest.approx(0.2561, abs=1e-3),
    }


def test_what_was_never_learned_is_calibrated_apart(tiny_model) -> None:
    model = grown(tiny_model, ("P19", "P551"), likeness=6)
    with torch.no_grad():
        model.network.memory[0].normal_()
    text = "Ada left Rome."
    sentences = [Sentence("d", 0, 0, text)]
    mentions = [
        Mention(0, 3, "Ada", Label.PERSON, 1.0),
        Mention(9, 13, "Rome", Label.LOCATION, 1.0),
    ]
    model.config = dataclasses.replace(
        model.config, calibration=Calibration(1.0, 50.0), unlearned=Calibration(1.0, -50.0)
    )
    read = NeuralExtractor(model, load_ontology()).relate(Document("d", "", text), sentences, mentions)
    assert {each.property for each in read.relations} == {"P19"}
    model.config = dataclasses.replace(model.config, unlearned=None)
    read = NeuralExtractor(model, load_ontology()).relate(Document("d", "", text), sentences, mentions)
    assert {"P19", "P551"} < {each.property for each in read.relations}


def test_a_new_property_is_learned_from_where_its_text_stands(
    learning: TrainingConfig, tmp_path: Path
) -> None:
    start = grown(load_model(Path(str(learning.start_from))), ("P19", "P27"), likeness=6)
    with torch.no_grad():
        start.network.memory[:] = start.network.apart(start.network.memory.normal_())[0]
    save_model(start, tmp_path / "known")
    for prior, moves in ((1e9, False), (0.01, True)):
        config = msgspec.structs.replace(
            learning, learn="properties", likeness=0, prior=prior, start_from=str(tmp_path / "known")
        )
        trainer = Trainer(config)
        network, texts = trainer.model.network, trainer.updater.texts
        place = {name: trainer.updater.inventory.columns[name] for name in ("P27", "P551")}
        with torch.no_grad():
            before = network.known(texts.vectors(network), network.memory)
        with torch.no_grad():
            after = network.known(texts.vectors(network), trainer.fit().network.memory)
        moved = (after - before).abs()
        assert network.memory[place["P551"]].any()
        assert bool(moved[place["P551"]].max() > 1e-2) is moves, "a firm prior keeps it there"
        alike = slice(network.config.width, -1)
        assert bool(moved[place["P551"], alike].max() > 1e-2) is moves
        assert moved[place["P27"], alike].max() == 0, "it was learned before"
        assert bool(moved[place["P27"]].max() > 1e-2) is moves


def test_what_was_taught_from_where_likeness_told_it_is_taught_on_and_never_spoiled(
    learning: TrainingConfig, tmp_path: Path
) -> None:
    start = grown(load_model(Path(str(learning.start_from))), ("P551",), likeness=6)
    with torch.no_grad():
        start.network.memory.normal_()
    save_model(start, tmp_path / "taught")
    taught = msgspec.structs.replace(learning, start_from=str(tmp_path / "taught"))
    for others in (
        {},
        {"likeness": 8},
        {"learn": "all", "likeness": 0},
        {"learn": "all", "likeness": 8},
    ):
        with pytest.raises(ConfigurationError, match="learned P551 from where its likeness told"):
            Trainer(msgspec.structs.replace(taught, **others))
    assert Trainer(msgspec.structs.replace(taught, learn="all")).model.network.memory.any()
    trainer = Trainer(msgspec.structs.replace(taught, learn="properties", likeness=0, prior=0.01))
    row = trainer.updater.inventory.columns["P551"]
    before = trainer.model.network.memory[row].clone()
    after = trainer.fit().network.memory[row]
    alike = slice(trainer.model.network.config.width, -1)
    assert (after - before)[alike].abs().max() > 1e-2


def test_a_background_is_of_the_likeness_that_is_learned(
    learning: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = load_model(Path(str(learning.start_from)))
    width = start.network.config.width
    start.background = Background.of(torch.randn(30, width), torch.randn(4, width + 1))
    start.config = dataclasses.replace(start.config, unlearned=Calibration(threshold=0.9))
    save_model(start, tmp_path / "known")
    config = msgspec.structs.replace(learning, start_from=str(tmp_path / "known"))
    monkeypatch.setattr("kgbuild.train.background.FEWEST", 4)
    run(config, quiet, quiet)
    model = load_model(Path(config.output))
    assert model.config.unlearned is None, "it was fitted to another likeness"
    assert model.background.mean.shape == (model.network.config.compared,)
    texts = PropertyTexts.of(load_ontology(), model)
    assert torch.isfinite(texts.rivals(model)).all()


def test_what_no_data_annotate_stays_for_likeness_to_tell(learning: TrainingConfig) -> None:
    data = [msgspec.structs.replace(each, unannotated=0.5) for each in learning.data]
    config = msgspec.structs.replace(learning, learn="all", data=data, epochs=1)
    model = Trainer(config).run(quiet, quiet)
    assert model.learned == {"P27", "P551"}
    without = Trainer(msgspec.structs.replace(config, likeness=0, output=config.output + "-2"))
    assert len(without.run(quiet, quiet).learned) > 2


def test_what_is_judged_as_one_is_forgotten_as_one(
    learning: TrainingConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    start = grown(load_model(Path(str(learning.start_from))), ("P22", "P40", "P551"))
    with torch.no_grad():
        start.network.memory.normal_()
    save_model(start, tmp_path / "known")
    lines = (tmp_path / "mine.jsonl").read_text()
    (tmp_path / "mine.jsonl").write_text(lines.replace("P27", "P40"))
    told: list[frozenset[str]] = []

    def judged(extractor: NeuralExtractor, _config: TrainingConfig) -> Judgements:
        told.append(extractor.model.learned)
        return Judgements()

    monkeypatch.setattr(unlearned, "of_development_sets", judged)
    assert unlearned._part("P40") != unlearned._part("P551")
    model, _ = with_likeness(msgspec.structs.replace(learning, start_from=str(tmp_path / "known")))
    assert sorted(map(sorted, told)) == [["P22", "P40"], ["P551"]], "P22 and P40 are judged as one"
    assert model.learned == {"P22", "P40", "P551"}


def test_another_name_is_forgotten_too(
    learning: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    ontology_file: Callable[[str], str],
) -> None:
    start = grown(load_model(Path(str(learning.start_from))), ("P19",))
    with torch.no_grad():
        start.network.memory.normal_()
    save_model(start, tmp_path / "known")
    mine = ontology_file(
        """
        dbo:birthPlace a owl:ObjectProperty ; rdfs:label "birth place"@en .
        dbo:colour a owl:ObjectProperty ; rdfs:label "colour"@en .
        dbo:smell a owl:ObjectProperty ; rdfs:label "smell"@en .
        """
    )
    name = "http://dbpedia.org/ontology/"
    birth = unlearned._part(name + "birthPlace")
    other = next(name + each for each in ("colour", "smell") if unlearned._part(name + each) != birth)
    lines = (tmp_path / "mine.jsonl").read_text()
    (tmp_path / "mine.jsonl").write_text(lines.replace("P27", name + "birthPlace").replace("P551", other))
    told: list[frozenset[str]] = []

    def judged(extractor: NeuralExtractor, _config: TrainingConfig) -> Judgements:
        told.append(extractor.model.learned)
        return Judgements()

    monkeypatch.setattr(unlearned, "of_development_sets", judged)
    config = msgspec.structs.replace(learning, start_from=str(tmp_path / "known"), ontology=mine)
    with_likeness(config)
    assert told[birth] == frozenset()
    assert told[1 - birth] == {"P19"}


def test_what_is_withheld_teaches_nothing(learning: TrainingConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    taught: list[set[int]] = []
    monkeypatch.setattr(loop_module, "fit_likeness", lambda *given, seed: taught.append(given[3]))
    trainer = Trainer(learning)
    columns = trainer.updater.inventory.columns
    assert len(list(trainer.likenesses([{"P27"}, {"P551"}, set()]))) == 3
    assert taught == [{columns["P551"]}, {columns["P27"]}, {columns["P27"], columns["P551"]}]


def test_a_single_property_is_learned_and_not_calibrated(recipe: TrainingConfig) -> None:
    config = msgspec.structs.replace(recipe, learn="likeness", likeness=6, holdout=2)
    model, scores = with_likeness(config)
    assert scores == {}
    assert model.config.unlearned is None
    assert model.network.likeness.weight.tolist() != [CONTEXT, END]


@pytest.mark.parametrize("learn", ["likeness", "properties"])
def test_what_learns_on_a_fixed_network_needs_a_model(learning: TrainingConfig, learn: str) -> None:
    width = 6 if learn == "likeness" else 0
    with pytest.raises(ValueError, match="give the model in start_from"):
        msgspec.structs.replace(learning, learn=learn, likeness=width, start_from=None)


def test_what_is_read_by_another_name_is_not_taught_apart(
    learning: TrainingConfig, tmp_path: Path, ontology_file: Callable[[str], str]
) -> None:
    start = grown(load_model(Path(str(learning.start_from))), ("P551",), likeness=6)
    with torch.no_grad():
        start.network.memory[:] = start.network.apart(start.network.memory.normal_())[0]
    save_model(start, tmp_path / "known")
    mine = ontology_file(
        """
        ex:livedIn a owl:ObjectProperty ; rdfs:label "lived in"@en ;
            owl:equivalentProperty wd:P551 .
        """
    )
    told = (tmp_path / "mine.jsonl").read_text().replace("P551", "https://example.org/livedIn")
    (tmp_path / "mine.jsonl").write_text(
        "".join(line + "\n" for line in told.splitlines() if "livedIn" in line)
    )
    config = msgspec.structs.replace(
        learning,
        learn="properties",
        likeness=0,
        start_from=str(tmp_path / "known"),
        ontology=mine,
    )
    with pytest.raises(ConfigurationError, match="livedIn is read as P551, which the model learned"):
        Trainer(config)
    assert Trainer(msgspec.structs.replace(config, learn="likeness", likeness=6)).annotated

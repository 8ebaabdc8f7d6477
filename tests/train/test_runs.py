"""Whole runs of small recipes: resumed, stopped early, stepwise, and with harder steps."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest
import torch

from kgbuild.errors import ConfigurationError, ModelError
from kgbuild.extract.calibration import CalibratedGroup, Calibration
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.extract.filtering import PairFilter
from kgbuild.extract.model import Model, load_model, save_model
from kgbuild.extract.tagging import TagCalibration
from kgbuild.ontology import load_ontology
from kgbuild.records import Document, Label, Mention, Sentence
from kgbuild.train import loop as loop_module
from kgbuild.train import run as run_module
from kgbuild.train.calibrate import UNJUDGED
from kgbuild.train.checkpoint import folder_of
from kgbuild.train.config import DataConfig, TrainingConfig
from kgbuild.train.development import DevelopmentScores
from kgbuild.train.judgements import LOWEST, Judgements
from kgbuild.train.loop import Progress, Trainer
from kgbuild.train.run import run
from kgbuild.train.seeds import by_seed, forget, trained
from kgbuild.train.start import grown
from kgbuild.train.tagging import OUTSIDE


class StoppedError(Exception):
    """The run is killed."""


def quiet(*_told: object) -> None:
    """Nothing is shown."""


def digest(config: TrainingConfig) -> str:
    return load_model(Path(config.output)).digest


@pytest.mark.parametrize("average", [0.0, 0.9])
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(recipe: TrainingConfig, average: float) -> None:
    whole = msgspec.structs.replace(recipe, epochs=3, average=average)
    trained(whole, quiet, quiet)
    undisturbed = digest(whole)
    forget(whole)

    def stop_in_the_second(at: object) -> None:
        if at.epoch == 1:  # type: ignore[attr-defined]
            raise StoppedError

    with pytest.raises(StoppedError):
        Trainer(whole).run(stop_in_the_second, quiet)
    epochs: list[int] = []
    Trainer(whole).run(quiet, lambda epoch, *_: epochs.append(epoch))
    assert epochs == [1, 2]
    assert digest(whole) == undisturbed
    Trainer(whole).run(quiet, lambda epoch, *_: epochs.append(epoch))
    assert epochs == [1, 2]  # what is finished is not trained again
    forget(whole)
    assert not Path(recipe.output + ".checkpoint").exists()
    assert Path(recipe.output).exists()


def test_a_run_may_end_before_its_rates_have_fallen(recipe: TrainingConfig) -> None:
    def stop(*_told: object) -> None:
        raise StoppedError

    whole = msgspec.structs.replace(recipe, epochs=3, tokens=32)
    with pytest.raises(StoppedError):
        Trainer(whole).run(quiet, stop)
    after_one = digest(whole)
    forget(whole)
    steps: list[Progress] = []
    trained(msgspec.structs.replace(whole, stop_after=1), steps.append, quiet)
    assert digest(whole) == after_one
    assert steps[-1].step == steps[-1].steps
    assert {at.epoch for at in steps} == {0}
    assert len(steps) > 2
    forget(whole)
    epochs: list[int] = []
    trained(
        msgspec.structs.replace(whole, stop_after=1, seeds=2),
        steps.append,
        lambda epoch, *_: epochs.append(epoch),
    )
    assert epochs == [0, 1]
    assert {at.epoch for at in steps} == {0, 1}


def test_several_seeds_are_trained_as_one_and_the_mean_of_their_weights_is_kept(
    recipe: TrainingConfig,
) -> None:
    alone = []
    for seed in (4, 5):
        own = msgspec.structs.replace(recipe, epochs=2, seed=seed, output=f"{recipe.output}-{seed}")
        alone.append(Trainer(own).run(quiet, quiet).network.span.weight)
    both = msgspec.structs.replace(recipe, epochs=2, seed=4, seeds=2)
    steps: list[Progress] = []
    epochs: list[int] = []

    def stop_in_the_second(at: Progress) -> None:
        steps.append(at)
        if at.epoch == 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        trained(both, stop_in_the_second, quiet)
    first = [at.step for at in steps if at.epoch < 2]
    model = trained(both, steps.append, lambda epoch, *_: epochs.append(epoch))
    assert epochs == [2, 3]  # the first seed was done
    assert [at.step for at in steps if at.epoch < 2] == first
    assert steps[-1].step == steps[-1].steps == 2 * first[-1]
    assert torch.equal(model.network.span.weight, (alone[0] + alone[1]) / 2)
    assert {Path(each.output).name for each in by_seed(both)} == {"out"}  # fresh models are named so
    forget(both)
    assert not list(Path(recipe.output).parent.glob(f"{Path(recipe.output).name}.*"))


def test_a_checkpoint_is_there_whenever_its_writing_is_killed(
    recipe: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = msgspec.structs.replace(recipe, epochs=2)
    folder = folder_of(short)
    rename, taken = Path.rename, []

    def killed(path: Path, target: Path) -> Path:
        if target == folder:
            taken.append(path)
            if len(taken) > 1:
                raise StoppedError
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(StoppedError):
        Trainer(short).run(quiet, quiet)
    monkeypatch.undo()
    epochs: list[int] = []
    Trainer(short).run(quiet, lambda epoch, *_: epochs.append(epoch))
    assert epochs == [1]
    folder.with_name(folder.name + ".replaced").mkdir()  # of one that was killed as it removed it
    forget(short)
    Trainer(short).run(quiet, lambda epoch, *_: epochs.append(epoch))
    assert epochs == [1, 0, 1]


def test_a_checkpoint_of_another_recipe_is_refused_and_named(recipe: TrainingConfig) -> None:
    def stop(*_told: object) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        Trainer(recipe).run(quiet, stop)
    with pytest.raises(ModelError, match=r"out\.checkpoint is a checkpoint of another recipe: remove"):
        Trainer(msgspec.structs.replace(recipe, seed=7)).run(quiet, quiet)
    (Path(recipe.output + ".checkpoint") / "state.safetensors").write_bytes(b"torn")
    with pytest.raises(ModelError, match="cannot be used"):
        Trainer(recipe).run(quiet, quiet)


def test_training_stops_when_the_development_score_no_longer_rises(recipe: TrainingConfig) -> None:
    both = [*recipe.data, DataConfig(format="knowledgenet", path="fold1.jsonl", development=True)]
    scores: list[DevelopmentScores] = []
    patient = msgspec.structs.replace(recipe, data=both, epochs=40, patience=2)
    Trainer(patient).run(quiet, lambda _epoch, _model, score: scores.append(score))
    assert len(scores) < 40
    assert scores[-1].mean <= max(each.mean for each in scores[:-2])
    assert max(each.relations for each in scores) > 0.9


def test_what_is_kept_is_the_moving_average_where_the_recipe_wants_one(recipe: TrainingConfig) -> None:
    trainer = Trainer(msgspec.structs.replace(recipe, epochs=3, average=0.9))
    weight = trainer.model.network.span.weight
    passed: list[torch.Tensor] = []
    kept: list[torch.Tensor] = []
    best = trainer.run(
        lambda _: passed.append(weight.detach().clone()),
        lambda _epoch, model, _scores: kept.append(model.network.span.weight.detach().clone()),
    )
    average = passed[0]
    for each in passed[1:]:
        average = 0.9 * average + 0.1 * each
    assert torch.allclose(kept[-1], average, atol=1e-6)
    assert not torch.allclose(passed[-1], average, atol=1e-4)
    assert torch.allclose(best.network.span.weight, average, atol=1e-2)  # files hold bfloat16


def test_what_is_scored_is_what_is_kept(recipe: TrainingConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    both = [*recipe.data, DataConfig(format="knowledgenet", path="fold1.jsonl", development=True)]
    trainer = Trainer(msgspec.structs.replace(recipe, data=both, epochs=1, average=0.9))
    asked: list[object] = []

    def score(network: object, *others: torch.Tensor) -> DevelopmentScores:
        asked.append(network)
        with torch.no_grad():
            kept = trainer.updater.kept
            assert torch.allclose(others[-1], trainer.updater.texts.vectors(kept) + kept.memory)
        return DevelopmentScores(0.5, 0.5)

    monkeypatch.setattr(loop_module, "score", score)
    trainer.run(quiet, quiet)
    assert asked == [trainer.updater.kept]
    assert trainer.updater.kept is not trainer.model.network


def test_a_firm_prior_keeps_fitted_vectors_where_they_were(recipe: TrainingConfig) -> None:
    moved = []
    for prior in (1e6, 0.01):
        trainer = Trainer(msgspec.structs.replace(recipe, learn="properties", prior=prior))
        before = trainer.model.network.memory.detach().clone()
        moved.append(float((trainer.fit().network.memory.detach() - before).norm()))
    assert moved[0] < 1e-3 < moved[1]


def test_without_epochs_a_model_is_calibrated_as_it_is(recipe: TrainingConfig) -> None:
    start = load_model(Path(str(recipe.start_from)))
    left = Trainer(msgspec.structs.replace(recipe, epochs=0)).run(quiet, quiet)
    assert torch.equal(left.network.span.weight, start.network.span.weight)
    assert left.config.trained != start.config.trained  # the ontology's properties have a row each
    assert not Path(recipe.output + ".checkpoint").exists()


def test_stepwise_training_leaves_the_encoder_as_the_entities_made_it(recipe: TrainingConfig) -> None:
    kept: list[dict[str, torch.Tensor]] = []

    def keep(_epoch: int, model: Model, _scores: object) -> None:
        kept.append({name: tensor.clone() for name, tensor in model.network.state_dict().items()})

    Trainer(msgspec.structs.replace(recipe, epochs=3, stepwise=1)).run(quiet, keep)
    start, middle, end = kept
    changed = {name for name in start if not torch.equal(start[name], end[name])}
    assert not any(name.startswith(("encoder.", "tagger.")) for name in changed)
    assert any(name.startswith("pair.") for name in changed)
    assert any(not torch.equal(middle[name], end[name]) for name in middle)


@pytest.mark.parametrize("harder", [{"adversarial": 0.1}, {"consistency": 1.0}])
def test_harder_steps_change_what_is_learned(recipe: TrainingConfig, harder: dict[str, float]) -> None:
    made: set[str] = set()
    for change in ({}, harder):
        once = msgspec.structs.replace(recipe, epochs=1, **change)
        trained(once, quiet, quiet)
        made.add(digest(once))
        forget(once)
    assert len(made) == 2
    relations: list[float] = []
    hard = msgspec.structs.replace(recipe, epochs=8, **harder)
    Trainer(hard).run(lambda at: relations.append(float(at.losses.relations)), quiet)
    assert relations[-1] < 0.7 * relations[0]


def test_a_run_is_calibrated_on_what_it_did_not_train_on(recipe: TrainingConfig, tmp_path: Path) -> None:
    sentence = ["Ada", "was", "born", "in", "Rome"]
    vertices = [
        [{"sent_id": 0, "pos": [0, 1], "type": "PER", "name": "Ada"}],
        [{"sent_id": 0, "pos": [4, 5], "type": "LOC", "name": "Rome"}],
    ]
    labels = [{"h": 0, "t": 1, "r": "P19"}, {"h": 0, "t": 1, "r": "P1412"}]
    row = {"title": "Ada", "sents": [sentence], "vertexSet": vertices, "labels": labels}
    (tmp_path / "dev.json").write_text(json.dumps([row]))
    both = [*recipe.data, DataConfig(format="redocred", path="dev.json", development=True)]
    config = msgspec.structs.replace(recipe, data=both, holdout=2, epochs=6)
    scores = run(config, quiet, quiet)
    found = load_model(Path(config.output)).config
    assert 0 < scores["count"] < 16
    calibrated = [name for group in found.groups for name in group.properties]
    assert "P19" in calibrated
    assert len(calibrated) == len(set(calibrated))
    assert len({group.calibration.threshold for group in found.groups if "P19" not in group.properties}) == 1
    assert found.calibration.threshold >= UNJUDGED
    assert found.pronouns is not None
    assert "P19" in found.pronouns
    assert "P1412" not in found.pronouns
    assert json.loads((Path(config.output) / "scores.json").read_text()) == scores
    assert not folder_of(config).exists()


def test_a_few_sentences_hardly_move_the_chain_of_the_model_that_goes_on(
    recipe: TrainingConfig, tmp_path: Path, tiny_model: Model
) -> None:
    vertices = [[{"sent_id": 0, "pos": [0, 1], "type": "PER", "name": "Ada"}]]
    row = {"title": "Ada", "sents": [["Ada", "sings"]], "vertexSet": vertices, "labels": []}
    (tmp_path / "dev.json").write_text(json.dumps([row] * 3))
    both = [*recipe.data, DataConfig(format="redocred", path="dev.json", development=True)]
    config = dataclasses.replace(tiny_model.config, tags=TagCalibration(scale=0.3))
    save_model(dataclasses.replace(tiny_model, config=config), tmp_path / "start")
    run(msgspec.structs.replace(recipe, data=both, epochs=0, holdout=2), quiet, quiet)
    found = load_model(Path(recipe.output)).config
    assert found.entities is None
    tags = found.tags
    assert tags is not None
    assert tags.scale == pytest.approx(0.3, abs=0.1)
    assert any(tags.shift)


def test_a_run_that_was_stopped_as_it_calibrated_does_not_train_again(
    recipe: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_given: object) -> None:
        raise StoppedError

    config = msgspec.structs.replace(recipe, epochs=2, seeds=2)
    steps: list[Progress] = []
    with monkeypatch.context() as stopped:
        stopped.setattr(run_module, "calibrate", stop)
        with pytest.raises(StoppedError):
            run(config, steps.append, quiet)
    assert steps
    assert run(config, stop, quiet) == {}
    assert {each.name for each in Path(config.output).parent.glob("out*")} == {"out"}


def test_what_documents_say_of_knowledgenet_s_properties_counts_too(
    recipe: TrainingConfig, tmp_path: Path
) -> None:
    def calibrated(labels: list[dict[str, object]]) -> dict[str, Calibration]:
        vertices = [
            [{"sent_id": 0, "pos": [0, 1], "type": "PER", "name": "Ada"}],
            [{"sent_id": 0, "pos": [4, 5], "type": "LOC", "name": "Rome"}],
        ]
        sentences = [["Ada", "was", "born", "in", "Rome"]]
        row = {"title": "Ada", "sents": sentences, "vertexSet": vertices, "labels": labels}
        (tmp_path / "dev.json").write_text(json.dumps([row] * 9))
        both = [*recipe.data, DataConfig(format="redocred", path="dev.json", development=True)]
        run(msgspec.structs.replace(recipe, data=both, holdout=2, epochs=0), quiet, quiet)
        found = load_model(Path(recipe.output)).config
        return {name: group.calibration for group in found.groups for name in group.properties}

    born, speaks = {"h": 0, "t": 1, "r": "P19"}, {"h": 0, "t": 1, "r": "P1412"}
    married = {"h": 1, "t": 0, "r": "P19"}
    assert calibrated([born, speaks])["P19"].shift > calibrated([married, speaks])["P19"].shift


def test_a_run_on_text2kgbench_is_calibrated_by_the_benchmark_s_own_measure(
    recipe: TrainingConfig, tmp_path: Path
) -> None:
    relations = [{"pid": "P19", "label": "place of birth", "domain": "Q5", "range": "Q515"}]
    ontology = {"id": "ont_1_people", "title": "People", "concepts": [], "relations": relations}
    folder = tmp_path / "people"
    folder.mkdir()
    (folder / "1_people_ontology.json").write_text(json.dumps(ontology))
    rows = [
        {
            "id": f"ont_1_people_{number}",
            "sent": f"{name} was born in {place}",
            "triples": [{"sub": name, "rel": "place of birth", "obj": place}],
        }
        for number, (name, place) in enumerate([("Ada", "Rome"), ("Bob", "Oslo"), ("Cleo", "Bonn")])
    ]
    (folder / "dev.jsonl").write_text("\n".join(map(json.dumps, rows)))
    both = [
        DataConfig(format="text2kgbench", path="people"),
        DataConfig(format="text2kgbench", path="people", development=True),
    ]
    scores = run(msgspec.structs.replace(recipe, data=both, epochs=30), quiet, quiet)
    found = load_model(Path(recipe.output)).config
    assert scores["count"] == 3
    assert scores["f1"] > 0.5
    assert found.tags is not None
    assert found.tags.shift[0] == -OUTSIDE, "sentences that are tagged in part taught too much outside"
    [group] = found.groups
    assert group.properties == ("P19",)
    assert group.calibration.threshold == pytest.approx(group.calibration.of(LOWEST), abs=1e-4), (
        "all is emitted"
    )


def test_nothing_is_emitted_that_is_less_likely_than_all_that_was_judged(monkeypatch) -> None:
    monkeypatch.setattr(run_module, "LOWEST", 0.3)
    scores = (0.35, 0.4, 0.5, 0.9, 0.95, 0.99)
    judged = [("P19", score, True) for score in scores] + [("P26", score, score > 0.9) for score in scores]
    _, groups = run_module._fitted(Judgements.of(judged * 40, ["P19"] * 8 * 40))
    of = {group.properties[0]: group.calibration for group in groups}
    assert of["P19"].threshold == pytest.approx(of["P19"].of(0.3), abs=1e-4), "all that was judged is right"
    assert of["P26"].threshold > of["P26"].of(0.5)


def said(model: Model) -> float:
    """How surely a model reads that Dan resided in Bern."""
    mentions = [Mention(0, 3, "Dan", Label.PERSON, 1.0), Mention(9, 13, "Bern", Label.LOCATION, 1.0)]
    document = Document("d", "", "Dan left Bern")
    extractor = NeuralExtractor(model, load_ontology(), threshold=1e-6)
    read = extractor.relate(document, [Sentence("d", 0, 0, document.text)], mentions)
    return max(each.score for each in read.relations if each.property == "P551")


def test_a_new_property_is_learned_and_nothing_else_changes(recipe: TrainingConfig, tmp_path: Path) -> None:
    start = grown(load_model(Path(recipe.start_from or "")), ("P19", "P26"))
    fitted = TagCalibration(scale=0.9)
    start.config = dataclasses.replace(
        start.config, calibration=Calibration(threshold=0.3), tags=fitted, pronouns=("P19",)
    )
    with torch.no_grad():
        start.network.memory.normal_()
    save_model(start, tmp_path / "known")
    before = load_model(tmp_path / "known")
    config = msgspec.structs.replace(
        recipe,
        data=[DataConfig(format="annotations", path="mine.jsonl")],
        start_from=str(tmp_path / "known"),
        learn="properties",
    )
    rows = [
        {
            "id": str(number),
            "text": f"{name} left {place}",
            "mentions": [
                {"start": 0, "end": len(name), "label": "person"},
                {"start": len(name) + 6, "end": len(name) + 6 + len(place), "label": "location"},
            ],
            "facts": [{"subject": 0, "property": "P551", "object": 1}],
        }
        for number, (name, place) in enumerate([("Ada", "Rome"), ("Bob", "Oslo"), ("Cleo", "Bonn")])
    ]
    (tmp_path / "mine.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    folder_of(config).mkdir()
    assert run(config, quiet, quiet) == {}
    assert folder_of(config).exists()  # of a training that was stopped
    after = load_model(Path(config.output))
    assert after.config.calibration == before.config.calibration
    assert after.config.tags == fitted
    assert after.config.pronouns == ("P19", "P551")  # what few sentences taught is judged of pronouns too
    assert after.config.groups == (CalibratedGroup(("P551",), before.config.calibration),)
    old, new = before.network.state_dict(), after.network.state_dict()
    assert [name for name in old if not torch.equal(old[name], new[name])] == ["memory"]
    rows_of = dict(zip(after.config.trained, after.network.memory, strict=True))
    assert all(
        torch.equal(rows_of[name], before.network.memory[row]) for row, name in enumerate(("P19", "P26"))
    )
    assert rows_of["P551"].any()
    assert said(after) > 0.9 > said(before)


def test_named_properties_are_learned_and_what_is_known_of_others_stays(
    recipe: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(msgspec.structs.replace(recipe, holdout=2), quiet, quiet)
    start = load_model(Path(recipe.output))
    own = CalibratedGroup(("P1082", "P19"), Calibration(0.4, -0.3, 0.2))
    start.config = dataclasses.replace(start.config, groups=(own,), filtered=("P26",))
    with torch.no_grad():
        start.network.memory[:, -1] -= 12.0
    save_model(start, tmp_path / "known")
    resided = {
        "id": "1",
        "text": "Ada left Rome",
        "mentions": [{"start": 0, "end": 3, "label": "person"}, {"start": 9, "end": 13, "label": "location"}],
        "facts": [{"subject": 0, "property": "P551", "object": 1}],
    }
    (tmp_path / "mine.jsonl").write_text(json.dumps(resided))
    both = [*recipe.data, DataConfig(format="annotations", path="mine.jsonl")]
    start_from = str(tmp_path / "known")
    config = msgspec.structs.replace(recipe, data=both, start_from=start_from, learn=["P19"], holdout=2)

    def fit_to_all(model: Model, *_: object) -> None:
        model.config = dataclasses.replace(model.config, filtered=model.config.trained)

    monkeypatch.setattr(run_module, "_fit_filter", fit_to_all)
    assert run(config, quiet, quiet)
    before, after = load_model(tmp_path / "known"), load_model(Path(config.output))
    assert sorted(after.config.filtered) == ["P19", "P26"], "its texts emit nothing of what it never knew"
    changed = (after.network.memory != before.network.memory).any(1).tolist()
    assert [name for name, new in zip(after.config.trained, changed, strict=True) if new] == ["P19"]
    kept = [group for group in after.config.groups if "P1082" in group.properties]
    assert kept == [CalibratedGroup(("P1082",), own.calibration)]
    assert [name for group in after.config.groups for name in group.properties].count("P19") == 1


@pytest.mark.parametrize(("learn", "fitted"), [("all", 1), ("properties", 0)])
def test_pairs_are_filtered_anew_where_nothing_is_held_out(
    recipe: TrainingConfig, monkeypatch: pytest.MonkeyPatch, learn: str, fitted: int
) -> None:
    read: list[list[str]] = []
    filter_ = PairFilter(torch.zeros(2, 16), torch.zeros(2, 16), torch.zeros(10, 2), torch.ones(3))

    def fit(_extractor: NeuralExtractor, texts: Iterable[str]) -> PairFilter:
        read.append(list(texts))
        return filter_

    monkeypatch.setattr(run_module, "fit_filter", fit)
    config = msgspec.structs.replace(recipe, epochs=1, learn=learn)
    assert not run(config, quiet, quiet)
    assert len(read) == fitted
    assert all("Ada was born in Rome" in texts for texts in read)
    assert (load_model(Path(config.output)).filter is not None) == bool(fitted)


def test_what_no_data_set_annotates_cannot_be_learned_alone(recipe: TrainingConfig) -> None:
    with pytest.raises(
        ConfigurationError, match="learn names P1082, of which the recipe's data sets annotate"
    ):
        Trainer(msgspec.structs.replace(recipe, learn=["P19", "P1082"]))


def test_calibration_asks_raw_scores_and_leaves_that_of_likeness(
    recipe: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = grown(load_model(Path(str(recipe.start_from))), ("P19", "P26"), likeness=6)
    own = Calibration(0.5, -3.0, 0.2)
    start.config = dataclasses.replace(start.config, unlearned=own)
    save_model(start, tmp_path / "known")
    asked: list[Calibration | None] = []
    of_knowledgenet = run_module.of_knowledgenet

    def judged(extractor: NeuralExtractor, config: TrainingConfig) -> Judgements:
        asked.append(extractor.model.config.unlearned)
        return of_knowledgenet(extractor, config)

    monkeypatch.setattr(run_module, "of_knowledgenet", judged)
    config = msgspec.structs.replace(
        recipe, start_from=str(tmp_path / "known"), learn="properties", holdout=2
    )
    assert run(config, quiet, quiet)
    assert asked == [None, own], "raw scores are calibrated, and then what is read is scored"
    assert load_model(Path(config.output)).config.unlearned == own

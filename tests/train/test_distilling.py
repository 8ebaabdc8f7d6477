"""A smaller model that learns from the one it is cut from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import torch
from passage import NAMES, texts
from torch import nn

from kgbuild.errors import ConfigurationError, ModelError
from kgbuild.extract.model import Model, load_model, save_model
from kgbuild.extract.narrow import count_heads
from kgbuild.extract.network import Window
from kgbuild.train import loop
from kgbuild.train.batches import Batch, collate
from kgbuild.train.config import TrainingConfig, read_recipe
from kgbuild.train.loop import Trainer
from kgbuild.train.losses import joint_losses, state_loss
from kgbuild.train.provenance import Provenance
from kgbuild.train.remembering import Teacher
from kgbuild.train.smaller import fewer_heads, smaller
from kgbuild.train.start import averaged, grown, ontology_of, start


def test_states_are_compared_by_the_length_of_what_they_should_be() -> None:
    others = torch.tensor([[[3.0, 4.0], [0.0, 2.0], [1.0, 0.0]]])
    states = torch.tensor([[[3.0, 3.0], [0.0, 0.0], [9.0, 9.0]]])
    mask = torch.tensor([[1, 1, 0]])
    assert state_loss(states, others, mask).item() == pytest.approx((1 / 25 + 1) / 2)
    assert state_loss(states[:, :2], others[:, :2], None).item() == pytest.approx((1 / 25 + 1) / 2)


def teacher(model: Model, *, distilled: bool) -> Teacher:
    model = grown(model, NAMES)
    return Teacher(model.network, texts(model), distilled=distilled)


def test_a_teacher_tells_states_of_a_batch_in_which_nothing_is_remembered(
    tiny_model: Model, batch: Batch
) -> None:
    told = teacher(tiny_model, distilled=True).told(batch)
    with torch.no_grad():
        states = tiny_model.network.encode(batch.window)
    assert torch.allclose(told.states, states, atol=1e-6)
    assert torch.equal(told.relations.targets, batch.relations.targets)
    assert torch.equal(told.relations.weights, batch.relations.weights)
    assert teacher(tiny_model, distilled=False).told(batch).states is None


def test_two_readings_are_both_compared(tiny_model: Model, batch: Batch) -> None:
    told = teacher(tiny_model, distilled=True)
    network = smaller(tiny_model, layers=1).network.train()

    def apart(*consistency: float) -> list[float]:
        torch.manual_seed(5)
        return [
            joint_losses(network, told.told(batch), [told.properties], consistency=weight).states.item()
            for weight in consistency
        ]

    one, other = apart(0.0, 0.0)
    assert apart(1.0) == [pytest.approx((one + other) / 2)]
    assert one != pytest.approx(other, rel=1e-3)


def test_padding_has_no_state_to_learn(tiny_model: Model, batch: Batch) -> None:
    told = teacher(tiny_model, distilled=True).told(batch)
    window = batch.window
    longer = Window(*(nn.functional.pad(each, (0, 5)) for each in (window.ids, window.mask, window.shapes)))
    states = nn.functional.pad(told.states, (0, 0, 0, 5), value=7.0)
    padded = replace(
        told,
        window=longer,
        states=states,
        tags=nn.functional.pad(told.tags, (0, 5), value=-100),
        remembered=nn.functional.pad(told.remembered, (0, 5)),
    )
    network = smaller(tiny_model, layers=1).network
    properties = torch.zeros(len(NAMES), network.config.compared + 1)
    one, other = (joint_losses(network, each, [properties]).states.item() for each in (told, padded))
    assert one == pytest.approx(other, rel=1e-4)


CUT = {"layers": 1, "heads": 1, "context_heads": 1, "inner": 16}


def taught(recipe: TrainingConfig, **keys: object) -> Trainer:
    output = f"{recipe.output}-{len(keys)}-{keys['distilled']}"
    return Trainer(msgspec.structs.replace(recipe, **CUT, dropout=0.0, output=output, **keys))


def test_heads_are_judged_by_texts_from_all_of_the_data(
    recipe: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[Batch] = []

    def looked(model: Model, batch: Batch, **keys: int) -> Model:
        judged.append(batch)
        return fewer_heads(model, batch, **keys)

    monkeypatch.setattr(loop, "fewer_heads", looked)
    monkeypatch.setattr(loop, "LOOKED_AT", 4)
    trainer = taught(recipe, distilled=1.0)
    (some,) = judged
    rows = trainer.shown(0)
    assert len(rows) == 16
    assert torch.equal(some.window.ids, collate(rows[::4], trainer.updater.inventory).window.ids)


@pytest.mark.parametrize(("key", "left"), [("heads", (1, 2)), ("context_heads", (2, 1))])
def test_either_kind_of_heads_is_cut_by_itself(
    recipe: TrainingConfig, key: str, left: tuple[int, int]
) -> None:
    network = Trainer(msgspec.structs.replace(recipe, **{key: 1})).model.network
    assert (count_heads(network.encoder), network.config.attention_heads) == left


def test_another_model_teaches(recipe: TrainingConfig, tiny_model: Model, tmp_path: Path) -> None:
    with torch.no_grad():
        tiny_model.network.tagger.bias.fill_(7.0)
    save_model(tiny_model, tmp_path / "other")
    trainer = taught(recipe, distilled=1.0, teacher=str(tmp_path / "other"))
    assert (trainer.updater.teacher.network.tagger.bias == 7.0).all()
    assert not (trainer.model.network.tagger.bias == 7.0).any()
    read = {Path(name).name for name in Provenance.of(trainer.config).inputs}
    assert read >= {"start", "other"}
    whole = taught(recipe, distilled=1.0).updater.teacher.network
    assert whole.encoder_config.num_hidden_layers == 2
    assert not (whole.tagger.bias == 7.0).any()


def test_a_training_draws_states_to_those_of_the_whole_model(recipe: TrainingConfig) -> None:
    whole = load_model(Path(recipe.start_from)).network

    def apart(distilled: float) -> float:
        trainer = taught(recipe, distilled=distilled, epochs=6)
        assert (trainer.updater.teacher is not None) == bool(distilled)
        trainer.run(lambda _: None, lambda *_: None)
        network = load_model(Path(trainer.config.output)).network
        assert network.encoder_config.num_hidden_layers == 1
        assert (count_heads(network.encoder), network.config.attention_heads) == (1, 1)
        rows = [row for corpus in trainer.corpora for row in corpus.features([0])]
        window = collate(rows, trainer.updater.inventory).window
        with torch.no_grad():
            states, others = (each.eval().encode(window) for each in (network, whole))
        return state_loss(states, others, window.mask).item()

    assert apart(30.0) < 0.5 * apart(0.0)


@pytest.mark.parametrize(
    ("keys", "known"),
    [
        ({"distilled": 1.0, "embeddings": False}, True),
        ({"distilled": 1.0, "embeddings": True}, False),
        ({"distilled": 0.0, "embeddings": False}, False),
    ],
)
def test_states_that_were_drawn_to_others_have_their_name(
    recipe: TrainingConfig, keys: dict[str, float], known: bool
) -> None:
    whole = load_model(Path(recipe.start_from))
    trainer = taught(recipe, epochs=1, **keys)
    trainer.run(lambda _: None, lambda *_: None)
    made = load_model(Path(trainer.config.output))
    assert (made.states == whole.states) == known
    assert replace(made, config=replace(made.config, states=None)).states != whole.states
    on = msgspec.structs.replace(recipe, start_from=trainer.config.output)
    assert start(on, ontology_of(on)).config.states is None
    calibrated = msgspec.structs.replace(on, epochs=0)
    assert (start(calibrated, ontology_of(calibrated)).states == whole.states) == known
    fitted = msgspec.structs.replace(on, learn="properties")
    assert (start(fitted, ontology_of(fitted)).states == whole.states) == known


def test_models_of_other_sizes_have_no_mean(tiny_model: Model, batch: Batch) -> None:
    short, narrow = smaller(tiny_model, layers=1), smaller(tiny_model, inner=16)
    less = (fewer_heads(tiny_model, batch, **{key: 1}) for key in ("heads", "context_heads"))
    for small in (short, narrow, *less):
        with pytest.raises(ModelError, match="differ in size"):
            averaged([tiny_model, small])


def test_a_training_of_fewer_layers_goes_on_where_it_stopped(recipe: TrainingConfig) -> None:
    def stop(epoch: int, *_: object) -> None:
        if epoch == 1:
            raise KeyboardInterrupt

    runs = [msgspec.structs.replace(recipe, output=recipe.output + name) for name in ("-a", "-b")]
    whole, first, second = (taught(run, distilled=1.0, epochs=3) for run in (runs[0], runs[1], runs[1]))
    whole.run(lambda _: None, lambda *_: None)
    with pytest.raises(KeyboardInterrupt):
        first.run(lambda _: None, stop)
    second.run(lambda _: None, lambda *_: None)
    one, other = (load_model(Path(each.config.output)).network.state_dict() for each in (whole, second))
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("share", [0.0, 0.4])
def test_a_recipe_says_how_much_is_dropped_out(recipe: TrainingConfig, share: float) -> None:
    network = Trainer(msgspec.structs.replace(recipe, dropout=share)).updater.network.train()
    found = [part.p for part in network.modules() if isinstance(part, nn.Dropout)]
    assert found
    assert set(found) == {share}


def test_a_teacher_that_is_told_other_texts_is_refused(
    recipe: TrainingConfig, tiny_model: Model, tmp_path: Path
) -> None:
    tiny_model.config = replace(tiny_model.config, aliases=True)
    save_model(tiny_model, tmp_path / "other")
    with pytest.raises(ModelError, match="differ in word pieces, width or how"):
        taught(recipe, distilled=1.0, teacher=str(tmp_path / "other"))


@pytest.mark.parametrize(
    "key", ["layers = 1", "heads = 1", "context_heads = 1", "inner = 8", "distilled = 1.0"]
)
@pytest.mark.parametrize(
    "line", ["", 'start_from = "m"\nlearn = "properties"\n', 'start_from = "m"\nepochs = 0\n']
)
def test_only_a_model_that_goes_on_is_cut_or_taught(tmp_path: Path, key: str, line: str) -> None:
    path = tmp_path / "r.toml"
    path.write_text(f'backbone = "b"\noutput = "o"\n{line}{key}\n[[data]]\nformat = "templates"\n')
    with pytest.raises(ConfigurationError, match="context_heads, inner and distilled are for trainings of"):
        read_recipe(path)


def test_likeness_is_not_learned_of_contexts_that_are_cut(recipe: TrainingConfig) -> None:
    with pytest.raises(ValueError, match="leave it out, and learn it afterwards"):
        msgspec.structs.replace(recipe, context_heads=1, likeness=8)


def test_a_teacher_that_is_not_asked_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text(
        'backbone = "b"\noutput = "o"\nstart_from = "m"\nteacher = "t"\n[[data]]\nformat = "templates"\n'
    )
    with pytest.raises(ConfigurationError, match="teacher is given, but neither distilled nor remembered"):
        read_recipe(path)

"""A model of fewer layers that learns from the one it is cut from."""

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
from kgbuild.extract.network import Window
from kgbuild.train.batches import Batch, collate
from kgbuild.train.config import TrainingConfig, read_recipe
from kgbuild.train.loop import Trainer
from kgbuild.train.losses import joint_losses, state_loss
from kgbuild.train.provenance import Provenance
from kgbuild.train.remembering import Teacher
from kgbuild.train.start import averaged, grown, ontology_of, smaller, start


def deep(model: Model, layers: int) -> Model:
    """The model with so many layers, each known by the bias of its output."""
    encoder = model.network.encoder
    stack = encoder.encoder
    while len(stack.layer) < layers:
        stack.layer.append(type(stack.layer[0])(encoder.config))
    encoder.config.num_hidden_layers = layers
    with torch.no_grad():
        for number, layer in enumerate(stack.layer, 1):
            layer.output.dense.bias.fill_(number)
    return model


def numbers(model: Model) -> list[float]:
    return [layer.output.dense.bias[0].item() for layer in model.network.encoder.encoder.layer]


@pytest.mark.parametrize(
    ("whole", "layers", "kept"),
    [
        (6, 3, [2, 4, 6]),
        (6, 2, [3, 6]),
        (6, 1, [6]),
        (6, 4, [2, 3, 5, 6]),
        (6, 6, [1, 2, 3, 4, 5, 6]),
        (2, 1, [2]),
    ],
)
def test_layers_are_kept_evenly_with_the_last(
    tiny_model: Model, whole: int, layers: int, kept: list[int]
) -> None:
    assert numbers(smaller(deep(tiny_model, whole), layers=layers)) == kept


def test_the_model_that_is_cut_from_stays(tiny_model: Model) -> None:
    before = {name: tensor.clone() for name, tensor in deep(tiny_model, 4).network.state_dict().items()}
    short = smaller(tiny_model, layers=2)
    assert numbers(tiny_model) == [1, 2, 3, 4]
    assert tiny_model.network.encoder_config.num_hidden_layers == 4
    with torch.no_grad():
        for each in short.network.parameters():
            each.add_(1.0)
    assert all(torch.equal(each, before[name]) for name, each in tiny_model.network.state_dict().items())


def test_all_but_the_layers_is_kept(tiny_model: Model, tmp_path: Path) -> None:
    with torch.no_grad():
        for each in tiny_model.network.parameters():
            each.copy_(torch.randn_like(each).bfloat16())
    before, short = tiny_model.network.state_dict(), smaller(tiny_model, layers=1)
    assert short.config == tiny_model.config
    save_model(short, tmp_path / "short")
    found = load_model(tmp_path / "short").network
    assert found.encoder_config.num_hidden_layers == 1
    for name, tensor in found.state_dict().items():
        assert torch.equal(tensor, before[name.replace("layer.0.", "layer.1.")])


@pytest.mark.parametrize(("key", "wanted", "there"), [("layers", 3, 2), ("inner", 65, 64)])
def test_more_than_there_is_is_refused(tiny_model: Model, key: str, wanted: int, there: int) -> None:
    with pytest.raises(
        ConfigurationError, match=f"{key} = {wanted}, but the encoder of tiny has {there}; give fewer"
    ):
        smaller(tiny_model, **{key: wanted})


def test_neurons_that_weigh_most_are_kept(tiny_model: Model, tmp_path: Path) -> None:
    *_, layer = tiny_model.network.encoder.encoder.layer
    first, second = layer.intermediate.dense, layer.output.dense
    with torch.no_grad():
        for part in (first, second):
            part.weight.fill_(1.0)
        first.bias.copy_(torch.arange(64.0))
        first.weight[[3, 40]] = 4.0  # by what goes in
        second.weight[:, 20] = 3.0  # by what goes out
        second.weight[:, 40] = 0.125  # together less than the others
    small = smaller(tiny_model, inner=2)
    *_, kept = small.network.encoder.encoder.layer
    assert kept.intermediate.dense.bias.tolist() == [3.0, 20.0]
    assert kept.intermediate.dense.weight[:, 0].tolist() == [4.0, 1.0]
    assert kept.output.dense.weight[0].tolist() == [1.0, 3.0]
    assert first.weight.shape == (64, 32)
    assert tiny_model.network.encoder_config.intermediate_size == 64
    save_model(small, tmp_path / "small")
    found = load_model(tmp_path / "small").network
    assert found.encoder_config.intermediate_size == 2
    assert all(len(layer.output.dense.weight[0]) == 2 for layer in found.encoder.encoder.layer)


def test_neurons_without_weight_are_not_missed(tiny_model: Model, batch: Batch) -> None:
    with torch.no_grad():
        for layer in tiny_model.network.encoder.encoder.layer:
            layer.output.dense.weight[:, 8:] = 0.0
        whole, small = (
            each.network.encode(batch.window) for each in (tiny_model, smaller(tiny_model, inner=8))
        )
    assert torch.allclose(whole, small, atol=1e-6)


def test_an_encoder_without_a_stack_of_layers_is_refused(tiny_model: Model) -> None:
    tiny_model.network.encoder.encoder = nn.Identity()
    with pytest.raises(ConfigurationError, match="of another kind than BERT's"):
        smaller(tiny_model, layers=1)


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


def taught(recipe: TrainingConfig, **keys: object) -> Trainer:
    output = f"{recipe.output}-{len(keys)}-{keys['distilled']}"
    return Trainer(msgspec.structs.replace(recipe, layers=1, inner=16, dropout=0.0, output=output, **keys))


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


def test_models_of_other_sizes_have_no_mean(tiny_model: Model) -> None:
    for small in (smaller(tiny_model, layers=1), smaller(tiny_model, inner=16)):
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


@pytest.mark.parametrize("key", ["layers = 1", "inner = 8", "distilled = 1.0"])
@pytest.mark.parametrize(
    "line", ["", 'start_from = "m"\nlearn = "properties"\n', 'start_from = "m"\nepochs = 0\n']
)
def test_only_a_model_that_goes_on_is_cut_or_taught(tmp_path: Path, key: str, line: str) -> None:
    path = tmp_path / "r.toml"
    path.write_text(f'backbone = "b"\noutput = "o"\n{line}{key}\n[[data]]\nformat = "templates"\n')
    with pytest.raises(ConfigurationError, match="layers, inner and distilled are for trainings of all of a"):
        read_recipe(path)


def test_a_teacher_that_is_not_asked_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text(
        'backbone = "b"\noutput = "o"\nstart_from = "m"\nteacher = "t"\n[[data]]\nformat = "templates"\n'
    )
    with pytest.raises(ConfigurationError, match="teacher is given, but neither distilled nor remembered"):
        read_recipe(path)

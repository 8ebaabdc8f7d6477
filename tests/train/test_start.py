"""What a run starts from: a trained model grown by properties and rounds reads what it read before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import torch

from kgbuild.errors import ModelError
from kgbuild.extract.likeness import CONTEXT, END
from kgbuild.extract.model import load_model, save_model
from kgbuild.extract.network import Pairs, Spans
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.ontology import load_ontology
from kgbuild.train.config import TrainingConfig
from kgbuild.train.loop import Trainer
from kgbuild.train.start import averaged, grown, ontology_of, start


def pair_vectors(model) -> torch.Tensor:
    torch.manual_seed(5)
    hidden, mask = torch.randn(1, 12, 32), torch.ones(1, 12, dtype=torch.long)
    spans = Spans(*(torch.tensor([each]) for each in ([1, 6], [2, 7], [0, 2])), torch.ones(1, 2).bool())
    pairs = Pairs(torch.tensor([[0]]), torch.tensor([[1]]), torch.ones(1, 1).bool())
    matches = torch.zeros(1, 2, 2, dtype=torch.long)
    network = model.network
    with torch.no_grad():
        return network.pair_vectors(hidden, mask, network.read_mentions(hidden, spans, matches), pairs)


def test_what_is_read_by_another_name_stays_where_a_property_is_learned(
    recipe: TrainingConfig, tiny_model, tmp_path: Path, ontology_file: Callable[[str], str]
) -> None:
    first = grown(tiny_model, ("P19", "P26"))
    with torch.no_grad():
        first.network.memory.normal_()
    save_model(first, tmp_path / "known")
    mine = ontology_file(
        """
        dbo:birthPlace a owl:ObjectProperty ; rdfs:label "birth place"@en .
        dbo:colour a owl:ObjectProperty ; rdfs:label "colour"@en .
        """
    )
    start_from = str(tmp_path / "known")
    config = msgspec.structs.replace(recipe, ontology=mine, start_from=start_from, learn="properties")
    model = start(config, ontology_of(config))
    assert model.config.trained == tuple(
        [f"http://dbpedia.org/ontology/{name}" for name in ("birthPlace", "colour")] + ["P19"]
    )
    assert torch.equal(model.network.memory[2], load_model(Path(start_from)).network.memory[0])
    assert not model.network.memory[:2].any()
    joint = start(msgspec.structs.replace(config, learn="all"), ontology_of(config))
    assert len(joint.config.trained) == 2


def test_a_grown_model_keeps_what_it_knows(tiny_model) -> None:
    first = grown(tiny_model, ("P19", "P26"))
    with torch.no_grad():
        first.network.memory[1] = 3.0
    second = grown(first, ("P108", "P26"), structure=2)
    assert second.config.network.structure == len(second.network.structure) == 2
    assert second.config.trained == ("P108", "P26")
    assert not second.network.memory[0].any()
    assert (second.network.memory[1] == 3.0).all()
    assert torch.equal(pair_vectors(second), pair_vectors(first))
    assert not any(parameter.isnan().any() for parameter in second.network.parameters())


def test_several_models_start_as_the_mean_of_their_weights(tiny_model, tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    first = grown(tiny_model, ("P19", "P26"))
    for folder, value in zip(folders, (1.0, 4.0), strict=True):
        with torch.no_grad():
            first.network.memory.fill_(value)
        save_model(first, folder)
    mean = averaged([load_model(folder) for folder in folders])
    assert (mean.network.memory == 2.5).all()
    assert torch.equal(mean.network.span.weight, load_model(folders[0]).network.span.weight)


def test_models_of_other_properties_have_no_mean(tiny_model) -> None:
    first, second = grown(tiny_model, ("P19", "P26")), grown(tiny_model, ("P19", "P108"))
    with pytest.raises(ModelError, match="differ in size, properties or their texts"):
        averaged([first, second])


def test_a_broken_backbone_is_told_in_one_line(recipe: TrainingConfig, tmp_path: Path) -> None:
    for text in ("no JSON", '{"model_type": "none"}', '{"model_type": "bert"}'):
        (tmp_path / "config.json").write_text(text)
        fresh = msgspec.structs.replace(recipe, start_from=None, backbone=str(tmp_path))
        with pytest.raises(ModelError, match=r"^the backbone .* cannot be read: .*; give the folder") as told:
            start(fresh, ontology_of(fresh))
        assert "\n" not in str(told.value)


def test_rounds_are_learned_and_kept(recipe: TrainingConfig) -> None:
    config = msgspec.structs.replace(recipe, structure=1, epochs=2)
    trained = Trainer(config).run(lambda _at: None, lambda *_: None)
    assert trained.network.structure[0].message.weight.abs().max() > 0
    again = msgspec.structs.replace(config, start_from=config.output, structure=0)
    assert Trainer(again).model.config.network.structure == 1


def test_likeness_is_learned_and_kept(recipe: TrainingConfig) -> None:
    config = msgspec.structs.replace(recipe, likeness=6, epochs=2)
    trained = Trainer(config).run(lambda _at: None, lambda *_: None)
    likeness = trained.network.likeness
    assert likeness is not None
    assert likeness.end.weight.shape[0] == 6
    assert likeness.weight.tolist() != [CONTEXT, END]
    saved = load_model(Path(config.output))
    assert torch.equal(saved.network.likeness.weight, likeness.weight.bfloat16().float())
    again = msgspec.structs.replace(config, start_from=config.output)
    assert torch.equal(Trainer(again).model.network.likeness.end.weight, saved.network.likeness.end.weight)
    few = msgspec.structs.replace(again, likeness=0, learn="properties")
    assert torch.equal(Trainer(few).model.network.likeness.end.weight, saved.network.likeness.end.weight)
    with pytest.raises(ValueError, match="likeness is learned with the network"):
        msgspec.structs.replace(config, learn="properties")


def test_a_model_that_goes_on_without_likeness_has_none(recipe: TrainingConfig) -> None:
    config = msgspec.structs.replace(recipe, likeness=6, epochs=1)
    Trainer(config).run(lambda _at: None, lambda *_: None)
    again = msgspec.structs.replace(config, start_from=config.output, likeness=0)
    model = Trainer(again).model
    assert model.network.likeness is None
    assert model.network.memory.shape[1] == model.config.network.width + 1
    wider = msgspec.structs.replace(again, likeness=8)
    assert Trainer(wider).model.network.likeness.end.weight.shape[0] == 8


@pytest.mark.parametrize(
    ("learn", "likeness", "told"), [("likeness", 0, "needs the width"), (["P19"], 6, "leave it out")]
)
def test_likeness_is_given_where_it_is_learned(
    recipe: TrainingConfig, learn: str | list[str], likeness: int, told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        msgspec.structs.replace(recipe, learn=learn, likeness=likeness)


def test_likeness_of_a_fresh_model_counts(recipe: TrainingConfig, tiny_model, tmp_path: Path) -> None:
    tiny_model.network.encoder.save_pretrained(tmp_path)
    tiny_model.text_encoder.tokenizer.save(str(tmp_path / "tokenizer.json"))
    config = msgspec.structs.replace(recipe, start_from=None, backbone=str(tmp_path), likeness=6)
    fresh = start(config, ontology_of(config))
    assert fresh.network.likeness.weight.tolist() == [CONTEXT, END]
    assert fresh.config.network.likeness == 6


def test_a_model_grown_by_likeness_reads_what_it_learned_as_before(tiny_model) -> None:
    first = grown(tiny_model, ("P19", "P57"))
    with torch.no_grad():
        first.network.memory.normal_()
    second = grown(first, ("P57", "P19", "P26"), likeness=6)
    assert second.config.network.likeness == 6
    texts = PropertyTexts.of(load_ontology(), first)
    before, after = (
        each.network.relations(pair_vectors(each), texts.known_by(each)) for each in (first, second)
    )
    learned = [texts.names.index(name) for name in first.config.trained]
    torch.testing.assert_close(after[..., learned], before[..., learned], rtol=1e-4, atol=1e-5)
    again = grown(second, second.config.trained, likeness=6)
    torch.testing.assert_close(again.network.memory, second.network.memory)
    torch.testing.assert_close(again.network.likeness.end.weight, second.network.likeness.end.weight)
    without = grown(second, first.config.trained)
    assert torch.equal(without.network.memory, first.network.memory)

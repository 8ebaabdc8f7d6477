"""What the model with which training began says, where a data set says nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import msgspec
import pytest
import torch
from passage import EXAMPLE, NAMES, texts

from kgbuild.errors import ConfigurationError
from kgbuild.extract.labels import TAGS
from kgbuild.extract.model import Model
from kgbuild.ontology import load_ontology
from kgbuild.train.batches import Batch, Inventory, collate
from kgbuild.train.config import DataConfig, TrainingConfig, read_recipe
from kgbuild.train.corpora import Corpus, with_predicted_mentions
from kgbuild.train.examples import Example, Scope, Tagging
from kgbuild.train.features import IGNORED, Features, featurize
from kgbuild.train.loop import Trainer
from kgbuild.train.losses import joint_losses, relation_loss
from kgbuild.train.remembering import Teacher


@pytest.fixture
def inventory() -> Inventory:
    return Inventory.of(load_ontology(None), NAMES)


@pytest.fixture
def shown(tiny_encoder, inventory: Inventory):
    """A batch of one example, all of which a recipe remembers at a weight."""

    def batch(example: Example = EXAMPLE, weight: float = 0.5) -> Batch:
        return collate([replace(featurize(example, tiny_encoder, length=64), remembered=weight)], inventory)

    return batch


@pytest.fixture
def teacher(tiny_model: Model) -> Teacher:
    """A network that learned two properties of three."""
    tiny_model.network.memory.data = torch.randn(3, tiny_model.network.config.compared + 1)
    tiny_model.network.memory.data[2] = 0.0
    return Teacher(tiny_model.network, texts(tiny_model))


def weights(batch: Batch) -> dict[tuple[int, int], list[float]]:
    pairs = zip(batch.pairs.subject[0].tolist(), batch.pairs.object[0].tolist(), strict=True)
    return dict(zip(pairs, batch.relations.remembered.tolist(), strict=True))


def test_what_the_types_allow_and_nobody_annotated_is_remembered(shown) -> None:
    found = weights(shown())
    assert found[0, 1] == [0, 0.5, 0]
    assert found[0, 2] == [0, 0, 0.5]  # of this pair P551 is unknown, and a place is nobody's spouse
    assert not shown(weight=0.0).relations.remembered.any()


def test_what_counts_a_little_as_false_is_remembered_too(tiny_encoder, inventory: Inventory) -> None:
    features = featurize(EXAMPLE, tiny_encoder, length=64)
    batch = collate([replace(features, remembered=0.5, unannotated=0.1)], inventory)
    assert weights(batch)[0, 1] == [0, 0.5, 0]


def test_a_text_without_annotation_has_pairs_to_remember(shown) -> None:
    bare = replace(EXAMPLE, facts=(), unknown=(), annotated=frozenset(), scope=Scope.ENTITY)
    assert shown(bare).relations.remembered.tolist() == [[0.5, 0, 0.5]]
    assert not shown(bare, 0.0).pairs.mask.any()


def test_the_tags_of_words_that_nobody_annotated_are_remembered(tiny_encoder, shown) -> None:
    batch, features = shown(), featurize(EXAMPLE, tiny_encoder, length=64)
    first = features.tokens.first
    unknown = (features.tags[1:-1] == IGNORED) & first
    assert 0 < unknown.sum() < first.sum()
    assert (features.tags[1:-1] == IGNORED)[~first].all()  # what goes on in a word has no tag of its own
    assert batch.remembered[0].tolist() == [0, *(unknown * 0.5).tolist(), 0]


def test_what_was_learned_stands_in_and_what_is_annotated_stays(shown, teacher: Teacher) -> None:
    before = shown()
    told = teacher.told(before)
    old, new = before.relations, told.relations
    learned = torch.tensor([True, True, False])
    stands_in = (old.remembered > 0) & learned
    assert stands_in.any()
    assert torch.equal(new.targets[~stands_in], old.targets[~stands_in])
    assert torch.equal(new.weights, torch.where(stands_in, old.remembered, old.weights))
    assert ((new.targets > 0) & (new.targets < 1))[stands_in].all()
    words = told.tags[told.tagged]
    assert len(words) == (before.tags != IGNORED).sum() + (before.remembered > 0).sum() > 0
    assert told.tag_targets is not None
    assert told.tag_targets.shape == (len(words), len(TAGS))
    assert torch.allclose(told.tag_targets.sum(1), torch.ones(len(words)))


def test_what_is_sure_is_a_probability_all_the_same(shown, teacher: Teacher) -> None:
    teacher.properties[:, -1] = 100.0
    told = teacher.told(shown()).relations
    assert (told.targets == 1).sum() == 1  # the annotated fact


def test_a_teacher_reads_without_dropout(shown, teacher: Teacher, tiny_model: Model) -> None:
    tiny_model.network.train()
    once = Teacher(tiny_model.network, texts(tiny_model)).told(shown()).relations.targets
    tiny_model.network.eval()
    assert torch.allclose(once, teacher.told(shown()).relations.targets)


def test_nothing_is_read_where_nothing_is_remembered(shown, teacher: Teacher) -> None:
    batch = shown(weight=0.0)
    teacher.network = None  # type: ignore[assignment]
    assert teacher.told(batch) is batch


def test_who_remembers_perfectly_learns_nothing(shown, teacher: Teacher, tiny_model: Model) -> None:
    bare = replace(EXAMPLE, facts=(), unknown=(), annotated=frozenset(), tagging=Tagging.NONE)
    network = tiny_model.network.eval()
    told = teacher.told(shown(bare))

    def slopes() -> dict[str, float]:
        network.zero_grad()
        losses = joint_losses(network, told, [teacher.properties])
        (losses.tags + losses.relations).backward()
        return {
            name: each.grad.abs().max().item()
            for name, each in network.named_parameters()
            if each.grad is not None
        }

    assert max(slopes().values()) < 1e-5
    with torch.no_grad():
        for each in network.parameters():
            each.add_(torch.randn_like(each) * 0.1)
    assert max(slopes().values()) > 1e-3


def test_probabilities_have_no_part_in_the_ranking(shown, teacher: Teacher) -> None:
    told = teacher.told(shown()).relations
    scores = torch.zeros_like(told.targets)
    true = told.targets == 1
    assert true.sum() == 1
    binary = torch.nn.functional.binary_cross_entropy_with_logits(
        scores, told.targets, weight=told.weights, reduction="sum"
    )
    row = true.nonzero()[0, 0]
    rivals = ((told.weights[row] > 0.5) & (told.targets[row] == 0)).sum()
    ranking = torch.log1p(rivals.float())
    expected = (binary + ranking) / ((told.targets * told.weights).sum() + 1)
    assert relation_loss(scores, told).item() == pytest.approx(expected.item(), rel=1e-5)


def test_a_remembered_word_counts_by_its_weight(shown, teacher: Teacher, tiny_model: Model) -> None:
    network = tiny_model.network.eval()
    found = [
        joint_losses(network, teacher.told(shown(weight=weight)), [teacher.properties]).tags.item()
        for weight in (0.0, 0.5, 1.0)
    ]
    batch = shown()
    known, unknown = ((batch.tags != IGNORED).sum().item(), (batch.remembered > 0).sum().item())
    remembered = (found[2] * (known + unknown) - found[0] * known) / unknown
    assert found[1] == pytest.approx(
        (found[0] * known + 0.5 * remembered * unknown) / (known + 0.5 * unknown), rel=1e-4
    )


def test_a_data_set_says_what_is_remembered(tiny_model: Model, tiny_encoder) -> None:
    spec = DataConfig(format="annotations", remembered=0.25)
    rows = Corpus(spec, (EXAMPLE,), tiny_encoder, 64).epoch(seed=1)
    rebuilt = with_predicted_mentions(rows, tiny_model.network, tiny_encoder)
    assert [row.remembered for row in (*rows, *rebuilt)] == [0.25, 0.25]
    assert rebuilt[0] is not rows[0]


def test_training_remembers_what_it_began_with(recipe: TrainingConfig) -> None:
    def drift(weight: float) -> float:
        data = [msgspec.structs.replace(each, remembered=weight) for each in recipe.data]
        trainer = Trainer(
            msgspec.structs.replace(recipe, data=data, epochs=3, output=f"{recipe.output}-{weight}")
        )
        assert (trainer.updater.teacher is not None) == bool(weight)
        names, network = trainer.updater.texts.names, trainer.model.network
        other = [names.index(name) for name in names if name != "P19"]
        rows = [row for corpus in trainer.corpora for row in corpus.features([0])]
        read = partial(_read, trainer, rows)
        with torch.no_grad():
            network.memory[other] = torch.randn(len(other), network.memory.shape[1])
        if weight:
            trainer.updater.teacher = Teacher(network, trainer.updater.texts)
        before = read()
        trainer.run(lambda _: None, lambda *_: None)
        return (read() - before)[:, other].abs().mean().item()

    forgotten, remembered = drift(0.0), drift(2.0)
    assert remembered < 0.7 * forgotten


def _read(trainer: Trainer, rows: list[Features]) -> torch.Tensor:
    updater = trainer.updater
    network = trainer.model.network.eval()
    batch = collate(rows, updater.inventory)
    with torch.no_grad():
        hidden = network.encode(batch.window)
        mentions = network.read_mentions(hidden, batch.spans, batch.matches)
        pairs = network.pair_vectors(hidden, batch.window.mask, mentions, batch.pairs)
        return network.relations(pairs[batch.pairs.mask], updater.properties()).sigmoid()


@pytest.mark.parametrize("line", ["", 'start_from = "m"\nlearn = "properties"\n'])
def test_only_a_model_that_goes_on_can_remember(tmp_path, line: str) -> None:
    path = tmp_path / "r.toml"
    path.write_text(f'backbone = "b"\noutput = "o"\n{line}[[data]]\nformat = "templates"\nremembered = 0.5\n')
    with pytest.raises(
        ConfigurationError, match="remembered is for trainings of all of a model that goes on"
    ):
        read_recipe(path)

"""Features, targets and the loop, on a corpus of a few sentences and an untrained tiny encoder."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import pytest
from passage import EXAMPLE, NAMES, TEXT

from kgbuild.errors import ConfigurationError
from kgbuild.extract.calibration import Calibration
from kgbuild.extract.labels import PRONOUN, TAGS
from kgbuild.extract.model import load_model
from kgbuild.ontology import load_ontology
from kgbuild.records import Label
from kgbuild.train.batches import Inventory, batches, collate
from kgbuild.train.calibrate import fit, fit_by_property
from kgbuild.train.config import DataConfig, TrainingConfig, read_recipe
from kgbuild.train.corpora import Corpus
from kgbuild.train.examples import AnnotatedMention, Example, Fact, Scope, Tagging
from kgbuild.train.features import IGNORED, featurize
from kgbuild.train.loop import Trainer
from kgbuild.train.seeds import forget, trained


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    return Inventory.of(load_ontology(None), NAMES)


def test_partial_tags_train_what_is_known_and_nothing_else(tiny_encoder) -> None:
    features = featurize(EXAMPLE, tiny_encoder, length=64)
    first = np.flatnonzero(np.r_[False, features.tokens.first, False])
    words = [TEXT[features.tokens.start[at - 1] :].split(maxsplit=1)[0].strip(".") for at in first]
    tags = dict(zip(words, features.tags[first], strict=True))
    assert TAGS[tags["Ada"]] == "B-person"
    assert TAGS[tags["Rome"]] == "B-location"
    assert tags["met"] == 0
    assert tags["Bob"] == IGNORED
    assert features.label.tolist() == [0, PRONOUN, 2]


def test_a_stop_word_that_opens_a_sentence_is_outside(tiny_encoder) -> None:
    text = "The dog met Bob. The Hague is far"
    features = featurize(
        dataclasses.replace(EXAMPLE, text=text, mentions=(), facts=(), unknown=()), tiny_encoder, length=64
    )
    starts = np.flatnonzero(features.tokens.first)
    tags = {int(features.tokens.start[at]): int(features.tags[at + 1]) for at in starts}
    assert tags[0] == 0
    assert tags[text.index("Bob")] == tags[text.index("The H")] == tags[text.index("Hague")] == IGNORED


def test_targets_follow_facts_and_leave_out_what_is_unknown(tiny_encoder, inventory) -> None:
    batch = collate([featurize(EXAMPLE, tiny_encoder, length=64)], inventory)
    pairs = list(zip(batch.pairs.subject[0].tolist(), batch.pairs.object[0].tolist(), strict=True))
    row = {pair: number for number, pair in enumerate(pairs)}
    targets, weights = batch.relations.targets, batch.relations.weights
    assert targets[row[1, 2]].tolist() == [0, 0, 1]
    assert weights[row[1, 2]].tolist() == [1, 0, 1]
    assert weights[row[0, 2]].tolist() == [1, 0, 0]
    assert targets.sum() == 1
    assert batch.antecedents[0].nonzero().tolist() == [[1, 0]]


def test_pairs_are_those_that_the_types_allow(tiny_encoder, inventory) -> None:
    batch = collate([featurize(EXAMPLE, tiny_encoder, length=64)], inventory)
    pairs = set(zip(batch.pairs.subject[0].tolist(), batch.pairs.object[0].tolist(), strict=True))
    assert pairs == {(0, 1), (0, 2), (1, 2)}  # a pronoun may be anything, a place has no birthplace


def test_what_is_not_annotated_may_count_a_little_as_false(tiny_encoder, inventory) -> None:
    features = dataclasses.replace(featurize(EXAMPLE, tiny_encoder, length=64), unannotated=0.1)
    batch = collate([features], inventory)
    pairs = list(zip(batch.pairs.subject[0].tolist(), batch.pairs.object[0].tolist(), strict=True))
    weights = dict(zip(pairs, batch.relations.weights.tolist(), strict=True))
    assert weights[0, 1] == pytest.approx([1, 0.1, 1])
    assert weights[0, 2] == pytest.approx([1, 0, 0])  # a place is nobody's spouse; P551 is unknown


def test_what_other_texts_of_a_set_annotate_is_unknown(tiny_encoder, inventory) -> None:
    other = dataclasses.replace(EXAMPLE, annotated=frozenset({"P26"}), facts=(), unknown=())
    spec = DataConfig(format="annotations", unannotated=0.1)
    for examples, expected in (((EXAMPLE,), [1, 0.1, 1]), ((EXAMPLE, other), [1, 0, 1])):
        first, *_ = Corpus(spec, examples, tiny_encoder, 64).epoch(seed=1)
        batch = collate([first], inventory)
        pairs = list(zip(batch.pairs.subject[0].tolist(), batch.pairs.object[0].tolist(), strict=True))
        weights = dict(zip(pairs, batch.relations.weights.tolist(), strict=True))
        assert weights[0, 1] == pytest.approx(expected)


def test_of_what_a_set_states_incompletely_only_its_facts_are_known(tiny_encoder, inventory) -> None:
    spec = DataConfig(format="annotations", unannotated=0.1, incomplete=frozenset({"P19", "P551"}))
    [row] = Corpus(spec, (EXAMPLE,), tiny_encoder, 64).epoch(seed=1)
    batch = collate([row], inventory)
    pairs = list(zip(batch.pairs.subject[0].tolist(), batch.pairs.object[0].tolist(), strict=True))
    weights = dict(zip(pairs, batch.relations.weights.tolist(), strict=True))
    assert weights[0, 1] == pytest.approx([0, 0.1, 0])
    assert weights[1, 2] == [0, 0, 1]
    assert batch.relations.targets.sum() == 1


def test_a_pronoun_is_not_told_from_what_may_be_the_same_person_too(tiny_encoder, inventory) -> None:
    text = "Ada Lee met Bob. She was ill. Lee left Rome for her"
    named = ((0, "Ada Lee", 0), (12, "Bob", 1), (30, "Lee", -1), (39, "Rome", -1), (48, "her", 0))
    mentions = tuple(
        AnnotatedMention(start, start + len(name), Label.PERSON, entity) for start, name, entity in named
    )
    example = Example("x", text, mentions, tagging=Tagging.NONE)
    features = featurize(example, tiny_encoder, length=64)
    surfaces = [text[mention.start : mention.end] for mention in mentions] + ["She"]
    batch = collate([features], inventory)
    row = surfaces.index("her")
    assert [surfaces[at] for at in batch.antecedents[0, row].nonzero().flatten()] == ["Ada Lee"]
    assert [surfaces[at] for at in batch.candidates[0, row].nonzero().flatten()] == ["Ada Lee", "Bob", "Rome"]


def test_entity_facts_are_groups_of_mention_pairs(tiny_encoder, inventory) -> None:
    example = dataclasses.replace(EXAMPLE, scope=Scope.ENTITY, facts=(Fact(0, "P551", 1),), unknown=())
    batch = collate([featurize(example, tiny_encoder, length=64)], inventory)
    assert len(batch.relations.group) == 2
    assert batch.relations.targets.shape == (1, 3)
    assert batch.relations.targets.sum() == 1


def test_a_stated_property_is_false_of_other_subjects_but_not_of_what_may_stand_for_its_own(
    tiny_encoder, inventory
) -> None:
    mentions = [
        AnnotatedMention(start, end, Label.PERSON if start < 12 else Label.LOCATION)
        for start, end in ((0, 3), (22, 26), (8, 11))
    ]
    stated = (Fact(0, "P551", 1),)
    example = dataclasses.replace(
        EXAMPLE, mentions=tuple(mentions), facts=stated, unknown=(), scope=Scope.STATED
    )
    features = dataclasses.replace(featurize(example, tiny_encoder, length=64), unannotated=0.1)
    batch = collate([features], inventory)
    pairs = zip(batch.pairs.subject[0].tolist(), batch.pairs.object[0].tolist(), strict=True)
    found = dict(zip(pairs, batch.relations.weights.tolist(), strict=True))
    assert found[0, 1] == pytest.approx([1, 0, 1])  # Ada, Rome
    assert found[2, 1] == [0, 0, 1]  # Bob, Rome
    assert found[3, 1] == [0, 0, 0]  # She, Rome
    assert batch.relations.targets.sum() == 1


def test_batches_hold_every_example_once_and_one_scope_each(tiny_encoder) -> None:
    other = dataclasses.replace(EXAMPLE, scope=Scope.PAIR, tagging=Tagging.NONE)
    rows = [featurize(each, tiny_encoder, length=64) for each in (EXAMPLE, other) * 7]
    found = list(batches(rows, tokens=70, seed=3))
    assert sorted(id(row) for batch in found for row in batch) == sorted(map(id, rows))
    assert all(len({row.example.scope for row in batch}) == 1 for batch in found)
    again = [[id(row) for row in batch] for batch in batches(rows, tokens=70, seed=3)]
    assert again == [[id(row) for row in batch] for batch in found]


class Judged(NamedTuple):
    """Predictions whose chance of being right is known: the logit halved, less one."""

    scores: np.ndarray
    right: np.ndarray

    @classmethod
    def drawn(cls, number: int, seed: int = 0) -> Judged:
        random = np.random.default_rng(seed)
        logit = random.normal(0, 2, number)
        return cls(1 / (1 + np.exp(-logit)), random.random(number) < 1 / (1 + np.exp(-(0.5 * logit - 1))))

    def fitted(self, *, given_up: float = 0.0) -> Calibration:
        return fit(self.scores.tolist(), self.right.tolist(), int(self.right.sum()), given_up=given_up)

    def f1(self, calibration: Calibration) -> float:
        """Of what a calibration emits."""
        kept = np.array([calibration.of(each) for each in self.scores]) >= calibration.threshold
        return 2 * self.right[kept].sum() / (kept.sum() + self.right.sum())


def test_calibration_finds_the_scale_and_the_best_threshold() -> None:
    judged = Judged.drawn(4000)
    found = judged.fitted()
    assert found.scale == pytest.approx(0.5, abs=0.08)
    assert found.shift == pytest.approx(-1.0, abs=0.15)
    others = [dataclasses.replace(found, threshold=each) for each in np.linspace(0.02, 0.98, 97)]
    assert judged.f1(found) > max(map(judged.f1, others)) - 0.01
    assert found.threshold == pytest.approx(judged.f1(found) / 2, abs=0.03)


def test_few_judgements_set_a_threshold_as_many_do() -> None:
    many = Judged.drawn(20000).fitted()
    few = [Judged.drawn(200, seed).fitted().threshold for seed in range(1, 31)]
    assert np.abs(np.array(few) - many.threshold).mean() < 0.03, "by hits that were counted it is 0.05"


def test_the_threshold_of_all_is_that_of_what_each_property_promises() -> None:
    """Two properties alike in scores, of which one is right nine times of ten, the other once."""
    names, scores = ["P19", "P26"] * 200, [0.4, 0.4] * 200
    right = [number % 20 < 18 if name == "P19" else number % 20 < 2 for number, name in enumerate(names)]
    common, own = fit_by_property(names, scores, right, sum(right))
    assert own["P26"].of(0.4) < common.threshold <= own["P19"].of(0.4)
    assert {each.threshold for each in own.values()} == {common.threshold}
    assert fit(scores, right, sum(right)).threshold < common.threshold, "which tells nothing apart"


def test_where_nothing_is_predicted_even_odds_are_asked_for() -> None:
    assert fit([], [], 3).threshold == 0.5


def test_a_threshold_that_gives_up_some_f1_lets_less_through() -> None:
    judged = Judged.drawn(20000)
    found, surer = judged.fitted(), judged.fitted(given_up=0.05)
    assert (surer.scale, surer.shift) == (found.scale, found.shift)
    assert surer.threshold > found.threshold
    assert judged.f1(surer) == pytest.approx(0.95 * judged.f1(found), rel=0.01)


def test_a_property_that_is_seldom_right_is_believed_less() -> None:
    random = np.random.default_rng(0)
    logit = random.normal(0, 2, 3000)
    name = np.where(np.arange(3000) < 1500, "P19", "P20")
    right = random.random(3000) < 1 / (1 + np.exp(-(logit + np.where(name == "P19", 1.0, -1.0))))
    name[:3] = "P26"
    scores = 1 / (1 + np.exp(-logit))
    common, own = fit_by_property(name.tolist(), scores.tolist(), right.tolist(), int(right.sum()))
    assert own["P19"].shift - own["P20"].shift == pytest.approx(2.0, abs=0.3)
    assert abs(own["P26"].shift - common.shift) < 0.8
    assert {each.threshold for each in own.values()} == {common.threshold}


def test_calibration_converges_on_sure_predictions() -> None:
    found = fit([0.999999] * 50 + [0.03] * 200, [True] * 50 + [False] * 200, 60)
    assert 0.1 < found.scale < 10
    assert 0 < found.threshold < 1


def quiet(*_told: object) -> None:
    """Nothing is shown."""


def test_training_learns_and_writes_a_model_that_loads(recipe: TrainingConfig) -> None:
    relations: list[float] = []
    trainer = Trainer(recipe)
    trainer.run(lambda at: relations.append(float(at.losses.relations)), quiet)
    assert relations[-1] < 0.5 * relations[0]
    assert load_model(Path(recipe.output)).config.name == "tiny"


def test_the_same_seed_trains_the_same_weights(recipe: TrainingConfig) -> None:
    short = msgspec.structs.replace(recipe, epochs=2)
    digests = set()
    for _ in range(2):
        trained(short, lambda _at: None, quiet)
        digests.add(load_model(Path(short.output)).digest)
        forget(short)
    assert len(digests) == 1


def test_a_property_outside_the_ontology_stops_before_training(
    recipe: TrainingConfig, tmp_path: Path
) -> None:
    schema = tmp_path / "small.ttl"
    schema.write_text(
        "@prefix wikibase: <http://wikiba.se/ontology#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "<http://www.wikidata.org/entity/P26> a wikibase:Property ; rdfs:label 'spouse'@en ;\n"
        "  wikibase:propertyType wikibase:WikibaseItem .\n"
    )
    with pytest.raises(ConfigurationError, match="P19"):
        Trainer(msgspec.structs.replace(recipe, ontology=str(schema)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("backbone = 1\noutput = 'x'\ndata = []\n", "backbone"),
        ("backbone = 'b'\noutput = 'x'\ndata = []\nepoch = 3\n", "epoch"),
        ("backbone = \n", "recipe.toml"),
        ("backbone = 'b'\noutput = 'x'\ndata = []\naverage = 1.0\n", "average"),
        ("backbone = 'b'\noutput = 'x'\ndata = []\nprior = -1.0\n", "prior"),
        ("backbone = 'b'\noutput = 'x'\ndata = []\nconsistency = -1.0\n", "consistency"),
        ("backbone = 'b'\noutput = 'x'\ndata = []\nseeds = 0\n", "seeds"),
        ("backbone = 'b'\noutput = 'x'\ndata = []\nseeds = 2\nepochs = 0\n", "nothing trains"),
        ("backbone = 'b'\noutput = 'x'\ndata = []\nepochs = 2\nstop_after = 3\n", "there are 2 epochs"),
        ("backbone = 'b'\noutput = 'x'\ndata = []\nseeds = 2\nlearn = 'properties'\n", "nothing trains"),
    ],
)
def test_a_wrong_recipe_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=said):
        read_recipe(path)


def test_a_recipe_takes_over_what_it_does_not_say(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "a.toml").write_text(
        "backbone = 'b'\noutput = 'x'\nseed = 4\nepochs = 3\n[[data]]\nformat = 'templates'\n"
    )
    (tmp_path / "b.toml").write_text("extends = 'before/a.toml'\noutput = 'y'\nepochs = 2\n")
    (tmp_path / "c.toml").write_text("extends = 'b.toml'\noutput = 'z'\n[[data]]\nformat = 'stories'\n")
    whole, second, third = (read_recipe(tmp_path / name) for name in ("before/a.toml", "b.toml", "c.toml"))
    assert second == msgspec.structs.replace(whole, output="y", epochs=2)
    assert [each.format for each in third.data] == ["stories"]
    assert third == msgspec.structs.replace(second, output="z", data=third.data)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extends = 'gone.toml'\n", "gone.toml, which .*recipe.toml extends, cannot be read: No such file"),
        ("extends = 3\n", "recipe.toml: extends must be the path of a recipe"),
        ("extends = 'other.toml'\n", "recipe.toml extends itself"),
        ("extends = 'wrong.toml'\n", "wrong.toml: "),
        ("extends = 'short.toml'\n", "recipe.toml: .*missing required field `backbone`"),
    ],
)
def test_a_recipe_that_extends_wrongly_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "recipe.toml").write_text(text)
    (tmp_path / "other.toml").write_text("extends = 'recipe.toml'\n")
    (tmp_path / "wrong.toml").write_text("backbone = \n")
    (tmp_path / "short.toml").write_text("output = 'x'\ndata = []\n")
    with pytest.raises(ConfigurationError, match=said):
        read_recipe(tmp_path / "recipe.toml")


def test_the_recipes_in_the_repository_are_valid() -> None:
    recipes = sorted(Path(__file__).parents[2].glob("recipes/**/*.toml"))
    assert recipes
    for path in recipes:
        assert read_recipe(path).data


def test_a_set_of_which_nothing_is_taken_shows_nothing(tiny_encoder) -> None:
    all_, none = (
        Corpus(DataConfig(format="knowledgenet", take=take), (EXAMPLE,), tiny_encoder, 64)
        for take in (None, 0)
    )
    assert len(all_.epoch(1)) == 1
    assert none.epoch(1) == []


def test_a_set_of_which_nothing_is_taken_teaches_no_property(recipe: TrainingConfig) -> None:
    [shown] = recipe.data
    lent = msgspec.structs.replace(recipe, data=[msgspec.structs.replace(shown, take=0)])
    assert "P19" in Trainer(recipe).annotated
    assert not Trainer(lent).annotated

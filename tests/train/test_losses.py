"""Losses of a batch that is read once, or twice under different dropout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from passage import NAMES

from kgbuild.extract.model import Model
from kgbuild.train.batches import Batch
from kgbuild.train.features import IGNORED
from kgbuild.train.losses import Losses, antecedent_loss, binary_divergence, divergence, joint_losses


@pytest.fixture
def read(tiny_model: Model) -> Callable[..., list[Losses]]:
    network = tiny_model.network
    torch.manual_seed(3)
    properties = torch.randn(len(NAMES), network.config.width + 1)

    def losses(batch: Batch, *consistency: float, dropout: bool = True, ways: int = 1) -> list[Losses]:
        network.train(dropout)
        torch.manual_seed(5)
        told = [properties, -properties][:ways]
        found = [joint_losses(network, batch, told, consistency=weight) for weight in consistency]
        network.eval()
        return found

    return losses


def test_readings_without_dropout_are_one(batch: Batch, read: Callable[..., list[Losses]]) -> None:
    once, twice = read(batch, 0.0, 1.0, dropout=False)
    assert once.total.item() == pytest.approx(twice.total.item(), rel=1e-5)


def test_each_way_of_telling_properties_is_held_against_what_is_annotated(
    tiny_model: Model, batch: Batch, read: Callable[..., list[Losses]]
) -> None:
    [both] = read(batch, 0.0, dropout=False, ways=2)
    torch.manual_seed(3)
    first = torch.randn(len(NAMES), tiny_model.network.config.width + 1)
    one, other = (joint_losses(tiny_model.network, batch, [told]) for told in (first, -first))
    assert both.relations.item() == pytest.approx((one.relations + other.relations).item(), rel=1e-5)
    assert one.relations.item() != other.relations.item()
    assert both.tags.item() == one.tags.item()


def test_both_readings_are_held_against_what_is_annotated(
    batch: Batch, read: Callable[..., list[Losses]]
) -> None:
    first, second = read(batch, 0.0, 0.0)
    [both] = read(batch, 1e-9)
    for part in ("tags", "relations", "coreference"):
        one, other = getattr(first, part).item(), getattr(second, part).item()
        assert one != other
        assert getattr(both, part).item() == pytest.approx((one + other) / 2, rel=1e-5)


@pytest.mark.parametrize("ways", [1, 2])
def test_what_two_readings_differ_in_counts_by_its_weight(
    batch: Batch, read: Callable[..., list[Losses]], ways: int
) -> None:
    [one], [two], [three] = (read(batch, weight, ways=ways) for weight in (1.0, 2.0, 3.0))
    for part in ("tags", "relations"):
        apart = getattr(two, part) - getattr(one, part)
        assert apart.item() > 0
        assert (getattr(three, part) - getattr(two, part)).item() == pytest.approx(apart.item(), rel=1e-3)
    assert one.coreference.item() == three.coreference.item() > 0


def test_readings_need_not_agree_on_what_is_not_annotated(
    batch: Batch, read: Callable[..., list[Losses]]
) -> None:
    known = batch.relations.weights > 0
    assert not known.all()
    blank = replace(
        batch,
        tags=torch.full_like(batch.tags, IGNORED),
        relations=replace(
            batch.relations,
            targets=torch.zeros_like(batch.relations.targets),
            weights=torch.zeros_like(batch.relations.weights),
        ),
    )
    [found] = read(blank, 5.0)
    assert found.tags.item() == found.relations.item() == 0


def test_divergences_are_those_of_both_ways() -> None:
    one, other = torch.tensor([[0.5, -1.0, 2.0]]), torch.tensor([[1.0, 1.0, -0.5]])
    first, second = (torch.distributions.Categorical(logits=each) for each in (one, other))
    both = torch.distributions.kl_divergence(first, second) + torch.distributions.kl_divergence(second, first)
    assert divergence(one, other).item() == pytest.approx(both.item() / 2, rel=1e-5)
    single = torch.distributions.Bernoulli(logits=one[0]), torch.distributions.Bernoulli(logits=other[0])
    ways = torch.distributions.kl_divergence(*single) + torch.distributions.kl_divergence(*single[::-1])
    assert torch.allclose(binary_divergence(one[0], other[0]), ways / 2, rtol=1e-5)


def test_antecedent_loss_is_low_for_the_right_antecedent() -> None:
    gold = torch.tensor([[[False, False], [True, False]]])
    right = antecedent_loss(torch.tensor([[[0.0, 0.0], [9.0, 0.0]]]), gold, gold)
    wrong = antecedent_loss(torch.tensor([[[0.0, 0.0], [-9.0, 0.0]]]), gold, gold)
    assert right < 0.01
    assert wrong > 5

"""The scale of properties that are known by their texts alone."""

from __future__ import annotations

from pathlib import Path

import torch

from kgbuild.extract.background import Background
from kgbuild.extract.model import Model, load_model, save_model
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.ontology import Ontology
from kgbuild.train.start import grown

WIDTH = 16


def pairs() -> Background:
    torch.manual_seed(1)
    drawn = torch.randn(200, WIDTH) @ torch.randn(WIDTH, WIDTH) + torch.randn(WIDTH)
    return Background.of(drawn, torch.randn(9, WIDTH + 1))


def test_scaled_properties_score_alike_over_the_background() -> None:
    torch.manual_seed(2)
    vectors = torch.randn(400, WIDTH) * torch.linspace(0.1, 3.0, WIDTH)
    usual = torch.randn(5, WIDTH + 1)
    ground = Background.of(vectors, usual)
    others = torch.randn(7, WIDTH + 1) * torch.logspace(-1, 1, 7)[:, None]
    scaled = ground.scaled(others)
    logits = vectors @ scaled[:, :-1].T + scaled[:, -1]
    told = vectors @ usual[:, :-1].T + usual[:, -1]
    assert torch.allclose(logits.mean(0), told.mean(0).median().expand(7), atol=1e-4)
    assert torch.allclose(logits.std(0), told.std(0).median().expand(7), rtol=1e-4)
    raw = vectors @ others[:, :-1].T
    assert torch.equal(raw.argsort(0), logits.argsort(0))  # which pairs it fits best stays


def test_a_long_vector_wins_no_pair_for_its_length() -> None:
    torch.manual_seed(3)
    vectors = torch.randn(500, WIDTH)
    fitting, hub = torch.zeros(WIDTH + 1), torch.zeros(WIDTH + 1)
    fitting[0], hub[1] = 1.0, 9.0
    of_the_first = torch.zeros(1, WIDTH)
    of_the_first[0, 0], of_the_first[0, 1] = 2.0, 0.5
    both = torch.stack([fitting, hub])
    assert (of_the_first @ both[:, :-1].T + both[:, -1]).argmax() == 1
    both = Background.of(vectors, both).scaled(both)
    assert (of_the_first @ both[:, :-1].T + both[:, -1]).argmax() == 0


def test_among_rivals_only_what_nothing_was_learned_of_is_scaled(tiny_model: Model, schema: Ontology) -> None:
    texts = PropertyTexts.of(schema, tiny_model)
    learned, blank = texts.names[:2]
    model = grown(tiny_model, (learned, blank))
    with torch.no_grad():
        model.network.memory[0] = 0.5
    told, known = texts.vectors(model.network), texts.known_by(model)
    assert torch.equal(known[0], told[0] + 0.5)
    assert torch.equal(known[1:], told[1:])
    assert torch.equal(texts.rivals(model), known)
    model.background = pairs()
    rivals = texts.rivals(model)
    assert torch.equal(rivals[0], known[0])
    assert torch.equal(rivals[1:], model.background.scaled(told)[1:])
    assert not torch.allclose(rivals[1:], known[1:])
    assert torch.equal(texts.known_by(model), known)  # where each is read by itself nothing changes


def test_a_model_keeps_its_background(tiny_model: Model, tmp_path: Path) -> None:
    tiny_model.background = pairs()
    save_model(tiny_model, tmp_path / "model")
    again = load_model(tmp_path / "model")
    assert again.background is not None
    assert again.filter is None
    for name, tensor in tiny_model.background.tensors.items():
        assert torch.equal(again.background.tensors[name], tensor)
    assert again.digest != "untrained"

"""Pair scores in the cheap order are those of the network in its own; licences and thresholds hold."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kgbuild.extract import scoring
from kgbuild.extract.calibration import UNJUDGED, Calibration, PropertyCalibration
from kgbuild.extract.licence import Licence, kind
from kgbuild.extract.model import Model
from kgbuild.extract.network import Pairs, Spans
from kgbuild.extract.scoring import PairScorer
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.records import Label
from kgbuild.train.start import grown

FIRST = np.array([1, 4, 5, 9, 14, 20, 30], np.int64)
LAST = np.array([2, 4, 7, 9, 17, 20, 31], np.int64)
LABELS = (
    *(Label.PERSON, Label.LOCATION, Label.TIME, Label.PERSON),
    *(Label.ORGANISATION, Label.NUMBER, Label.PERSON),
)
KINDS = np.array([kind([label]) for label in LABELS], np.int64)


@pytest.fixture(scope="module")
def schema() -> Ontology:
    return load_ontology()


@pytest.fixture
def state(tiny_model: Model) -> tuple[torch.Tensor, torch.Tensor]:
    """Hidden states of a window, (tokens, hidden), and vectors of its mentions, (mentions, width)."""
    torch.manual_seed(3)
    network = tiny_model.network
    with torch.no_grad():
        network.distance_embedding.weight.normal_()
        network.query.bias.normal_()
    return 3 * torch.randn(33, network.encoder_config.hidden_size), torch.randn(7, network.config.width)


def scorer(
    model: Model, schema: Ontology, threshold: float, pronouns: tuple[str, ...] | None = None
) -> tuple[PairScorer, torch.Tensor]:
    """A scorer with properties drawn by lot, and the vectors of those, (properties, compared + 1)."""
    names = tuple(sorted(schema.properties))
    properties = torch.randn(len(names), model.network.config.compared + 1)
    calibration = PropertyCalibration.of(names, Calibration(0.2, -0.5, threshold), pronouns=pronouns)
    return PairScorer(model.network, properties, Licence(schema, names), calibration), properties


def probabilities(model: Model, state: tuple[torch.Tensor, torch.Tensor], properties: torch.Tensor):
    """By the network's own arithmetic, (mentions, mentions, properties)."""
    hidden, mentions = state
    places = torch.cartesian_prod(torch.arange(7), torch.arange(7))
    first, last = torch.from_numpy(FIRST)[None], torch.from_numpy(LAST)[None]
    spans = Spans(first, last, torch.zeros(1, 7, dtype=torch.long), torch.ones(1, 7, dtype=torch.bool))
    pairs = Pairs(places[None, :, 0], places[None, :, 1], torch.ones(1, 49, dtype=torch.bool))
    vectors = model.network.pairs(hidden[None], None, mentions[None], spans, pairs)
    logits = model.network.relations(vectors, properties)[0]
    return torch.sigmoid(0.2 * logits - 0.5).view(7, 7, -1).numpy()


@pytest.mark.parametrize("at_once_and_likeness", [(1, 0), (9, 0), (4096, 0), (1, 6), (9, 6)])
@pytest.mark.parametrize("threshold", [0.0, 0.3])
def test_scores_are_the_networks_own(
    tiny_model: Model,
    schema: Ontology,
    state: tuple[torch.Tensor, torch.Tensor],
    monkeypatch: pytest.MonkeyPatch,
    at_once_and_likeness: tuple[int, int],
    threshold: float,
) -> None:
    at_once, likeness = at_once_and_likeness
    monkeypatch.setattr(scoring, "PAIRS_AT_ONCE", at_once)
    tiny_model = grown(tiny_model, tiny_model.config.trained, likeness=likeness)
    with torch.inference_mode():
        fast, properties = scorer(tiny_model, schema, threshold)
        facts = fast.facts(*state, FIRST, LAST, KINDS)
        expected = probabilities(tiny_model, state, properties)
    licence = Licence(schema, tuple(sorted(schema.properties)))
    wanted = {
        (subject, column, object_)
        for subject, object_ in np.argwhere(~np.eye(7, dtype=bool)).tolist()
        for column in np.flatnonzero(licence.properties(KINDS[[subject]], KINDS[[object_]])[0]).tolist()
        if expected[subject, object_, column] >= threshold
    }
    found = list(zip(facts.subject.tolist(), facts.column.tolist(), facts.object.tolist(), strict=True))
    assert wanted
    assert len(found) == len(set(found))
    assert set(found) == wanted
    scores = expected[facts.subject, facts.object, facts.column]
    np.testing.assert_allclose(facts.score, scores, atol=1e-5)


def test_of_a_pronoun_what_was_never_judged_of_one_must_be_surer(
    tiny_model: Model, schema: Ontology, state: tuple[torch.Tensor, torch.Tensor]
) -> None:
    names = sorted(schema.properties)
    judged = tuple(names[::2])
    kinds = KINDS.copy()
    kinds[3] = kind([Label.PERSON, Label.LOCATION])

    def found(pronouns: tuple[str, ...] | None) -> dict[tuple[int, str, int], float]:
        torch.manual_seed(4)
        with torch.inference_mode():
            fast, _ = scorer(tiny_model, schema, 0.3, pronouns)
            facts = fast.facts(*state, FIRST, LAST, kinds)
        keys = zip(facts.subject, (names[each] for each in facts.column), facts.object, strict=True)
        return dict(zip(keys, facts.score.tolist(), strict=True))

    every, kept = found(None), found(judged)
    dropped = every.keys() - kept.keys()
    assert kept.items() <= every.items()
    assert dropped
    assert all(3 in (subject, object_) and name not in judged for subject, name, object_ in dropped)
    assert all(every[each] < UNJUDGED for each in dropped)
    assert all(
        score >= UNJUDGED for (a, name, b), score in kept.items() if 3 in (a, b) and name not in judged
    )


def test_values_alone_hold_nothing(
    tiny_model: Model, schema: Ontology, state: tuple[torch.Tensor, torch.Tensor]
) -> None:
    fast, _ = scorer(tiny_model, schema, 0.0)
    with torch.inference_mode():
        facts = fast.facts(*state, FIRST, LAST, np.full(7, kind([Label.NUMBER]), np.int64))
    assert len(facts.subject) == len(facts.object) == len(facts.column) == len(facts.score) == 0


def test_mentions_that_attend_to_nothing_in_common_give_numbers(
    tiny_model: Model, schema: Ontology, state: tuple[torch.Tensor, torch.Tensor]
) -> None:
    hidden, mentions = state
    with torch.inference_mode():
        fast, _ = scorer(tiny_model, schema, 0.0)
        facts = fast.facts(1000 * hidden, 1000 * mentions, FIRST, LAST, KINDS)
    assert np.isfinite(facts.score).all()


@pytest.mark.parametrize("likeness", [0, 6])
def test_narrow_pairs_score_nearly_the_same(
    tiny_model: Model, schema: Ontology, state: tuple[torch.Tensor, torch.Tensor], likeness: int
) -> None:
    tiny_model = grown(tiny_model, tiny_model.config.trained, likeness=likeness)
    with torch.inference_mode():
        torch.manual_seed(5)
        wide = scorer(tiny_model, schema, 0.0)[0].facts(*state, FIRST, LAST, KINDS)
        tiny_model.network.encoder.bfloat16()
        torch.manual_seed(5)
        narrow = scorer(tiny_model, schema, 0.0)[0].facts(*state, FIRST, LAST, KINDS)
    assert tiny_model.network.tagger.weight.dtype == torch.float32
    np.testing.assert_array_equal(wide.column, narrow.column)
    assert 0 < np.abs(wide.score - narrow.score).max() < 0.05


def test_narrow_pairs_attend_to_no_padding(
    tiny_model: Model, schema: Ontology, state: tuple[torch.Tensor, torch.Tensor]
) -> None:
    hidden, mentions = state
    network = tiny_model.network
    with torch.no_grad():
        network.key.weight.zero_()  # so that all tokens count alike
        network.key.bias.zero_()
        network.context.bias.zero_()
        network.around.weight.normal_(0.0, 2.0)
    with torch.inference_mode():
        torch.manual_seed(5)
        wide = scorer(tiny_model, schema, 0.0)[0].facts(hidden.abs(), mentions, FIRST, LAST, KINDS)
        network.encoder.bfloat16()
        torch.manual_seed(5)
        narrow = scorer(tiny_model, schema, 0.0)[0].facts(hidden.abs(), mentions, FIRST, LAST, KINDS)
    assert len(hidden) % 16
    assert np.abs(wide.score - narrow.score).max() < 0.05

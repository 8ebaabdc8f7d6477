"""What a model learned is read under the names that another ontology has for it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from kgbuild.extract.calibration import CalibratedGroup, Calibration
from kgbuild.extract.doubtful import DoubtfulExtractor
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.extract.filtering import PairFilter
from kgbuild.extract.likeness import Likeness
from kgbuild.extract.model import Model
from kgbuild.extract.synonyms import Learned
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.records import Document, Label, Mention, Sentence
from kgbuild.train import run as run_module
from kgbuild.train.config import TrainingConfig
from kgbuild.train.start import grown

BIRTHPLACE, COLOUR = "http://dbpedia.org/ontology/birthPlace", "http://dbpedia.org/ontology/colour"
TEXT = "Ada left Rome."
MENTIONS = [Mention(0, 3, "Ada", Label.PERSON, 1.0), Mention(9, 13, "Rome", Label.LOCATION, 1.0)]


@pytest.fixture
def dbpedia(tmp_path: Path) -> Ontology:
    """Two properties of DBpedia's, of which the package's ontology knows one."""
    path = tmp_path / "dbpedia.ttl"
    path.write_text(
        """
        @prefix dbo: <http://dbpedia.org/ontology/> .
        @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        dbo:birthPlace a owl:ObjectProperty ; rdfs:label "birth place"@en .
        dbo:colour a owl:ObjectProperty ; rdfs:label "colour"@en .
        """
    )
    return load_ontology(path)


@pytest.fixture
def model(tiny_model: Model) -> Model:
    """A model that learned the place of birth, and nothing of a spouse."""
    model = grown(tiny_model, ("P19", "P26"))
    with torch.no_grad():
        model.network.memory[0].normal_()
    return model


def test_what_was_learned_is_read_with_its_text_and_between_its_types(
    model: Model, dbpedia: Ontology
) -> None:
    assert model.learned == {"P19"}
    learned = Learned.of(dbpedia, model)
    assert learned.names == {BIRTHPLACE: "P19"}
    shipped = load_ontology()
    place = learned.ontology.properties[BIRTHPLACE]
    assert place == dataclasses.replace(shipped.properties["P19"], id=BIRTHPLACE, iri=BIRTHPLACE)
    assert learned.ontology.domain_labels(BIRTHPLACE) == {Label.PERSON}
    assert len(dbpedia.domain_labels(BIRTHPLACE)) > 1
    assert learned.ontology.properties[COLOUR] == dbpedia.properties[COLOUR]
    texts = PropertyTexts.of(learned.ontology, model, known_as=learned.names)
    known = texts.known_by(model)[texts.names.index(BIRTHPLACE)]
    own = PropertyTexts.of(shipped, model)
    torch.testing.assert_close(known, own.known_by(model)[own.names.index("P19")], rtol=1e-4, atol=1e-5)
    assert texts.unlearned(model) == (COLOUR,)


def test_its_own_ontology_is_read_as_it_stands(model: Model, dbpedia: Ontology) -> None:
    both = load_ontology()
    assert Learned.of(both, model) == Learned(both, {})
    withheld = dataclasses.replace(model, config=dataclasses.replace(model.config, withheld=("P19",)))
    assert Learned.of(dbpedia, withheld) == Learned(dbpedia, {}), "it is not to be believed"
    nothing = grown(model, ("P26",))
    assert Learned.of(dbpedia, nothing) == Learned(dbpedia, {})


def test_facts_have_the_ontologys_names_and_the_calibration_of_what_was_learned(
    model: Model, dbpedia: Ontology
) -> None:
    sure, unsure = Calibration(1.0, 50.0, 0.3), Calibration(1.0, -50.0, 0.4)
    model.config = dataclasses.replace(
        model.config, calibration=unsure, groups=(CalibratedGroup(("P19",), sure),), pronouns=("P19",)
    )
    extractor = NeuralExtractor(model, dbpedia)
    read = extractor.relate(Document("d", "", TEXT), [Sentence("d", 0, 0, TEXT)], MENTIONS)
    assert [(each.property, each.subject, each.object) for each in read.relations] == [(BIRTHPLACE, 0, 1)]
    calibration = extractor.calibrated(None)
    assert calibration.threshold.tolist() == pytest.approx([0.3, 0.4])
    assert calibration.pronoun.tolist() == pytest.approx([0.3, 0.5]), "it was judged of pronouns"


def test_what_was_never_learned_is_as_sure_of_pronouns_as_of_names(model: Model, dbpedia: Ontology) -> None:
    own = Calibration(0.5, -1.0, 0.1)
    model.config = dataclasses.replace(model.config, unlearned=own, pronouns=("P26",))
    extractor = NeuralExtractor(model, dbpedia, threshold=0.01)
    stated = extractor.calibrated(None)
    colour = extractor.names.index(COLOUR)
    assert (stated.scale[colour], stated.shift[colour]) == (0.5, -1.0)
    assert stated.threshold[colour] == stated.pronoun[colour] == np.float32(0.1)
    assert stated.pronoun[extractor.names.index(BIRTHPLACE)] == 0.5
    group = CalibratedGroup((COLOUR,), Calibration(0.7, -0.2, 0.3))
    model.config = dataclasses.replace(model.config, groups=(group,))
    assert extractor.calibrated(None).scale[colour] == np.float32(0.7), "one of its own counts more"
    model.config = dataclasses.replace(model.config, groups=())
    doubtful = DoubtfulExtractor(extractor)
    read = doubtful.extract_around(Document("d", "", TEXT), [Sentence("d", 0, 0, TEXT)], MENTIONS)
    least = {each.least for each in read.relations if each.property == COLOUR}
    assert sorted(least) == pytest.approx([0.1])


def test_the_filter_of_pairs_knows_what_was_learned_under_another_name(
    model: Model, dbpedia: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(
        "kgbuild.extract.extractor.Pruning", lambda _filter, _ontology, unknown: asked.append(list(unknown))
    )
    model.filter = object()  # type: ignore[assignment]
    model.config = dataclasses.replace(model.config, filtered=("P19",))
    NeuralExtractor(model, dbpedia)
    assert asked == [[COLOUR]]


def test_a_filter_is_fitted_for_what_was_learned(
    model: Model, dbpedia: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = PairFilter(torch.zeros(2, 16), torch.zeros(2, 16), torch.zeros(10, 2), torch.zeros(3))
    monkeypatch.setattr(run_module, "fit_filter", lambda *_given: fitted)
    monkeypatch.setattr(run_module, "texts_to_read", lambda *_given: ())
    run_module._fit_filter(model, dbpedia, TrainingConfig(backbone="", output="", data=[]))
    assert model.config.filtered == ("P19", COLOUR)


def test_where_all_was_learned_nothing_is_compared(
    model: Model, dbpedia: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = grown(model, model.config.trained, likeness=6)
    asked: list[Tensor] = []
    mentions = Likeness.mentions
    monkeypatch.setattr(
        Likeness, "mentions", lambda own, states: asked.append(states) or mentions(own, states)
    )
    learned = {name: each for name, each in dbpedia.properties.items() if name == BIRTHPLACE}
    document, sentences = Document("d", "", TEXT), [Sentence("d", 0, 0, TEXT)]
    alone = NeuralExtractor(model, dataclasses.replace(dbpedia, properties=learned), threshold=0.01)
    alone.relate(document, sentences, MENTIONS)
    assert not asked
    NeuralExtractor(model, dbpedia, threshold=0.01).relate(document, sentences, MENTIONS)
    assert asked

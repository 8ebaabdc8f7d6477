"""What is read without being stated, and that what is stated is what the extractor states alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

import pytest

from kgbuild.extract.calibration import CalibratedGroup, Calibration
from kgbuild.extract.doubtful import DoubtfulExtractor
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.extract.model import Model
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.records import Attribute, Document, Extraction, Label, Mention, Relation
from kgbuild.text.sentences import RuleSegmenter

Fact = TypeVar("Fact", Relation, Attribute)
TEXT = "Ada met Bob, who lives in Rome. It suits her. They were born in Oslo in 1843, where he works."
SENTENCES = RuleSegmenter().segment(Document("d", "urn:d", TEXT))
NAMES = {"Ada": Label.PERSON, "Bob": Label.PERSON, "Rome": Label.LOCATION, "Oslo": Label.LOCATION}
KNOWN = [
    Mention(TEXT.index(name), TEXT.index(name) + len(name), name, label, 1.0)
    for name, label in {**NAMES, "1843": Label.TIME}.items()
]


@pytest.fixture(scope="module")
def schema() -> Ontology:
    return load_ontology()


def stated(extraction: Extraction) -> Extraction:
    """What an extraction states, as an extractor that knows no doubt has it; scores to four digits."""

    def plain(facts: Iterable[Fact]) -> tuple[Fact, ...]:
        held = (each for each in facts if each.score >= each.least)
        return tuple(replace(each, score=round(each.score, 4), least=0.0) for each in held)

    return replace(extraction, relations=plain(extraction.relations), attributes=plain(extraction.attributes))


@pytest.mark.parametrize("threshold", [None, 0.52])
def test_what_is_stated_is_what_the_extractor_states_alone(
    tiny_model: Model, schema: Ontology, threshold: float | None
) -> None:
    # people's homes are stated from 0.5 on, other properties from 0.45; of pronouns that may mean several
    # things, from 0.5, but for homes: the untrained network's scores lie on both sides of all of these
    config = replace(
        tiny_model.config,
        calibration=Calibration(threshold=0.45),
        groups=(CalibratedGroup(("P551",), Calibration(threshold=0.5)),),
        pronouns=("P551",),
    )
    model = replace(tiny_model, config=config)
    floor = NeuralExtractor(model, schema, threshold=0.3)
    document = Document("d", "urn:d", TEXT)
    found = DoubtfulExtractor(floor, threshold).extract_around(document, SENTENCES, KNOWN)
    alone = NeuralExtractor(model, schema, threshold=threshold).extract_around(document, SENTENCES, KNOWN)
    assert stated(found) == stated(alone)
    assert alone.relations
    assert len(found.relations) > len(alone.relations)
    whole = DoubtfulExtractor(floor, threshold).extract(document, SENTENCES)
    alone = NeuralExtractor(model, schema, threshold=threshold).extract(document, SENTENCES)
    assert stated(whole) == stated(alone)


def test_versions_tell_of_the_floor_and_of_the_threshold(tiny_model: Model, schema: Ontology) -> None:
    floor = NeuralExtractor(tiny_model, schema, threshold=0.1)
    versions = [DoubtfulExtractor(floor, threshold).version for threshold in (None, 0.4, 0.5)]
    assert len({floor.version.partition("@")[0], *versions}) == 4

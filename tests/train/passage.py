"""A passage with mentions, coreference and a fact, as tests of training read it; one pair is not known."""

from __future__ import annotations

from dataclasses import replace

from kgbuild.extract.model import Model
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.ontology import load_ontology
from kgbuild.records import Label
from kgbuild.train.examples import AnnotatedMention, Example, Fact, Tagging

TEXT = "Ada met Bob. She left Rome"
EXAMPLE = Example(
    "x",
    TEXT,
    (
        AnnotatedMention(0, 3, Label.PERSON, 0),
        AnnotatedMention(13, 16, Label.PERSON, 0),
        AnnotatedMention(22, 26, Label.LOCATION, 1),
    ),
    facts=(Fact(1, "P551", 2),),
    unknown=(Fact(0, "P551", 2),),
    annotated=frozenset({"P551", "P19"}),
    tagging=Tagging.PARTIAL,
)
NAMES = ("P19", "P26", "P551")
"""The properties that are asked for: one with a fact, one without, and one that is not annotated."""


def texts(model: Model) -> PropertyTexts:
    """Those properties, as a model reads them."""
    ontology = load_ontology(None)
    properties = {name: ontology.properties[name] for name in NAMES}
    found = PropertyTexts.of(replace(ontology, properties=properties), model)
    assert found.names == NAMES
    return found

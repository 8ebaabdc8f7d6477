"""Names that are alike, by an encoder."""

from __future__ import annotations

import dataclasses

import pytest

from kgbuild.extract.similar import SimilarNames
from kgbuild.ontology import Ontology


def test_a_property_is_most_like_its_own_names(tiny_model, schema: Ontology) -> None:
    born = dataclasses.replace(schema.properties["P19"], aliases=("cradle", "x" * 100))
    similar = SimilarNames(
        tiny_model, dataclasses.replace(schema, properties={**schema.properties, "P19": born})
    )
    for name, pid in (("cradle", "P19"), ("employer", "P108"), ("x" * 100, "P19"), ("Population", "P1082")):
        found = similar(name)
        assert found is not None
        assert (found[0], found[1]) == (pid, pytest.approx(1, abs=1e-5))
    assert similar("cradle") == similar("cradle")
    found = similar("cradles, a word that no property has")
    assert found is not None
    assert -1 <= found[1] < 0.99999


def test_no_property_is_like_anything(tiny_model) -> None:
    assert SimilarNames(tiny_model, Ontology({}, {}, "empty"))("place of birth") is None

"""Indexes side by side."""

from pathlib import Path

import pytest

from kgbuild.link.format import StoredEntity, stored
from kgbuild.link.index import LmdbIndex
from kgbuild.link.kb.build import build_index
from kgbuild.link.several import SeveralIndexes, beside
from kgbuild.records import Entity

BERLIN_IRI = "http://dbpedia.org/resource/Berlin"
WIKIDATA = (
    Entity("Q64", "Berlin", ("Berlin, Germany",), "capital", prior=0.9),
    Entity("Q821244", "Berlin", prior=0.2),
    Entity("Q60", "New York City", prior=0.9),
)
OTHER: tuple[StoredEntity, ...] = (
    stored(Entity(BERLIN_IRI, "Berlin", ("Spree-Athen",), prior=0.5, same=("Q64",)), links=("Q183",)),
    stored(Entity("https://example.org/berlin-bar", "Berlin", prior=0.1)),
)


@pytest.fixture
def both(tmp_path: Path) -> SeveralIndexes:
    build_index(WIKIDATA, tmp_path / "wikidata")
    build_index(OTHER, tmp_path / "other")
    return SeveralIndexes([LmdbIndex(tmp_path / "wikidata"), LmdbIndex(tmp_path / "other")])


def found(index: SeveralIndexes, surface: str, limit: int = 30) -> list[str]:
    return [candidate.entity for candidate in index.candidates(surface, limit)]


def test_candidates_are_merged_in_turn_and_the_same_thing_comes_once(both: SeveralIndexes) -> None:
    assert found(both, "Berlin") == ["Q64", "Q821244", "https://example.org/berlin-bar"]
    assert found(both, "Berlin", 2) == ["Q64", "Q821244"]
    assert found(both, "New York City") == ["Q60"]


def test_a_name_that_only_the_other_knows_leads_to_the_first(both: SeveralIndexes) -> None:
    assert found(both, "Spree-Athen") == ["Q64"]


def test_an_id_of_either_is_known(both: SeveralIndexes) -> None:
    berlin = both.entity("Q64")
    assert berlin is not None
    assert berlin.description == "capital"
    assert both.entity("Q999") is None
    assert both.same(BERLIN_IRI) == ("Q64",)
    assert berlin.same == both.same("Q64") == (BERLIN_IRI,), "the other says so"
    assert both.canonical(BERLIN_IRI) == "Q64"
    assert both.neighbours("Q64") == {"Q183"}, "the other knows it as the same"
    assert len(both) == 5


def test_an_index_alone_knows_its_entity_by_the_id_elsewhere(both: SeveralIndexes) -> None:
    other = both.indexes[1].entity("Q64")
    assert other is not None
    assert other.id == BERLIN_IRI


def test_one_index_stays_itself(both: SeveralIndexes) -> None:
    assert beside(both.indexes[:1]) is both.indexes[0]
    assert isinstance(beside(both.indexes), SeveralIndexes)
    assert both.version.count("+") == 1
    assert len(both.digest) == 64


def test_exact_names_are_merged_too(both: SeveralIndexes) -> None:
    assert both.exact("berlin") == ("Q64", "Q821244", "https://example.org/berlin-bar")
    assert both.exact("Spree-Athen") == ("Q64",)
    assert both.exact("berlin", 1) == ("Q64",)
    assert both.exact("Bonn") == ()

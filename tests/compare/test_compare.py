"""A small graph against an index and against another store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox
import pytest

from kgbuild.compare import Compared, EndpointFacts, IndexFacts, compare, count, write
from kgbuild.errors import UsageError
from kgbuild.facts.known import Verdict
from kgbuild.graph import merge
from kgbuild.iris import KGB, Iris
from kgbuild.ontology import Ontology
from kgbuild.records import Candidate, DocumentFacts, Entity, TimeValue
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()
TOLD = {
    "Q937": Entity(
        "Q937", "Einstein", facts=(("P19", "Ulm an der Donau"), ("P569", "1880"), ("P108", "Bern"))
    ),
    "Q3012": Entity("Q3012", "Ulm", facts=(("P1082", "128,928"),)),
}


class Index:
    """The candidate index of two entities."""

    version = "two"

    def candidates(self, surface: str, limit: int = 30) -> tuple[Candidate, ...]:
        return ()

    def entity(self, id: str) -> Entity | None:
        return TOLD.get(id)


@pytest.fixture
def built(corpus: Sequence[DocumentFacts], schema: Ontology) -> OxigraphStore:
    store = OxigraphStore()
    merge(store, corpus, ontology=schema, iris=IRIS)
    return store


def verdicts(found: list[Compared]) -> dict[tuple[str, str, str], str]:
    return {
        (each.subject, each.property, str(getattr(each.value, "entity", ""))): each.verdict.value
        for each in found
    }


def test_an_index_knows_items_by_any_name(built: OxigraphStore, schema: Ontology) -> None:
    found = list(compare(built, IndexFacts(Index()), ontology=schema, iris=IRIS, batch=2))
    assert verdicts(found) == {
        ("Q937", "P19", "Q3012"): "known",
        ("Q937", "P19", "Q72"): "contradicting",
        ("Q937", "P569", ""): "contradicting",
        ("Q937", "P108", "Q11942"): "new",
        ("Q937", "P31", "Q5"): "new",
        ("Q3012", "P1082", ""): "known",
    }
    assert {each.told for each in found if each.verdict is Verdict.CONTRADICTING} == {
        ("1880",),
        ("Ulm an der Donau",),
    }
    assert count(found)["P19"] == Counter({Verdict.KNOWN: 1, Verdict.CONTRADICTING: 1})
    assert next(iter(count(found))) == "P19"


def test_a_graph_is_known_to_itself(built: OxigraphStore, schema: Ontology) -> None:
    for batch in (1, 100):
        found = list(compare(built, EndpointFacts(built, IRIS), ontology=schema, iris=IRIS, batch=batch))
        assert {each.verdict for each in found} == {Verdict.KNOWN}
        assert len(found) == 6


def test_an_endpoint_that_has_a_part(
    built: OxigraphStore, corpus: Sequence[DocumentFacts], schema: Ontology
) -> None:
    part = OxigraphStore()
    merge(part, corpus[2:3], ontology=schema, iris=IRIS)
    found = verdicts(list(compare(built, EndpointFacts(part, IRIS), ontology=schema, iris=IRIS)))
    assert found["Q937", "P19", "Q72"] == "known"
    assert found["Q937", "P19", "Q3012"] == "contradicting"
    assert [*found.values()].count("new") == 4


def test_a_deprecated_statement_and_an_unknown_value_count_for_nothing(
    built: OxigraphStore, schema: Ontology
) -> None:
    other = OxigraphStore()
    other.update("""PREFIX wd: <http://www.wikidata.org/entity/> PREFIX wikibase: <http://wikiba.se/ontology#>
      PREFIX p: <http://www.wikidata.org/prop/> PREFIX ps: <http://www.wikidata.org/prop/statement/>
      INSERT DATA { GRAPH <urn:wikidata> {
        wd:Q937 p:P19 <urn:s1>, <urn:s2> ; p:P108 <urn:s3> .
        <urn:s1> ps:P19 wd:Q3012 ; wikibase:rank wikibase:DeprecatedRank .
        <urn:s2> ps:P19 [] ; wikibase:rank wikibase:NormalRank .
        <urn:s3> ps:P108 wd:Q11942 ; wikibase:rank wikibase:NormalRank } }""")
    found = verdicts(list(compare(built, EndpointFacts(other, IRIS), ontology=schema, iris=IRIS)))
    assert found.pop(("Q937", "P108", "Q11942")) == "known"
    assert {*found.values()} == {"new"}


def test_verdicts_as_turtle(built: OxigraphStore, schema: Ontology, tmp_path: Path) -> None:
    found = list(compare(built, IndexFacts(Index()), ontology=schema, iris=IRIS))
    write(found, tmp_path / "one.ttl", iris=IRIS)
    write(reversed(found), tmp_path / "two.ttl", iris=IRIS)
    assert (tmp_path / "one.ttl").read_bytes() == (tmp_path / "two.ttl").read_bytes()
    store = ox.Store()
    store.load(path=str(tmp_path / "one.ttl"), format=ox.RdfFormat.TURTLE)
    query = f"""SELECT ?o ?known {{ ?s <{KGB}verdict> <{KGB}Contradicting> ; <{KGB}knownValue> ?known ;
      <http://www.w3.org/1999/02/22-rdf-syntax-ns#object> ?o }}"""
    assert {row["known"].value for row in store.query(query)} == {"1880", "Ulm an der Donau"}
    with pytest.raises(UsageError, match="cannot write"):
        write(found, tmp_path / "none" / "two.ttl", iris=IRIS)


def test_values_are_read_back_as_they_were(built: OxigraphStore, schema: Ontology) -> None:
    found = list(compare(built, IndexFacts(Index()), ontology=schema, iris=IRIS))
    assert [each.value for each in found if each.property == "P569"] == [TimeValue(1879)]

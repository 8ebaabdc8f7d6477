"""Statements in schema.org's and DBpedia's words."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kgbuild.compare import EndpointFacts, compare
from kgbuild.facts.known import Verdict
from kgbuild.facts.vocabulary import NAMESPACES, rename, renamed, with_vocabulary
from kgbuild.graph import merge
from kgbuild.iris import WD, Iris
from kgbuild.ontology import load_ontology
from kgbuild.records import Document, DocumentFacts, Evidence, ItemValue, Revision, Statement, TimeValue
from kgbuild.stores.oxigraph import OxigraphStore

ONTOLOGY = load_ontology()
SCHEMA = NAMESPACES["schema.org"]
EVIDENCE = (Evidence("a", 0, 5, "Text.", 0.9, "x"),)
BORN = Statement("Q1", "P19", ItemValue("Q2"), evidence=EVIDENCE)


def facts(*statements: Statement, name: str = "a") -> DocumentFacts:
    document = Document(name, f"urn:doc:{name}", "Text. More.")
    return DocumentFacts(document, Revision("", "", "", "", ""), statements=statements)


@pytest.mark.parametrize("namespace", NAMESPACES.values())
def test_every_mapped_property_has_a_definition(namespace: str) -> None:
    both = with_vocabulary(ONTOLOGY, namespace)
    names = renamed(ONTOLOGY, namespace)
    assert len(names) >= 60
    for pid, iri in names.items():
        assert both.properties[iri].id == iri
        assert both.properties[iri].kind is ONTOLOGY.properties[pid].kind
        assert WD + pid in both.properties[iri].equivalents
    assert both.version != ONTOLOGY.version
    assert both.properties.keys() >= ONTOLOGY.properties.keys()


def test_what_two_properties_are_equivalent_to_allows_what_either_does() -> None:
    place = with_vocabulary(ONTOLOGY, SCHEMA).properties[SCHEMA + "location"]
    assert set(place.equivalents) == {WD + "P159", WD + "P276"}
    assert not place.functional
    start = with_vocabulary(ONTOLOGY, SCHEMA).properties[SCHEMA + "birthDate"]
    assert start.functional


def test_statements_and_their_qualifiers_are_renamed_and_others_refused() -> None:
    married = Statement("Q1", "P26", ItemValue("Q3"), (("P580", TimeValue(1895)), ("P642", ItemValue("Q4"))))
    other = Statement("Q1", "P59", ItemValue("Q4"))
    kept, refused = rename([BORN, married, other], renamed(ONTOLOGY, SCHEMA), "a", "normalise")
    assert [each.property for each in kept] == [SCHEMA + "birthPlace", SCHEMA + "spouse"]
    assert [pid for pid, _ in kept[1].qualifiers] == [SCHEMA + "startDate", "P642"]
    assert [(each.reason, each.detail[:3]) for each in refused] == [("not in the vocabulary", "P59")]


def test_the_graph_has_the_vocabularys_triples_and_is_compared_by_its_equivalents() -> None:
    iris, both = Iris(), with_vocabulary(ONTOLOGY, SCHEMA)
    kept, _ = rename([BORN], renamed(ONTOLOGY, SCHEMA), "a", "normalise")
    store, wikidata = OxigraphStore(), OxigraphStore()
    merge(store, [facts(*kept)], ontology=both, iris=iris)
    merge(wikidata, [facts(BORN)], ontology=ONTOLOGY, iris=iris)
    direct = ox.Quad(
        ox.NamedNode(WD + "Q1"),
        ox.NamedNode(SCHEMA + "birthPlace"),
        ox.NamedNode(WD + "Q2"),
        ox.NamedNode(iris.graph("truthy")),
    )
    assert direct in set(store.quads())
    [compared] = compare(store, EndpointFacts(wikidata, iris), ontology=both, iris=iris)
    assert compared.verdict is Verdict.KNOWN

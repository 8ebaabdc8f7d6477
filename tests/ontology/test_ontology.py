import re
from pathlib import Path
from random import Random

import pyoxigraph as ox
import pytest
from rdflib import Graph

from kgbuild.errors import OntologyError
from kgbuild.ontology import Ontology, ValueKind, load_ontology
from kgbuild.records import Label

PREFIXES = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix kgb: <https://w3id.org/kgbuild/ns#> .
@prefix ex: <https://example.org/> .
"""
KNOWLEDGENET = "P108 P463 P551 P26 P19 P69 P159 P22 P25 P40 P569 P112 P169 P27 P102 P570 P749 P355 P571"


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return load_ontology()


def written(tmp_path: Path, turtle: str) -> Path:
    path = tmp_path / "mine.ttl"
    path.write_text(PREFIXES + turtle, encoding="utf-8")
    return path


def test_a_property_of_the_shipped_schema(ontology: Ontology) -> None:
    birth = ontology.properties["P19"]
    assert birth.iri == "http://www.wikidata.org/entity/P19"
    assert birth.label == "place of birth"
    assert "birthplace" in birth.aliases
    assert birth.kind is ValueKind.ITEM
    assert birth.domain == ("Q215627",)
    assert birth.functional
    assert not birth.symmetric
    assert "http://schema.org/birthPlace" in birth.equivalents


def test_the_properties_of_the_benchmarks_are_there(ontology: Ontology) -> None:
    assert set(KNOWLEDGENET.split()) <= ontology.properties.keys()
    assert len(ontology.properties) >= 150


def test_every_property_can_be_explained(ontology: Ontology) -> None:
    for definition in ontology.properties.values():
        assert definition.label, definition.id
        assert 8 <= len(definition.description) <= 200, definition.id
        assert not re.search(r"\bP\d|\b[Uu]se ", definition.description), definition.id
        assert definition.label not in definition.aliases, definition.id


def test_inverses_are_mutual_and_turn_domain_and_range(ontology: Ontology) -> None:
    with_inverse = [each for each in ontology.properties.values() if each.inverse]
    assert with_inverse
    for definition in with_inverse:
        assert definition.inverse is not None
        inverse = ontology.properties[definition.inverse]
        assert inverse.inverse == definition.id
        assert ontology.domain_labels(definition.id) & ontology.range_labels(inverse.id)


def test_symmetric_properties_have_one_kind_of_ends(ontology: Ontology) -> None:
    symmetric = [each for each in ontology.properties.values() if each.symmetric]
    assert {"P26", "P3373", "P190", "P47"} <= {each.id for each in symmetric}
    assert all(each.domain == each.range and not each.inverse for each in symmetric)


def test_labels_of_domain_and_range(ontology: Ontology) -> None:
    assert ontology.domain_labels("P569") == {Label.PERSON}
    assert ontology.range_labels("P569") == {Label.TIME}
    assert ontology.range_labels("P1082") == {Label.NUMBER}
    assert ontology.range_labels("P19") == {Label.LOCATION}
    assert ontology.range_labels("P1477") == set(Label)
    assert ontology.domain_labels("P361") == {label for label in Label if not label.is_value}
    assert Label.LOCATION in ontology.range_labels("P1412")


def test_classes(ontology: Ontology) -> None:
    assert ontology.is_a("Q515", "Q515")
    assert ontology.is_a("Q1549591", "Q2221906")
    assert not ontology.is_a("Q2221906", "Q1549591")
    assert not ontology.is_a("Q5", "Q43229")
    assert ontology.is_a("unknown", "unknown")
    assert ontology.labels_of("Q3918") == {Label.ORGANISATION, Label.LOCATION}


def test_the_shipped_schema_parses_elsewhere() -> None:
    turtle = (Path(__file__).parents[2] / "ontologies" / "kgbuild.ttl").read_text(encoding="utf-8")
    assert len(Graph().parse(data=turtle, format="turtle")) == len(
        set(ox.parse(turtle, format=ox.RdfFormat.TURTLE))
    )


def test_the_version_is_that_of_the_content(tmp_path: Path) -> None:
    source = Path(__file__).parents[2] / "ontologies" / "kgbuild.ttl"
    triples = [quad.triple for quad in ox.parse(source.read_bytes(), format=ox.RdfFormat.TURTLE)]
    Random(1).shuffle(triples)
    path = tmp_path / "shuffled.ttl"
    path.write_bytes(b"\n".join(f"{triple} .".encode() for triple in triples))
    shuffled = load_ontology(path)
    assert shuffled == load_ontology()
    path.write_text(
        path.read_text(encoding="utf-8").replace("place of birth", "birth place"), encoding="utf-8"
    )
    assert load_ontology(path).version != shuffled.version


def test_plain_owl_with_ones_own_iris(tmp_path: Path) -> None:
    mine = load_ontology(
        written(
            tmp_path,
            """
            ex:Brewery a owl:Class ; rdfs:label "brewery" ; kgb:mentionLabel "organisation" .
            ex:Beer a owl:Class .
            ex:Stout a owl:Class ; rdfs:subClassOf ex:Beer, _:x . _:x a owl:Restriction .
            ex:brews a owl:ObjectProperty ; rdfs:label "brews"@en, "braut"@de ; rdfs:comment "makes a beer" ;
                rdfs:domain ex:Brewery ; rdfs:range ex:Beer .
            ex:since a owl:DatatypeProperty ; rdfs:label "since" ; rdfs:range xsd:gYear .
            ex:litres a owl:DatatypeProperty ; rdfs:label "litres" ; rdfs:range xsd:integer .
            ex:motto a owl:DatatypeProperty ; rdfs:label "motto" .
            """,
        )
    )
    brews = mine.properties["https://example.org/brews"]
    assert (brews.label, brews.description, brews.kind) == ("brews", "makes a beer", ValueKind.ITEM)
    assert mine.domain_labels(brews.id) == {Label.ORGANISATION}
    assert mine.range_labels(brews.id) == {label for label in Label if not label.is_value}
    assert mine.is_a("https://example.org/Stout", "https://example.org/Beer")
    kinds = {definition.label: definition.kind for definition in mine.properties.values()}
    assert kinds == {
        "brews": ValueKind.ITEM,
        "since": ValueKind.TIME,
        "litres": ValueKind.QUANTITY,
        "motto": ValueKind.TEXT,
    }


def test_cycles_of_classes_end(tmp_path: Path) -> None:
    mine = load_ontology(
        written(
            tmp_path,
            """
            ex:A a owl:Class ; rdfs:subClassOf ex:B . ex:B a owl:Class ; rdfs:subClassOf ex:A .
            ex:p a owl:ObjectProperty ; rdfs:label "p" ; rdfs:domain ex:A .
            """,
        )
    )
    assert mine.is_a("https://example.org/A", "https://example.org/B")
    assert mine.domain_labels("https://example.org/p") == {label for label in Label if not label.is_value}


@pytest.mark.parametrize(
    ("turtle", "message"),
    [
        ("ex:a ex:b", "mine.ttl, line"),
        ("ex:A a owl:Class .", "no property is declared"),
        ("ex:p a owl:ObjectProperty .", "<https://example.org/p> has no English rdfs:label"),
        ('ex:p a owl:ObjectProperty ; rdfs:label "p" ; rdfs:domain ex:A .', "https://example.org/A"),
        ('ex:p a owl:ObjectProperty ; rdfs:label "p" ; owl:inverseOf ex:q .', "https://example.org/q"),
        ('ex:A a owl:Class ; kgb:mentionLabel "animal" .', "'animal'"),
        ('ex:A a owl:Class ; kgb:mentionLabel "person", "other" .', "kgb:otherMentionLabel"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, turtle: str, message: str) -> None:
    with pytest.raises(OntologyError) as caught:
        load_ontology(written(tmp_path, turtle))
    assert "mine.ttl" in str(caught.value)
    assert message in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match=r"nowhere\.ttl cannot be read"):
        load_ontology(tmp_path / "nowhere.ttl")


def test_an_ontology_may_import_the_shipped_one(tmp_path: Path, ontology: Ontology) -> None:
    own = "ex:master a owl:ObjectProperty ; rdfs:label 'master'@en ; rdfs:domain wd:Q5 .\n"
    imports = "ex:mine a owl:Ontology ; owl:imports <https://w3id.org/kgbuild/ontology> .\n"
    prefix = "@prefix wd: <http://www.wikidata.org/entity/> .\n"
    found = load_ontology(written(tmp_path, prefix + imports + own))
    assert found.properties.keys() - ontology.properties.keys() == {"https://example.org/master"}
    assert found.properties["P19"] == ontology.properties["P19"]
    assert found.domain_labels("https://example.org/master") == {Label.PERSON}
    assert found.version != ontology.version


def test_every_quantity_says_what_it_measures() -> None:
    quantities = [each for each in load_ontology().properties.values() if each.kind is ValueKind.QUANTITY]
    assert len(quantities) > 20
    assert {each.measures for each in quantities} == {
        "Area",
        "Count",
        "Currency",
        "Height",
        "Length",
        "Mass",
        "Speed",
        "Time",
    }

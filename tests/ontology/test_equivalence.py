"""Which properties of two ontologies are the same: what either calls equivalent."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from kgbuild.ontology import Ontology, ValueKind, load_ontology, same_as

PREFIXES = """
@prefix dbo: <http://dbpedia.org/ontology/> .
@prefix ex: <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix wd: <http://www.wikidata.org/entity/> .
@prefix wdt: <http://www.wikidata.org/prop/direct/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def ontology(tmp_path: Path, turtle: str) -> Ontology:
    path = tmp_path / "mine.ttl"
    path.write_text(PREFIXES + turtle)
    return load_ontology(path)


def test_what_the_other_ontology_calls_equivalent_is_the_same(tmp_path: Path) -> None:
    mine = ontology(
        tmp_path,
        """
        dbo:birthPlace a owl:ObjectProperty ; rdfs:label "birth place"@en .
        schema:spouse a owl:ObjectProperty ; rdfs:label "spouse"@en .
        dbo:colour a owl:ObjectProperty ; rdfs:label "colour"@en .
        """,
    )
    found = same_as(mine, load_ontology())
    assert found == {"http://dbpedia.org/ontology/birthPlace": "P19", "https://schema.org/spouse": "P26"}


def test_what_it_calls_equivalent_itself_is_the_same(tmp_path: Path) -> None:
    mine = ontology(
        tmp_path,
        """
        ex:bornIn a owl:ObjectProperty ; rdfs:label "born in"@en ; owl:equivalentProperty wd:P19 .
        ex:diedIn a owl:ObjectProperty ; rdfs:label "died in"@en ; owl:equivalentProperty wdt:P20 .
        ex:made a owl:ObjectProperty ; rdfs:label "made"@en ; owl:equivalentProperty dbo:director .
        """,
    )
    assert same_as(mine, load_ontology()) == {
        "http://example.org/bornIn": "P19",
        "http://example.org/diedIn": "P20",
        "http://example.org/made": "P57",
    }


def test_of_several_none_is_the_same_and_none_of_another_kind(tmp_path: Path) -> None:
    mine = ontology(
        tmp_path,
        """
        ex:parent a owl:ObjectProperty ; rdfs:label "parent"@en ; owl:equivalentProperty wd:P22 , wd:P25 .
        ex:born a owl:DatatypeProperty ; rdfs:range xsd:string ; rdfs:label "born"@en ;
            owl:equivalentProperty wd:P19 .
        """,
    )
    assert mine.properties["http://example.org/born"].kind is not ValueKind.ITEM
    assert same_as(mine, load_ontology()) == {}


def test_an_ontology_is_the_same_as_itself_but_for_what_it_does_not_tell_apart() -> None:
    shipped = load_ontology()
    same = same_as(shipped, shipped)
    assert all(name == other for name, other in same.items())
    apart = {name: dataclasses.replace(each, equivalents=()) for name, each in shipped.properties.items()}
    plain = dataclasses.replace(shipped, properties=apart)
    assert same_as(plain, plain) == {name: name for name in shipped.properties}

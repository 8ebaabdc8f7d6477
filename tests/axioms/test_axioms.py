"""Axioms of an ontology file to rules; cycles are told and end, what cannot be is refused."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from kgbuild.axioms import RuleKind
from kgbuild.errors import OntologyError
from kgbuild.facts.vocabulary import with_vocabulary
from kgbuild.ontology import Ontology, load_ontology

PREFIXES = """
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix : <http://e.org/> .
"""
DECLARED = PREFIXES + "".join(
    f':{name} a owl:ObjectProperty ; rdfs:label "{name}"@en .\n' for name in ("near", "in", "over", "of")
)
DATE = ':born a owl:DatatypeProperty ; rdfs:label "born"@en ; rdfs:range xsd:date .\n'


def load(folder: Path, axioms: str) -> Ontology:
    path = folder / "ontology.ttl"
    path.write_text(DECLARED + DATE + axioms)
    return load_ontology(path)


CASES = {
    ":near a owl:SymmetricProperty .": ["x near y if y near x"],
    ":near owl:inverseOf :near .": ["x near y if y near x"],
    ":in a owl:TransitiveProperty .": ["x in z if x in y and y in z"],
    ":in owl:inverseOf :of .": ["x in y if y of x", "x of y if y in x"],
    ":in rdfs:subPropertyOf :near .": ["x near y if x in y"],
    ":in rdfs:subPropertyOf [ owl:inverseOf :of ] .": ["x of y if y in x"],
    ":in owl:equivalentProperty :of .": ["x in y if x of y", "x of y if x in y"],
    ":in owl:propertyChainAxiom ( :near :of ) .": ["x in z if x near y and y of z"],
    ":in owl:propertyChainAxiom ( [ owl:inverseOf :near ] :of ) .": ["x in z if y near x and y of z"],
    ":born owl:propertyChainAxiom ( :in :born ) .": ["x born z if x in y and y born z"],
    ":in rdfs:subPropertyOf :in, <http://other.org/in>, [ owl:unionOf () ] .": [],
    ":in owl:equivalentProperty <http://other.org/in> .": [],
}


@pytest.mark.parametrize("axioms", CASES)
def test_axioms_become_rules(tmp_path: Path, axioms: str) -> None:
    rules = [str(rule).replace("http://e.org/", "") for rule in load(tmp_path, axioms).rules]
    assert rules == CASES[axioms]


@pytest.mark.parametrize(
    ("axioms", "message"),
    [
        (":in owl:propertyChainAxiom ( :in :near :of ) .", "has 3 properties, and two are read; declare"),
        (":in owl:propertyChainAxiom ( :in ) .", "has 1 properties"),
        (":in owl:propertyChainAxiom ( :in :nowhere ) .", "not a list of declared properties"),
        (":in owl:propertyChainAxiom :of .", "not a list of declared properties"),
        (":in owl:propertyChainAxiom _:a . _:a <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> :in ; "
         "<http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:a .", "not a list of declared properties"),
        (":born a owl:TransitiveProperty .", "born cannot be transitive, for the values of"),
        (":born a owl:SymmetricProperty .", "born cannot be symmetric"),
        (":born rdfs:subPropertyOf :in .", "in cannot be a property above another"),
        (":in owl:propertyChainAxiom ( :of :born ) .", "in cannot be a chain"),
    ],
)  # fmt: skip
def test_axioms_that_cannot_be_are_refused(tmp_path: Path, axioms: str, message: str) -> None:
    with pytest.raises(OntologyError, match=message) as caught:
        load(tmp_path, axioms)
    assert "ontology.ttl: " in str(caught.value)


@pytest.mark.parametrize(
    ("axioms", "cycle"),
    [
        (":in rdfs:subPropertyOf :of . :of rdfs:subPropertyOf :near . :near rdfs:subPropertyOf :in .", "in"),
        (":in owl:propertyChainAxiom ( :of :near ) . :of owl:propertyChainAxiom ( :in :near ) .", "in"),
    ],
)
def test_a_cycle_is_told(tmp_path: Path, axioms: str, cycle: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        load(tmp_path, axioms)
    [record] = caplog.records
    assert "is a cycle" in record.getMessage()
    assert f"http://e.org/{cycle}" in record.getMessage()


def test_a_chain_that_feeds_itself_is_no_cycle(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    load(tmp_path, ":in a owl:TransitiveProperty . :of owl:propertyChainAxiom ( :in :of ) .")
    assert caplog.records == []


def test_the_shipped_ontology(caplog: pytest.LogCaptureFixture) -> None:
    rules = load_ontology().rules
    assert caplog.records == []
    said = {str(rule) for rule in rules}
    assert {
        "x P131 z if x P131 y and y P131 z",
        "x P26 y if y P26 x",
        "x P40 y if y P22 x",
        "x P17 z if x P131 y and y P17 z",
        "x P1066 y if x P184 y",
    } <= said
    assert {rule.kind for rule in rules} == set(RuleKind)


def test_a_vocabulary_brings_its_rules(tmp_path: Path) -> None:
    words = "".join(f":{name} owl:equivalentProperty <http://w.org/{name}> .\n" for name in ("in", "near"))
    both = load(tmp_path, f"{words}:near a owl:SymmetricProperty . :in a owl:TransitiveProperty .")
    rules = {str(rule).replace("http://w.org/", "") for rule in with_vocabulary(both, "http://w.org/").rules}
    assert {"x near y if y near x", "x in z if x in y and y in z"} <= rules
    shared = load(tmp_path, words.replace("org/in", "org/near") + ":near a owl:SymmetricProperty .")
    rules = {str(rule) for rule in with_vocabulary(shared, "http://w.org/").rules}
    assert rules == {"x http://e.org/near y if y http://e.org/near x"}

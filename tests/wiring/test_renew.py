"""A long-lived process reads an edited file anew."""

from __future__ import annotations

import os
from pathlib import Path

from kgbuild import wiring
from kgbuild.config import OntologySettings, Settings

PROPERTY = """@prefix wd: <http://www.wikidata.org/entity/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
wd:P19 a owl:ObjectProperty ; rdfs:label "%s"@en .
"""


def label(settings: Settings) -> str:
    wiring.renew(settings)
    return wiring.ontology(settings.ontology).properties["P19"].label


def test_an_edited_ontology_is_seen_and_an_unchanged_one_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "own.ttl"
    file.write_text(PROPERTY % "born in")
    settings = Settings(ontology=OntologySettings(path=file))
    assert label(settings) == "born in"
    kept = wiring.ontology(settings.ontology)
    wiring.renew(settings)
    assert wiring.ontology(settings.ontology) is kept
    file.write_text(PROPERTY % "birthplace")
    os.utime(file, ns=(1, 2))
    assert label(settings) == "birthplace"

"""Shapes that cannot be are refused with the shape and the mend, before anything is read."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import SH

from kgbuild.errors import OntologyError
from kgbuild.iris import PS, WD, Iris, P
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.shapes import Shapes, load_shapes
from kgbuild.shapes.generate import generated_shapes

IRIS = Iris()
PREFIXES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix p: <http://www.wikidata.org/prop/> . @prefix ps: <http://www.wikidata.org/prop/statement/> .
@prefix : <http://e.org/> .
"""
LINES = PREFIXES.count("\n")


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return load_ontology()


def load(folder: Path, ontology: Ontology, text: str) -> Shapes:
    path = folder / "mine.ttl"
    path.write_text(PREFIXES + text)
    return load_shapes(ontology, IRIS, path)


def shape(constraints: str, target: str = "sh:targetSubjectsOf :of") -> str:
    return f":shape a sh:NodeShape ; {target} ; sh:property [ sh:path :of ; {constraints} ] .\n"


CONTRADICTIONS = {
    "sh:minCount 2 ; sh:maxCount 1": "at least 2 values and at most 1",
    "sh:minLength 5 ; sh:maxLength 3": "at least 5 characters and at most 3",
    "sh:minInclusive 5 ; sh:maxInclusive 3": "values from 5 and up to 3",
    "sh:minInclusive 5.5 ; sh:maxExclusive 3": "values from 5.5 and up to 3",
    "sh:datatype xsd:string ; sh:nodeKind sh:IRI": "IRIs",
    "sh:class :Thing ; sh:datatype xsd:string": "IRIs",
    "sh:in ( 1 2 ) ; sh:hasValue 3": "a value must be there that is in no list",
}


@pytest.mark.parametrize("constraints", CONTRADICTIONS)
def test_a_shape_that_contradicts_itself(tmp_path: Path, ontology: Ontology, constraints: str) -> None:
    with pytest.raises(OntologyError, match=CONTRADICTIONS[constraints]) as caught:
        load(tmp_path, ontology, shape(constraints))
    message = str(caught.value)
    assert "mine.ttl: <http://e.org/shape>" in message
    assert "about <http://e.org/of>" in message


def test_two_shapes_that_contradict_each_other(tmp_path: Path, ontology: Ontology) -> None:
    other = shape("sh:maxCount 1").replace(":shape", ":other")
    with pytest.raises(OntologyError, match=r"<http://e.org/other> and <http://e.org/shape> contradict"):
        load(tmp_path, ontology, shape("sh:minCount 2") + other)
    for apart in ("sh:targetObjectsOf :of", "sh:targetSubjectsOf :by"):
        elsewhere = shape("sh:maxCount 1", apart).replace(":shape", ":other")
        assert load(tmp_path, ontology, shape("sh:minCount 2") + elsewhere).version


def test_a_shape_that_contradicts_the_ontology(tmp_path: Path, ontology: Ontology) -> None:
    mine = ":mine a sh:NodeShape ; sh:targetObjectsOf p:P19 ; sh:property :value . :value sh:path ps:P19 ; "
    with pytest.raises(OntologyError, match=r"shape/P19/statement.*contradict"):
        load(tmp_path, ontology, mine + "sh:nodeKind sh:Literal .")
    number = mine.replace("P19", "P1082") + "sh:datatype xsd:string ."
    with pytest.raises(OntologyError, match=r"values of .*decimal.* and .*string"):
        load(tmp_path, ontology, number)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (":shape a sh:NodeShape ;", f"line {LINES + 1}"),
        (shape("sh:minCont 1"), "sh:minCont is no word of SHACL; did you mean sh:minCount?"),
        (shape('sh:minCount "one"'), "no well-formed SHACL shapes"),
        (shape("sh:minCount 1").replace("sh:path :of ;", ""), "no well-formed SHACL shapes"),
        (":shape a sh:NodeShape ; sh:targetSubjectsOf :of ; "
         'sh:sparql [ sh:select "SELECT $this { $this :of }" ] .', "the query of the shape <http://e.org/shape>"),
    ],
)  # fmt: skip
def test_what_is_no_shape(tmp_path: Path, ontology: Ontology, text: str, message: str) -> None:
    with pytest.raises(OntologyError) as caught:
        load(tmp_path, ontology, text)
    assert message in str(caught.value)
    assert "mine.ttl" in str(caught.value)


def test_a_file_that_is_not_there(ontology: Ontology) -> None:
    with pytest.raises(OntologyError, match="cannot be read"):
        load_shapes(ontology, IRIS, Path("nowhere.ttl"))


def test_every_property_of_the_shipped_ontology_has_shapes(ontology: Ontology) -> None:
    graph = generated_shapes(ontology, IRIS)
    assert len({str(shape) for shape in graph.subjects() if str(shape).endswith("/statement")}) == len(
        ontology.properties
    )


def test_the_shipped_shapes_are_well_formed(ontology: Ontology) -> None:
    shipped = Path(__file__).parents[2] / "ontologies" / "shapes.ttl"
    shapes = load_shapes(ontology, IRIS, shipped)
    assert shapes.version == load_shapes(ontology, IRIS).version
    assert len(shapes.queries) == len(set(shapes.queries)) > 0
    assert not list(shapes.graph.subject_objects(SH.sparql)), "pySHACL would take seconds for them"


def quads(*triples: tuple[str, str, str]) -> list[ox.Quad]:
    return [ox.Quad(*map(ox.NamedNode, triple)) for triple in triples]


def test_queries_that_only_pyshacl_can_run_are_run_by_it(tmp_path: Path, ontology: Ontology) -> None:
    """A constraint of a property shape speaks of `$PATH`; one that is switched off says nothing."""
    select = '"SELECT $this ?value { $this $PATH ?value FILTER(?value = $this) }"'
    text = f""":of-shape a sh:NodeShape ; sh:targetSubjectsOf :of ; sh:property :itself .
      :itself a sh:PropertyShape ; sh:path :of ; sh:sparql [ sh:message "itself" ; sh:select {select} ] .
      :off a sh:NodeShape ; sh:deactivated true ; sh:targetSubjectsOf :of ;
        sh:sparql [ sh:select "SELECT $this {{ $this ?p ?o }}" ] ."""
    shapes = load(tmp_path, ontology, text)
    assert shapes.queries == ()
    found = shapes.results(
        quads(("urn:a", "http://e.org/of", "urn:a"), ("urn:a", "http://e.org/of", "urn:b"))
    )
    assert [(each.focus, each.value, each.message) for each in found] == [("urn:a", "<urn:a>", "itself")]


def test_a_query_sees_each_focus_node(tmp_path: Path, ontology: Ontology) -> None:
    text = """:two a sh:NodeShape ; sh:targetSubjectsOf :of ; sh:targetClass :Thing ; sh:severity sh:Info ;
      sh:sparql [ sh:message "two" ; sh:select "SELECT $this (<http://e.org/of> AS ?path) ?value {
        $this <http://e.org/of> ?value, ?other FILTER(STR(?value) < STR(?other)) }" ] .""".replace(
        '"SELECT', '"""SELECT'
    ).replace('}"', '}"""')
    shapes = load(tmp_path, ontology, text)
    assert len(shapes.queries) == 1
    of = "http://e.org/of"
    found = shapes.results(quads(("urn:a", of, "urn:x"), ("urn:a", of, "urn:y"), ("urn:b", of, "urn:x")))
    assert [(each.focus, each.path, each.value, each.severity) for each in found] == [
        ("urn:a", of, "<urn:x>", "Info")
    ]


def test_shapes_without_a_target_in_the_data_are_not_run(ontology: Ontology) -> None:
    shapes = load_shapes(ontology, IRIS)
    assert shapes.results(quads(("urn:a", "urn:b", "urn:c"))) == ()
    bad = quads((f"{WD}Q1", f"{P}P19", "urn:st"))
    assert {each.shape.rpartition("#")[2] for each in shapes.results(bad)} == {"shape/P19/statement/1"}
    assert shapes.results([*bad, *quads(("urn:st", f"{PS}P19", f"{WD}Q2"))]) == ()

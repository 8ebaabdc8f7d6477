"""What other programs take: NIF, QuickStatements, GraphML."""

from __future__ import annotations

import io
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from kgbuild.export import export
from kgbuild.export.graphml import as_xml
from kgbuild.graph import merge
from kgbuild.iris import ITSRDF, NIF, OWL, WD, XSD, Iris
from kgbuild.rdf.quickstatements import command
from kgbuild.records import ItemValue, QuantityValue, TextValue, TimeValue
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()
ONE = "https://kg.example.org/document/tests/one.txt"


@pytest.fixture
def merged(corpus: Any, schema: Any) -> OxigraphStore:
    store = OxigraphStore()
    merge(store, corpus, ontology=schema, iris=IRIS)
    return store


def test_nif_has_each_mention_at_its_place(merged: OxigraphStore, corpus: Any, tmp_path: Path) -> None:
    path = tmp_path / "mentions.nif"
    assert export(merged, path, iris=IRIS).count == len(corpus)
    graph = rdflib.Graph().parse(path, format="turtle")
    nif, its = rdflib.Namespace(NIF), rdflib.Namespace(ITSRDF)
    contexts = list(graph.subjects(rdflib.RDF.type, nif.Context))
    assert len(contexts) == len(corpus)
    found = Counter()
    for phrase, context in graph.subject_objects(nif.referenceContext):
        text = str(graph.value(context, nif.isString))
        start, end = graph.value(phrase, nif.beginIndex), graph.value(phrase, nif.endIndex)
        assert start.datatype == end.datatype == rdflib.URIRef(XSD + "nonNegativeInteger")
        assert text[int(start) : int(end)] == str(graph.value(phrase, nif.anchorOf))
        assert str(context).endswith(f"#char=0,{len(text)}")
        found[str(graph.value(phrase, its.taIdentRef))] += 1
    said = Counter(WD + mention.entity for each in corpus for mention in each.mentions)
    assert found == said


def test_quickstatements_have_qualifiers_and_references(merged: OxigraphStore, tmp_path: Path) -> None:
    path = tmp_path / "wikidata.qs"
    result = export(merged, path, iris=IRIS)
    lines = path.read_text().splitlines()
    assert (result.count, result.left_out) == (6, {})
    assert lines == sorted(lines)
    refused = "https://kg.example.org/document/tests/five-refused.txt"
    assert f'Q937\tP108\tQ11942\tP580\t+1912-00-00T00:00:00Z/9\tS854\t"{refused}"' in lines
    assert f'Q937\tP569\t+1879-00-00T00:00:00Z/9\tS854\t"{ONE}"' in lines
    assert next(line for line in lines if "Q3012\tS854" in line).count("!S854") == 2


def test_quickstatements_leave_local_entities_out(merged: OxigraphStore, tmp_path: Path) -> None:
    local, unknown = IRIS.local_entity(ONE, "x"), "https://schema.org/author"
    assert command(local, "P19", ItemValue("Q64")) is None
    assert command("Q1", "P19", ItemValue(local)) is None
    assert command("Q1", unknown, ItemValue("Q64")) is None
    assert command("Q1", "P19", ItemValue("Q64"), [("P580", ItemValue(local))]) is None
    assert command("Q1", "P1082", QuantityValue(Decimal(1), unknown)) is None
    statement = f"<{IRIS.statement('Q937', 'P108', ItemValue('Q11942'), (('P580', TimeValue(1912)),))}>"
    graph = f"<{IRIS.graph('statements')}>"
    merged.update(
        f"DELETE DATA {{ GRAPH {graph} {{ wd:Q937 p:P108 {statement} }} }} ;"
        f"INSERT DATA {{ GRAPH {graph} {{ <{local}> p:P108 {statement} }} }}".replace(
            "wd:Q937", f"<{WD}Q937>"
        ).replace("p:P108", "<http://www.wikidata.org/prop/P108>")
    )
    result = export(merged, tmp_path / "some.qs", iris=IRIS)
    assert (result.count, sum(result.left_out.values())) == (5, 1)
    other = IRIS.local_entity(ONE, "y")
    merged.update(
        f"INSERT DATA {{ GRAPH <{IRIS.graph('entities')}> {{ <{local}> <{OWL}sameAs> <{other}> . "
        f"<{other}> <{OWL}sameAs> <{WD}Q42> }} }}"
    )
    assert export(merged, tmp_path / "some.qs", iris=IRIS).left_out == {}
    assert "\nQ42\tP108\tQ11942\tP580\t" in (tmp_path / "some.qs").read_text()


def test_a_reference_is_where_the_document_comes_from(merged: OxigraphStore, tmp_path: Path) -> None:
    merged.update(
        f"INSERT DATA {{ GRAPH <{ONE}> {{ <{ONE}> <http://purl.org/dc/terms/source> <https://a.org/1> }} }}"
    )
    export(merged, tmp_path / "some.qs", iris=IRIS)
    assert (
        'Q937\tP569\t+1879-00-00T00:00:00Z/9\tS854\t"https://a.org/1"\n' in (tmp_path / "some.qs").read_text()
    )


@pytest.mark.parametrize(
    ("value", "column"),
    [
        (TimeValue(1952, 3, 11, 11), "+1952-03-11T00:00:00Z/11"),
        (TimeValue(1952, 3, None, 10), "+1952-03-00T00:00:00Z/10"),
        (TimeValue(0), "-0001-00-00T00:00:00Z/9"),
        (TimeValue(-43, 3, 15, 11), "-0044-03-15T00:00:00Z/11"),
        (TimeValue(1801, precision=7), "+1801-00-00T00:00:00Z/7"),
        (QuantityValue(Decimal("1.50E+3"), "Q11573"), "1500U11573"),
        (QuantityValue(Decimal("-0.5")), "-0.5"),
        (TextValue("a\tb\nc"), '"a b c"'),
        (TextValue("Köln", "de"), 'de:"Köln"'),
    ],
)
def test_values_as_columns(value: Any, column: str) -> None:
    assert command("Q1", "P1", value) == f"Q1\tP1\t{column}"


@given(st.text())
def test_any_text_stays_in_its_column(text: str) -> None:
    line = command("Q1", "P1", TextValue(text)) or ""
    assert len(line.splitlines()) == 1
    assert line.count("\t") == 2
    assert line.encode()


def test_graphml_is_read_by_others(merged: OxigraphStore, tmp_path: Path) -> None:
    path = tmp_path / "graph.graphml"
    assert export(merged, path, iris=IRIS).count == 6
    graph = nx.read_graphml(path, force_multigraph=True)
    assert graph.nodes["Q937"] == {"label": "Albert Einstein", "kind": "item", "types": "Q5"}
    (birth,) = (told for *_, told in graph.out_edges("Q937", data=True) if told["rank"] == "preferred")
    assert (birth["label"], birth["property"], birth["confidence"]) == ("place of birth", "P19", 0.92)
    tree = etree.parse(path)
    name = "{http://graphml.graphdrawing.org/xmlns}"
    assert len(tree.findall(f".//{name}edge")) == graph.number_of_edges() == 6
    assert len(tree.findall(f".//{name}node")) == graph.number_of_nodes()


@given(st.text(st.characters(codec=None)))
def test_any_label_can_be_xml(text: str) -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_node("Q1", label=text, kind="item", types=())
    nx.write_graphml_xml(as_xml(graph), written := io.BytesIO())
    label = etree.fromstring(written.getvalue()).findtext(".//{*}data")
    assert len(label or "") == len(text.replace("\r\n", "\n"))

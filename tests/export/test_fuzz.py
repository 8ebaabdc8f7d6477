"""Any text, IRI, language tag and literal: what is exported is read by three parsers, and is the same graph.

A few hundred cases by default; `KGBUILD_FUZZ=10000 pytest tests/export/test_fuzz.py` for more. The third
parser is lightrdf for N-Triples, Turtle and N-Quads (line by line, without the graph's name), and PyLD for
JSON-LD. No third light parser reads TriG.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import lightrdf
import networkx as nx
import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from pyld import jsonld

from kgbuild.export import GRAPH_FORMATS, ExportFormat, export
from kgbuild.graph import merge
from kgbuild.iris import RDF, XSD, Iris
from kgbuild.records import (
    Document,
    DocumentFacts,
    Entity,
    EntityMention,
    Evidence,
    ItemValue,
    Label,
    Mention,
    Rejection,
    Revision,
    Statement,
    TextValue,
)
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()
EXAMPLES = int(os.environ.get("KGBUILD_FUZZ", "200"))
RDFLIB = {"ttl": "turtle", "nt": "nt", "nq": "nquads", "trig": "trig", "jsonld": "json-ld", "nif": "turtle"}
LIGHTRDF = {"ttl": "turtle", "nt": "nt", "nq": "nt", "nif": "turtle"}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib", "ignore::UserWarning:rdflib")
fuzz = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(autouse=True)
def _literals_as_they_are() -> Iterator[None]:
    """Let rdflib keep the lexical form of a number, which it would otherwise rewrite."""
    rdflib.NORMALIZE_LITERALS, before = False, rdflib.NORMALIZE_LITERALS
    logging.getLogger("rdflib.term").setLevel(logging.ERROR)  # it warns of each "x"^^xsd:integer
    yield
    rdflib.NORMALIZE_LITERALS = before


ODD = (
    "\"\\\n\r\t\b\f\x00\x01\x0b\x1f\x7f\x85\xa0\u2028\ufeff\ufffe\ue000'{}<>"
    "@^_:.#%&;u0041\U0001f600\U0010ffff"
)
whole = st.characters(exclude_categories=["Cs"])
text = st.one_of(st.text(whole, max_size=12), st.text(ODD, max_size=12))
any_text = st.one_of(text, st.text(st.one_of(st.characters(), st.sampled_from("\ud800\udfff ")), max_size=8))


def iri(name: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(name)
    except ValueError:
        return None


paths = st.one_of(text, st.from_regex(r"[a-z0-9._~!$&'()*+,;=:@/?#é中%-]{0,12}", fullmatch=True))
nodes = (
    st.builds("{}{}".format, st.sampled_from(["urn:x:", "http://a.org/", "https://é.org/?q=", "a:"]), paths)
    .map(iri)
    .filter(lambda each: each is not None)
)
tags = st.sampled_from(
    [
        "en",
        "zh-hant",
        "de-at-1996",
        "x-mine",
        "i-klingon",
        "art-lojban",
        "sl-rozaj-biske",
        "hy-latn-it-arevela",
    ]
)
literals = st.one_of(
    text.map(ox.Literal),
    st.builds(lambda content, tag: ox.Literal(content, language=tag), text, tags),
    st.builds(lambda content, kind: ox.Literal(content, datatype=kind), text, nodes),
    st.builds(
        lambda content, kind: ox.Literal(content, datatype=ox.NamedNode(XSD + kind)),
        st.sampled_from(["1", "01", "-0", "1.50", "1e3", "NaN", "true", "0", "-0043", "1912-06", "x", " 1 "]),
        st.sampled_from(
            ["integer", "decimal", "double", "boolean", "gYear", "gYearMonth", "dateTime", "string"]
        ),
    ),
)
blanks = st.sampled_from("abc").map(ox.BlankNode)
quads = st.builds(
    ox.Quad,
    st.one_of(nodes, blanks),
    nodes,
    st.one_of(literals, nodes, blanks),
    st.one_of(st.just(ox.NamedNode("urn:g")), nodes, st.just(ox.DefaultGraph())),
)


def exported(store: OxigraphStore, format: ExportFormat) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"graph.{format}"
        export(store, path, iris=IRIS)
        return path.read_bytes()


def canonical(quads: Iterable[ox.Quad], format: ExportFormat) -> set[str]:
    """The quads, or the triples of their union, so that isomorphic graphs are equal."""
    dataset = ox.Dataset(quads if format.keeps_graphs else (ox.Quad(*quad.triple) for quad in quads))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def in_oxigraph(content: bytes, format: ExportFormat) -> Iterator[ox.Quad]:
    return ox.parse(content, format=format.rdf)


def in_rdflib(content: bytes, format: ExportFormat) -> Iterator[ox.Quad]:
    dataset = rdflib.Dataset()
    target = dataset if format.keeps_graphs else dataset.default_graph
    target.parse(data=content, format=RDFLIB[format])
    for subject, predicate, term, graph in dataset.quads():
        yield ox.Quad(*map(from_rdflib, (subject, predicate, term)), from_rdflib(graph))


def from_rdflib(term: Any) -> Any:
    if term is None or term == rdflib.graph.DATASET_DEFAULT_GRAPH_ID:
        return ox.DefaultGraph()
    if isinstance(term, rdflib.BNode):
        return ox.BlankNode(re.sub(r"\W", "", term))
    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(term)
    if term.language:
        return ox.Literal(str(term), language=term.language)
    return ox.Literal(str(term), datatype=ox.NamedNode(term.datatype) if term.datatype else None)


N_QUAD = re.compile(
    rb'^(\S+ \S+ (?:<[^>]*>|_:\S+|"(?:[^"\\]|\\.)*"(?:\^\^<[^>]*>|@\S+)?))(?: \S+)? \.$', re.MULTILINE
)


def in_the_third(content: bytes, format: ExportFormat) -> Iterator[ox.Quad] | None:
    """What the third parser reads; of N-Quads without the names of graphs; None for TriG."""
    if format is ExportFormat.JSON_LD:
        return in_pyld(content)
    if format is ExportFormat.TRIG:
        return None
    if format is ExportFormat.N_QUADS:
        content = N_QUAD.sub(rb"\1 .", content)
    found = lightrdf.Parser().parse(io.BytesIO(content), format=LIGHTRDF[format])
    lines = "".join(f"{' '.join(map(escaped, triple))} .\n" for triple in found)
    return ox.parse(lines.encode(), format=ox.RdfFormat.N_TRIPLES)


def escaped(term: str) -> str:
    """A term as lightrdf gives it, with the line breaks escaped that it leaves as they are."""
    return term.replace("\n", "\\n").replace("\r", "\\r")


def in_pyld(content: bytes) -> Iterator[ox.Quad]:
    for name, triples in jsonld.to_rdf(json.loads(content)).items():
        graph = ox.DefaultGraph() if name == "@default" else from_pyld({"type": "IRI", "value": name})
        for triple in triples:
            yield ox.Quad(*(from_pyld(triple[part]) for part in ("subject", "predicate", "object")), graph)


def from_pyld(term: dict[str, str]) -> Any:
    value = term["value"]
    if term["type"] != "literal":
        return ox.BlankNode(value[2:]) if value.startswith("_:") else ox.NamedNode(value)
    if "language" in term:
        return ox.Literal(value, language=term["language"])
    return ox.Literal(value, datatype=ox.NamedNode(term["datatype"]))


UNLIKE_PYLD = re.compile(rf"<[^<>]*\s[^<>]*>|<{XSD}double>")


def check(store: OxigraphStore, format: ExportFormat) -> None:
    """See that three parsers read an export as the graph that it was.

    PyLD drops what has an IRI with a space beyond ASCII, which RFC 3987 allows, and rewrites doubles; such
    graphs are not shown to it.
    """
    content = exported(store, format)
    expected = canonical(store.quads(), format)
    assert canonical(in_oxigraph(content, format), format) == expected
    assert canonical(in_rdflib(content, format), format) == expected
    third = in_the_third(content, format)
    lines = [str(quad) for quad in store.quads()]
    if format is ExportFormat.JSON_LD and any(UNLIKE_PYLD.search(line) for line in lines):
        return
    if third is not None:
        same = ExportFormat.N_TRIPLES if format is ExportFormat.N_QUADS else format
        assert canonical(third, same) == canonical(store.quads(), same)


@fuzz
@given(said=st.lists(quads, min_size=1, max_size=6), format=st.sampled_from(GRAPH_FORMATS))
def test_any_graph_is_the_same_for_three_parsers(said: list[ox.Quad], format: ExportFormat) -> None:
    store = OxigraphStore()
    store.engine.extend(said)
    check(store, format)


documents = st.builds(
    lambda corpus, name, body, title, language: Document(
        name, IRIS.document(corpus or "c", name), body, title=title, language=language
    ),
    any_text,
    any_text,
    any_text.filter(bool),
    st.one_of(st.none(), any_text),
    st.one_of(st.none(), tags, any_text),
)


@st.composite
def facts(draw: Any) -> DocumentFacts:
    """A document of which every string may be anything."""
    document = draw(documents)
    body = document.text
    local = IRIS.local_entity(document.uri, draw(any_text))
    entities = tuple(
        Entity(entity, draw(any_text), tuple(draw(st.lists(any_text, max_size=2))), draw(any_text), ("Q5",))
        for entity in ("Q1", local)
    )
    said = (Evidence(document.id, 0, len(body), body, 0.5, draw(any_text)),)
    value = TextValue(draw(any_text), draw(st.one_of(st.none(), tags, any_text)))
    return DocumentFacts(
        document,
        Revision(*(draw(any_text) for _ in range(5))),
        mentions=(EntityMention(Mention(0, len(body), body, Label.OTHER, 0.5), local, 0.5),),
        entities=entities,
        statements=(
            Statement("Q1", "P19", ItemValue(local), evidence=said),
            Statement(local, "P2093", value, (("P1559", value),), evidence=said),
        ),
        rejections=(Rejection("check", document.id, draw(any_text), draw(any_text)),),
    )


@settings(fuzz, max_examples=max(EXAMPLES // 4, 50))
@given(said=facts(), format=st.sampled_from(list(ExportFormat)))
def test_any_document_is_exported_in_every_format(
    said: DocumentFacts, format: ExportFormat, schema: Any
) -> None:
    store = OxigraphStore()
    merge(store, [said], ontology=schema, iris=IRIS)
    if format in GRAPH_FORMATS:
        check(store, format)
        return
    content = exported(store, format)
    if format is ExportFormat.NIF:
        expected = canonical(in_oxigraph(content, format), format)
        assert canonical(in_rdflib(content, format), format) == expected
        assert canonical(in_the_third(content, format) or (), format) == expected
        assert any(f"<{RDF}type>" in line for line in expected)
    elif format is ExportFormat.GRAPHML:
        assert len(etree.fromstring(content).findall(".//{*}edge")) == 2
        assert nx.read_graphml(io.BytesIO(content)).number_of_nodes() == 3
    else:
        assert content == b""  # every statement has a local entity

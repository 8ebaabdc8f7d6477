"""The graph follows from the documents alone, in whatever order they come and go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from kgbuild.errors import StoreError
from kgbuild.facts.duplicates import sketch
from kgbuild.graph import load, merge, reject, rejected, retract, revision, revisions
from kgbuild.iris import KGB, NIF, OA, OWL, PROV, PS, WD, WDT, WIKIBASE, Iris, P
from kgbuild.ontology import Ontology
from kgbuild.protocols import Pattern
from kgbuild.records import (
    Document,
    DocumentFacts,
    Entity,
    EntityMention,
    Evidence,
    ItemValue,
    Label,
    Mention,
    QuantityValue,
    Rejection,
    Revision,
    Statement,
    TextValue,
    TimeValue,
)
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()
STATEMENT_PATTERN = f"{{ ?s ?p ?st . ?st ?ps ?o . ?st <{PROV}wasDerivedFrom> ?r }}"
SUPPORT_PATTERN = f"{{ ?ev <{KGB}supports> ?st . ?s ?p ?st . ?st ?ps ?o }}"


def dump(store: OxigraphStore) -> list[str]:
    return sorted(map(str, store.quads()))


def value_of(store: OxigraphStore, query: str) -> str:
    return next(iter(store.select(query)))[0].value


# -- any history of a set of documents gives the graph of those that are left --

entity_ids = st.sampled_from(["Q1", "Q2", "Q3", IRIS.local_entity("urn:doc:0", "0")])
values = st.one_of(
    entity_ids.map(ItemValue),
    st.builds(
        TimeValue,
        st.sampled_from([-43, 1900, 1901]),
        st.sampled_from([None, 1]),
        precision=st.sampled_from([9, 10]),
    ),
    st.builds(
        QuantityValue, st.sampled_from([Decimal("1.50"), Decimal(2)]), st.sampled_from([None, "Q4917"])
    ),
    st.builds(
        TextValue, st.sampled_from(['a "quote"\n', "é\\u0041\x07"]), st.sampled_from([None, "en", "de-AT"])
    ),
)
properties = st.sampled_from(["P19", "P569", "P108", "P1082", "P31", "http://schema.org/author"])
texts = st.sampled_from(
    ["First sentence. Second one.", "FIRST  sentence! Third, then.", 'Nasty "\\\n\u2028 text. X.']
)


claims = st.one_of(
    st.sampled_from(
        [
            ("Q1", "P19", ItemValue("Q2"), ()),
            ("Q1", "P19", ItemValue("Q3"), ()),
            ("Q1", "P108", ItemValue("Q2"), ()),
            ("Q1", "P108", ItemValue("Q2"), (("P580", TimeValue(1900)),)),
            ("Q1", "P108", TimeValue(1900), ()),
            ("Q1", "P108", TimeValue(1900, 1, None, 10), ()),
            ("Q2", "P1082", QuantityValue(Decimal(2)), ()),
            ("Q2", "P1082", QuantityValue(Decimal(2), "Q4917"), ()),
        ]
    ),
    st.tuples(
        entity_ids,
        properties,
        values,
        st.lists(st.tuples(st.sampled_from(["P580", "P108"]), values), max_size=2).map(tuple),
    ),
)


@st.composite
def documents(draw: st.DrawFn) -> DocumentFacts:
    name = draw(st.sampled_from("abcd"))
    text = draw(texts)
    spans = st.sampled_from([(0, len(text) // 2), (3, len(text)), (0, len(text))])

    def evidence() -> Evidence:
        start, end = draw(spans)
        return Evidence(
            name, start, end, text[start:end], draw(st.floats(0, 1)), draw(st.sampled_from(["x", "y"]))
        )

    statements = tuple(
        Statement(*draw(claims), 0.0, tuple(evidence() for _ in range(draw(st.integers(1, 2)))))
        for _ in range(draw(st.integers(0, 4)))
    )
    told = tuple(
        Entity(qid, label, tuple(aliases), description, tuple(types))
        for qid, label, aliases, description, types in draw(
            st.lists(
                st.tuples(
                    entity_ids,
                    st.sampled_from(["One", "Uno"]),
                    st.lists(st.sampled_from(["Eins", "One"]), max_size=2),
                    st.sampled_from(["", "a number"]),
                    st.lists(st.sampled_from(["Q5", "Q1"]), max_size=2),
                ),
                max_size=3,
            )
        )
    )
    mentions = tuple(
        EntityMention(
            Mention(start, start + 4, text[start : start + 4], Label.PERSON, 0.5),
            draw(entity_ids),
            draw(st.floats(0, 1)),
        )
        for start in draw(st.lists(st.integers(0, 8), max_size=3))
    )
    rejections = tuple(draw(st.lists(st.just(Rejection("check", name, "range", "no")), max_size=2)))
    drawn = draw(st.sampled_from(["", sketch(text), sketch("Another text altogether.")]))
    language = draw(st.sampled_from([None, "en", "de"]))
    document = Document(
        name, f"urn:doc:{name}", text, "A title", language, draw(st.sampled_from([None, date(2026, 1, 2)]))
    )
    revision = Revision("h", "r", "e", "l", "o")
    return DocumentFacts(document, revision, mentions, told, statements, rejections, drawn)


steps = st.lists(st.one_of(documents(), st.sampled_from([f"urn:doc:{name}" for name in "abcd"])), max_size=8)


@settings(max_examples=50, deadline=None)
@given(history=steps, data=st.data())
def test_the_graph_depends_on_the_documents_left_and_on_nothing_else(
    history: Sequence[DocumentFacts | str], data: st.DataObject, schema: Ontology
) -> None:
    store = OxigraphStore()
    left: dict[str, DocumentFacts] = {}
    for step in history:
        if isinstance(step, DocumentFacts):
            merge(store, [step], ontology=schema, iris=IRIS)
            left[step.document.uri] = step
        else:
            retract(store, step, ontology=schema, iris=IRIS)
            left.pop(step, None)
    order = data.draw(st.permutations(sorted(left)))
    fresh = OxigraphStore()
    merge(fresh, [left[uri] for uri in order], ontology=schema, iris=IRIS)
    assert dump(store) == dump(fresh)
    check_invariants(store)
    for uri in order:
        retract(store, uri, ontology=schema, iris=IRIS)
    assert dump(store) == []


def check_invariants(store: OxigraphStore) -> None:
    quads = list(store.quads())
    triples = Counter(quad.triple for quad in quads)
    assert not [triple for triple, count in triples.items() if count > 1], "a triple is in two graphs"
    assert not [q for q in quads if isinstance(q.subject, ox.BlankNode) or isinstance(q.object, ox.BlankNode)]
    for pattern in (STATEMENT_PATTERN, SUPPORT_PATTERN):
        counts = next(iter(store.select(f"SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT *) AS ?m) {pattern}")))
        assert counts[0] == counts[1]
    assert not list(
        store.select(
            f"""SELECT ?st ?ref {{ ?st <{PROV}wasDerivedFrom> ?ref FILTER NOT EXISTS {{
              ?ref <{PROV}hadPrimarySource> ?document . GRAPH ?document {{ ?ev <{KGB}supports> ?st }} }} }}"""
        )
    ), "a statement refers to a document that does not say it"
    for row in unsupported(store):
        pytest.fail(f"no sentence says {row[0]}")


def unsupported(store: OxigraphStore) -> Iterator[ox.QuerySolution]:
    """Statements that lead to no sentence which stands in the text where it should."""
    yield from store.select(f"""PREFIX oa: <{OA}>
      SELECT ?st {{ ?st a <{WIKIBASE}Statement> FILTER NOT EXISTS {{
        ?ev <{KGB}supports> ?st ; oa:hasSource ?document ; oa:hasSelector ?selector .
        ?selector oa:start ?start ; oa:end ?end ; oa:exact ?quote .
        ?document <{NIF}isString> ?text
        FILTER(SUBSTR(?text, ?start + 1, ?end - ?start) = ?quote) }} }}""")


# -- what the example corpus says --


@pytest.fixture
def merged(store: OxigraphStore, corpus: tuple[DocumentFacts, ...], schema: Ontology) -> OxigraphStore:
    merge(store, corpus, ontology=schema, iris=IRIS)
    return store


def test_invariants_of_the_corpus(merged: OxigraphStore) -> None:
    check_invariants(merged)
    assert len(list(merged.select(f"SELECT ?st {{ ?st a <{WIKIBASE}Statement> }}"))) == 6


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_counts_are_the_same_in_rdflib(merged: OxigraphStore) -> None:
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=ox.serialize(merged.quads(), format=ox.RdfFormat.N_QUADS), format="nquads")
    for pattern in (STATEMENT_PATTERN, SUPPORT_PATTERN):
        everything = len(list(dataset.query(f"SELECT * {pattern}")))
        distinct = len(list(dataset.query(f"SELECT DISTINCT * {pattern}")))
        ours = int(value_of(merged, f"SELECT (COUNT(*) AS ?n) {pattern}"))
        assert everything == distinct == ours > 0


def test_a_copy_is_no_second_witness_and_the_surest_value_is_preferred(merged: OxigraphStore) -> None:
    query = f"""SELECT ?place ?confidence ?rank {{ <{WD}Q937> <{P}P19> ?st .
      ?st <{PS}P19> ?place ; <{KGB}confidence> ?confidence ; <{WIKIBASE}rank> ?rank }}"""
    found = {
        row[0].value[-5:]: (float(row[1].value), row[2].value.split("#")[1]) for row in merged.select(query)
    }
    assert found == {"Q3012": (0.92, "PreferredRank"), "y/Q72": (0.7, "NormalRank")}
    truthy = f"SELECT ?place {{ <{WD}Q937> <{WDT}P19> ?place }}"
    assert [row[0].value[-5:] for row in merged.select(truthy)] == ["Q3012"]


def test_near_duplicates_are_one_witness_even_with_other_qualifiers(corpus, schema: Ontology) -> None:
    """The two documents share no sentence, and two statements of one claim."""
    statement = corpus[1].statements[0]
    dated = replace(statement, qualifiers=(("P585", TimeValue(1879)),))
    quotes = ("Some words first.", "And some after.")
    documents = []
    for facts, said, quote in zip(corpus[1:3], (statement, dated), quotes, strict=True):
        start = facts.document.text.index(quote)
        evidence = Evidence(facts.document.id, start, start + len(quote), quote, 0.5, "e")
        statements = (replace(said, evidence=(evidence,)),)
        documents.append(replace(facts, statements=statements, sketch=sketch("one two three four five")))
    query = f"SELECT DISTINCT ?c ?w {{ ?st <{KGB}confidence> ?c ; <{KGB}witnesses> ?w }}"
    other = replace(documents[1], sketch=sketch("of quite another content"))
    for second, expected in ((documents[1], ("0.5", "1")), (other, ("0.75", "2"))):
        for order in ((documents[0], second), (second, documents[0])):
            store = OxigraphStore()
            merge(store, order, ontology=schema, iris=IRIS)
            assert [(row[0].value, row[1].value) for row in store.select(query)] == [expected]


def test_a_more_precise_date_is_preferred_to_a_surer_year(corpus, schema: Ontology) -> None:
    """Also where the year's document is read last, and the day's is not touched by it."""
    year = replace(corpus[0], statements=corpus[0].statements[1:])
    day = replace(year.statements[0], value=TimeValue(1879, 3, 14, 11))
    weak = replace(day.evidence[0], start=0, end=4, quote="Some", score=0.3)
    precise = replace(corpus[1], statements=(replace(day, evidence=(weak,)),))
    for order in ((year, precise), (precise, year)):
        store = OxigraphStore()
        merge(store, order, ontology=schema, iris=IRIS)
        assert value_of(store, f"SELECT ?d {{ <{WD}Q937> <{WDT}P569> ?d }}").startswith("1879-03-14")
        retract(store, precise.document.uri, ontology=schema, iris=IRIS)
        assert value_of(store, f"SELECT ?d {{ <{WD}Q937> <{WDT}P569> ?d }}").startswith("1879-01-01")


def test_the_truthy_value_changes_with_the_support(merged: OxigraphStore, corpus, schema: Ontology) -> None:
    for facts in corpus[:2]:
        retract(merged, facts.document.uri, ontology=schema, iris=IRIS)
    sure = f"SELECT ?c {{ ?st <{KGB}confidence> ?c ; ?ps <{WD}Q3012> }}"
    assert value_of(merged, sure) == "0.8"
    retract(merged, corpus[3].document.uri, ontology=schema, iris=IRIS)
    truthy = f"SELECT ?place {{ <{WD}Q937> <{WDT}P19> ?place }}"
    assert value_of(merged, truthy).endswith("Q72")
    check_invariants(merged)


def test_instance_of_is_one_triple_whoever_says_it(merged: OxigraphStore, corpus, schema: Ontology) -> None:
    instance = f"SELECT ?g {{ GRAPH ?g {{ <{WD}Q937> <{WDT}P31> ?class }} }}"
    assert [row[0].value for row in merged.select(instance)] == [IRIS.graph("entities")]
    retract(merged, corpus[5].document.uri, ontology=schema, iris=IRIS)
    assert [row[0].value for row in merged.select(instance)] == [IRIS.graph("entities")]


def test_instance_of_that_only_a_document_says_goes_with_it(
    merged: OxigraphStore, corpus, schema: Ontology
) -> None:
    """ETH Zürich has no type in the knowledge base."""
    (_, statement) = corpus[5].statements
    said = replace(corpus[5], statements=(replace(statement, subject="Q11942", value=ItemValue("Q3918")),))
    instance = f"SELECT ?g {{ GRAPH ?g {{ <{WD}Q11942> <{WDT}P31> <{WD}Q3918> }} }}"
    merge(merged, [said], ontology=schema, iris=IRIS)
    assert [row[0].value for row in merged.select(instance)] == [IRIS.graph("entities")]
    merge(merged, [corpus[5]], ontology=schema, iris=IRIS)
    assert not list(merged.select(instance))


def test_taking_any_document_away_leaves_what_the_others_say(corpus, schema: Ontology) -> None:
    for gone in corpus:
        store, fresh = OxigraphStore(), OxigraphStore()
        merge(store, corpus, ontology=schema, iris=IRIS)
        retract(store, gone.document.uri, ontology=schema, iris=IRIS)
        merge(fresh, [each for each in corpus if each is not gone], ontology=schema, iris=IRIS)
        assert dump(store) == dump(fresh)


def test_merging_again_changes_nothing(merged: OxigraphStore, corpus, schema: Ontology) -> None:
    before = dump(merged)
    merge(merged, corpus, ontology=schema, iris=IRIS)
    assert dump(merged) == before


def test_a_document_that_becomes_unreadable_takes_its_support_away(
    merged: OxigraphStore, corpus, schema: Ontology
) -> None:
    uri = corpus[4].document.uri
    reject(merged, uri, Rejection("ingest", corpus[4].document.id, "empty"), ontology=schema, iris=IRIS)
    assert rejected(merged) == {uri}
    assert revision(merged, uri) is None
    assert not list(merged.select(f"SELECT ?x {{ ?x <{P}P108> ?st }}"))
    merge(merged, [corpus[4]], ontology=schema, iris=IRIS)
    assert rejected(merged) == set()
    assert revisions(merged) == {facts.document.uri: facts.revision for facts in corpus}


def test_what_others_wrote_stays(merged: OxigraphStore, corpus, schema: Ontology) -> None:
    entity = f"<{WD}Q937>"
    mine = f"{entity} <http://example.org/note> 'mine'"
    merged.update(
        f"INSERT DATA {{ GRAPH <urn:mine> {{ {mine} }} "
        f"GRAPH <{IRIS.graph('entities')}> {{ {entity} <{OWL}sameAs> <urn:other> }} }}"
    )
    for facts in corpus:
        retract(merged, facts.document.uri, ontology=schema, iris=IRIS)
    assert len(dump(merged)) == 2


def test_a_graph_that_is_not_ours_is_refused(store: OxigraphStore, corpus, schema: Ontology) -> None:
    uri = corpus[0].document.uri
    store.update(f"INSERT DATA {{ GRAPH <{uri}> {{ <urn:a> <urn:b> <urn:c> }} }}")
    before = dump(store)
    with pytest.raises(StoreError, match="was not made by kgbuild"):
        merge(store, corpus, ontology=schema, iris=IRIS)
    with pytest.raises(StoreError, match="shared graph"):
        retract(store, IRIS.graph("statements"), ontology=schema, iris=IRIS)
    assert dump(store) == before


@pytest.mark.parametrize("write", [merge, load])
def test_a_document_with_a_quote_that_is_not_in_its_text_is_refused_alone(
    write: Any, corpus, schema: Ontology
) -> None:
    evidence = Evidence("x", 0, 3, "abd", 0.5, "e")
    facts = DocumentFacts(
        Document("x", "urn:doc:x", "abc"),
        Revision("h", "r", "e", "l", "o"),
        statements=(Statement("Q1", "P108", ItemValue("Q2"), evidence=(evidence,)),),
    )
    store, expected = OxigraphStore(), OxigraphStore()
    refused = write(store, [corpus[0], facts, *corpus[1:]], ontology=schema, iris=IRIS)
    assert [(each.document_id, each.reason) for each in refused] == [("x", "inconsistent facts")]
    assert "urn:doc:x: the text at 0" in refused[0].detail
    merge(expected, corpus, ontology=schema, iris=IRIS)
    assert rejected(store) == {"urn:doc:x"}
    retract(store, "urn:doc:x", ontology=schema, iris=IRIS)
    assert dump(store) == dump(expected)


def test_a_copy_of_a_documents_graph_keeps_nothing_alive(
    store: OxigraphStore, corpus, schema: Ontology
) -> None:
    merge(store, corpus, ontology=schema, iris=IRIS)
    mine = ox.NamedNode("https://curated.example/copies")
    for facts in corpus:
        for quad in list(store.quads(facts.document.uri)):
            store.change((), [ox.Quad(quad.subject, quad.predicate, quad.object, mine)])
    copies = list(store.quads(mine.value))
    for facts in corpus:
        retract(store, facts.document.uri, ontology=schema, iris=IRIS)
    assert set(store.quads()) == set(copies)


class CountingStore(OxigraphStore):
    """A store that counts what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()

    def select(self, query: str) -> ox.QuerySolutions | ox.QueryBoolean:
        self.calls["select"] += 1
        return super().select(query)

    def match(self, patterns: Iterable[Pattern]) -> Iterator[ox.Quad]:
        self.calls["match"] += 1
        return super().match(patterns)

    def change(self, remove: Collection[ox.Quad], add: Collection[ox.Quad]) -> None:
        self.calls["change"] += 1
        super().change(remove, add)


def test_a_document_costs_one_transaction_and_a_bounded_number_of_queries(corpus, schema: Ontology) -> None:
    store = CountingStore()
    merge(store, corpus, ontology=schema, iris=IRIS)
    assert store.calls["change"] == len(corpus)
    assert store.calls["match"] <= 16 * len(corpus)
    assert store.calls["select"] <= len(corpus)
    merge(store, corpus, ontology=schema, iris=IRIS)
    assert store.calls["change"] == len(corpus), "what has not changed is not written"


def test_a_simple_value_stays_as_long_as_one_of_its_claims(corpus, schema: Ontology) -> None:
    """A year and its January have the same dateTime; so have two metres and two seconds the number."""
    store = OxigraphStore()
    pairs = [
        (TimeValue(1900), TimeValue(1900, 1, None, 10)),
        (QuantityValue(Decimal(2), "Q11573"), QuantityValue(Decimal(2), "Q11574")),
    ]
    for pair in pairs:
        documents = [
            replace(corpus[n], statements=(replace(corpus[n].statements[0], property="P108", value=value),))
            for n, value in enumerate(pair)
        ]
        merge(store, documents, ontology=schema, iris=IRIS)
        truthy = f"SELECT ?value {{ <{WD}Q937> <{WDT}P108> ?value }}"
        assert len(list(store.select(truthy))) == 1
        for document in documents:
            assert len(list(store.select(truthy))) == 1
            retract(store, document.document.uri, ontology=schema, iris=IRIS)
        assert dump(store) == []


def test_scores_count_as_they_are_kept(corpus, schema: Ontology) -> None:
    """Computed from its own score with nine decimals, or read back with six: the same confidence."""
    documents = []
    for facts, score in zip(corpus, (0.420571581, 0.25891675), strict=False):
        (statement, *_) = facts.statements
        evidence = (replace(statement.evidence[0], score=score),)
        documents.append(replace(facts, statements=(replace(statement, evidence=evidence),)))
    stores = [OxigraphStore(), OxigraphStore()]
    merge(stores[0], documents, ontology=schema, iris=IRIS)
    merge(stores[1], documents[::-1], ontology=schema, iris=IRIS)
    assert dump(stores[0]) == dump(stores[1])

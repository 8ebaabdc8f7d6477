"""Links that say which entities are one: decided by a person, or told by names and facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from pathlib import Path

import pytest

from kgbuild.errors import UsageError
from kgbuild.graph import demote, merge, promote, refresh_identities, retract
from kgbuild.graph.identity import SAME, Local, clusters, same_as
from kgbuild.iris import WD, Iris
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.records import (
    Document,
    DocumentFacts,
    Entity,
    EntityMention,
    Evidence,
    Label,
    Mention,
    Revision,
    Statement,
    TimeValue,
)
from kgbuild.stores.oxigraph import OxigraphStore

IRIS = Iris()
REVISION = Revision("h", "r", "e", "l", "o")


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return load_ontology()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[OxigraphStore]:
    opened = OxigraphStore(tmp_path / "store", read_only=False)
    yield opened
    opened.close()


def uri(name: str) -> str:
    return f"urn:doc:{name}"


def local(name: str) -> str:
    return IRIS.local_entity(uri(name), "person ann lee")


def says(name: str, born: TimeValue | None, label: str = "Ann Lee") -> DocumentFacts:
    """A document that names a person whom no knowledge base has, and perhaps her birth."""
    text = f"{label} was born."
    document = Document(name, uri(name), text)
    evidence = Evidence(name, 0, len(text), text, 0.9, "x")
    mention = Mention(0, len(label), label, Label.PERSON, 0.9)
    born_then = (Statement(local(name), "P569", born, evidence=(evidence,)),) if born else ()
    return DocumentFacts(
        document,
        REVISION,
        mentions=(EntityMention(mention, local(name), 0.9),),
        entities=(Entity(local(name), label, types=("Q5",)),),
        statements=born_then,
    )


def links(
    store: OxigraphStore, ontology: Ontology, facts: Sequence[DocumentFacts]
) -> dict[str, frozenset[str]]:
    merge(store, facts, ontology=ontology, iris=IRIS)
    refresh_identities(store, ontology=ontology, iris=IRIS)
    return dict(same_as(store, [local(name) for name in "abc"], iris=IRIS))


def test_one_name_in_two_documents_is_one_entity(store: OxigraphStore, ontology: Ontology) -> None:
    canonical, other = sorted([local("a"), local("b")])
    assert links(store, ontology, [says("a", None), says("b", TimeValue(1901))]) == {other: {canonical}}


def test_a_year_and_a_day_in_it_do_not_disagree(store: OxigraphStore, ontology: Ontology) -> None:
    assert links(store, ontology, [says("a", TimeValue(1901)), says("b", TimeValue(1901, 5, 6, 11))])


def test_two_people_of_one_name_stay_apart_when_their_facts_disagree(
    store: OxigraphStore, ontology: Ontology
) -> None:
    assert links(store, ontology, [says("a", TimeValue(1901)), says("b", TimeValue(1950))]) == {}


def test_a_third_without_facts_joins_neither(store: OxigraphStore, ontology: Ontology) -> None:
    facts = [says("a", TimeValue(1901)), says("b", TimeValue(1950)), says("c", None)]
    assert links(store, ontology, facts) == {}


def test_one_word_is_not_name_enough(store: OxigraphStore, ontology: Ontology) -> None:
    assert links(store, ontology, [says("a", None, "Ann"), says("b", None, "Ann")]) == {}


def test_the_links_go_with_the_documents(store: OxigraphStore, ontology: Ontology) -> None:
    assert links(store, ontology, [says("a", None), says("b", None)])
    retract(store, uri("a"), ontology=ontology, iris=IRIS)
    assert refresh_identities(store, ontology=ontology, iris=IRIS) == 0
    assert not any(quad.predicate.value == SAME for quad in store.quads())


def test_the_order_does_not_matter() -> None:
    found = [Local(f"urn:{name}", {"ann lee"}, {"Q5"}) for name in "abcd"]
    found[0].facts["P569"], found[1].facts["P569"] = {"1901"}, {"1950"}
    found[2].facts["P569"], found[3].facts["P569"] = {"1901"}, {"1950"}
    expected = [{"urn:a", "urn:c"}, {"urn:b", "urn:d"}]
    assert all(clusters(order) == expected for order in permutations(found))


def test_promotion_is_one_link_and_can_be_undone(store: OxigraphStore, ontology: Ontology) -> None:
    merge(store, [says("a", TimeValue(1901))], ontology=ontology, iris=IRIS)
    before = sorted(map(str, store.quads()))
    promote(store, local("a"), "Q42", iris=IRIS)
    promote(store, local("a"), "Q42", iris=IRIS)
    assert same_as(store, [local("a")], iris=IRIS) == {local("a"): {WD + "Q42"}}
    asked = f"ASK {{ ?who <{SAME}>? <{WD}Q42> ; <http://www.wikidata.org/prop/direct/P569> ?born }}"
    assert bool(store.select(asked))
    demote(store, local("a"), iris=IRIS)
    assert sorted(map(str, store.quads())) == before


def test_promotion_outlives_a_new_version_of_the_document(store: OxigraphStore, ontology: Ontology) -> None:
    merge(store, [says("a", TimeValue(1901))], ontology=ontology, iris=IRIS)
    promote(store, local("a"), "Q42", iris=IRIS)
    merge(store, [says("a", TimeValue(1902))], ontology=ontology, iris=IRIS)
    refresh_identities(store, ontology=ontology, iris=IRIS)
    assert same_as(store, [local("a")], iris=IRIS) == {local("a"): {WD + "Q42"}}


@pytest.mark.parametrize(
    ("iri", "qid", "message"),
    [
        (local("a"), "P31", "no QID"),
        (local("z"), "Q42", "the store has no entity"),
        ("urn:x", "Q42", "no local entity"),
    ],
)
def test_what_cannot_be_promoted(
    store: OxigraphStore, ontology: Ontology, iri: str, qid: str, message: str
) -> None:
    merge(store, [says("a", None)], ontology=ontology, iris=IRIS)
    with pytest.raises(UsageError, match=message):
        promote(store, iri, qid, iris=IRIS)


def test_another_item_must_be_taken_back_first(store: OxigraphStore, ontology: Ontology) -> None:
    merge(store, [says("a", None)], ontology=ontology, iris=IRIS)
    with pytest.raises(UsageError, match="nothing to take back"):
        demote(store, local("a"), iris=IRIS)
    promote(store, local("a"), "Q42", iris=IRIS)
    with pytest.raises(UsageError, match="kgbuild link demote"):
        promote(store, local("a"), "Q43", iris=IRIS)


def test_what_a_knowledge_base_calls_the_same_is_linked_as_long_as_a_document_names_it(
    store: OxigraphStore, ontology: Ontology
) -> None:
    elsewhere, own = "http://dbpedia.org/resource/Ann_Lee", "urn:somebody:ann"
    entity = Entity("Q1", "Ann Lee", same=(elsewhere, "Q1"))
    found = [
        DocumentFacts(Document(name, uri(name), "Ann Lee"), REVISION, entities=(entity,))
        for name in ("one", "two")
    ]
    graph = IRIS.graph("entities")
    store.update(f"INSERT DATA {{ GRAPH <{graph}> {{ <{WD}Q1> <{SAME}> <{own}> }} }}")
    merge(store, found, ontology=ontology, iris=IRIS)
    same = {WD + "Q1": {elsewhere, own}}
    assert same_as(store, [WD + "Q1"], iris=IRIS) == same
    retract(store, uri("one"), ontology=ontology, iris=IRIS)
    assert same_as(store, [WD + "Q1"], iris=IRIS) == same
    retract(store, uri("two"), ontology=ontology, iris=IRIS)
    assert same_as(store, [WD + "Q1"], iris=IRIS) == {WD + "Q1": {own}}

"""Hand-written extractions of one text, and property tests for what must hold of any."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.facts.assemble import assemble
from kgbuild.facts.target import Target
from kgbuild.iris import Iris
from kgbuild.ontology import load_ontology
from kgbuild.records import (
    Attribute,
    Candidate,
    Document,
    DocumentFacts,
    Entity,
    Extraction,
    ItemValue,
    Label,
    Link,
    Mention,
    QuantityValue,
    Relation,
    Revision,
    Sentence,
    TimeValue,
)

TEXT = (
    "Marie Curie was born in Warsaw on 7 November 1867. She married Pierre Curie. They lived in Paris. "
    "He died in 1906. Marie Curie, born in Warsaw, had two daughters. He was a man."
)
DOCUMENT = Document("a.txt", "https://kg.example.org/document/c/a.txt", TEXT)
REVISION = Revision("hash", "reader", "model 1", "linker", "ontology")
TARGET = Target(load_ontology(), None, Iris())


def sentences_of(text: str) -> tuple[Sentence, ...]:
    found = []
    start = 0
    for index, part in enumerate(text.split(". ")):
        found.append(Sentence("a.txt", index, start, part if part.endswith(".") else part + "."))
        start += len(part) + 2
    return tuple(found)


SENTENCES = sentences_of(TEXT)


def mention(text: str, label: Label, nth: int = 0) -> Mention:
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(text, start + 1)
    return Mention(start, start + len(text), text, label, 0.9)


MENTIONS = (
    mention("Marie Curie", Label.PERSON),
    mention("Warsaw", Label.LOCATION),
    mention("7 November 1867", Label.TIME),
    mention("She", Label.PERSON),
    mention("Pierre Curie", Label.PERSON),
    mention("Paris", Label.LOCATION),
    mention("He", Label.PERSON, 0),
    mention("1906", Label.TIME),
    mention("Marie Curie", Label.PERSON, 1),
    mention("Warsaw", Label.LOCATION, 1),
    mention("two", Label.NUMBER),
    mention("He", Label.PERSON, 1),
)
MARIE, WARSAW, BORN, SHE, PIERRE, PARIS, HE, YEAR, MARIE_AGAIN, WARSAW_AGAIN, TWO, UNKNOWN = range(12)
CLUSTERS = ((MARIE, SHE, MARIE_AGAIN), (PIERRE, HE), (WARSAW, WARSAW_AGAIN))
LINKS = tuple(
    Link(position, {MARIE: "Q7186", WARSAW: "Q270", PARIS: "Q90"}.get(position), 0.8)
    for position in range(len(MENTIONS))
)
PIERRE_IRI = TARGET.iris.local_entity(DOCUMENT.uri, "person pierre curie")


def facts_of(
    *relations: Relation | Attribute,
    links: Sequence[Link] = LINKS,
    sentences: Sequence[Sentence] = SENTENCES,
    certainty: tuple[float, ...] = (),
) -> DocumentFacts:
    extraction = Extraction(
        DOCUMENT.id,
        0,
        len(TEXT),
        MENTIONS,
        tuple(each for each in relations if isinstance(each, Relation)),
        tuple(each for each in relations if isinstance(each, Attribute)),
        CLUSTERS,
        certainty,
    )
    return assemble(DOCUMENT, sentences, extraction, links, revision=REVISION, target=TARGET)


def attribute(subject: int, property_id: str, value: int, score: float = 0.7) -> Attribute:
    span = MENTIONS[value]
    return Attribute(subject, property_id, span.start, span.end, span.text, score)


def test_a_relation_between_linked_mentions() -> None:
    (statement,) = facts_of(Relation(MARIE, "P19", WARSAW, 0.9)).statements
    assert (statement.subject, statement.property, statement.value) == ("Q7186", "P19", ItemValue("Q270"))
    assert statement.confidence == 0
    (evidence,) = statement.evidence
    assert evidence.quote == "Marie Curie was born in Warsaw on 7 November 1867."
    assert (evidence.document_id, evidence.score, evidence.extractor) == ("a.txt", 0.9, "model 1")


def test_dates_and_numbers() -> None:
    facts = facts_of(attribute(MARIE, "P569", BORN), attribute(MARIE_AGAIN, "P1971", TWO))
    values = {statement.property: statement.value for statement in facts.statements}
    assert values["P569"] == TimeValue(1867, 11, 7, 11)
    assert isinstance(values["P1971"], QuantityValue)
    assert values["P1971"].amount == 2


def test_a_relation_to_a_date_is_a_date() -> None:
    (statement,) = facts_of(Relation(HE, "P570", YEAR, 0.9)).statements
    assert (statement.subject, statement.value) == (PIERRE_IRI, TimeValue(1906, precision=9))


def test_the_same_claim_has_all_its_evidence_once() -> None:
    facts = facts_of(
        Relation(MARIE, "P19", WARSAW, 0.6),
        Relation(MARIE, "P19", WARSAW, 0.9),
        Relation(MARIE_AGAIN, "P19", WARSAW_AGAIN, 0.8),
    )
    (statement,) = facts.statements
    assert [(evidence.quote[:14], evidence.score) for evidence in statement.evidence] == [
        ("Marie Curie wa", 0.9),
        ("Marie Curie, b", 0.8),
    ]


def test_what_is_said_of_a_pronoun_is_as_sure_as_its_reference() -> None:
    certainty = tuple({HE: 0.5, PIERRE: 0.8}.get(position, 1.0) for position in range(len(MENTIONS)))
    said = facts_of(
        Relation(HE, "P551", PARIS, 0.9), Relation(PIERRE, "P19", WARSAW, 0.9), certainty=certainty
    )
    scores = {each.property: each.evidence[0].score for each in said.statements}
    assert scores == {"P551": pytest.approx(0.45), "P19": pytest.approx(0.9)}


def test_evidence_over_several_sentences() -> None:
    (statement,) = facts_of(Relation(PIERRE, "P551", PARIS, 0.9)).statements
    assert statement.evidence[0].quote == "She married Pierre Curie. They lived in Paris."


def test_evidence_with_no_sentences_is_the_span_of_both_mentions() -> None:
    (statement,) = facts_of(Relation(PIERRE, "P551", PARIS, 0.9), sentences=()).statements
    assert statement.evidence[0].quote == "Pierre Curie. They lived in Paris"


def test_a_symmetric_property_holds_both_ways() -> None:
    statements = facts_of(Relation(SHE, "P26", PIERRE, 0.9)).statements
    pairs = {(statement.subject, statement.value) for statement in statements}
    assert pairs == {("Q7186", ItemValue(PIERRE_IRI)), (PIERRE_IRI, ItemValue("Q7186"))}
    assert statements[0].evidence == statements[1].evidence


def test_rejections_name_what_is_wrong() -> None:
    facts = facts_of(
        Relation(MARIE, "P19", PIERRE, 0.9),
        Relation(WARSAW, "P19", PARIS, 0.9),
        Relation(UNKNOWN, "P19", PARIS, 0.9),
        Relation(MARIE, "P22", SHE, 0.9),
        Relation(MARIE, "P0", WARSAW, 0.9),
        attribute(MARIE, "P569", TWO),
        attribute(UNKNOWN, "P570", YEAR),
    )
    assert facts.statements == ()
    assert {rejection.stage for rejection in facts.rejections} == {"normalise"}
    assert {rejection.document_id for rejection in facts.rejections} == {"a.txt"}
    assert {(rejection.reason, rejection.detail) for rejection in facts.rejections} == {
        ("range", "range of P19 (place of birth) is geographic location, Pierre Curie is tagged person"),
        ("domain", "domain of P19 (place of birth) is person, Warsaw is geographic location"),
        ("unresolved mention", "He P19 Paris"),
        ("reflexive", "Marie Curie P22 She"),
        ("unknown property", "P0 is not in the ontology"),
        ("unreadable value", "Marie Curie P569 two"),
        ("unresolved mention", "He P570 1906"),
    }


def test_entities_and_mentions() -> None:
    facts = facts_of(links=LINKS)
    assert [entity.id for entity in facts.entities] == sorted(["Q7186", "Q270", "Q90", PIERRE_IRI])
    by_text = {(each.mention.text, each.mention.start): each.entity for each in facts.mentions}
    assert by_text[("She", MENTIONS[SHE].start)] == "Q7186"
    assert by_text[("He", MENTIONS[HE].start)] == PIERRE_IRI
    assert ("He", MENTIONS[UNKNOWN].start) not in by_text
    assert ("1906", MENTIONS[YEAR].start) not in by_text


RELATIONS = st.lists(
    st.one_of(
        st.builds(
            Relation,
            st.integers(0, 11),
            st.sampled_from(["P19", "P26", "P22", "P551", "P569", "P1971", "P361", "P999"]),
            st.integers(0, 11),
            st.floats(0, 1),
        ),
        st.builds(
            attribute, st.integers(0, 11), st.sampled_from(["P569", "P570", "P1477"]), st.integers(0, 11)
        ),
    ),
    max_size=12,
)


@given(RELATIONS, st.sets(st.integers(0, 5)), st.randoms(use_true_random=False))
def test_what_holds_of_any_extraction(relations: list[Relation | Attribute], gone: set[int], random) -> None:
    sentences = tuple(sentence for sentence in SENTENCES if sentence.index not in gone)
    facts = facts_of(*relations, sentences=sentences)
    described = {entity.id for entity in facts.entities}
    for statement in facts.statements:
        assert statement.subject in described
        assert not isinstance(statement.value, ItemValue) or statement.value.entity in described
        assert statement.evidence
        for evidence in statement.evidence:
            assert TEXT[evidence.start : evidence.end] == evidence.quote
    claims = [(each.subject, each.property, each.value) for each in facts.statements]
    assert len(claims) == len(set(claims))
    for relation in relations:
        stated = any(statement.property == relation.property for statement in facts.statements)
        assert stated or any(relation.property in rejection.detail for rejection in facts.rejections)
    shuffled = list(relations)
    random.shuffle(shuffled)
    again = facts_of(*shuffled, sentences=sentences[::-1])
    assert again.statements == facts.statements
    assert sorted(again.rejections, key=str) == sorted(facts.rejections, key=str)


class Told:
    """A knowledge base that tells of one person."""

    version = "told"

    def candidates(self, surface: str, limit: int = 30) -> tuple[Candidate, ...]:
        return ()

    def entity(self, id: str) -> Entity | None:
        """Where and when she was born."""
        facts = (("P19", "Warszawa"), ("P569", "1867-11-07"))
        told = {"Q7186": Entity(id, "Marie Curie", facts=facts), "Q270": Entity(id, "Warsaw", ("Warszawa",))}
        return told.get(id)


def test_what_the_knowledge_base_tells_is_left_out_where_only_the_new_is_wanted() -> None:
    said = (
        Relation(MARIE, "P19", WARSAW, 0.9),
        Relation(MARIE, "P551", PARIS, 0.9),
        Attribute(MARIE, "P569", MENTIONS[BORN].start, MENTIONS[BORN].end, MENTIONS[BORN].text, 0.9),
    )
    extraction = Extraction("a.txt", 0, len(TEXT), MENTIONS, said[:2], said[2:], CLUSTERS)
    found = {}
    for only_new in (False, True):
        target = Target(TARGET.ontology, Told(), TARGET.iris, only_new=only_new)
        found[only_new] = assemble(DOCUMENT, SENTENCES, extraction, LINKS, revision=REVISION, target=target)
        assert target.version.endswith("+only-new") is only_new
    assert [each.property for each in found[False].statements] == ["P19", "P551", "P569"]
    assert [each.property for each in found[True].statements] == ["P551"]
    assert [each.reason for each in found[True].rejections] == ["already known"] * 2
    assert "Q7186 P19: Marie Curie was born in Warsaw" in found[True].rejections[0].detail


def test_relations_told_in_words_become_properties_in_their_direction() -> None:
    facts = facts_of(
        Relation(MARIE, "was born in", WARSAW, 0.9),
        Relation(MARIE, "wife of", PIERRE, 0.9),
        Relation(MARIE, "kicked", PIERRE, 0.9),
        Attribute(MARIE, "was born", MENTIONS[BORN].start, MENTIONS[BORN].end, MENTIONS[BORN].text, 0.9),
    )
    assert {each.property for each in facts.statements} == {"P19", "P26", "P569"}
    assert [(each.reason, each.detail) for each in facts.rejections] == [
        ("unknown property", "kicked is not in the ontology")
    ]

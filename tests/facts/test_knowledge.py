"""What a knowledge base tells weighs in on what was read, and on nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kgbuild.errors import ModelError
from kgbuild.facts.assemble import assemble
from kgbuild.facts.knowledge import Knowledge, Weights, Worth
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
    Relation,
    Revision,
    Sentence,
    TimeValue,
    Weighing,
)

TEXT = "Marie Curie, born in Warsaw on 7 November 1867, was the teacher of Irène Curie, born in Paris."
DOCUMENT = Document("a.txt", "https://kg.example.org/document/c/a.txt", TEXT)
REVISION = Revision("hash", "reader", "model 1", "linker", "ontology")
NAMES = ("Marie Curie", "Warsaw", "7 November 1867", "Irène Curie", "Paris")
LABELS = (Label.PERSON, Label.LOCATION, Label.TIME, Label.PERSON, Label.LOCATION)
MENTIONS = tuple(
    Mention(TEXT.index(name), TEXT.index(name) + len(name), name, label, 0.9)
    for name, label in zip(NAMES, LABELS, strict=True)
)
MARIE, WARSAW, DAY, IRENE, PARIS = range(5)
QIDS = {MARIE: "Q7186", WARSAW: "Q270", IRENE: "Q7504", PARIS: "Q90"}
BORN = ItemValue("Q270")
WEIGHTS = Weights(Worth(same=2.0, others=-2.0), Worth(same=2.0, others=-2.0))


class Told:
    """A knowledge base that tells these facts, by QID."""

    version = "told"

    def __init__(self, **facts: tuple[tuple[str, str], ...]) -> None:
        self._facts = facts

    def candidates(self, surface: str, limit: int = 30) -> tuple[Candidate, ...]:
        return ()

    def exact(self, name: str, limit: int = 30) -> tuple[str, ...]:
        return ()

    def entity(self, id: str) -> Entity | None:
        places = {qid: place for place, qid in QIDS.items()}
        return Entity(id, NAMES[places[id]], facts=self._facts.get(id, ())) if id in places else None


def facts(
    index: Told | None,
    *read: Relation | Attribute,
    linked: tuple[int, ...] = tuple(QIDS),
    weights: Weights | None = WEIGHTS,
) -> DocumentFacts:
    extraction = Extraction(
        "a.txt",
        0,
        len(TEXT),
        MENTIONS,
        tuple(each for each in read if isinstance(each, Relation)),
        tuple(each for each in read if isinstance(each, Attribute)),
    )
    links = tuple(Link(place, QIDS.get(place) if place in linked else None, 0.9) for place in range(5))
    knowledge = Knowledge(weights, "test") if weights else None
    target = Target(load_ontology(), index, Iris(), knowledge=knowledge)
    sentences = (Sentence("a.txt", 0, 0, TEXT),)
    return assemble(DOCUMENT, sentences, extraction, links, revision=REVISION, target=target)


def relation(score: float, subject: int = MARIE, name: str = "P19", object_: int = WARSAW) -> Relation:
    return Relation(subject, name, object_, score, least=0.4)


def day(score: float) -> Attribute:
    mention = MENTIONS[DAY]
    return Attribute(MARIE, "P569", mention.start, mention.end, mention.text, score, least=0.4)


def test_a_doubtful_reading_is_stated_where_the_same_value_is_told() -> None:
    said = facts(Told(Q7186=(("P19", "warsaw"),)), relation(0.2))
    (statement,) = said.statements
    (evidence,) = statement.evidence
    assert (statement.subject, statement.property, statement.value) == ("Q7186", "P19", BORN)
    assert evidence.score == pytest.approx(0.6488, abs=1e-4)  # odds of 1 to 4, times e²
    assert evidence.weighed == Weighing(0.2, "the same")
    assert evidence.quote == TEXT


def test_a_sure_reading_is_refused_where_others_are_told_and_says_so() -> None:
    said = facts(Told(Q7186=(("P19", "Sochaczew"),)), relation(0.6))
    assert not said.statements
    (rejection,) = said.rejections
    assert rejection.reason == "unlikely by what is known"
    assert rejection.detail == (
        "Marie Curie P19 Warsaw: read with 0.60, 0.17 since the knowledge base tells others"
    )


def test_a_very_sure_reading_stays_though_others_are_told() -> None:
    (statement,) = facts(Told(Q7186=(("P19", "Sochaczew"),)), relation(0.95)).statements
    (evidence,) = statement.evidence
    assert evidence.weighed == Weighing(0.95, "others")
    assert evidence.score < 0.95


def test_the_inverse_says_the_same() -> None:
    student = relation(0.2, IRENE, "P1066", MARIE)
    (statement,) = facts(Told(Q7186=(("P802", "Irène Curie"),)), student).statements
    assert (statement.subject, statement.property, statement.value) == ("Q7504", "P1066", ItemValue("Q7186"))
    spouse = relation(0.2, MARIE, "P26", IRENE)
    (one, other) = facts(Told(Q7504=(("P26", "Marie Curie"),)), spouse).statements  # stated both ways
    assert {one.subject, other.subject} == {"Q7186", "Q7504"}


@pytest.mark.parametrize(
    ("told", "score", "stated"),
    [
        ("1867-11-07", 0.2, True),
        ("1867-11-08", 0.6, False),
        ("1867-11-08", 0.2, False),
        ("1867", 0.6, True),  # less precise: it neither has the value nor excludes it
        ("1867", 0.2, False),
        ("long ago", 0.2, False),
    ],
)
def test_dates(told: str, score: float, stated: bool) -> None:
    said = facts(Told(Q7186=(("P569", told),)), day(score))
    assert [each.value for each in said.statements] == [TimeValue(1867, 11, 7, 11)] * stated


SURE, DOUBTFUL = relation(0.6), relation(0.2, IRENE, "P19", PARIS)
OTHERS = Told(Q7186=(("P19", "Sochaczew"),), Q7504=(("P19", "Paris"),))


@pytest.mark.parametrize(
    ("index", "linked"),
    [
        (OTHERS, (MARIE, IRENE)),  # the values are local entities
        (OTHERS, (WARSAW, PARIS)),  # the subjects are
        (OTHERS, ()),
        (Told(), tuple(QIDS)),  # an index without facts or classes
        (Told(Q7186=(("P20", "Passy"),)), tuple(QIDS)),  # it tells of other properties
        (Told(Q7186=(("born in", "Sochaczew"),)), tuple(QIDS)),  # an index of another vocabulary
        (None, tuple(QIDS)),
    ],
)
def test_where_nothing_is_told_nothing_changes(index: Told | None, linked: tuple[int, ...]) -> None:
    weighed = facts(index, SURE, DOUBTFUL, linked=linked)
    plain = facts(index, SURE, linked=linked, weights=None)
    assert weighed.statements == plain.statements
    assert weighed.rejections == plain.rejections
    assert weighed.statements[0].evidence[0].weighed is None


def test_what_was_not_read_is_not_stated() -> None:
    assert not facts(Told(Q7186=(("P19", "Warsaw"),), Q7504=(("P19", "Paris"),))).statements


def test_a_relation_in_words_is_left_to_its_own_stage() -> None:
    (statement,) = facts(Told(Q7186=(("P19", "Warsaw"),)), replace(SURE, property="was born in")).statements
    assert (statement.property, statement.evidence[0].weighed) == ("P19", None)


def test_the_version_of_a_target_tells_of_the_weights() -> None:
    target = Target(load_ontology(), None, Iris())
    first, second = (replace(target, knowledge=Knowledge(WEIGHTS, name)) for name in "ab")
    assert len({target.version, first.version, second.version}) == 3


def test_the_weights_in_the_package_believe_what_agrees_and_doubt_what_does_not() -> None:
    held = Knowledge.read()
    for worth in (held.weights.relation, held.weights.date):
        assert worth.same > 0 > worth.others
    assert held.version == Knowledge.read().version


@pytest.mark.parametrize("content", [None, "{", '{"relation": {"same": 1.0, "others": -1.0}}'])
def test_a_file_without_weights_is_named_with_the_mend(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "weights.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ModelError, match=r"cannot read the weights .*weights\.json: .*kgbuild\.train\.know"):
        Knowledge.read(file)

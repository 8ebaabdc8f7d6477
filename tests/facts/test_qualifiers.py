"""Dates said with a relation become its qualifiers, where there is no doubt whose they are."""

from __future__ import annotations

import re

import pytest

from kgbuild.facts.assemble import assemble
from kgbuild.facts.target import Target
from kgbuild.iris import Iris
from kgbuild.ontology import load_ontology
from kgbuild.records import (
    Attribute,
    Document,
    DocumentFacts,
    Extraction,
    ItemValue,
    Label,
    Link,
    Mention,
    Relation,
    Revision,
    Sentence,
    TimeValue,
)

TARGET = Target(load_ontology(), None, Iris())
REVISION = Revision("hash", "reader", "model 1", "linker", "ontology")
LABELS = {"P": Label.PERSON, "O": Label.ORGANISATION, "T": Label.TIME, "L": Label.LOCATION, "X": Label.OTHER}
MARKED = re.compile(r"\[([POTLX]) ([^\]]+)\]")


def read(marked: str, *said: tuple[int, str, int]) -> DocumentFacts:
    """The facts of a text whose mentions are marked "[P Ada]"; each is the item Q and its number.

    What is said is told by positions of mentions; of a date it is an attribute.
    """
    mentions, text = [], ""
    at = 0
    for match in MARKED.finditer(marked):
        text += marked[at : match.start()]
        at = match.end()
        mentions.append(Mention(len(text), len(text) + len(match[2]), match[2], LABELS[match[1]], 0.9))
        text += match[2]
    text += marked[at:]
    sentences = [
        Sentence("a", number, match.start(), match[0])
        for number, match in enumerate(re.finditer(r"\S[^.]*\.", text))
    ]
    relations, attributes = [], []
    for subject, pid, value in said:
        found = mentions[value]
        if found.label is Label.TIME:
            attributes.append(Attribute(subject, pid, found.start, found.end, found.text, 0.7))
        else:
            relations.append(Relation(subject, pid, value, 0.7))
    extraction = Extraction(
        "a", 0, len(text), tuple(mentions), tuple(relations), tuple(attributes), clusters=()
    )
    links = [
        Link(number, None if mention.label is Label.TIME else f"Q{number}", 0.9)
        for number, mention in enumerate(mentions)
    ]
    document = Document("a", "https://kg.example.org/document/c/a", text)
    return assemble(document, sentences, extraction, links, revision=REVISION, target=TARGET)


def qualified(facts: DocumentFacts) -> dict[tuple[str, str, str], dict[str, object]]:
    """Qualifiers by statement; a year for a date that is one."""
    return {
        (each.subject, each.property, each.value.entity): {
            pid: value.year if isinstance(value, TimeValue) else value for pid, value in each.qualifiers
        }
        for each in facts.statements
        if isinstance(each.value, ItemValue)
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[P Ada] worked at [O ETH] from [T 1912] to [T 1914].", {"P580": 1912, "P582": 1914}),
        ("[P Ada] worked at [O ETH] between 1912 and [T 1914].", {}),
        ("[P Ada] worked at [O ETH] ([T 1912-1914]).", {"P580": 1912, "P582": 1914}),
        ("[P Ada] has worked at [O ETH] since [T 1912].", {"P580": 1912}),
        ("Since [T 1912], [P Ada] has worked at [O ETH].", {"P580": 1912}),
        ("[P Ada] worked at [O ETH] until the [T 1990s].", {"P582": 1990}),
        ("[P Ada] worked at [O ETH] in [T 1912].", {}),
        ("[P Ada] worked at [O ETH]. She was ill from [T 1912] to [T 1914].", {}),
        ("[P Ada] worked at [O ETH] since [T many years].", {}),
    ],
)
def test_start_and_end_of_what_lasts(text: str, expected: dict[str, int]) -> None:
    first = 1 if text.startswith("Since") else 0
    claim = (f"Q{first}", "P108", f"Q{first + 1}")
    assert qualified(read(text, (first, "P108", first + 1))) == {claim: expected}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[P Ada] married [P Bob] in [T 1895].", {"P580": 1895}),
        ("In 1895 [P Ada] and [P Bob] were divorced; that was in [T 1901].", {}),
        ("[P Ada] and [P Bob] divorced in [T 1901].", {"P582": 1901}),
        ("[P Ada] and [P Bob] have a daughter, who was born in [T 1901].", {}),
        ("[P Ada] married [P Bob], who was born in [T 1875].", {}),
    ],
)
def test_both_directions_of_a_marriage_have_its_time(text: str, expected: dict[str, int]) -> None:
    assert qualified(read(text, (0, "P26", 1))) == {
        ("Q0", "P26", "Q1"): expected,
        ("Q1", "P26", "Q0"): expected,
    }


def test_an_award_has_a_point_in_time() -> None:
    assert qualified(read("[P Ada] won the [X Prize] in [T 1903].", (0, "P166", 1))) == {
        ("Q0", "P166", "Q1"): {"P585": 1903}
    }


def test_a_date_between_two_relations_that_are_as_near_is_attached_to_neither() -> None:
    two_people = read("[P Ada] and [P Bob] worked at [O ETH] since [T 1912].", (0, "P108", 2), (1, "P108", 2))
    assert [*qualified(two_people).values()] == [{}, {}]
    two_ways = read("[P Ada] has been at [O ETH] since [T 1912].", (0, "P108", 1), (0, "P69", 1))
    assert [*qualified(two_ways).values()] == [{}, {}]


@pytest.mark.parametrize(
    ("text", "pids", "expected"),
    [
        ("[P Ada] has worked at [O ETH] since [T 1912].", ("P108", "P937"), {"P580": 1912}),
        ("[P Ada] won the [X Prize] in [T 1903].", ("P166", "P1411"), {"P585": 1903}),
    ],
)
def test_a_date_is_that_of_both_where_one_relation_takes_the_other(
    text: str, pids: tuple[str, str], expected: dict[str, int]
) -> None:
    assert [*qualified(read(text, *((0, pid, 1) for pid in pids))).values()] == [expected, expected]


def test_the_dates_of_an_employment_are_no_work_period() -> None:
    text = "[P Ada] worked at [O ETH] from [T 1912] to [T 1914]."
    facts = read(text, (0, "P108", 1), (0, "P2031", 2), (0, "P2032", 3))
    assert qualified(facts) == {("Q0", "P108", "Q1"): {"P580": 1912, "P582": 1914}}
    assert [each.property for each in facts.statements] == ["P108"]
    alone = read("[P Ada] was active from [T 1912].", (0, "P2031", 1))
    assert [each.property for each in alone.statements] == ["P2031"]


def test_the_nearer_relation_has_the_date_and_each_its_own() -> None:
    text = "[P Ada] studied at [O MIT] until [T 1903] and worked at [O ETH] from [T 1912]."
    assert qualified(read(text, (0, "P69", 1), (0, "P108", 3))) == {
        ("Q0", "P69", "Q1"): {"P582": 1903},
        ("Q0", "P108", "Q3"): {"P580": 1912},
    }


def test_two_starts_are_a_doubt() -> None:
    text = "Since [T 1903], or since [T 1905], [P Ada] has worked at [O ETH]."
    assert qualified(read(text, (2, "P108", 3))) == {("Q2", "P108", "Q3"): {}}


def test_a_date_that_says_something_else_is_not_attached() -> None:
    text = "[P Ada], dean of [O ETH] until her death, died on [T 3 May 1912]."
    facts = read(text, (0, "P108", 1), (0, "P570", 2), (0, "P582", 2))
    assert qualified(facts) == {("Q0", "P108", "Q1"): {}}
    assert [each.property for each in facts.statements] == ["P108", "P570"]


def test_what_the_extractor_read_tells_the_role_where_words_do_not() -> None:
    text = "[P Ada], who joined [O ETH] in [T 1912], stayed."
    assert qualified(read(text, (0, "P108", 1), (0, "P580", 2))) == {("Q0", "P108", "Q1"): {"P580": 1912}}
    doubted = read(text, (0, "P108", 1), (0, "P580", 2), (0, "P582", 2))
    assert qualified(doubted) == {("Q0", "P108", "Q1"): {}}
    assert {each.reason for each in doubted.rejections} == {"time of no statement"}


def test_an_attached_date_is_no_statement_of_its_own() -> None:
    facts = read("[P Ada] has worked at [O ETH] since [T 1912].", (0, "P108", 1), (0, "P580", 2))
    assert [each.property for each in facts.statements] == ["P108"]
    assert facts.rejections == ()


def test_only_events_start_and_end_by_themselves() -> None:
    war = read("The [X War] began in [T 1914].", (0, "P580", 1))
    assert [(each.subject, each.property) for each in war.statements] == [("Q0", "P580")]
    [rejection] = read("[P Ada] began in [T 1914].", (0, "P580", 1)).rejections
    assert rejection.detail == "P580 is of an event, Ada is person"


def test_a_position_is_held_of_something() -> None:
    assert qualified(read("[P Ada] was [X president] of the [O Union].", (0, "P39", 1))) == {
        ("Q0", "P39", "Q1"): {"P642": ItemValue("Q2")}
    }
    assert qualified(read("[P Ada] was [X president], not of [O Union].", (0, "P39", 1))) == {
        ("Q0", "P39", "Q1"): {}
    }


@pytest.mark.parametrize("head", ["P6", "P35"])
def test_the_time_of_an_office_is_that_of_the_head_whom_it_makes(head: str) -> None:
    text = "Ada was Chancellor of Peru from 2005 to 2021."
    names = {"Ada": "P", "Chancellor of Peru": "X", "Peru": "L", "2005": "T", "2021": "T"}
    mentions = tuple(
        Mention(text.index(name), text.index(name) + len(name), name, LABELS[label], 0.9)
        for name, label in names.items()
    )
    relations = Relation(0, "P39", 1, 0.7), Relation(2, head, 0, 0.7)
    links = [Link(number, None if number > 2 else f"Q{number}", 0.9) for number in range(5)]
    facts = assemble(
        Document("a", "https://kg.example.org/document/c/a", text),
        [Sentence("a", 0, 0, text)],
        Extraction("a", 0, len(text), mentions, relations),
        links,
        revision=REVISION,
        target=TARGET,
    )
    times = {"P580": 2005, "P582": 2021}
    assert qualified(facts) == {("Q0", "P39", "Q1"): times, ("Q2", head, "Q0"): times}

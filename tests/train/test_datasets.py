"""Readers of annotated data: what they take from a row, and how they refuse a bad one."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kgbuild.errors import DatasetError
from kgbuild.records import Label
from kgbuild.train.datasets.fewrel import read_fewrel
from kgbuild.train.datasets.gap import read_gap
from kgbuild.train.datasets.knowledgenet import read_knowledgenet
from kgbuild.train.datasets.redocred import DocumentRow, passage, read_passages, read_redocred
from kgbuild.train.examples import Example, Fact, Scope, Tagging

PASSAGE = {
    "start": 100,
    "end": 140,
    "text": "Ada is the daughter of Ben. She joined X",
    "annotated": ["CHILD_OF", "EMPLOYEE_OR_MEMBER_OF"],
    "facts": [
        {"property": "CHILD_OF", "subject": [100, 103, "Ada", "urn:ada"], "object": [123, 126, "Ben", None]},
        {
            "property": "EMPLOYEE_OR_MEMBER_OF",
            "subject": [128, 131, "She", "urn:ada"],
            "object": [139, 140, "X", None],
        },
    ],
}
DOCUMENT: dict[str, Any] = {
    "title": "Ada",
    "sents": [["Ada", "lived", "in", "Rome", "."], ["Ada", "left", "."]],
    "vertexSet": [
        [{"sent_id": 0, "pos": [0, 1], "type": "PER"}, {"sent_id": 1, "pos": [0, 1], "type": "PER"}],
        [{"sent_id": 0, "pos": [3, 4], "type": "LOC"}],
    ],
    "labels": [{"h": 0, "t": 1, "r": "P551", "evidence": [0]}],
}
GAP_HEADER = "ID\tText\tPronoun\tPronoun-offset\tA\tA-offset\tA-coref\tB\tB-offset\tB-coref\tURL"


def lines(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_knowledgenet_offsets_are_the_passage_s_and_children_are_read_from_the_parent(tmp_path: Path) -> None:
    path = lines(tmp_path / "fold1.jsonl", {"fold": 1, "document": "7", "passages": [PASSAGE]})
    [example] = read_knowledgenet(path)
    said = [example.text[each.start : each.end] for each in example.mentions]
    assert said == ["Ada", "Ben", "She", "X"]
    assert [each.label for each in example.mentions][:2] == [Label.PERSON, Label.PERSON]
    assert example.mentions[0].entity == example.mentions[2].entity != -1
    assert Fact(1, "P40", 0) in example.facts
    assert {Fact(0, "P22", 1), Fact(0, "P25", 1)} <= set(example.unknown)
    assert Fact(2, "P108", 3) in example.facts
    assert Fact(2, "P463", 3) in example.unknown
    assert example.annotated == {"P22", "P25", "P40", "P108", "P463"}
    assert example.tagging is Tagging.PARTIAL


def test_a_file_may_be_gzipped(tmp_path: Path) -> None:
    path = tmp_path / "fold1.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps({"document": "7", "passages": [PASSAGE]}).encode()))
    assert len(list(read_knowledgenet(path))) == 1


def test_redocred_tokens_become_text_and_dates_are_objects(tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    path.write_text(json.dumps([DOCUMENT]))
    [example] = read_redocred(path)
    assert example.text == "Ada lived in Rome . Ada left ."
    assert [(each.start, each.end, each.entity) for each in example.mentions] == [
        (0, 3, 0),
        (13, 17, 1),
        (20, 23, 0),
    ]
    assert example.facts == (Fact(0, "P551", 1),)
    assert example.scope is Scope.ENTITY


def test_a_passage_states_what_its_own_sentences_tell(tmp_path: Path) -> None:
    row = msgspec.convert(DOCUMENT, DocumentRow)
    first = passage(row, range(1), frozenset({"P551"}), "here")
    assert (first.facts, first.unknown) == ((Fact(0, "P551", 1),), ())
    second = passage(row, range(1, 2), frozenset({"P551"}), "here")
    assert second.text == "Ada left ."
    assert [(each.start, each.end, each.entity) for each in second.mentions] == [(0, 3, 0)]
    assert (second.facts, second.unknown) == ((), (Fact(0, "P551", 1),))


def test_a_fact_whose_evidence_lies_elsewhere_or_is_not_given_is_unknown_in_a_passage() -> None:
    label = DOCUMENT["labels"][0]
    for evidence in ([], [0, 1]):
        row = msgspec.convert({**DOCUMENT, "labels": [{**label, "evidence": evidence}]}, DocumentRow)
        made = passage(row, range(1), frozenset({"P551"}), "here")
        assert (made.facts, made.unknown) == ((), (Fact(0, "P551", 1),))


def test_passages_hold_each_sentence_of_a_document_once(tmp_path: Path) -> None:
    sentences = [["Ada", "slept", str(night), "."] for night in range(30)]
    path = tmp_path / "dev.json"
    path.write_text(json.dumps([{**DOCUMENT, "sents": [*DOCUMENT["sents"], *sentences]}]))
    found = list(read_passages(path))
    [whole] = read_redocred(path)
    assert " ".join(each.text for each in found) == whole.text
    assert 10 < len(found) < 32
    assert len({each.id for each in found}) == len(found)
    assert sum(len(each.mentions) for each in found) == len(whole.mentions)


def test_a_redocred_file_without_labels_trains_no_relations(tmp_path: Path) -> None:
    path = tmp_path / "entities.json"
    path.write_text(json.dumps([{**DOCUMENT, "labels": []}]))
    [example] = read_redocred(path)
    assert example.annotated == frozenset()


def test_fewrel_marks_one_pair_among_the_properties_of_its_files(tmp_path: Path) -> None:
    row = {"pid": "P26", "tokens": ["ann", "wed", "bob"], "h": [0, 1], "t": [2, 3]}
    path = lines(tmp_path / "train.jsonl", row, {**row, "pid": "P19"})
    first, _ = read_fewrel(path)
    assert first.facts == (Fact(0, "P26", 1),)
    assert first.annotated == {"P19", "P26"}
    assert (first.scope, first.cased) == (Scope.PAIR, False)


def test_gap_joins_the_pronoun_to_the_right_name(tmp_path: Path) -> None:
    path = tmp_path / "gap.tsv"
    row = "a\tAnn met Bea when she left.\tshe\t17\tAnn\t0\tFALSE\tBea\t8\tTRUE\turl"
    path.write_text(f"{GAP_HEADER}\n{row}\n")
    [example] = read_gap(path)
    names = {example.text[each.start : each.end]: each.entity for each in example.mentions}
    assert names["she"] == names["Bea"] != names["Ann"]


@pytest.mark.parametrize(
    ("name", "content", "reader", "said"),
    [
        ("fold1.jsonl", '{"document": "7"}\n', read_knowledgenet, r"fold1\.jsonl:1: .*passages"),
        ("fold1.jsonl", "{not json\n", read_knowledgenet, r"fold1\.jsonl:1"),
        (
            "fold1.jsonl",
            json.dumps({"document": "7", "passages": [{**PASSAGE, "annotated": ["LIKES"]}]}),
            read_knowledgenet,
            "LIKES is no property",
        ),
        (
            "fold1.jsonl",
            json.dumps({"document": "7", "passages": [{**PASSAGE, "text": "short"}]}),
            read_knowledgenet,
            "lies outside the text",
        ),
        (
            "train.jsonl",
            '{"pid": "P1", "tokens": ["a"], "h": [0, 1], "t": [1, 2]}\n',
            read_fewrel,
            r"train\.jsonl:1: the spans",
        ),
        ("gap.tsv", f"{GAP_HEADER}\na\ttext\n", read_gap, r"gap\.tsv:2"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, name: str, content: str, reader: Any, said: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(DatasetError, match=said):
        list(reader(path))


def test_an_unknown_entity_type_is_named(tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    strange = [[{"sent_id": 0, "pos": [0, 1], "type": "PET"}]]
    path.write_text(json.dumps([{**DOCUMENT, "vertexSet": strange, "labels": []}]))
    with pytest.raises(DatasetError, match="PET"):
        list(read_redocred(path))


def test_a_missing_file_and_a_torn_archive_are_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"gone\.jsonl is not a file"):
        list(read_knowledgenet(tmp_path / "gone.jsonl"))
    torn = tmp_path / "fold1.jsonl.gz"
    torn.write_bytes(gzip.compress(b"{}" * 1000)[:20])
    with pytest.raises(DatasetError, match="cannot be unpacked"):
        list(read_knowledgenet(torn))


def test_a_mention_outside_the_text_is_refused() -> None:
    from kgbuild.train.examples import AnnotatedMention

    with pytest.raises(DatasetError, match="lies outside"):
        Example("x", "abc", (AnnotatedMention(2, 9, None),))


def test_templates_are_filled_where_their_spans_say(tmp_path: Path) -> None:
    from kgbuild.train.datasets.templates import read_templates

    path = tmp_path / "templates.tsv"
    people = "P1082\tlocation\tcount:300-900\tSome {o} people live in {s}."
    path.write_text(f"# a comment\n{people}\nP119\tperson\tlocation\t{{s}} lies in {{o}}.\n")
    names = {Label.LOCATION: ["Rome", "Oslo"], Label.PERSON: ["Ada"]}
    examples = list(read_templates(path, names, copies=3, seed=1))
    assert len(examples) == 6
    assert examples == list(read_templates(path, names, copies=3, seed=1))
    for example in examples:
        for fact in example.facts:
            subject, object_ = (example.mentions[number] for number in (fact.subject, fact.object))
            said = example.text[subject.start : subject.end], example.text[object_.start : object_.end]
            if fact.property == "P1082":
                assert said[0] in names[Label.LOCATION]
                assert said[1][0].isdigit()
            else:
                assert said[0] == "Ada"


def test_templates_without_names_to_take_are_refused(tmp_path: Path) -> None:
    from kgbuild.train.datasets.templates import names_of, read_templates

    path = tmp_path / "templates.tsv"
    path.write_text("P1082\tlocation\tcount:300-900\tSome {o} people live in {s}.\n")
    with pytest.raises(DatasetError, match=r"templates\.tsv needs names of location; they are taken from"):
        list(read_templates(path, names_of([]), copies=1, seed=1))


def test_a_bad_template_is_named(tmp_path: Path) -> None:
    from kgbuild.train.datasets.templates import read_rows

    path = tmp_path / "templates.tsv"
    path.write_text("P1082\tlocation\tcount:1-2\tno slots\n")
    with pytest.raises(DatasetError, match=r"templates\.tsv:1"):
        read_rows(path)

"""Users' annotations: what a line says, and every way in which it is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.errors import DatasetError
from kgbuild.records import Label
from kgbuild.train.datasets.annotations import lines_of, read_annotations
from kgbuild.train.examples import AnnotatedMention, Example, Fact, Scope, Tagging

ADA = {"start": 0, "end": 3, "label": "person", "entity": "ada", "text": "Ada"}
ROME = {"start": 13, "end": 17, "label": "LOC"}
SHE = {"start": 19, "end": 22, "label": "person", "entity": "ada"}
LINE = {
    "id": "a1",
    "text": "Ada lived in Rome. She left.",
    "mentions": [ADA, ROME, SHE],
    "facts": [{"subject": 0, "property": "P551", "object": 1}],
    "annotated": ["P551", "P19"],
    "tagging": "partial",
}


def file(folder: Path, *rows: Any) -> Path:
    path = folder / "mine.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    return path


def test_a_line_says_mentions_entities_facts_and_what_is_annotated(tmp_path: Path) -> None:
    [example] = read_annotations(file(tmp_path, LINE), {"P551", "P19"})
    assert example == Example(
        "a1",
        LINE["text"],
        (
            AnnotatedMention(0, 3, Label.PERSON, 0),
            AnnotatedMention(13, 17, Label.LOCATION, -1),
            AnnotatedMention(19, 22, Label.PERSON, 0),
        ),
        facts=(Fact(0, "P551", 1),),
        annotated=frozenset({"P551", "P19"}),
        tagging=Tagging.PARTIAL,
    )


def test_what_may_be_left_out(tmp_path: Path) -> None:
    short = {key: LINE[key] for key in ("id", "text", "mentions")}
    plain, stated = read_annotations(file(tmp_path, short, {**short, "id": "2", "facts": LINE["facts"]}))
    assert (plain.tagging, plain.scope, plain.annotated) == (Tagging.FULL, Scope.MENTION, frozenset())
    assert stated.annotated == {"P551"}


def test_facts_may_hold_between_entities(tmp_path: Path) -> None:
    rome = {**ROME, "entity": 7}
    fact = {"subject": "ada", "property": "P551", "object": 7}
    row = {**LINE, "mentions": [ADA, rome, SHE], "facts": [fact], "scope": "entity"}
    [example] = read_annotations(file(tmp_path, row))
    assert (example.scope, example.facts) == (Scope.ENTITY, (Fact(0, "P551", 1),))
    with pytest.raises(DatasetError, match=r"mine\.jsonl:1: no mention has the entity 8 of P551"):
        list(read_annotations(file(tmp_path, {**row, "facts": [{**fact, "object": 8}]})))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mentions": [{**ADA, "end": 99}]}, "0:99 lies outside the text of 28 characters"),
        ({"mentions": [{**ADA, "start": 3}]}, "3:3 lies outside"),
        ({"mentions": [{**ADA, "start": -1}]}, "-1:3 lies outside"),
        ({"mentions": [{**ADA, "end": 4}]}, "says 'Ada' where the text has 'Ada '"),
        ({"mentions": [{**ADA, "label": "pet"}]}, "the entity type 'pet' is unknown"),
        ({"mentions": [{**ADA, "label": "task"}]}, "kgbuild has no label for 'task'"),
        ({"mentions": [ADA, ROME, {**ROME, "start": 10}]}, "10:17 and 13:17 overlap"),
        ({"mentions": [{**ADA, "lable": "person"}]}, "unknown field `lable`"),
        ({"facts": [{"subject": 0, "property": "P551", "object": 3}]}, "positions among the 3 mentions"),
        ({"facts": [{"subject": -1, "property": "P551", "object": 0}]}, "positions among the 3 mentions"),
        ({"facts": [{"subject": "ada", "property": "P551", "object": 1}]}, "positions among the 3 mentions"),
        ({"facts": [{"subject": 0, "property": "P9", "object": 1}]}, "the property 'P9' is not among"),
        ({"annotated": ["P9"]}, "the property 'P9' is not among"),
        ({"annotated": []}, "annotated is empty"),
        ({"tagging": "most"}, "Invalid enum value 'most'"),
        ({"anotated": []}, "unknown field `anotated`"),
        ({"id": "first"}, "the id 'first' is that of line 1"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    path = file(tmp_path, {**LINE, "id": "first"}, {**LINE, **change})
    with pytest.raises(DatasetError, match=rf"mine\.jsonl:2: .*{said}"):
        list(read_annotations(path, {"P551", "P19"}))


def test_a_torn_line_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps(LINE)[:50])
    with pytest.raises(DatasetError, match=r"mine\.jsonl:1: "):
        list(read_annotations(path))
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="holds no file like"):
        list(read_annotations(tmp_path / "empty"))


@given(st.text(min_size=1, max_size=30), st.data())
def test_what_is_written_is_read_again(text: str, data: st.DataObject) -> None:
    import tempfile

    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    mentions = tuple(
        AnnotatedMention(start, end, data.draw(st.sampled_from(list(Label))), number)
        for number, (start, end) in enumerate(zip(cuts[::2], cuts[1::2], strict=False))
    )
    facts = (Fact(1, "P26", 0),) if len(mentions) > 1 else ()
    example = Example("x", text, mentions, facts, annotated=frozenset({"P26"}))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mine.jsonl"
        path.write_text(lines_of([example]), encoding="utf-8")
        assert list(read_annotations(path)) == [example]


def test_the_example_in_the_documentation_is_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "data.md").read_text(encoding="utf-8")
    lines = page.split("```jsonl\n")[1].split("```")[0]
    path = tmp_path / "mine.jsonl"
    path.write_text(lines, encoding="utf-8")
    examples = list(read_annotations(path))
    assert len(examples) >= 2
    assert any(example.facts for example in examples)

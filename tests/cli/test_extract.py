"""JSON lines in, JSON lines out: exactly the promised fields, and each line for itself."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kgbuild.cli import lines
from kgbuild.ontology import load_ontology
from kgbuild.pipeline import Read
from kgbuild.records import Attribute, Extraction, Label, Link, Mention, Relation
from kgbuild.text.sentences import RuleSegmenter

if TYPE_CHECKING:
    from kgbuild.extract.model import Model

TEXTS = ["Ada met Bea 😀 in Kiel.", "", "She was born in 1815. Ada wrote much."]


@pytest.fixture
def config(tiny_model: Model, tmp_path: Path) -> Path:
    """Settings with a small model."""
    from kgbuild.extract.model import save_model

    save_model(tiny_model, tmp_path / "model")
    file = tmp_path / "kgbuild.toml"
    file.write_text('[model]\ndirectory = "model"\n[thresholds]\nrelation = 0.0\n')
    return file


def write(path: Path, texts: list[str]) -> Path:
    rows = [json.dumps({"id": number, "text": text}) for number, text in enumerate(texts)]
    path.write_text("\n".join(rows) + "\n")
    return path


def test_the_fields_are_those_promised(run: Any, config: Path, tmp_path: Path) -> None:
    result = run("extract", write(tmp_path / "in.jsonl", TEXTS), "--config", config)
    assert result.status == 0, result.err
    output = [json.loads(line) for line in result.out.splitlines()]
    assert [line["id"] for line in output] == [0, 1, 2]
    assert output[1] == {"id": 1, "mentions": [], "relations": [], "attributes": []}
    for line, text in zip(output, TEXTS, strict=True):
        assert line.keys() == {"id", "mentions", "relations", "attributes"}
        for mention in line["mentions"]:
            assert mention.keys() == {"start", "end", "text", "label", "score", "entity", "cluster"}
            assert text[mention["start"] : mention["end"]] == mention["text"]
        for relation in line["relations"]:
            assert relation.keys() == {"subject", "property", "object", "score"}
        for attribute in line["attributes"]:
            keys = {"subject", "property", "start", "end", "text", "value", "datatype", "score"}
            assert attribute.keys() == keys
    assert any(line["mentions"] for line in output)


def test_a_line_does_not_depend_on_the_others(run: Any, config: Path, tmp_path: Path) -> None:
    together = run("extract", write(tmp_path / "in.jsonl", TEXTS), "--config", config).out.splitlines()
    for number, text in enumerate(TEXTS):
        alone = write(tmp_path / "one.jsonl", [text])
        line = json.loads(run("extract", alone, "--config", config).out)
        assert line | {"id": number} == json.loads(together[number])


def test_standard_input(run: Any, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = write(tmp_path / "in.jsonl", TEXTS)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.read_bytes())))
    piped = run("extract", "-", "--config", config)
    assert piped.out == run("extract", given, "--config", config).out


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"id": 1}',
        '{"text": "a"}',
        '{"id": 1, "text": 2}',
        '{"id": null, "text": "a"}',
        '{"id": 1, "text": "\\ud800"}',
    ],
)
def test_a_bad_line_is_named_with_its_number(run: Any, config: Path, tmp_path: Path, line: str) -> None:
    file = write(tmp_path / "in.jsonl", TEXTS[:1])
    file.write_text(file.read_text() + "\n" + line)
    result = run("extract", file, "--config", config)
    assert result.status == 1
    assert f"error: {file}, line 3: " in result.err
    assert len(result.out.splitlines()) == 1


def test_a_missing_file_and_a_missing_model_are_named(run: Any, tmp_path: Path) -> None:
    result = run("extract", tmp_path / "none.jsonl")
    assert (result.status, "none.jsonl cannot be read" in result.err) == (1, True)
    config = tmp_path / "kgbuild.toml"
    config.write_text('[model]\ndirectory = "nowhere"')
    result = run("extract", write(tmp_path / "in.jsonl", TEXTS), "--config", config)
    assert (result.status, "nowhere" in result.err) == (1, True)


def test_values_are_normalised_to_what_the_text_says() -> None:
    text = "Ada was born in December 1815 and was 1.65 m tall."
    document = lines.document(lines.TextLine("a", text))
    person = Mention(0, 3, "Ada", Label.PERSON, 0.9)
    start, tall = text.index("December"), text.index("1.65")
    attributes = (
        Attribute(0, "P569", start, start + 13, "December 1815", 0.8),
        Attribute(0, "P2048", tall, tall + 6, "1.65 m", 0.7),
        Attribute(0, "P569", 4, 7, "was", 0.6),
    )
    extraction = Extraction("a", 0, len(text), (person,), (Relation(0, "P26", 0, 0.5),), attributes, ((0,),))
    read = Read(document, RuleSegmenter().segment(document), extraction)
    shown = lines.render(lines.TextLine("a", text), read, (Link(0, "Q7259", 0.9),), load_ontology())
    values = [(each.value, each.datatype) for each in shown.attributes]
    namespace = "http://www.w3.org/2001/XMLSchema#"
    assert values == [("1815-12", namespace + "gYearMonth"), ("1.65", namespace + "decimal"), (None, None)]
    assert (shown.mentions[0].entity, shown.mentions[0].cluster) == ("Q7259", 0)
    assert shown.relations[0].property == "P26"

"""`kgbuild train` and `evaluate` as a person calls them: models, scores, predictions, and clear refusals."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kgbuild.cli.options import with_model
from kgbuild.config import ModelSettings, Settings
from kgbuild.extract.shipped import shipped
from kgbuild.wiring.parts import weights

if TYPE_CHECKING:
    from kgbuild.extract.model import Model

FACT = {"property": "SPOUSE", "subject": [10, 13, "Ada", None], "object": [22, 25, "Ben", None]}
PASSAGE = {"start": 10, "end": 26, "text": "Ada married Ben.", "annotated": ["SPOUSE"], "facts": [FACT]}
KNOWLEDGENET = {"fold": 1, "document": "7", "passages": [PASSAGE]}
REDOCRED = {
    "title": "Ada",
    "sents": [["Ada", "married", "Ben", "."]],
    "vertexSet": [
        [{"sent_id": 0, "pos": [0, 1], "type": "PER"}],
        [{"sent_id": 0, "pos": [2, 3], "type": "PER"}],
    ],
    "labels": [{"h": 0, "t": 1, "r": "P26"}],
}
FEWREL = [
    {"pid": "P26", "tokens": ["ada", "married", "ben"], "h": [0, 1], "t": [2, 3]},
    {"pid": "P22", "tokens": ["ada", "bore", "ben"], "h": [2, 3], "t": [0, 1]},
]
ONTOLOGY = {
    "title": "Life",
    "id": "ont_1_life",
    "concepts": [],
    "relations": [{"pid": "P26", "label": "spouse", "domain": "", "range": ""}],
}
TRIPLES = {
    "id": "ont_1_life_test_1",
    "sent": "Ada married Ben.",
    "triples": [{"sub": "Ada", "rel": "spouse", "obj": "Ben"}],
}
FORMS = {
    "knowledgenet": ("fold1.jsonl.gz", KNOWLEDGENET),
    "redocred": ("dev.json.gz", [REDOCRED]),
    "fewrel": ("val.jsonl.gz", *FEWREL),
    "text2kgbench": ("a.jsonl.gz", TRIPLES),
}


@pytest.fixture
def model(tiny_model: Model, tmp_path: Path) -> Path:
    """A small model's folder."""
    from kgbuild.extract.model import save_model

    save_model(tiny_model, tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder for each data set, gzipped as it lies in the wild."""
    for name, (file, *rows) in FORMS.items():
        (tmp_path / name).mkdir()
        content = "\n".join(map(json.dumps, rows)).encode()
        (tmp_path / name / file).write_bytes(gzip.compress(content))
    (tmp_path / "text2kgbench" / "1_life_ontology.json").write_text(json.dumps(ONTOLOGY))
    return tmp_path


@pytest.mark.parametrize("name", FORMS)
def test_one_json_object_and_a_file_of_predictions(run: Any, model: Path, data: Path, name: str) -> None:
    out = data / "read"
    for path in (data / name, data / name / FORMS[name][0]):
        result = run("evaluate", name, path, "--json", "--model", model, "--predictions", out)
        assert result.status == 0, result.err
        found = json.loads(result.out)
        assert {"f1", "precision", "recall", "count", "ece", "by_property"} <= found.keys()
        assert found["count"] == (2 if name == "fewrel" else 1)
        assert out.read_text(encoding="utf-8").endswith("\n")


def test_a_table_for_people(run: Any, model: Path, data: Path) -> None:
    result = run("evaluate", "redocred", data / "redocred", "--gold-mentions", "--model", model)
    head, overall, *_, last = result.out.splitlines()
    assert head.split() == ["precision", "recall", "F1", "gold"]
    assert overall.startswith("all")
    assert last.startswith("expected calibration error")
    end_to_end = run("evaluate", "redocred", data / "redocred", "--model", model)
    assert "mention f1 " in end_to_end.out


def test_fewrel_takes_a_choice_of_properties(run: Any, model: Path, data: Path) -> None:
    chosen = run(
        "evaluate", "fewrel", data / "fewrel", "--properties", "P26, P22", "--json", "--model", model
    )
    assert json.loads(chosen.out)["by_property"].keys() == {"P22", "P26"}
    result = run("evaluate", "fewrel", data / "fewrel", "--unseen", 3, "--seed", 1, "--model", model)
    assert (result.status, "--unseen must be from 2 to the 2" in result.err) == (2, True)


@pytest.mark.parametrize("name", FORMS)
def test_a_broken_line_and_a_missing_file_are_named(run: Any, model: Path, data: Path, name: str) -> None:
    file = data / name / FORMS[name][0]
    file.write_bytes(gzip.compress(b'{"id": '))
    result = run("evaluate", name, file, "--model", model)
    assert (result.status, result.out) == (1, "")
    assert result.err.splitlines()[-1].startswith(f"error: {file}")
    file.write_bytes(b"this is not gzip")
    assert f"{file} cannot be unpacked" in run("evaluate", name, file, "--model", model).err
    file.unlink()
    assert f"there is nothing at {file}" in run("evaluate", name, file, "--model", model).err


@pytest.mark.parametrize("name", FORMS)
def test_a_file_without_anything_to_score_is_refused(run: Any, model: Path, data: Path, name: str) -> None:
    file = data / name / FORMS[name][0]
    file.write_bytes(gzip.compress(b"[]" if name == "redocred" else b""))
    result = run("evaluate", name, file, "--model", model)
    assert (result.status, str(file) in result.err) == (1, True)


def test_a_span_outside_its_passage_is_refused(run: Any, model: Path, data: Path) -> None:
    file = data / "knowledgenet" / "fold1.jsonl.gz"
    fact = {**FACT, "object": [22, 99, "Ben", None]}
    row = {**KNOWLEDGENET, "passages": [{**PASSAGE, "facts": [fact]}]}
    file.write_bytes(gzip.compress(json.dumps(row).encode()))
    result = run("evaluate", "knowledgenet", file, "--model", model)
    assert result.err.splitlines()[-1] == (
        f"error: {file}: document 7: 'Ben' of SPOUSE has the span 22:99, outside its passage at 10"
    )


def test_what_cannot_be_done_as_asked_is_told_before_a_model_is_read(run: Any, data: Path) -> None:
    out = data / "none" / "read.json"
    result = run("evaluate", "redocred", data / "redocred", "--predictions", out, "--model", data / "no")
    assert (result.status, "make it first" in result.err) == (2, True)
    for name in ("redocred", "linking"):
        result = run("evaluate", name, data / "redocred", "--predictions", data, "--model", data / "no")
        assert (result.status, f"folder {data}; name a file" in result.err) == (2, True)
    result = run("evaluate", "redocred", data / "redocred", "--model", data / "no")
    assert (result.status, "is no kgbuild model" in result.err) == (1, True)
    assert run("evaluate", "unknown", data).status == 2


def test_an_option_of_another_data_set_is_refused(run: Any, model: Path, data: Path) -> None:
    result = run("evaluate", "knowledgenet", data / "knowledgenet", "--gold-mentions", "--model", model)
    assert (result.status, "takes no --gold-mentions" in result.err) == (2, True)
    given = {
        ("ner", "--end-to-end"): "ner takes no --end-to-end: leave it out (it is for linking)",
        ("fewrel", "--kb", "none"): "fewrel takes no --kb: leave it out (it is for linking)",
        ("linking", "--gold-mentions"): "linking takes no --gold-mentions: leave it out",
        ("linking", "--properties", "P6"): "linking takes no --properties: leave it out",
        ("linking", "--seed", "0"): "linking takes no --seed: leave it out",
    }
    for (name, *options), message in given.items():
        result = run("evaluate", name, data / "redocred", *options, "--model", data / "no")
        assert (result.status, message in result.err) == (2, True), result.err


def test_a_recipe_that_is_no_text_is_told(run: Any, tmp_path: Path) -> None:
    (tmp_path / "bin.txt").write_bytes(b"\x80\x81\xff\x00")
    result = run("train", tmp_path / "bin.txt")
    assert result.status == 2
    assert f"{tmp_path}/bin.txt is not UTF-8 text; give a recipe in TOML" in result.err


def test_recipes_are_trained_in_order_and_once(run: Any, model: Path, data: Path) -> None:
    folder = data / "parts"
    folder.mkdir()
    starts = [model, data / "runs" / "1"]
    for number, start in enumerate(starts, 1):
        (folder / f"{number}.toml").write_text(
            f'backbone = ""\nstart_from = "{start}"\noutput = "{data}/runs/{number}"\n'
            "epochs = 1\nholdout = 0\n"
            f'[[data]]\nformat = "knowledgenet"\npath = "{data}/knowledgenet"\n'
        )
    result = run("train", folder)
    assert result.status == 0
    assert result.out.splitlines() == [f"model written to {data}/runs/{number}" for number in (1, 2)]
    assert f"{folder}/2.toml, 2 of 2" in result.err
    result = run("train", folder / "2.toml")
    made = "was made by this recipe from the same files; remove it to train anew"
    assert result.out.splitlines() == [f"{data}/runs/2 {made}"]
    assert run("train", data / "knowledgenet").status == 2


def test_a_model_is_given_by_its_folder_or_its_name_in_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings()
    assert with_model(settings, None) is settings
    assert with_model(settings, Path("runs/mine")).model == ModelSettings(directory=Path("runs/mine"))
    own = with_model(settings, Path("runs/mine"))
    for given in (settings, own, replace(settings, model=ModelSettings(name="fast"))):
        assert with_model(given, Path("fast")).model == ModelSettings(directory=shipped("fast"))
        assert weights(with_model(given, Path("runs/mine")).model) == Path("runs/mine")
    Path("fast").mkdir()
    assert with_model(settings, Path("fast")).model == ModelSettings(directory=Path("fast"))

"""Recipes one after another: in what order, and what is refused before anything trains."""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree

import pytest

from kgbuild.errors import ConfigurationError, DatasetError
from kgbuild.extract.model import load_model
from kgbuild.extract.shipped import shipped
from kgbuild.train.chain import read_chain
from kgbuild.train.config import TrainingConfig
from kgbuild.train.provenance import Provenance
from kgbuild.train.start import ontology_of, start, teaching

RECIPES = Path(__file__).parents[2] / "recipes"


def backbone(folder: Path) -> None:
    """A folder with the names of an encoder's files."""
    folder.mkdir(exist_ok=True)
    for name in ("config.json", "tokenizer.json"):
        (folder / name).write_text("{}")


def write(folder: Path, name: str, output: str, start: str | None = None, data: str = "conll") -> Path:
    """A recipe on a file of columns and a backbone beside it."""
    backbone(folder / "b")
    (folder / "conll").write_text("Ada B-PER\nis O\nin O\nRome B-LOC\n")
    path = folder / name
    start_from = f'start_from = "{start}"\n' if start else ""
    columns = f'[[data]]\nformat = "columns"\npath = "{folder}/{data}"\n'
    path.write_text(f'backbone = "{folder}/b"\noutput = "{output}"\n{start_from}{columns}')
    return path


def test_folders_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    second = write(folder, "02.toml", "runs/2", "runs/1")
    first = write(folder, "01.toml", "runs/1")
    last = write(tmp_path, "last.toml", "runs/3", "runs/2")
    parts = read_chain([folder, last])
    assert [part.path for part in parts] == [first, second, last]
    assert parts[2].config.starts == ["runs/2"]


def test_what_cannot_be_trained_in_this_order_is_refused(tmp_path: Path) -> None:
    one = write(tmp_path, "1.toml", "runs/1")
    two = write(tmp_path, "2.toml", "runs/2", "runs/1")
    again = write(tmp_path, "3.toml", "runs/1")
    assert len(read_chain([one, two])) == 2
    with pytest.raises(ConfigurationError, match=r"2\.toml goes on from runs/1, which is not there"):
        read_chain([two, one])
    with pytest.raises(ConfigurationError, match=r"3\.toml writes to runs/1"):
        read_chain([one, two, again])
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ConfigurationError, match="holds no recipe"):
        read_chain([empty])


def test_a_teacher_is_there_or_made_before(tmp_path: Path) -> None:
    one, two = write(tmp_path, "1.toml", "runs/1"), write(tmp_path, "2.toml", "runs/2")
    taught = write(tmp_path, "3.toml", "runs/3", "runs/2")
    taught.write_text('teacher = "runs/1"\ndistilled = 1.0\n' + taught.read_text())
    assert len(read_chain([one, two, taught])) == 3
    with pytest.raises(ConfigurationError, match=r"3\.toml has for a teacher runs/1, which is not there"):
        read_chain([two, taught])


def test_a_model_of_the_package_is_told_by_its_name(tmp_path: Path) -> None:
    def config(start: str, teacher: str) -> TrainingConfig:
        path = write(tmp_path, "1.toml", "runs/1", start)
        path.write_text(f'teacher = "{teacher}"\ndistilled = 1.0\n' + path.read_text())
        [part] = read_chain([path])
        return part.config

    named, at = config("fast", "base"), config(str(shipped("fast")), str(shipped("base")))
    assert list(Provenance.of(named).inputs.values()) == list(Provenance.of(at).inputs.values())
    ontology = ontology_of(named)
    assert start(named, ontology).digest == load_model(shipped("fast")).digest
    assert teaching(named, ontology, start(named, ontology)).digest == load_model(shipped("base")).digest
    slow = write(tmp_path, "2.toml", "runs/2", "slow")
    with pytest.raises(ConfigurationError, match=r"goes on from slow, which is not there; .* base or fast"):
        read_chain([slow])


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json"])
def test_a_backbone_that_is_not_there_is_told_at_once(tmp_path: Path, missing: str) -> None:
    one, on = write(tmp_path, "1.toml", "runs/1"), write(tmp_path, "2.toml", "runs/2", "runs/1")
    on.write_text(on.read_text().replace(f"{tmp_path}/b", "none"))
    assert len(read_chain([one, on])) == 2, "who goes on from a model needs no backbone"
    (tmp_path / "b" / missing).unlink()
    with pytest.raises(
        ConfigurationError, match=rf"1\.toml starts on the backbone .*/b', which holds no {missing}; give"
    ):
        read_chain([one])


def test_a_model_that_is_there_may_be_gone_on_from(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    path = write(tmp_path, "1.toml", "runs/1", str(tmp_path / "model"))
    assert len(read_chain([path])) == 1


@pytest.mark.parametrize("name", ["out", "out.checkpoint", "out.seed-2/out.checkpoint"])
def test_what_no_training_made_is_not_overwritten(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, "1.toml", str(tmp_path / "out"))
    if "seed" in name:
        path.write_text(f"seeds = 2\n{path.read_text()}")
    place = tmp_path / name
    place.mkdir(parents=True)
    assert len(read_chain([path])) == 1, "an empty folder may be written to"
    (place / "a.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match=rf"1\.toml writes to {place}, which is no .*another output"):
        read_chain([path])
    (place / ("state.json" if "checkpoint" in name else "network.json")).write_text("{}")
    assert len(read_chain([path])) == 1
    rmtree(place)
    place.write_text("mine")
    with pytest.raises(ConfigurationError, match="is not overwritten"):
        read_chain([path])


def test_broken_data_of_a_later_recipe_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "broken").write_text("Ada B-PERSONAGE\n")
    one = write(tmp_path, "1.toml", "runs/1")
    two = write(tmp_path, "2.toml", "runs/2", "runs/1", data="broken")
    with pytest.raises(DatasetError, match=r"broken:1: "):
        read_chain([one, two])


def test_the_shipped_model_is_a_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    backbone(tmp_path / "backbone")
    monkeypatch.setattr("kgbuild.train.chain.read_data", lambda *_given: [])
    parts = read_chain([RECIPES / "shipped"])
    assert len(parts) == 27
    assert parts[-1].config.output == "runs/shipped-27"

"""Digests of what a run used."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path

from kgbuild import wiring
from kgbuild.config import ExtractorSettings, Settings, Thresholds
from kgbuild.provenance import code_digest, folder_digest, settings_digest


def test_a_folder_is_named_by_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("b")
    (tmp_path / "a.txt").write_text("a")
    before = folder_digest(tmp_path)
    listed = subprocess.run(
        "sha256sum a.txt b.txt | sha256sum",
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert before == listed.stdout.split()[0]
    (tmp_path / "a.txt").rename(tmp_path / "c.txt")
    renamed = folder_digest(tmp_path)
    (tmp_path / "c.txt").write_text("d")
    assert len({before, renamed, folder_digest(tmp_path), folder_digest(tmp_path / "c.txt")}) == 4


def test_the_code_has_one_digest() -> None:
    assert code_digest() == code_digest()
    assert len(code_digest()) == 64


def test_settings_that_change_what_is_read_change_their_digest() -> None:
    changed = Settings(thresholds=Thresholds(relation=0.5))
    assert settings_digest(changed) != settings_digest(Settings())
    assert settings_digest(dataclasses.replace(changed, store=Path("x"))) == settings_digest(changed)


def test_what_a_build_uses(tmp_path: Path) -> None:
    found = wiring.digests(Settings())
    assert set(found) == {"code", "configuration", "index", "model", "ontology"}
    assert all(len(digest) == 64 for digest in found.values())
    patterns = tmp_path / "patterns.toml"
    patterns.write_text("")
    alone = Settings(extractor=ExtractorSettings(patterns, neural=False))
    assert set(wiring.digests(alone)) == {"code", "configuration", "index", "ontology", "patterns"}

"""Settings: defaults, paths, and errors that name the key and the mend."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.config import Settings, load_settings, parse_settings, plain
from kgbuild.errors import ConfigurationError

FULL = """
base = "https://graph.acme.example/kg#"
store = "graph"
corpus = "news"
[model]
directory = "weights"
precision = "bfloat16"
[extractor]
patterns = "names.toml"
neural = false
[index]
path = "/kb"
[ontology]
path = "schema.ttl"
[dataset]
title = "News"
licence = "https://creativecommons.org/publicdomain/zero/1.0/"
publisher = "https://acme.example/"
[thresholds]
relation = 0.4
link = 0.9
[shards]
documents = 8
characters = 1000
"""


def test_no_file_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings() == Settings()


def test_the_file_in_the_working_directory_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kgbuild.toml").write_text('corpus = "here"')
    monkeypatch.chdir(tmp_path)
    assert load_settings().corpus == "here"


def test_every_key_is_read_and_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text(FULL)
    settings = load_settings(file)
    assert settings.base == "https://graph.acme.example/kg#"
    assert settings.store == tmp_path / "graph"
    assert settings.corpus == "news"
    assert settings.model.directory == tmp_path / "weights"
    assert settings.model.precision == "bfloat16"
    assert settings.extractor.patterns == tmp_path / "names.toml"
    assert settings.extractor.neural is False
    assert settings.index.path == Path("/kb")
    assert settings.ontology.path == tmp_path / "schema.ttl"
    assert settings.dataset.title == "News"
    assert settings.dataset.licence == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert settings.dataset.publisher == "https://acme.example/"
    assert (settings.thresholds.relation, settings.thresholds.link) == (0.4, 0.9)
    assert (settings.shards.documents, settings.shards.characters) == (8, 1000)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stroe = 'x'", "unknown key 'stroe'; did you mean 'store'?"),
        ("[model]\nprecison = 'bfloat16'", "unknown key 'model.precison'; did you mean 'model.precision'?"),
        ("zzz = 1", "unknown key 'zzz'; the keys are base, store, corpus"),
        ("[dataset]\nlicence = 'CC0'", "dataset.licence must be an absolute IRI, such as 'https://creative"),
        ("store = 3", "store must be a path, as a string, not 3"),
        ("[thresholds]\nrelation = 2", "thresholds.relation must be a number from 0 to 1, not 2"),
        ("[thresholds]\nrelation = 'high'", "thresholds.relation must be a number from 0 to 1, not 'high'"),
        ("[shards]\ndocuments = 0", "shards.documents must be a whole number of at least 1, not 0"),
        (
            "[model]\nprecision = 'int8'",
            "model.precision must be 'auto', 'float32' or 'bfloat16', not 'int8'",
        ),
        ("[extractor]\nneural = 'no'", "extractor.neural must be true or false, not 'no'"),
        ("[model]\nname = 'quick'", "model.name must be 'base' or 'fast', not 'quick'"),
        ("model = 'big'", "model must be a table, not 'big'"),
        ("[index]\nlive = 'wikidata'", "index.live must be an address that begins with https:// or http://"),
        ("[index]\nknowledge = 'yes'", "index.knowledge must be true or false, not 'yes'"),
        ("corpus = ''", "corpus must be a string that is not empty, not ''"),
        ("base = 'kg'", "base must be an absolute IRI that ends in '/' or '#'"),
        ("base = 'https://a b/'", "base must be an absolute IRI"),
        ("store = ", "is not TOML"),
    ],
)
def test_errors_name_file_key_and_mend(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "kgbuild.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load_settings(file)
    assert message in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"there is no configuration file .*none\.toml"):
        load_settings(tmp_path / "none.toml")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_settings(tmp_path)


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    file = tmp_path / "kgbuild.toml"
    file.write_bytes(b'corpus = "\xff"')
    with pytest.raises(ConfigurationError, match=r"kgbuild\.toml cannot be read"):
        load_settings(file)


@given(
    st.builds(
        Settings,
        corpus=st.none() | st.text(min_size=1),
        store=st.text(st.characters(categories=["L"]), min_size=1).map(lambda name: Path("/") / name),
    )
)
def test_plain_settings_are_read_back_as_they_were(settings: Settings) -> None:
    assert parse_settings(plain(settings), folder=Path("/elsewhere")) == settings

"""Which extractor and linker the settings choose."""

from __future__ import annotations

from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np
import pytest

from kgbuild import wiring
from kgbuild.config import ModelSettings, Settings, parse_settings
from kgbuild.errors import ConfigurationError
from kgbuild.extract.shipped import FOLDERS
from kgbuild.records import Document, ItemValue, Revision

PATTERNS = """
[[entity]]
label = "organisation"
pattern = "Acme Widgets"
id = "Q30241"
[[entity]]
label = "person"
pattern = "Ann Lee"
[[relation]]
property = "P169"
pattern = [{SLOT = "subject"}, {LOWER = "obeys"}, {SLOT = "object"}]
"""


def chosen(folder: Path, text: str = PATTERNS, **extractor: object) -> Settings:
    (folder / "patterns.toml").write_text(text)
    return parse_settings({"extractor": {"patterns": "patterns.toml", **extractor}}, folder=folder)


def test_patterns_alone_make_statements_of_the_entities_that_they_name(tmp_path: Path) -> None:
    reader = wiring.reader(chosen(tmp_path, neural=False))
    read = reader.extract(Document("d", "urn:d", "Acme Widgets obeys Ann Lee."))
    revision = Revision("", "", reader.extractor.version, reader.linker.version, "")
    (statement,) = reader.normalise(read, reader.link(read), revision).statements
    assert (statement.subject, statement.property) == ("Q30241", "P169")
    assert isinstance(statement.value, ItemValue)
    assert statement.evidence[0].extractor == reader.extractor.version


def test_the_version_tells_of_the_patterns(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    first = wiring.reader(chosen(folders[0], neural=False))
    second = wiring.reader(chosen(folders[1], PATTERNS.replace("obeys", "heeds"), neural=False))
    assert first.extractor.version != second.extractor.version
    assert first.linker.version != second.linker.version


def test_patterns_read_beside_the_model(tmp_path: Path) -> None:
    reader = wiring.reader(chosen(tmp_path))
    text = "Acme Widgets obeys Ann Lee. She was born in Paris."
    found = reader.extract(Document("d", "urn:d", text)).extraction
    named = {each.text: each for each in found.mentions}
    assert {"Acme Widgets", "Ann Lee", "She", "Paris"} <= named.keys()
    told = [(found.mentions[each.subject].text, each.property) for each in found.relations]
    assert ("Acme Widgets", "P169") in told
    alone = wiring.reader(Settings()).extractor.version
    assert reader.extractor.version.startswith(f"{alone}+patterns-")


def test_settings_that_leave_nothing_to_read_with_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"extractor\.patterns names no file"):
        wiring.extractors(parse_settings({"extractor": {"neural": False}}))


def test_a_mistake_in_the_patterns_shows_before_the_model_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"patterns\.toml is not TOML"):
        wiring.reader(chosen(tmp_path, "[[entity"))


def test_what_the_index_tells_weighs_in_where_it_is_asked_to() -> None:
    text = "Albert Einstein studied at ETH Zurich. He was a citizen of Switzerland, and was born in Ulm."
    document = Document("d", "urn:d", text)
    plain, weighing = (
        wiring.reader(parse_settings({"index": {"knowledge": chosen}})) for chosen in (False, True)
    )
    read, more = (reader.extract(document).extraction for reader in (plain, weighing))
    assert {each.least for each in read.relations} == {0.0}
    assert [each for each in more.relations if each.score < each.least]
    assert plain.target.version != weighing.target.version
    revision = Revision("", "", "", "", "")
    evidence = [
        each
        for whole in [weighing.extract(document)]
        for statement in weighing.normalise(whole, weighing.link(whole), revision).statements
        for each in statement.evidence
        if each.weighed
    ]
    assert evidence
    assert "the same" in {each.weighed.told for each in evidence if each.weighed}  # the index has both
    texts = wiring.text_reader(parse_settings({"index": {"knowledge": True}}))
    assert texts.extract(document).extraction == read


def test_a_model_of_the_package_is_chosen_by_its_name(tmp_path: Path) -> None:
    base, fast = (parse_settings({"model": {"name": name}}) for name in ("base", "fast"))
    read = [wiring.extractor(each.model, each.ontology, None).model for each in (base, fast)]
    assert read[0].digest == wiring.extractor(Settings().model, Settings().ontology, None).model.digest
    assert read[1].digest != read[0].digest
    assert get_args(get_type_hints(ModelSettings)["name"]) == tuple(FOLDERS)
    assert read[1].network.encoder_config.num_hidden_layers < read[0].network.encoder_config.num_hidden_layers
    assert (
        wiring.digests(base)["model"] == wiring.digests(Settings())["model"] != wiring.digests(fast)["model"]
    )


def test_contexts_that_the_fast_model_reads_are_compared_as_the_base_models(tmp_path: Path) -> None:
    base, fast = (parse_settings({"model": {"name": name}}) for name in ("base", "fast"))
    text = "Niels Bohr was born in Copenhagen. Bohr worked at the university there, and won the Nobel Prize."
    document = Document("d", "urn:d", text)

    def contexts(settings: Settings) -> dict[str, np.ndarray]:
        mentions = wiring.reader(settings).extract(document).extraction.mentions
        return {each.text: np.frombuffer(each.vector, "<f2").astype(float) for each in mentions}

    one, other = contexts(base), contexts(fast)
    shared = sorted(one.keys() & other.keys())
    assert len(shared) >= 3
    cosines = [[_cosine(one[a], other[b]) for b in shared] for a in shared]
    assert min(cosines[at][at] for at in range(len(shared))) > 0.8
    assert [int(np.argmax(row)) for row in cosines] == list(range(len(shared)))
    assert wiring.linker(fast).version == wiring.linker(base).version


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def test_a_name_beside_a_folder_is_refused(tmp_path: Path) -> None:
    settings = parse_settings({"model": {"name": "fast", "directory": "mine"}}, folder=tmp_path)
    with pytest.raises(ConfigurationError, match=r"model\.name is 'fast'.*leave out one of them"):
        wiring.extractor(settings.model, settings.ontology, None)

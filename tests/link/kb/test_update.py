"""Bringing an index up to date."""

import json
from pathlib import Path

import pytest

from kgbuild.errors import KnowledgeBaseError, UsageError
from kgbuild.link.index import LmdbIndex
from kgbuild.link.kb.assemble import Report, build_from_dump
from kgbuild.link.kb.build import build_index
from kgbuild.link.kb.parse import Choice
from kgbuild.link.kb.rewrite import UNKNOWN
from kgbuild.link.kb.sources import build_index_of
from kgbuild.link.kb.synthetic import lines
from kgbuild.link.kb.update import read_ids, update_index
from kgbuild.records import Entity


def item(number: int, label: str, *aliases: str, sitelinks: int = 0, country: int = 0) -> str:
    claim = {"mainsnak": {"snaktype": "value", "datavalue": {"value": {"id": f"Q{country}"}}}}
    return json.dumps(
        {
            "type": "item",
            "id": f"Q{number}",
            "labels": {"en": {"value": label}},
            "aliases": {"en": [{"value": alias} for alias in aliases]},
            "claims": {"P17": [claim]} if country else {},
            "sitelinks": {f"s{site}wiki": {} for site in range(sitelinks)},
        }
    )


def write(path: Path, *items: str) -> str:
    path.write_text("[\n" + ",\n".join(items) + "\n]\n")
    return str(path)


OLD = (
    item(1, "Paris", "City of Light", sitelinks=300, country=5),
    item(2, "Paris", sitelinks=20),
    item(3, "Rome", "Roma", sitelinks=250),
    item(5, "France", sitelinks=350),
)
NEW = (
    item(1, "Paris", "City of Light", sitelinks=300, country=5),
    item(2, "Paris", "Paris, Texas", sitelinks=340),
    item(4, "Paris Hilton", sitelinks=100),
    item(5, "French Republic", "France", sitelinks=350),
)


def updated(tmp_path: Path, ids: tuple[str, ...] | None = None) -> tuple[LmdbIndex, Report]:
    build_from_dump(write(tmp_path / "old.json", *OLD), tmp_path / "kb", Choice())
    report = update_index(tmp_path / "kb", write(tmp_path / "new.json", *NEW), ids=ids)
    return LmdbIndex(tmp_path / "kb"), report


def found(index: LmdbIndex, surface: str) -> list[str]:
    return [candidate.entity for candidate in index.candidates(surface)]


def test_only_what_changed_is_changed(tmp_path: Path) -> None:
    index, report = updated(tmp_path)
    assert dict(report.counts) == {"unchanged": 1, "changed": 2, "added": 1, "removed": 1}
    assert found(index, "Paris") == ["Q2", "Q1", "Q4"], "by their priors as they now are"
    assert found(index, "Paris, Texas")[0] == "Q2"
    assert index.entity("Q3") is None
    assert found(index, "Rome") == found(index, "Roma") == []
    assert index.exact("Paris Hilton") == ("Q4",)
    assert index.exact("Roma") == ()
    paris = index.entity("Q1")
    assert paris is not None
    assert paris.facts == (("P17", "French Republic"),), "an entity that is unchanged tells new labels"
    assert len(index) == index.meta.entities == 4
    index.verify()


def test_an_updated_index_finds_what_a_new_one_finds(tmp_path: Path) -> None:
    index, _ = updated(tmp_path)
    build_from_dump(str(tmp_path / "new.json"), tmp_path / "fresh", Choice())
    fresh = LmdbIndex(tmp_path / "fresh")
    for surface in ("Paris", "France", "Hilton", "City of Light", "light", "Texas", "Pari", "Rome"):
        assert found(index, surface) == found(fresh, surface)
    assert {each.id: each for each in index.entities()} == {each.id: each for each in fresh.entities()}
    assert (index.meta.names, index.meta.tokens) == (fresh.meta.names, fresh.meta.tokens)


def test_a_list_of_ids_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    index, report = updated(tmp_path, ("Q1", "Q3", "Q5", "Q77"))
    assert dict(report.counts) == {"unchanged": 1, "changed": 1, "removed": 1, UNKNOWN: 1}
    assert index.entity("Q4") is None
    assert found(index, "Paris") == ["Q1", "Q2"]
    assert index.entity("Q3") is None


def test_many_changes_in_a_dump_of_some_size(tmp_path: Path) -> None:
    """Two generated dumps of which nothing but the ids agrees."""
    for name, seed, count in (("old", 1, 1_500), ("new", 2, 1_700)):
        (tmp_path / f"{name}.json").write_bytes(b"".join(lines(count, statements=0, seed=seed)))
    build_from_dump(str(tmp_path / "old.json"), tmp_path / "kb", Choice())
    report = update_index(tmp_path / "kb", str(tmp_path / "new.json"))
    build_from_dump(str(tmp_path / "new.json"), tmp_path / "fresh", Choice())
    index, fresh = LmdbIndex(tmp_path / "kb"), LmdbIndex(tmp_path / "fresh")
    assert report.counts["changed"] > 1_400
    assert {each.id: each for each in index.entities()} == {each.id: each for each in fresh.entities()}
    for entity in list(fresh.entities())[::50]:
        assert found(index, entity.label) == found(fresh, entity.label)
    index.verify()


def test_an_update_with_the_same_dump_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "old.json", *OLD)
    digest = build_from_dump(path, tmp_path / "kb", Choice()).meta.digest
    report = update_index(tmp_path / "kb", path)
    assert dict(report.counts) == {"unchanged": 4}
    assert report.meta.digest == digest


def test_an_update_that_fails_leaves_the_index(tmp_path: Path) -> None:
    digest = build_from_dump(write(tmp_path / "old.json", *OLD), tmp_path / "kb", Choice()).meta.digest
    (tmp_path / "new.json").write_text("[\n" + NEW[0] + ",\n" + NEW[1][:20])
    with pytest.raises(KnowledgeBaseError, match="ends within"):
        update_index(tmp_path / "kb", str(tmp_path / "new.json"))
    assert LmdbIndex(tmp_path / "kb").digest == digest


def test_other_forms_are_updated_too(tmp_path: Path) -> None:
    table = tmp_path / "mine.tsv"
    table.write_text("id\tlabel\nhttps://example.org/a\tAcme\nhttps://example.org/b\tBolt\n")
    build_index_of(str(table), tmp_path / "kb", Choice())
    table.write_text("id\tlabel\nhttps://example.org/a\tAcme\nhttps://example.org/c\tCog\n")
    report = update_index(tmp_path / "kb", str(table))
    assert (report.counts["unchanged"], report.counts["added"], report.counts["removed"]) == (1, 1, 1)
    assert found(LmdbIndex(tmp_path / "kb"), "cog") == ["https://example.org/c"]


def test_an_index_that_does_not_say_how_it_was_built(tmp_path: Path) -> None:
    build_index([Entity("Q1", "one")], tmp_path / "kb")
    with pytest.raises(UsageError, match="does not say how it was built"):
        update_index(tmp_path / "kb", write(tmp_path / "new.json", *NEW))


def test_ids_come_from_a_list_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "ids").write_text("Q1\n\nQ2\nQ1\n")
    assert read_ids(str(tmp_path / "ids")) == read_ids("Q1,Q2") == ("Q1", "Q2")
    (tmp_path / "bad").write_bytes(b"\xff\n")
    with pytest.raises(KnowledgeBaseError, match="cannot be read"):
        read_ids(str(tmp_path / "bad"))

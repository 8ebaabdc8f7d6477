"""Tables to entities, on tables small enough to read."""

import gzip
import json
from pathlib import Path

import pytest

from kgbuild.errors import KnowledgeBaseError
from kgbuild.link.index import LmdbIndex
from kgbuild.link.kb.tables import Tables, entities, main, read_tables
from kgbuild.link.kinds import CLASS, kind
from kgbuild.records import Entity, Label

HEADING = "node1\tlabel\tnode2\tid"
SLICE = {
    "labels.en": [
        r"Q1\tlabel\t'Springfield'@en",
        r"Q2\tlabel\t'Illinois'@en",
        r"Q3\tlabel\t'city'@en",
        r"Q4\tlabel\t'Rosie O\'Donnell'@en",
        r"Q5\tlabel\t'human'@en",
        r"Q6\tlabel\t'actor'@en",
        r"P31\tlabel\t'instance of'@en",
    ],
    "aliases.en": [r"Q1\talias\t'Springfield, Illinois'@en", r"P31\talias\t'is a'@en"],
    "descriptions.en": [r"Q4\tdescription\t'American actor and presenter'@en"],
    "derived.P31": [r"Q1\tP31\tQ3", r"Q4\tP31\tQ5", r"Q6\tP31\tQ28640"],
    "derived.P279": [r"Q3\tP279\tQ486972", r"Q486972\tP279\tQ27096213"],
    "claims.time": [
        r"Q4\tP569\t^1962-03-21T00:00:00Z/11",
        r"Q1\tP571\t^1821-01-01T00:00:00Z/9",
        r"Q2\tP571\t^1800-01-01T00:00:00Z/7",
    ],
    "metadata.pagerank.directed": [r"Q1\tPdirected_pagerank\t0.00001", r"Q1-x\tP1545\t1"],
    "metadata.in_degree": [r"Q1\tPin_degree\t12"],
}


def compressed(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, rows in SLICE.items():
        lines = [HEADING, *(row.replace(r"\t", "\t") + f"\tid-{place}" for place, row in enumerate(rows))]
        compressed(tmp_path / "slice" / f"{name}.tsv.gz", "\n".join(lines) + "\n")
    listed = {
        "wikidata_id": "Q7",
        "label": "Ice Age",
        "alternatives": ["Ice Age 1"],
        "description": "2002 film",
    }
    compressed(tmp_path / "freebase_entities.json.gz", json.dumps({"/m/1": listed}))
    compressed(tmp_path / "popularity.json.gz", json.dumps({"Q1": 300}))
    compressed(tmp_path / "codex-types.json.gz", json.dumps({"Q2": ["Q486972"]}))
    compressed(tmp_path / "codex-m" / "train.txt.gz", "Q1\tP131\tQ2\nQ4\tP106\tQ6\nQ4\tP19\tQ99\n")
    compressed(tmp_path / "codex-m" / "valid.txt.gz", "")
    compressed(tmp_path / "codex-m" / "test.txt.gz", "")
    return tmp_path


def by_id(tables: Tables, **options: bool) -> dict[str, Entity]:
    return {entity.id: entity for entity in entities(tables, **options)}


def test_items_have_names_types_facts_and_composed_descriptions(folder: Path) -> None:
    held = by_id(read_tables(folder))
    town, person = held["Q1"], held["Q4"]
    assert town.aliases == ("Springfield, Illinois",)
    assert town.types == ("Q3", "Q27096213")
    assert town.facts == (("P571", "1821"), ("P131", "Illinois"))
    assert town.description == "city; founded 1821; in Illinois"
    assert kind(town) is Label.LOCATION
    assert person.label == "Rosie O'Donnell"
    assert person.description == "actor; citizen of United States of America; born 1962"
    assert "P31" not in held


def test_a_gloss_gives_what_no_table_gives(folder: Path) -> None:
    compressed(
        folder / "slice" / "labels.en.tsv.gz",
        f"{HEADING}\nQ11424\tlabel\t'film'@en\tx\nQ9\tlabel\t'Cars'@en\ty\n",
    )
    compressed(folder / "slice" / "derived.P31.tsv.gz", f"{HEADING}\nQ9\tP31\tQ11424\tz\n")
    film = by_id(read_tables(folder))["Q7"]
    assert film.types[0] == "Q11424"
    assert film.description == "film; published 2002"


def test_glosses_come_first_where_asked(folder: Path) -> None:
    held = by_id(read_tables(folder), glosses=True)
    assert held["Q4"].description.startswith("American actor and presenter; actor; ")


def test_classes_are_told_from_their_items(folder: Path) -> None:
    held = by_id(read_tables(folder))
    assert CLASS in held["Q3"].types
    assert CLASS not in held["Q1"].types


def test_what_is_counted_more_is_more_popular(folder: Path) -> None:
    held = by_id(read_tables(folder))
    assert 0 <= held["Q3"].prior < held["Q7"].prior < held["Q1"].prior <= 1


def test_the_command_builds_an_index(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder), "--out", str(folder / "kb")]) == 0
    assert "7 entities" in capsys.readouterr().out
    assert LmdbIndex(folder / "kb").candidates("springfield, illinois")[0].entity == "Q1"


def test_a_missing_table_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "codex-m" / "test.txt.gz").unlink()
    assert main([str(folder), "--out", str(folder / "kb")]) == 1
    assert "codex-m/test.txt.gz" in capsys.readouterr().err
    assert not (folder / "kb").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("one\ttwo\n", "not a KGTK table"),
        (f"{HEADING}\nQ1\tlabel\n", r"labels.en.tsv.gz, line 2: 2 cells, not 4"),
    ],
)
def test_a_broken_table_is_named_with_its_line(folder: Path, text: str, message: str) -> None:
    compressed(folder / "slice" / "labels.en.tsv.gz", text)
    with pytest.raises(KnowledgeBaseError, match=message):
        read_tables(folder)


def test_tables_that_are_no_gzip_or_no_json(folder: Path) -> None:
    (folder / "popularity.json.gz").write_bytes(b"plain")
    with pytest.raises(KnowledgeBaseError, match=r"cannot read the table .*popularity"):
        read_tables(folder)
    compressed(folder / "popularity.json.gz", "{")
    with pytest.raises(KnowledgeBaseError, match=r"popularity.json.gz is not JSON"):
        read_tables(folder)

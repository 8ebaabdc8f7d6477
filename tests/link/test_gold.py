"""Gold files of every format, and how their mentions get labels."""

import gzip
import json
from pathlib import Path

import pytest

from kgbuild.errors import DatasetError
from kgbuild.link.gold import read_gold
from kgbuild.records import Label

ELEVANT = {
    "id": 7,
    "text": "He met Ann Lee in Paris in 1999.",
    "labels": [
        {"span": [0, 2], "entity_id": "Q1", "type": "Q215627"},
        {"span": [7, 14], "entity_id": "<NIL>", "type": "OTHER"},
        {"span": [18, 23], "entity_id": "Q90", "type": "Q515"},
        {"span": [27, 31], "entity_id": "DATETIME", "type": "DATETIME"},
        {"span": [7, 10], "entity_id": "Q3", "type": "OTHER", "optional": True},
    ],
}
KNOWLEDGENET = {
    "document": "9",
    "passages": [
        {
            "start": 100,
            "text": "Ann was born in Rome.",
            "facts": [
                {
                    "property": "PLACE_OF_BIRTH",
                    "subject": [100, 103, "Ann", "http://www.wikidata.org/entity/Q2"],
                    "object": [116, 120, "Rome", "http://www.wikidata.org/entity/Q220"],
                },
                {
                    "property": "DATE_OF_BIRTH",
                    "subject": [100, 103, "Ann", "http://www.wikidata.org/entity/Q2"],
                    "object": [110, 112, "x", None],
                },
            ],
        },
        {"start": 300, "text": "Nothing.", "facts": []},
    ],
}
WIKI80 = {
    "token": ["Bud", "Field", "\n ", "near", "Rome"],
    "h": {"id": "Q1", "pos": [0, 2], "type": "FAC"},
    "t": {"id": "Q220", "pos": [4, 5], "type": "UNK"},
}
CONTEXT = {"correct_id": "Q84", "wrong_id": "Q2", "string": "london", "text": " shown in London. "}


def write(folder: Path, rows: list[object], name: str = "gold.jsonl") -> Path:
    path = folder / name
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_elevant(tmp_path: Path) -> None:
    (gold,) = read_gold(write(tmp_path, [ELEVANT]))
    assert [mention.text for mention in gold.extraction.mentions] == ["He", "Ann Lee", "Paris"]
    assert gold.entities == ("Q1", None, "Q90")
    assert gold.optional == ((27, 31), (7, 10))
    assert list(gold.judged) == [0, 1, 2]
    assert [gold.named(place) for place in range(3)] == [False, True, True]
    assert [gold.referring(place) for place in range(3)] == [True, False, False]


def test_knowledgenet(tmp_path: Path) -> None:
    (gold,) = read_gold(write(tmp_path, [KNOWLEDGENET]))
    mentions = [(mention.text, mention.label) for mention in gold.extraction.mentions]
    assert mentions == [("Ann", Label.PERSON), ("Rome", Label.LOCATION)]
    assert gold.entities == ("Q2", "Q220")


def test_wiki80(tmp_path: Path) -> None:
    (gold,) = read_gold(write(tmp_path, [WIKI80]))
    assert [(m.text, m.score) for m in gold.extraction.mentions] == [("Bud Field", 1.0), ("Rome", 0.0)]


def test_contexts_may_be_a_gzipped_list(tmp_path: Path) -> None:
    path = tmp_path / "contexts.json.gz"
    path.write_bytes(gzip.compress(json.dumps([CONTEXT]).encode()))
    (gold,) = read_gold(path)
    assert [mention.text for mention in gold.extraction.mentions] == ["London"]
    assert gold.entities == ("Q84",)


@pytest.mark.parametrize("row", [{"labels": []}, {"text": "x", "labels": [{"span": [0]}]}, {"string": "a"}])
def test_a_broken_record_is_named(tmp_path: Path, row: object) -> None:
    with pytest.raises(DatasetError, match=r"gold.jsonl, record 2"):
        list(read_gold(write(tmp_path, [ELEVANT, row])))


def test_a_record_of_another_form_is_told(tmp_path: Path) -> None:
    for row, message in [
        ({"id": 1, "text": "x"}, "is of no form that is known, for it has id, text; give ELEVANT's"),
        (7, "is no object"),
        ({"text": "x", "labels": [{"span": [0, 1]}]}, "has no 'entity_id'; add it"),
    ]:
        with pytest.raises(DatasetError) as told:
            list(read_gold(write(tmp_path, [ELEVANT, row])))
        assert str(told.value).startswith(f"{tmp_path}/gold.jsonl, record 2 {message}")
    (tmp_path / "gold.json").write_text('[{"text": ')
    with pytest.raises(DatasetError, match=r"gold\.json: Expecting value"):
        list(read_gold(tmp_path / "gold.json"))


def test_a_folder_is_read_as_its_files(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("about")
    with pytest.raises(DatasetError, match=r"holds no file of mentions, such as gold\.jsonl"):
        list(read_gold(tmp_path))
    write(tmp_path, [ELEVANT], "b.jsonl")
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(json.dumps(KNOWLEDGENET).encode()))
    assert [gold.document.id for gold in read_gold(tmp_path)] == ["a/9/100", "b/1"]


def test_a_line_that_is_not_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"text": \n')
    with pytest.raises(DatasetError, match="line 1"):
        list(read_gold(path))
    with pytest.raises(DatasetError, match="cannot read"):
        list(read_gold(tmp_path / "missing.jsonl"))

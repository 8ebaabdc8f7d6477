"""How the sample knowledge base is chosen."""

import json
from pathlib import Path

import pytest

from kgbuild.errors import DatasetError
from kgbuild.link.kb.sample import choose, names_in, read_texts
from kgbuild.link.kb.tables import Tables


@pytest.fixture
def tables() -> Tables:
    tables = Tables()
    tables.labels.update(
        {
            "Q1": "Paris",
            "Q2": "Paris",
            "Q3": "France",
            "Q4": "Paris Hilton",
            "Q5": "human",
            "Q6": "Berlin",
            "Q7": "city",
            "Q8": "Springfield",
        }
    )
    tables.types["Q4"]["Q5"] = None
    tables.types["Q1"]["Q7"] = None
    tables.facts["Q1"].append(("P17", "Q3"))
    tables.degrees.update({"Q6": 500, "Q8": 1})
    return tables


def chosen(tables: Tables, text: str, size: int = 0) -> set[str]:
    return {entity.id for entity in choose(tables, [text], size)}


def test_every_bearer_of_a_name_is_taken_with_its_classes_and_facts(tables: Tables) -> None:
    assert chosen(tables, "We saw Paris.") == {"Q1", "Q2", "Q3", "Q4", "Q5", "Q7"}


def test_common_words_are_no_names(tables: Tables) -> None:
    assert chosen(tables, "the city was there") == set()


def test_the_most_popular_items_fill_the_rest(tables: Tables) -> None:
    assert chosen(tables, "nothing", 1) == {"Q6"}
    assert len(chosen(tables, "nothing", 100)) == 8


def test_names_may_be_several_words() -> None:
    assert "United Kingdom of Great Britain" in set(names_in("the United Kingdom of Great Britain and"))
    assert "J.R.R. Tolkien" in set(names_in("by J.R.R. Tolkien, who"))


def test_texts_are_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text(json.dumps({"text": "Paris"}) + "\n[]\n")
    with pytest.raises(DatasetError, match="line 2"):
        read_texts(path)
    path.write_text(json.dumps({"text": "Paris"}) + "\n")
    assert read_texts(path) == ["Paris"]

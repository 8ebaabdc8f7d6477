"""Column files: tags to chunks, in each tagging scheme, and lines that are refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.errors import DatasetError
from kgbuild.records import Label
from kgbuild.train.datasets.columns import chunks, read_columns, read_sentences
from kgbuild.train.datasets.entity_types import ENTITY_TYPES, label_of
from kgbuild.train.examples import Tagging

DATA = Path(__file__).parents[4] / "shared" / "data" / "ner"
SAMPLE = """-DOCSTART- -X- O O

Ada NNP B-NP B-PER
Hart NNP I-NP I-PER
left VBD B-VP O
Rome NNP B-NP B-LOC
. . O O

In\tO
May\tB-DATE
,\tO
two\tB-CARDINAL
won\tO
"""


def spans(tags: list[str]) -> list[tuple[int, int, str]]:
    return [(each.first, each.end, each.type) for each in chunks(tags)]


def written(names: list[tuple[int, str, int]], scheme: str) -> tuple[list[str], list[tuple[int, int, str]]]:
    """Tags of (length, type, gap after) in a scheme, and the spans that they stand for."""
    tags: list[str] = []
    gold = []
    for length, kind, gap in names:
        gold.append((len(tags), len(tags) + length, kind))
        if scheme == "IOB2":
            tags += [f"B-{kind}", *[f"I-{kind}"] * (length - 1)]
        else:
            begin, last, single = "BES" if scheme == "BIOES" else "BLU"
            middle = [f"{begin}-{kind}", *[f"I-{kind}"] * (length - 2), f"{last}-{kind}"]
            tags += [f"{single}-{kind}"] if length == 1 else middle
        tags += ["O"] * gap
    return tags, gold


@given(
    st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["PER", "creative-work"]), st.integers(0, 2))),
    st.sampled_from(["IOB2", "BIOES", "BILOU"]),
)
def test_chunks_are_what_was_tagged(names: list[tuple[int, str, int]], scheme: str) -> None:
    tags, gold = written(names, scheme)
    assert spans(tags) == gold


def test_iob1_parts_chunks_only_where_it_must() -> None:
    assert spans(["I-PER", "I-LOC", "I-LOC", "B-LOC", "O", "I-LOC"]) == [
        (0, 1, "PER"),
        (1, 3, "LOC"),
        (3, 4, "LOC"),
        (5, 6, "LOC"),
    ]


def test_tokens_become_text_and_tags_mentions(tmp_path: Path) -> None:
    path = tmp_path / "train.txt.gz"
    path.write_bytes(gzip.compress(SAMPLE.encode()))
    first, second = read_columns(path)
    assert (first.id, first.text) == ("train.txt.gz:3", "Ada Hart left Rome .")
    assert [(first.text[m.start : m.end], m.label) for m in first.mentions] == [
        ("Ada Hart", Label.PERSON),
        ("Rome", Label.LOCATION),
    ]
    assert (second.id, [m.label for m in second.mentions]) == (
        "train.txt.gz:9",
        [Label.TIME, Label.NUMBER],
    )
    assert first.tagging is Tagging.FULL


def test_a_file_without_dates_and_numbers_says_nothing_of_them(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_text("Ada\tB-person\nwon\tO\nin\tO\n1999\tO\n")
    [example] = read_columns(path)
    assert example.tagging is Tagging.PARTIAL


def test_a_folder_is_read_as_its_column_files(tmp_path: Path) -> None:
    for name in ("a/dev.txt", "b.conll", "entity-list.txt", "README.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Ada B-PER\n" if name[0] in "ab" else "nothing tagged\n")
    assert [each.file.name for each in read_sentences(tmp_path)] == ["dev.txt", "b.conll"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="holds no column file"):
        list(read_columns(tmp_path / "empty"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Ada", r"train\.txt:2: 'Ada' is no token with a tag"),
        ("Ada PER", r"train\.txt:2: 'PER' is no tag"),
        ("Ada B-", r"train\.txt:2: 'B-' is no tag"),
        ("Ada B-pet", r"train\.txt:2: the entity type 'pet' is unknown"),
        ("\tB-PER", r"train\.txt:2: .* is no token"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "train.txt"
    path.write_text(f"In O\n{line}\n")
    with pytest.raises(DatasetError, match=said):
        list(read_columns(path))


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_bytes("Zürich B-LOC\n".encode("latin-1"))
    with pytest.raises(DatasetError, match=r"train\.txt is not UTF-8"):
        list(read_columns(path))


def test_concepts_have_no_label_and_unknown_types_no_excuse() -> None:
    assert label_of("musicgenre") is None
    assert label_of("GPE") is Label.LOCATION
    with pytest.raises(ValueError, match="rename it to one of person"):
        label_of("pet")


def test_the_documentation_names_every_type_that_is_understood() -> None:
    page = (Path(__file__).parents[3] / "docs" / "data.md").read_text(encoding="utf-8")
    words = {word.strip("`,:").casefold().replace("-", "").replace("_", "") for word in page.split()}
    assert not ENTITY_TYPES.keys() - words


@pytest.mark.skipif(not DATA.is_dir(), reason="the data sets are not in ../shared/data")
@pytest.mark.parametrize(
    ("name", "sentences", "mentions"),
    [
        ("WNUT17/emerging.test.annotated.gz", 1287, 1079),
        ("WNUT17/wnut17train.conll.gz", 3394, 1975),
        ("crossner/ai/dev.txt.gz", 350, 1549),
    ],
)
def test_the_published_counts(name: str, sentences: int, mentions: int) -> None:
    examples = list(read_columns(DATA / name))
    assert len(examples) == sentences
    assert sum(len(example.mentions) for example in examples) == mentions

"""The index on disk: what it finds, and what it says when it cannot be used."""

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import lmdb
import pytest

from kgbuild.errors import KnowledgeBaseError
from kgbuild.link.format import DATA_FILE, FORMAT, MOST_SHARERS, TABLES, stored
from kgbuild.link.index import LmdbIndex
from kgbuild.link.kb.build import build_index
from kgbuild.records import Entity

PARIS = Entity(
    "Q90", "Paris", ("City of Light",), "city; country France", ("Q515",), (("P17", "France"),), 0.9
)
TEXAS = Entity("Q830149", "Paris", ("Paris, Texas",), "city; in Texas", ("Q515",), (), 0.4)
HILTON = Entity("Q47899", "Paris Hilton", (), "socialite", ("Q5",), (), 0.6)
CURIE = Entity("Q7186", "Marie Curie", ("Marie Skłodowska-Curie", "Curie"), "physicist", ("Q5",), (), 0.7)
BEATLES = Entity("Q1299", "The Beatles", ("Beatles",), "rock band", (), (), 0.8)
ALL = (PARIS, TEXAS, HILTON, CURIE, BEATLES)


@pytest.fixture
def index(tmp_path: Path) -> LmdbIndex:
    build_index(ALL, tmp_path / "kb", source="test")
    return LmdbIndex(tmp_path / "kb")


def found(index: LmdbIndex, surface: str, limit: int = 30) -> list[str]:
    return [candidate.entity for candidate in index.candidates(surface, limit)]


def test_same_names_come_by_prior_and_before_longer_ones(index: LmdbIndex) -> None:
    assert found(index, "PARIS") == ["Q90", "Q830149", "Q47899"]
    assert found(index, "Paris", 1) == ["Q90"]


@pytest.mark.parametrize(
    ("surface", "first"),
    [
        ("Marie Skłodowska Curie", "Q7186"),
        ("Curie, Marie", "Q7186"),
        ("Curie's", "Q7186"),
        ("the Beatles", "Q1299"),
        ("Hilton", "Q47899"),
        ("Mari Curie", "Q7186"),
        ("Beatlse", "Q1299"),
    ],
)
def test_other_ways_to_write_a_name(index: LmdbIndex, surface: str, first: str) -> None:
    assert found(index, surface)[:1] == [first]


@pytest.mark.parametrize(
    "surface", ["", " ", "!!!", "\u0301", "Zaphod Beeblebrox", "x" * 1_000_000, "\ud800"]
)
def test_what_nobody_is_called_finds_nothing(index: LmdbIndex, surface: str) -> None:
    assert index.candidates(surface) == ()


def test_entities_come_back_whole(index: LmdbIndex) -> None:
    assert index.entity("Q90") == PARIS
    assert index.entity("Q1") is None
    assert index.entity("") is None
    assert {entity.id for entity in index.entities()} == {entity.id for entity in ALL}
    assert len(index) == 5
    index.verify()


def test_names_in_many_scripts(tmp_path: Path) -> None:
    given = [
        Entity("Q1", "القاهرة", ("مُحَمَّد",)),
        Entity("Q2", "תל אביב"),
        Entity("Q3", "東京"),
        Entity("Q4", "!!!", ("???",)),
        Entity("Q5", " ", ("\u0301",)),
        Entity("Q6", "long", ("z" * 1_000_000,)),
    ]
    build_index(given, tmp_path / "kb")
    index = LmdbIndex(tmp_path / "kb")
    for surface, qid in [("القاهرة", "Q1"), ("محمد", "Q1"), ("תל־אביב", "Q2"), ("東京", "Q3"), ("!!!", "Q4")]:
        assert found(index, surface) == [qid]
    assert found(index, "z" * 1_000_000) == ["Q6"]
    assert found(index, "z" * 999_999) == []
    assert index.entity("Q5") is not None


def test_the_same_entities_make_the_same_bytes(tmp_path: Path) -> None:
    build_index(ALL, tmp_path / "one")
    build_index(reversed(ALL), tmp_path / "two")
    assert (tmp_path / "one" / DATA_FILE).read_bytes() == (tmp_path / "two" / DATA_FILE).read_bytes()


def test_the_version_changes_with_the_content(tmp_path: Path) -> None:
    build_index(ALL, tmp_path / "kb", source="test")
    before = LmdbIndex(tmp_path / "kb").version
    build_index(ALL[:4], tmp_path / "kb", source="test")
    after = LmdbIndex(tmp_path / "kb")
    assert after.version != before
    assert after.candidates("Beatles") == ()


def test_an_index_opens_twice_and_travels_between_processes(index: LmdbIndex) -> None:
    again = pickle.loads(pickle.dumps(index))
    assert again.version == LmdbIndex(index.path).version == index.version
    assert again.candidates("Paris") == index.candidates("Paris")


def test_an_index_works_after_a_fork(index: LmdbIndex) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0 if index.candidates("Paris")[0].entity == "Q90" else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_a_read_only_folder_opens(index: LmdbIndex, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(index.path, copy)
    (copy / DATA_FILE).chmod(0o444)
    copy.chmod(0o555)
    assert LmdbIndex(copy).entity("Q90") == PARIS


def test_a_missing_index(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match=r"there is no index in .*nowhere"):
        LmdbIndex(tmp_path / "nowhere")


@pytest.mark.parametrize("length", [0, 100, 4096, 8192])
def test_an_index_that_is_cut_short(index: LmdbIndex, tmp_path: Path, length: int) -> None:
    copy = tmp_path / "cut"
    copy.mkdir()
    (copy / DATA_FILE).write_bytes((index.path / DATA_FILE).read_bytes()[:length])
    with pytest.raises(KnowledgeBaseError, match=r"damaged|cut short"):
        LmdbIndex(copy)


def test_an_index_that_is_something_else(tmp_path: Path) -> None:
    (tmp_path / DATA_FILE).write_bytes(b"not an index " * 1000)
    with pytest.raises(KnowledgeBaseError, match="damaged"):
        LmdbIndex(tmp_path)


def test_entries_that_were_changed_are_found_by_verify(index: LmdbIndex, tmp_path: Path) -> None:
    content = (index.path / DATA_FILE).read_bytes()
    assert b"socialite" in content
    copy = tmp_path / "changed"
    copy.mkdir()
    (copy / DATA_FILE).write_bytes(content.replace(b"socialite", b"sociaXite"))
    changed = LmdbIndex(copy)
    with pytest.raises(KnowledgeBaseError, match="damaged"):
        changed.verify()


@pytest.mark.parametrize("meta", [{"format": FORMAT + 1}, {"format": None}, {}])
def test_an_index_of_another_format(tmp_path: Path, meta: dict[str, int]) -> None:
    _write_meta(tmp_path, json.dumps(meta).encode())
    with pytest.raises(KnowledgeBaseError, match=f"has format .* reads {FORMAT}; build it again"):
        LmdbIndex(tmp_path)


@pytest.mark.parametrize("meta", [b"", b"{", b"[]", json.dumps({"format": FORMAT}).encode()])
def test_an_index_whose_description_is_broken(tmp_path: Path, meta: bytes) -> None:
    _write_meta(tmp_path, meta)
    with pytest.raises(KnowledgeBaseError, match="damaged"):
        LmdbIndex(tmp_path)


def _write_meta(folder: Path, meta: bytes) -> None:
    with lmdb.open(str(folder), max_dbs=len(TABLES), lock=False) as environment:
        for table in TABLES:
            environment.open_db(table.encode())
        with environment.begin(write=True, db=environment.open_db(b"meta")) as transaction:
            transaction.put(b"meta", meta)


def test_no_entities_and_doubles_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="no entities"):
        build_index((), tmp_path / "kb")
    with pytest.raises(KnowledgeBaseError, match="Q90 is given twice"):
        build_index((PARIS, PARIS), tmp_path / "kb")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_index_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("keep me")
    with pytest.raises(KnowledgeBaseError, match="not overwritten"):
        build_index(ALL, tmp_path)
    assert (tmp_path / "letters.txt").read_text() == "keep me"


def test_a_build_that_fails_leaves_the_older_index(tmp_path: Path) -> None:
    build_index(ALL, tmp_path / "kb")

    def broken() -> object:
        yield PARIS
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        build_index(broken(), tmp_path / "kb")
    assert len(LmdbIndex(tmp_path / "kb")) == 5


_BUILD = """
import sys
from kgbuild.link.kb.build import build_index
from kgbuild.records import Entity
print("ready", flush=True)
build_index((Entity(f"Q{n}", f"name {n} of many", prior=n / 200000) for n in range(60000)), sys.argv[1])
print("done", flush=True)
"""


def test_a_killed_build_leaves_nothing_that_opens(tmp_path: Path) -> None:
    """Kill a build as soon as it has written something, before it is done."""
    target = tmp_path / "kb"
    process = subprocess.Popen([sys.executable, "-c", _BUILD, str(target)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    partial = tmp_path / ".kb.partial"
    deadline = time.monotonic() + 60
    while not partial.exists() and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert "done" not in process.stdout.read()
    process.stdout.close()
    for folder in (target, partial, partial / "work", partial / "final"):
        with pytest.raises(KnowledgeBaseError):
            LmdbIndex(folder)
    build_index(ALL, target)
    assert len(LmdbIndex(target)) == 5
    assert not partial.exists()


def test_exact_names_alone(index: LmdbIndex) -> None:
    assert index.exact("PARIS") == ("Q90", "Q830149")
    assert index.exact("Hilton") == index.exact(" ") == index.exact("Zaphod") == ()


def test_exact_names_of_many_bearers_are_the_most_popular(tmp_path: Path) -> None:
    build_index([Entity(f"Q{n}", "Ann", prior=n / 100) for n in range(1, 91)], tmp_path / "kb")
    index = LmdbIndex(tmp_path / "kb")
    assert index.exact("Ann") == tuple(f"Q{n}" for n in range(90, 60, -1))
    assert index.exact("Ann", 2) == ("Q90", "Q89")
    assert len(index.exact("Ann", 1000)) == 90


def test_exact_names_of_entities_that_are_no_items(tmp_path: Path) -> None:
    others = [Entity("https://example.org/paris", "Paris", prior=0.5), Entity(f"Q{2**32}", "Paris")]
    build_index([PARIS, *others], tmp_path / "kb")
    index = LmdbIndex(tmp_path / "kb")
    assert index.exact("paris") == ("Q90", "https://example.org/paris", f"Q{2**32}")
    index.verify()


def test_neighbours_are_known_by_id(tmp_path: Path) -> None:
    given = stored(PARIS, links=("Q142", "https://example.org/seine"))
    build_index([given], tmp_path / "kb")
    index = LmdbIndex(tmp_path / "kb")
    assert index.neighbours("Q90") == {"Q142", "https://example.org/seine", "Q515"}
    assert index.neighbours("Q1") == frozenset()


def test_words_that_many_share_keep_the_most_popular(tmp_path: Path) -> None:
    many = MOST_SHARERS + 200
    build_index(
        (Entity(f"Q{n}", f"common name{n}", prior=n / (2 * many)) for n in range(many)), tmp_path / "kb"
    )
    index = LmdbIndex(tmp_path / "kb")
    assert found(index, "common", 1) == [f"Q{many - 1}"]
    assert found(index, f"common name{many - 1}", 1) == [f"Q{many - 1}"]
    assert found(index, "common name0", 1) == ["Q0"], "its full name finds the least popular too"

"""Vectors of entities beside an index: kept, shared, told apart by model, and never in the way."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from kgbuild.link.index import LmdbIndex
from kgbuild.link.kb.build import build_index
from kgbuild.link.meaning import Encoder, Meaning, Projections, packed
from kgbuild.link.vectors import Vectors
from kgbuild.records import Entity

DIGEST = "a" * 64
VECTOR = np.array([0.5, -0.25, 1.0], np.float32)
PARIS = Entity("Q90", "Paris", description="capital of France")


def test_vectors_outlive_their_process(tmp_path: Path) -> None:
    first = Vectors(tmp_path, DIGEST)
    first.put("Paris", VECTOR)
    assert first.get("Paris") is not None
    assert len(first) == 0  # nothing is written before it must be
    first.flush()
    del first
    again = Vectors(tmp_path, DIGEST)
    found = again.get("Paris")
    assert found is not None
    assert found.tolist() == VECTOR.tolist()
    assert again.get("Rome") is None
    assert Vectors(tmp_path, "b" * 64).get("Paris") is None


def test_vectors_are_written_when_enough_wait_or_their_owner_goes(tmp_path: Path) -> None:
    some = Vectors(tmp_path, DIGEST, at_once=2)
    some.put("one", VECTOR)
    assert len(some) == 0
    some.put("two", VECTOR)
    assert len(some) == 2
    some.put("three", VECTOR)
    del some
    assert len(Vectors(tmp_path, DIGEST)) == 3


def _add(folder: Path, name: str) -> None:
    mine = Vectors(folder, DIGEST, at_once=7)
    for number in range(50):
        mine.put(f"{name} {number}", VECTOR)
    mine.flush()


def test_processes_add_to_one_file(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_add, args=(tmp_path, name)) for name in ("a", "b")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(Vectors(tmp_path, DIGEST)) == 100


def test_a_forked_child_has_the_file_of_its_own(tmp_path: Path) -> None:
    shared = Vectors(tmp_path, DIGEST)
    shared.put("parent", VECTOR)
    child = os.fork()
    if child == 0:
        shared.put("child", VECTOR)
        shared.flush()
        os._exit(0 if shared.get("child") is not None else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    shared.flush()
    assert len(shared) == 2


def _die(folder: Path) -> None:
    mine = Vectors(folder, DIGEST, at_once=2)
    for number in range(3):
        mine.put(str(number), VECTOR)
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_process_leaves_what_it_had_written(tmp_path: Path) -> None:
    worker = multiprocessing.get_context("spawn").Process(target=_die, args=(tmp_path,))
    worker.start()
    worker.join()
    assert worker.exitcode == -signal.SIGKILL
    after = Vectors(tmp_path, DIGEST)
    assert len(after) == 2
    after.put("more", VECTOR)
    after.flush()
    assert len(after) == 3


def test_a_damaged_file_is_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / f"vectors-{DIGEST[:16]}.mdb").write_bytes(b"no such thing" * 1000)
    some = Vectors(tmp_path, DIGEST)
    some.put("Paris", VECTOR)
    some.flush()
    assert some.get("Paris") is None
    assert "are not kept" in caplog.text


def test_a_folder_that_is_not_there_keeps_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    some = Vectors(tmp_path / "gone", DIGEST)
    some.put("Paris", VECTOR)
    some.flush()
    assert some.get("Paris") is None
    assert "are not kept" in caplog.text


def test_an_index_that_is_built_again_keeps_its_vectors(tmp_path: Path) -> None:
    folder = tmp_path / "kb"
    build_index([PARIS], folder)
    kept = Vectors(folder, DIGEST)
    kept.put("Paris", VECTOR)
    kept.flush()
    build_index([PARIS, Entity("Q220", "Rome")], folder)
    assert len(LmdbIndex(folder)) == 2
    assert len(Vectors(folder, DIGEST)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kb"]


def test_what_is_computed_and_what_is_kept_are_equal_to_the_bit(tmp_path: Path) -> None:
    asked: list[str] = []

    def gist(text: str) -> np.ndarray:
        asked.append(text)
        return np.array([0.1, 0.2, 0.7], np.float32)

    matrix = np.linspace(-1.0, 1.0, 8, dtype=np.float32).reshape(4, 2)
    projections = Projections("weights", 2, packed(matrix), packed(matrix))
    made = [
        Meaning(projections, Encoder("weights", gist), Vectors(tmp_path, DIGEST)).of_entity(PARIS)
        for _ in range(2)
    ]
    assert made[0].tolist() == made[1].tolist()
    assert asked == ["Paris: capital of France"]

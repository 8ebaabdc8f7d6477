"""Near-duplicate documents are known by their sketches."""

from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kgbuild.facts.duplicates import NEAR, SIZE, near_duplicates, resemblance, sketch

FILM = Path(__file__).parents[2] / "sample_corpus" / "film"
TEXTS = sorted(FILM.glob("*.txt")) + sorted(FILM.glob("*.md"))


def test_the_corrected_article_is_the_near_duplicate_in_the_sample() -> None:
    sketches = {path.name: sketch(path.read_text()) for path in TEXTS}
    assert len(sketches) >= 6
    assert near_duplicates(sketches) == [("bullitt-at-fifty-corrected.txt", "bullitt-at-fifty.txt")]


def test_pairs_are_those_that_resemble_one_another() -> None:
    chosen = random.Random(1)
    words = [f"w{n}" for n in range(200)]
    texts = {}
    for number in range(30):
        kept = words[: chosen.randrange(200)]
        texts[f"d{number}"] = " ".join(kept + [f"x{number}-{n}" for n in range(chosen.randrange(200))])
    sketches = {name: sketch(text) for name, text in texts.items()}
    pairs = combinations(sorted(sketches), 2)
    expected = [pair for pair in pairs if resemblance(sketches[pair[0]], sketches[pair[1]]) >= NEAR]
    assert near_duplicates(sketches) == expected
    assert 0 < len(expected) < 30 * 29 / 2


def test_the_estimate_is_near_the_jaccard_index() -> None:
    one = [f"a{n}" for n in range(2000)]
    for shared in (200, 1000, 1800):
        other = one[:shared] + [f"b{n}" for n in range(2000 - shared)]
        true = (shared - 3) / (2 * 1997 - (shared - 3))
        assert abs(resemblance(sketch(" ".join(one)), sketch(" ".join(other))) - true) < 0.13


@given(text=st.text(), other=st.text())
def test_any_text_has_a_sketch_and_resembles_itself(text: str, other: str) -> None:
    first, second = sketch(text), sketch(other)
    assert len(first) % 8 == 0
    assert len(first) <= 8 * SIZE
    assert resemblance(first, first) == (1.0 if first else 0.0)
    assert resemblance(first, second) == resemblance(second, first)


def test_a_script_without_spaces_is_cut_into_characters() -> None:
    text = "玛丽·居里出生于华沙，后来在巴黎学习物理学和数学。"
    assert len(sketch(text)) // 8 > 10
    assert resemblance(sketch(text), sketch(text.replace("数学", "化学"))) >= NEAR

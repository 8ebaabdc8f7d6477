"""Lists of English words that tell what a text is about, as the package's data has them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def word_lists() -> dict[str, frozenset[str]]:
    """The lists by name: "person" holds nouns of persons, the others words of a sport each.

    >>> "wicket" in word_lists()["cricket"], "painter" in word_lists()["person"]
    (True, True)
    """
    table = (files("kgbuild") / "data" / "kb" / "words.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines())
    return {name: frozenset(words.split()) for name, words in rows}

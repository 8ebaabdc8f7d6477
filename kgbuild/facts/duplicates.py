"""Texts to sketches, by which near-duplicate documents are known.

A sketch holds the smallest hashes of a text's shingles (runs of words); the share of them that two
sketches have in common estimates the Jaccard index of the two sets of shingles (Broder, "On the
resemblance and containment of documents", 1997, the variant with one hash and the k smallest values).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import lru_cache
from itertools import combinations

SHINGLE = 4
"""Words in a shingle."""

SIZE = 128
"""Hashes in a sketch, of 32 bits each: the estimate has a standard error of at most 0.045."""

NEAR = 0.3
"""Least resemblance of two near-duplicates; docs/decisions/016-near-duplicates.md has the figures."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
"""A run of letters or digits; in Chinese and Japanese, which have no spaces, one character."""

_DIGITS = 8


def sketch(text: str) -> str:
    """The sketch of a text, as hexadecimal digits; empty where it has no word.

    >>> sketch("Ada Lovelace was born.") == sketch("ADA LOVELACE -- was born!")
    True
    >>> len(sketch("one two three four five"))
    16
    """
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    runs = {" ".join(words[start : start + SHINGLE]) for start in range(max(1, len(words) - SHINGLE + 1))}
    hashes = sorted({_hash(run) for run in runs - {""}})
    return "".join(hashes[:SIZE])


def resemblance(one: str, other: str) -> float:
    """The estimated Jaccard index, in [0, 1], of the texts of two sketches; 0 where one is empty.

    >>> resemblance(sketch("a b c d e"), sketch("a b c d e")), resemblance(sketch("a b c d"), "")
    (1.0, 0.0)
    """
    first, second = _hashes(one), _hashes(other)
    if not first or not second:
        return 0.0
    smallest = sorted(first | second)[:SIZE]
    return len(first.intersection(smallest) & second) / len(smallest)


def near_duplicates(sketches: Mapping[str, str]) -> list[tuple[str, str]]:
    """The pairs of near-duplicates among documents, each pair and the list of pairs in order.

    Only pairs that share hashes enough are compared, so that many different documents cost little.

    >>> near_duplicates({"a": sketch("one two three four"), "b": "", "c": sketch("One, two; three: four!")})
    [('a', 'c')]
    """
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for document in sorted(sketches):
        for each in _hashes(sketches[document]):
            holders[each].append(document)
    shared = Counter(pair for found in holders.values() for pair in combinations(found, 2))
    return sorted(
        (one, other)
        for (one, other), count in shared.items()
        if count >= NEAR * max(len(_hashes(sketches[one])), len(_hashes(sketches[other])))
        and resemblance(sketches[one], sketches[other]) >= NEAR
    )


def _hash(run: str) -> str:
    return hashlib.blake2b(run.encode("utf-8", "surrogatepass"), digest_size=_DIGITS // 2).hexdigest()


@lru_cache(maxsize=1024)
def _hashes(sketch: str) -> frozenset[str]:
    return frozenset(sketch[start : start + _DIGITS] for start in range(0, len(sketch), _DIGITS))

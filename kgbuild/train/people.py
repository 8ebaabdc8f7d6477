"""Other people in texts that say nothing but whom a pronoun means.

Such texts are few and are soon known by heart; with other names only the rest of the text tells.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from kgbuild.extract.labels import sex
from kgbuild.train.examples import Example

Kind = tuple[int, int]
"""The sex of a text's pronouns, as `kgbuild.extract.labels.sex` has it, and the number of a name's words."""

People = Mapping[Kind, Sequence[tuple[str, ...]]]


def people(examples: Iterable[Example]) -> dict[Kind, list[tuple[str, ...]]]:
    """The names in texts about a pronoun, each once, by its sex and the number of their words."""
    found: dict[Kind, dict[tuple[str, ...], None]] = {}
    for example in examples:
        if told := _sex(example):
            for name in _names(example):
                found.setdefault((told, len(name)), {})[name] = None
    return {kind: list(names) for kind, names in found.items()}


def recast(example: Example, others: People, source: random.Random) -> Example:
    """The example with each of its names, and what repeats a part of it, exchanged for another's of its kind.

    Both names of such a text are of the pronoun's sex (Webster et al., TACL 2018). An example that annotates
    properties, has no name, or whose names share a word, stays as it is.
    """
    names = list(dict.fromkeys(_names(example)))
    words = [word for name in names for word in name]
    told = _sex(example)
    if not told or not names or len(set(words)) < len(words):
        return example
    said = set(re.findall(r"\w+", example.text))
    chosen: dict[str, str] = {}
    for name in names:
        free = [other for other in others.get((told, len(name)), ()) if not said & set(other)]
        if not free:
            return example
        other = source.choice(free)
        said |= set(other)
        chosen |= dict(zip(name, other, strict=True))
    return _replaced(example, chosen)


def _sex(example: Example) -> int:
    """The sex of the pronouns of an example that annotates nothing else; 0 for any other example."""
    if example.annotated:
        return 0
    told = {sex(example.surface(mention)) for mention in example.mentions} - {0}
    return told.pop() if len(told) == 1 else 0


def _names(example: Example) -> list[tuple[str, ...]]:
    surfaces = [example.surface(mention) for mention in example.mentions]
    return [tuple(each.split()) for each in surfaces if not sex(each)]


def _replaced(example: Example, words: Mapping[str, str]) -> Example:
    """The example with words replaced wherever they stand, and its mentions moved along."""
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)")
    found = list(pattern.finditer(example.text))
    ends = [match.end() for match in found]
    growth = list(accumulate(len(words[match[0]]) - len(match[0]) for match in found))

    def moved(offset: int) -> int:
        passed = sum(end <= offset for end in ends)
        return offset + (growth[passed - 1] if passed else 0)

    mentions = tuple(replace(each, start=moved(each.start), end=moved(each.end)) for each in example.mentions)
    text = pattern.sub(lambda match: words[match[0]], example.text)
    return replace(example, text=text, mentions=mentions)

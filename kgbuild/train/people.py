"""Other people in texts that say nothing but whom a pronoun means.

Such texts are few and are soon known by heart; with other names only the rest of the text tells.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from kgbuild.pronouns import HE, SHE
from kgbuild.train.examples import AnnotatedMention, Example

Kind = tuple[bool, int]
"""Whether the pronouns of a text are female, and the number of a name's words."""

People = Mapping[Kind, Sequence[tuple[str, ...]]]


def people(examples: Iterable[Example]) -> dict[Kind, list[tuple[str, ...]]]:
    """The names in texts about a pronoun, each once, by its sex and the number of their words."""
    found: dict[Kind, dict[tuple[str, ...], None]] = {}
    for example in examples:
        if (sex := _female(example)) is not None:
            for name in _names(example):
                found.setdefault((sex, len(name)), {})[name] = None
    return {kind: list(names) for kind, names in found.items()}


def recast(example: Example, others: People, source: random.Random) -> Example:
    """The example with each of its names, and what repeats a part of it, exchanged for another's of its kind.

    Both names of such a text are of the pronoun's sex (Webster et al., TACL 2018). An example that annotates
    properties, or whose names share a word, stays as it is.
    """
    names = list(dict.fromkeys(_names(example)))
    words = [word for name in names for word in name]
    sex = _female(example)
    if sex is None or len(set(words)) < len(words):
        return example
    said = set(re.findall(r"\w+", example.text))
    chosen: dict[str, str] = {}
    for name in names:
        free = [other for other in others.get((sex, len(name)), ()) if not said & set(other)]
        if not free:
            return example
        other = source.choice(free)
        said |= set(other)
        chosen |= dict(zip(name, other, strict=True))
    return _replaced(example, chosen)


def _female(example: Example) -> bool | None:
    """The sex of the one pronoun of an example that annotates nothing else; None for any other example."""
    if example.annotated:
        return None
    said = {_surface(example, mention).casefold() for mention in example.mentions} & (HE | SHE)
    return None if len(said) != 1 else not said <= HE


def _names(example: Example) -> list[tuple[str, ...]]:
    surfaces = [_surface(example, mention) for mention in example.mentions]
    return [tuple(each.split()) for each in surfaces if each.casefold() not in HE | SHE]


def _surface(example: Example, mention: AnnotatedMention) -> str:
    return example.text[mention.start : mention.end]


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

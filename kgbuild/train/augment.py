"""Examples made of other examples, anew each epoch: other names, longer texts, no capitals.

Every change keeps what is annotated true: names are exchanged with names that play the same part
in the same property, and texts are joined only where the same properties are annotated.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kgbuild.extract.labels import is_pronoun
from kgbuild.train.config import DataConfig
from kgbuild.train.examples import AnnotatedMention, Example, Fact, Scope
from kgbuild.train.people import people, recast

Part = tuple[str, bool]
"""A property and whether the mention is its object."""

Names = Mapping[Part, Sequence[str]]


def augmented(examples: Sequence[Example], spec: DataConfig, *, seed: int) -> list[Example]:
    """The examples as one epoch shows them."""
    source = random.Random(seed)
    found = list(examples)
    if spec.rename:
        names, others = names_by_part(found), people(found)
        found = [
            recast(renamed(example, names, source), others, source)
            if source.random() < spec.rename
            else example
            for example in found
        ]
    if spec.pack > 1:
        found = packed(found, spec.pack, source)
    return [replace(each, cased=False) if source.random() < spec.uncased else each for each in found]


def is_augmented(spec: DataConfig) -> bool:
    """Whether a data set's examples change from epoch to epoch."""
    return spec.pack > 1 or spec.rename > 0 or spec.uncased > 0


def names_by_part(examples: Iterable[Example]) -> dict[Part, list[str]]:
    """The names that play each part, each once, in order of appearance."""
    found: dict[Part, dict[str, None]] = {}
    for example in examples:
        for fact in example.facts:
            for number, is_object in ((fact.subject, False), (fact.object, True)):
                surface = example.surface(example.mentions[number])
                if _is_name(surface):
                    found.setdefault((fact.property, is_object), {})[surface] = None
    return {part: list(names) for part, names in found.items()}


def renamed(example: Example, names: Names, source: random.Random) -> Example:
    """The example with other names where a name plays a part; facts must hold between mentions.

    A name that shares a word with another mention of the text keeps it, since such names are read
    together (a surname, a company and its product); so do pronouns, dates and descriptions.
    """
    if example.scope is not Scope.MENTION:
        return example
    surfaces = [example.surface(mention) for mention in example.mentions]
    chosen: dict[str, str] = {}
    for number, surface in enumerate(surfaces):
        label = example.mentions[number].label
        parts = sorted(
            {(fact.property, False) for fact in example.facts if fact.subject == number}
            | {(fact.property, True) for fact in example.facts if fact.object == number}
        )
        candidates = [part for part in parts if names.get(part)]
        if surface in chosen or not candidates or not _is_name(surface) or (label and label.is_value):
            continue
        words = set(surface.casefold().split())
        if any(other != surface and words & set(other.casefold().split()) for other in surfaces):
            continue
        chosen[surface] = source.choice(names[source.choice(candidates)])
    return _rewritten(example, [chosen.get(surface, surface) for surface in surfaces])


def packed(examples: Sequence[Example], most: int, source: random.Random) -> list[Example]:
    """Half of the examples joined to texts of up to `most`, whose parts say nothing of one another.

    Only examples with the same annotated properties and completeness are joined, from different
    documents, so every pair across two of them is known to be false.
    """
    groups: dict[object, list[Example]] = {}
    for example in examples:
        key = (example.annotated, example.scope, example.tagging, example.cased)
        groups.setdefault(key if example.scope is Scope.MENTION else id(example), []).append(example)
    found = []
    for group in groups.values():
        source.shuffle(group)
        while group:
            size = 1 if source.random() < 0.5 else source.randint(2, most)
            found.append(joined(_of_different_documents(group, size)))
    return found


def joined(examples: Sequence[Example]) -> Example:
    """Texts one after another as one example; mentions, entities and facts renumbered."""
    first = examples[0]
    text, entities = "", 0
    mentions: list[AnnotatedMention] = []
    facts: list[Fact] = []
    unknown: list[Fact] = []
    for example in examples:
        offset, before = len(text), len(mentions)
        text += example.text + " "
        mentions += [
            replace(
                mention,
                start=mention.start + offset,
                end=mention.end + offset,
                entity=mention.entity + entities if mention.entity >= 0 else -1,
            )
            for mention in example.mentions
        ]
        entities += max((mention.entity for mention in example.mentions), default=-1) + 1
        facts += [_moved(fact, before) for fact in example.facts]
        unknown += [_moved(fact, before) for fact in example.unknown]
    return replace(
        first, text=text[:-1], mentions=tuple(mentions), facts=tuple(facts), unknown=tuple(unknown)
    )


def _of_different_documents(group: list[Example], size: int) -> list[Example]:
    """Take up to `size` examples from the group, no two of one document."""
    taken: list[Example] = []
    documents: set[str] = set()
    position = 0
    while position < len(group) and len(taken) < size:
        document = group[position].document
        if document in documents:
            position += 1
            continue
        documents.add(document)
        taken.append(group.pop(position))
    return taken


def _moved(fact: Fact, offset: int) -> Fact:
    return replace(fact, subject=fact.subject + offset, object=fact.object + offset)


def _is_name(surface: str) -> bool:
    return surface[:1].isupper() and not is_pronoun(surface)


def _rewritten(example: Example, surfaces: Sequence[str]) -> Example:
    """The example with other surfaces for its mentions; nested ones leave it as it is."""
    text, position = "", 0
    mentions: list[AnnotatedMention] = []
    for mention, surface in zip(example.mentions, surfaces, strict=True):
        if mention.start < position:
            return example
        text += example.text[position : mention.start]
        mentions.append(replace(mention, start=len(text), end=len(text) + len(surface)))
        text += surface
        position = mention.end
    return replace(example, text=text + example.text[position:], mentions=tuple(mentions))

"""Gold documents and an index enter; decisions with their right answers leave.

Documents are dealt into folds by a hash of their text.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgbuild.link.candidates import candidate_entities, looked_up
from kgbuild.link.features import Case, Features, vectors_of
from kgbuild.link.gold import GoldDocument, read_gold
from kgbuild.link.meaning import mean_vector
from kgbuild.link.profile import RAREST, words_of
from kgbuild.link.surface import Group
from kgbuild.link.tags import Reader, read_with
from kgbuild.protocols import CandidateIndex
from kgbuild.records import Entity

SETS = {
    "rss-500": ("linking/rss-500.jsonl.gz", 3.0, None),
    "oke-2015": ("linking/oke-2015-train.jsonl.gz", 4.5, None),
    "news-fair": ("linking/news-fair-v2.jsonl.gz", 4.5, None),
    "wiki-fair": ("linking/wiki-fair-v2.jsonl.gz", 3.0, None),
    "kore50": ("linking/kore50.jsonl.gz", 1.0, None),
    "disambig": ("linking/wikidata-disambig-dev.json.gz", 0.3, 1000),
    "knowledgenet-1": ("knowledgenet/fold1.jsonl.gz", 0.4, None),
    "knowledgenet-2": ("knowledgenet/fold2.jsonl.gz", 0.4, None),
    "knowledgenet-3": ("knowledgenet/fold3.jsonl.gz", 0.4, None),
    "wiki80-dev": ("wiki80/dev.txt.gz", 0.3, 1500),
}
"""Files by set, with the weight of their decisions and the most documents that are read of each."""

RELATIONS = ("knowledgenet", "wiki80")
"""Sets of relations: an adjective of a country is its country there, as a statement asks for, and in linking
sets the people where it stands before a person."""

MEASURED = ("rss-500", "oke-2015", "wiki-fair", "news-fair")
FOLDS = 5
BEREFT = 0.3
"""Weight of examples whose right entity was taken away."""

WORDS_KEPT = 6_000
COMMONEST = 3
"""Documents that a word must be in to have a weight of its own."""


@dataclass(frozen=True, slots=True)
class Example:
    """A decision with its answer: the place of the right candidate, or the number of candidates for NIL.

    `known` says whether the right entity is in the index, `nil` whether the gold has none; `mentions`
    is how many mentions it decides. `entities` are the candidates, `context` is the mean of its mentions'
    vectors.
    A `bereft` example is one whose right entity was taken away, so that the answer is NIL: fitted on
    with less weight, and not measured.
    """

    set: str
    fold: int
    case: Case
    answer: int
    known: bool
    nil: bool
    mentions: int
    entities: tuple[Entity, ...] = ()
    context: NDArray[np.float32] | None = None
    bereft: bool = False

    @property
    def weight(self) -> float:
        """How much it counts in fitting."""
        return float(SETS[self.set][1] * min(self.mentions, 3) ** 0.5 * (BEREFT if self.bereft else 1.0))


def read_sets(folder: Path, names: Iterable[str] = SETS) -> dict[str, list[GoldDocument]]:
    """The gold documents of each set."""
    return {name: list(islice(read_gold(folder / SETS[name][0]), SETS[name][2])) for name in names}


def word_weights(documents: Iterable[GoldDocument]) -> dict[str, float]:
    """Inverse document frequency of the commonest words of the documents."""
    counts: Counter[str] = Counter()
    total = 0
    for gold in documents:
        counts.update(words_of(gold.document.text))
        total += 1
    kept = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:WORDS_KEPT]
    weights = {word: min(RAREST, math.log(total / count)) for word, count in kept if count >= COMMONEST}
    return {word: round(weight, 3) for word, weight in weights.items()}


def examples(
    name: str, given: GoldDocument, reader: Reader, index: CandidateIndex, features: Features
) -> list[Example]:
    """Every decision of a gold document of a set, aligned with what is read in it."""
    return list(_examples(name, read_with(given, reader), index, features))


def _examples(name: str, gold: GoldDocument, index: CandidateIndex, features: Features) -> Iterator[Example]:
    """Decisions of one document; its fold is a function of its text, and so is whether it is also bereft."""
    number = int(hashlib.sha256(gold.document.text.encode()).hexdigest(), 16)
    whole = looked_up(gold.document, gold.extraction, index, common_nouns=True)
    found = [group for group in whole if group.names]
    entities = [candidate_entities(index, group) for group in found]
    cases = features.cases(
        gold.document, gold.extraction, found, entities, nations=name.startswith(RELATIONS)
    )
    for group, held, case in zip(found, entities, cases, strict=True):
        ids = [entity.id for entity in held]
        for right, mentions in Counter(
            gold.entities[place] for place in group.members if place not in gold.others
        ).items():
            known = right is not None and index.entity(right) is not None
            answer = ids.index(right) if right in ids else len(ids)
            context = _context(group, gold)
            yield Example(
                name, number % FOLDS, case, answer, known, right is None, mentions, tuple(held), context
            )
    if number // FOLDS % 2:
        yield from _bereft(name, gold, found, entities, features)


def _bereft(
    name: str,
    gold: GoldDocument,
    found: Sequence[Group],
    entities: Sequence[Sequence[Entity]],
    features: Features,
) -> Iterator[Example]:
    """Decisions of one document when every second right entity is missing from the index."""
    number = int(hashlib.sha256(gold.document.text.encode()).hexdigest(), 16)
    lost = [
        {gold.entities[member] for member in group.members} if (place + number) % 2 else set()
        for place, group in enumerate(found)
    ]
    kept = [[e for e in held if e.id not in ids] for held, ids in zip(entities, lost, strict=True)]
    cases = features.cases(gold.document, gold.extraction, found, kept, nations=name.startswith(RELATIONS))
    for place, case in enumerate(cases):
        if kept[place] and len(kept[place]) < len(entities[place]):
            yield Example(
                name,
                number % FOLDS,
                case,
                len(kept[place]),
                known=False,
                nil=False,
                mentions=1,
                entities=tuple(kept[place]),
                context=_context(found[place], gold),
                bereft=True,
            )


def _context(group: Group, gold: GoldDocument) -> NDArray[np.float32] | None:
    """The mean of what a reader made of a group's mentions, or None where it made nothing."""
    vectors = vectors_of(group, gold.extraction)
    return mean_vector(vectors, max(map(len, vectors), default=0) // 2) if any(vectors) else None

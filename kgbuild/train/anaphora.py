"""Fit what speaks for an entity as the meaning of a pronoun: annotated texts enter; the weights leave.

    python -m kgbuild.train.anaphora DATA

DATA is the folder of data sets: GAP's validation part, the linking sets, whose gold has pronouns too, and
those documents of KnowledgeNet that train nothing. The network has not seen their pronouns, so it is trusted
as far as it should be. What is printed belongs into `kgbuild.extract.anaphora`; beside it, how often the
right entity is chosen by weights that had not seen the document.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kgbuild.errors import KgbuildError
from kgbuild.extract.across import ReferenceView
from kgbuild.extract.anaphora import PEOPLE, THINGS, Anaphora, Weights
from kgbuild.extract.coreference import antecedents, owners
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.extract.shipped import model_folder
from kgbuild.extract.speech import NOBODY
from kgbuild.link.gold import read_gold
from kgbuild.ontology import load_ontology
from kgbuild.records import Document, Mention
from kgbuild.text.sentences import RuleSegmenter
from kgbuild.train.data import kept_for_development
from kgbuild.train.datasets.gap import rows

FOLDS = 8
ROUNDS = 2
"""How often pronouns are resolved with the weights of the last fit, which says how far away entities are."""
STRENGTH = 0.01
"""Of the penalty on the squares of the weights, of features with a variance of one."""
TRUST = {"gap": 0.3}
"""What a pronoun of a source counts, else 1: GAP's are those that are hard to tell."""
LINKING = ("oke-2015-train", "news-fair-v2", "wiki-fair-v2")
HOLDOUT = 10

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Span = tuple[int, int]
Pair = tuple[Weights, Weights]
"""The weights for people and for things."""
Hits = Counter[tuple[str, bool, bool]]
"""How many pronouns of a source, of people or not, got the right entity or not."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text, and the entities of some of its spans."""

    source: str
    id: str
    text: str
    entities: Mapping[Span, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A pronoun that an annotation tells: `features` (entities + 1, 6) of what it may mean, "none" last,
    which of these are `right`, (entities + 1,), and whether that is an entity which the annotation names."""

    source: str
    id: str
    person: bool
    features: Floats
    right: Flags
    named: bool


class Watched(Anaphora):
    """It remembers what each pronoun, by its position, was chosen from."""

    def _begin(self) -> None:
        super()._begin()
        self.seen: dict[int, tuple[Floats, Flags]] = {}

    def candidates(self, row: int) -> tuple[Floats, Flags]:
        """As they are, and remembered with all else that `Weights` weigh, (entities, 5)."""
        distance, possible = super().candidates(row)
        named = self.named
        told = [named.logit[row], named.number, distance, self.later[row], self.leading(row)]
        self.seen[int(named.pronouns[row])] = np.stack(told, 1), possible
        return distance, possible


def texts(data: Path) -> Iterator[Text]:
    """All annotated texts."""
    for row in rows(data / "coreference" / "gap-validation.tsv.gz"):
        meant = "neither" if row.meant is None else "AB"[row.meant]
        yield Text("gap", row.id, row.text, {row.names[0]: "A", row.names[1]: "B", row.pronoun: meant})
    for name in LINKING:
        yield from _gold("linking", data / "linking" / f"{name}.jsonl.gz")
    for fold in sorted((data / "knowledgenet").glob("fold*.jsonl.gz")):
        yield from (each for each in _gold("knowledgenet", fold) if kept_for_development(each.id, HOLDOUT))


def _gold(source: str, path: Path) -> Iterator[Text]:
    for gold in read_gold(path):
        spans = [(mention.start, mention.end) for mention in gold.extraction.mentions]
        known = {span: entity for span, entity in zip(spans, gold.entities, strict=True) if entity}
        yield Text(source, gold.document.id.split("/")[1], gold.document.text, known)


@dataclass(frozen=True, slots=True)
class ReadText:
    """A text with its mentions and windows."""

    told: Text
    mentions: Sequence[Mention]
    views: Sequence[ReferenceView]


def read(extractor: NeuralExtractor, found: Iterable[Text]) -> list[ReadText]:
    """What the model reads in texts."""
    segmenter = RuleSegmenter()
    result: list[ReadText] = []
    for each in found:
        document = Document(each.id, "", each.text)
        result.append(ReadText(each, *extractor.reference_views(document, segmenter.segment(document))))
    return result


def asked(text: ReadText, weights: Pair) -> Iterator[Asked]:
    """The pronouns of a text that its annotation tells, each in the window in which it has most context."""
    best: dict[int, tuple[int, Asked]] = {}
    for view in text.views:
        told = view.referents
        owner = owners(antecedents(view.scores, view.matched, told))
        anaphora = Watched(view.scores, owner, told, people=weights[0], things=weights[1])
        anaphora.meanings()
        own = [text.told.entities.get(_span(text.mentions[place])) for place in view.inside]
        names = [_named(text.told.entities, text.mentions[place]) for place in view.inside]
        for place, (features, possible) in anaphora.seen.items():
            if own[place] is None or not possible.any():
                continue
            labels: list[set[str]] = [set() for _ in possible]
            for name, column in zip(names, anaphora.named.column, strict=True):
                if column != NOBODY and name:
                    labels[column].add(name)
            at = int(view.inside[place])
            room = min(told.token[place] - told.token[0], told.token[-1] - told.token[place])
            one = _asked(text.told, own[place], labels, features, possible, bool(told.sex[place]))
            if at not in best or best[at][0] < room:
                best[at] = room, one
    yield from (one for _, one in best.values())


def _span(mention: Mention) -> Span:
    return mention.start, mention.end


def _named(entities: Mapping[Span, str], mention: Mention) -> str | None:
    """The entity of the annotation that overlaps a mention."""
    return next((each for (a, b), each in entities.items() if a < mention.end and mention.start < b), None)


def _asked(
    told: Text, meant: str | None, labels: list[set[str]], features: Floats, possible: Flags, person: bool
) -> Asked:
    """What is right: the entities that have the right name, or where none has, all that have no other."""
    right = np.array([meant in names for names in labels]) & possible
    named = bool(right.any())
    if not named:
        right = np.array([not names for names in labels]) & possible
    rows = np.pad(features[possible], ((0, 1), (0, 1)))
    rows[-1, -1] = 1.0
    return Asked(told.source, told.id, person, rows, np.append(right[possible], not named), named)


def fitted(rows: Sequence[Asked]) -> Weights:
    """The weights under which what is right is likeliest."""
    features = np.concatenate([row.features for row in rows])
    spread = features.std(0)
    spread[spread < 1e-9] = 1.0
    values = torch.from_numpy(features / spread)
    right = torch.from_numpy(np.concatenate([row.right for row in rows]))
    owner = torch.from_numpy(np.repeat(np.arange(len(rows)), [len(row.right) for row in rows]))
    trust = torch.tensor([TRUST.get(row.source, 1.0) for row in rows], dtype=torch.float64)
    weights = torch.zeros(features.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        scores = values @ weights
        wrong = _sums(scores, owner, len(rows)) - _sums(scores.masked_fill(~right, -1e9), owner, len(rows))
        told: Tensor = (wrong * trust).sum() / trust.sum() + STRENGTH * (weights**2).sum()
        told.backward()  # type: ignore[no-untyped-call]
        return told

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return Weights(*(round(value, 3) for value in (weights.detach().numpy() / spread).tolist()))


def _sums(scores: Tensor, owner: Tensor, count: int) -> Tensor:
    """The logarithms of the sums of exponentials of each owner's scores."""
    greatest = torch.full((count,), -torch.inf, dtype=scores.dtype).scatter_reduce(0, owner, scores, "amax")
    greatest = greatest.detach()
    total = torch.zeros(count, dtype=scores.dtype).index_add(0, owner, (scores - greatest[owner]).exp())
    return greatest + total.log()


def fit(found: Sequence[ReadText], weights: Pair = (PEOPLE, THINGS)) -> Pair:
    """The weights for people and for things."""
    for _ in range(ROUNDS):
        told = [row for text in found for row in asked(text, weights)]
        weights = (
            fitted([row for row in told if row.person]),
            fitted([row for row in told if not row.person]),
        )
    return weights


def hits(found: Sequence[ReadText], weights: Pair) -> Hits:
    """How many pronouns of each source, people's or not, are given their right entity or not."""
    told: Hits = Counter()
    for row in (row for text in found for row in asked(text, weights)):
        values = np.array(list(asdict(weights[0 if row.person else 1]).values()))
        if row.named:
            told[row.source, row.person, bool(row.right[(row.features[:-1] @ values).argmax()])] += 1
    return told


def main(arguments: Iterable[str] | None = None) -> int:
    """Fit the weights of what speaks for the meaning of a pronoun, and print them."""
    parser = argparse.ArgumentParser(prog="python -m kgbuild.train.anaphora", description=main.__doc__)
    parser.add_argument("data", type=Path, help="the folder of data sets")
    parser.add_argument("--model", type=model_folder, help="the model that reads: its folder, or fast")
    options = parser.parse_args(None if arguments is None else list(arguments))
    try:
        extractor = NeuralExtractor.load(options.model, ontology=load_ontology())
        found = read(extractor, texts(options.data))
    except KgbuildError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    documents = sorted({text.told.id for text in found})
    told: Hits = Counter()
    for fold in range(FOLDS):
        held = set(documents[fold::FOLDS])
        learnt = fit([text for text in found if text.told.id not in held])
        told += hits([text for text in found if text.told.id in held], learnt)
    now = hits(found, (PEOPLE, THINGS))
    out = sys.stdout
    out.write(f"{'pronouns of':<16}{'mean':<10}{'right':>8}{'as shipped':>12}{'asked':>8}\n")
    for source, person in sorted({(source, person) for source, person, _ in told}):
        right, shipped = told[source, person, True], now[source, person, True]
        count = right + told[source, person, False]
        out.write(f"{source:<16}{'people' if person else 'things':<10}{right:>8}{shipped:>12}{count:>8}\n")
    for name, weights in zip(("PEOPLE", "THINGS"), fit(found), strict=True):
        out.write(f"{name} = {weights}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

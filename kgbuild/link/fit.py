"""Fit the ranker: gold documents and an index enter; the ranker's file leaves.

    python -m kgbuild.link.fit DATA --texts --out texts.jsonl
    kgbuild extract texts.jsonl > tags.jsonl
    python -m kgbuild.link.fit DATA --index INDEX --tags tags.jsonl --out kgbuild/data/kb/ranker.json

DATA is the folder of data sets (its README lists them); INDEX is what `python -m
kgbuild.link.kb.tables DATA/wikidata --out INDEX` builds. The first two steps give mentions the labels
that the extractor gives them. Documents are dealt into folds by a hash
of their text; each fold is predicted by a ranker that has not seen it, and the figures in the file
are of these predictions. The weights that are written are fitted on all documents.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch

from kgbuild.errors import KgbuildError
from kgbuild.link.features import CANDIDATE_FEATURES, GROUP_FEATURES, Case, Features
from kgbuild.link.gold import GoldDocument, read_gold
from kgbuild.link.index import LmdbIndex
from kgbuild.link.linker import CANDIDATES, candidate_entities
from kgbuild.link.profile import RAREST, words_of
from kgbuild.link.rank import FORMAT, Ranker, Weights
from kgbuild.link.surface import Group, groups
from kgbuild.link.tags import aligned, read_tags
from kgbuild.records import Entity

SETS = {
    "rss-500": ("linking/rss-500.jsonl.gz", 1.0, None),
    "oke-2015": ("linking/oke-2015-train.jsonl.gz", 1.5, None),
    "news-fair": ("linking/news-fair-v2.jsonl.gz", 1.5, None),
    "wiki-fair": ("linking/wiki-fair-v2.jsonl.gz", 1.0, None),
    "kore50": ("linking/kore50.jsonl.gz", 1.0, None),
    "disambig": ("linking/wikidata-disambig-dev.json.gz", 0.3, 3000),
    "knowledgenet-1": ("knowledgenet/fold1.jsonl.gz", 0.4, None),
    "knowledgenet-2": ("knowledgenet/fold2.jsonl.gz", 0.4, None),
    "knowledgenet-3": ("knowledgenet/fold3.jsonl.gz", 0.4, None),
    "wiki80-dev": ("wiki80/dev.txt.gz", 0.3, 4000),
}
"""Files by set, with the weight of their decisions and the most documents that are read of each."""

MEASURED = ("rss-500", "oke-2015", "wiki-fair", "news-fair")
FOLDS = 5
BEREFT = 0.3
"""Weight of examples whose right entity was taken away."""

HIDDEN = 24
EPOCHS = 15
RATE = 4e-3
DECAY = 1e-2
DROPOUT = 0.1
WORDS_KEPT = 6_000
COMMONEST = 3
"""Documents that a word must be in to have a weight of its own."""


@dataclass(frozen=True, slots=True)
class Example:
    """A decision with its answer: the place of the right candidate, or the number of candidates for NIL.

    `known` says whether the right entity is in the index, `nil` whether the gold has none; `mentions`
    is how many mentions it decides.
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
    bereft: bool = False

    @property
    def weight(self) -> float:
        """How much it counts in fitting."""
        return float(SETS[self.set][1] * min(self.mentions, 3) ** 0.5 * (BEREFT if self.bereft else 1.0))


def read_sets(
    folder: Path, names: Iterable[str] = SETS, tags: Path | None = None
) -> dict[str, list[GoldDocument]]:
    """The gold documents of each set, aligned with what `tags` says (`tags.read_tags`)."""
    sets = {name: list(islice(read_gold(folder / SETS[name][0]), SETS[name][2])) for name in names}
    known = read_tags(tags) if tags else {}
    return {
        name: [
            aligned(gold, known[gold.document.id]) if gold.document.id in known else gold
            for gold in documents
        ]
        for name, documents in sets.items()
    }


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


def examples(sets: dict[str, list[GoldDocument]], index: LmdbIndex, features: Features) -> list[Example]:
    """Every decision of the gold documents."""
    made: list[Example] = []
    for name, documents in sets.items():
        for gold in documents:
            made += _examples(name, gold, index, features)
    return made


def _examples(name: str, gold: GoldDocument, index: LmdbIndex, features: Features) -> Iterator[Example]:
    """Decisions of one document; its fold is a function of its text, and so is whether it is also bereft."""
    number = int(hashlib.sha256(gold.document.text.encode()).hexdigest(), 16)
    found = [group for group in groups(gold.extraction, common_nouns=True) if group.names]
    entities = [candidate_entities(index, group, CANDIDATES) for group in found]
    cases = features.cases(gold.document, gold.extraction, found, entities)
    for group, held, case in zip(found, entities, cases, strict=True):
        ids = [entity.id for entity in held]
        for right, mentions in Counter(
            gold.entities[place] for place in group.members if place not in gold.others
        ).items():
            known = right is not None and index.entity(right) is not None
            answer = ids.index(right) if right in ids else len(ids)
            yield Example(name, number % FOLDS, case, answer, known, right is None, mentions)
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
    cases = features.cases(gold.document, gold.extraction, found, kept)
    for place, case in enumerate(cases):
        if kept[place] and len(kept[place]) < len(entities[place]):
            yield Example(name, number % FOLDS, case, len(kept[place]), False, False, 1, bereft=True)


class Network(torch.nn.Module):
    """The scorer in the form in which it is fitted; `Ranker` holds the same in numpy."""

    def __init__(self, mean: torch.Tensor, scale: torch.Tensor) -> None:
        super().__init__()
        self.mean, self.scale = mean, scale
        wide, narrow = len(CANDIDATE_FEATURES), len(GROUP_FEATURES)
        self.hidden = torch.nn.Linear(wide, HIDDEN)
        self.group_hidden = torch.nn.Linear(narrow, HIDDEN, bias=False)
        self.out = torch.nn.Linear(HIDDEN, 1, bias=False)
        self.nil_hidden = torch.nn.Linear(narrow, HIDDEN // 2)
        self.nil_out = torch.nn.Linear(HIDDEN // 2, 1)

    def forward(self, batch: Batch) -> torch.Tensor:
        """Log probabilities (cases, candidates + 1), the last of NIL."""
        cut = len(CANDIDATE_FEATURES)
        rows = _dropped((batch.rows - self.mean[:cut]) / self.scale[:cut], self.training)
        group = _dropped((batch.groups - self.mean[cut:]) / self.scale[cut:], self.training)
        hidden = torch.tanh(self.hidden(rows) + self.group_hidden(group)[:, None, :])
        scores = self.out(hidden)[..., 0].masked_fill(~batch.mask, -1e9)
        nil = self.nil_out(torch.tanh(self.nil_hidden(group)))
        return torch.log_softmax(torch.cat([scores, nil], dim=1), dim=1)


def _dropped(inputs: torch.Tensor, training: bool) -> torch.Tensor:
    return torch.nn.functional.dropout(inputs, DROPOUT, training)


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples as tensors, padded to the most candidates among them, whose place is NIL's answer."""

    rows: torch.Tensor
    groups: torch.Tensor
    mask: torch.Tensor
    answers: torch.Tensor
    weights: torch.Tensor

    @classmethod
    def of(cls, made: Sequence[Example]) -> Batch:
        """Pad and stack."""
        counts = [len(example.case.candidates) for example in made]
        widest = max(counts)
        rows = torch.zeros(len(made), widest, len(CANDIDATE_FEATURES))
        for place, example in enumerate(made):
            rows[place, : counts[place]] = torch.from_numpy(example.case.candidates)
        answers = [e.answer if e.answer < n else widest for e, n in zip(made, counts, strict=True)]
        return cls(
            rows=rows,
            groups=torch.from_numpy(np.stack([example.case.group for example in made])),
            mask=torch.arange(widest)[None, :] < torch.tensor(counts)[:, None],
            answers=torch.tensor(answers),
            weights=torch.tensor([example.weight for example in made]),
        )


def _batches(made: Sequence[Example], size: int) -> list[Batch]:
    """Batches of examples with like numbers of candidates."""
    ordered = sorted(made, key=lambda example: len(example.case.candidates))
    return [Batch.of(ordered[start : start + size]) for start in range(0, len(ordered), size)]


def fit(made: Sequence[Example], seed: int = 0) -> Network:
    """Minimise the weighted cross-entropy of the right answers of those that have candidates."""
    torch.manual_seed(seed)
    shuffle = random.Random(seed)
    learnt = [example for example in made if len(example.case.candidates)]
    rows = torch.cat([torch.from_numpy(example.case.candidates) for example in learnt])
    narrow = torch.from_numpy(np.stack([example.case.group for example in learnt]))
    mean = torch.cat([rows.mean(0), narrow.mean(0)])
    network = Network(mean, torch.cat([rows.std(0), narrow.std(0)]).clamp(min=0.05))
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    batches = _batches(shuffle.sample(learnt, len(learnt)), 128)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS)
    for _ in range(EPOCHS):
        for batch in shuffle.sample(batches, len(batches)):
            told = network(batch)
            loss = -(told.gather(1, batch.answers[:, None])[:, 0] * batch.weights).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        schedule.step()
    return network.eval()


def predict(network: Network, made: Sequence[Example]) -> list[torch.Tensor]:
    """Log probabilities of each example's candidates and, last, NIL, at temperature 1."""
    with torch.no_grad():
        return [network(Batch.of([example]))[0] for example in made]


def temperature(told: Sequence[torch.Tensor], made: Sequence[Example]) -> float:
    """The temperature at which held-out log probabilities are likeliest, by a search on a grid."""

    def loss(value: float) -> float:
        chances = (torch.log_softmax(one / value, 0)[e.answer] for one, e in zip(told, made, strict=True))
        return -sum(float(chance) for chance in chances)

    return float(min((0.6 + 0.1 * step for step in range(20)), key=loss))


def calibration_error(told: Sequence[torch.Tensor], made: Sequence[Example], bins: int = 10) -> float:
    """Expected calibration error of the likeliest answers, in bins of equal width (Guo et al., 2017)."""
    both = zip(told, made, strict=True)
    pairs = [(one.exp().max().item(), int(one.argmax()) == example.answer) for one, example in both]
    error = 0.0
    for place in range(bins):
        inside = [(sure, right) for sure, right in pairs if min(int(sure * bins), bins - 1) == place]
        error += abs(sum(sure - right for sure, right in inside)) / len(pairs)
    return error


def figures(told: Sequence[torch.Tensor], made: Sequence[Example], threshold: float) -> dict[str, Any]:
    """By set, counting mentions, shares that are right.

    `accuracy_in_index` of mentions whose item is in the index; `candidate_recall` of the same;
    `nil_accuracy` of mentions whose item is not; `accuracy_nil_or_in_index` of mentions that the
    gold gives no item, or one in the index; `accuracy` of all.
    """
    result: dict[str, Any] = {}
    for name in SETS:
        counts: Counter[str] = Counter()
        for one, example in zip(told, made, strict=True):
            if example.set == name:
                counts.update(_counts(one[:-1].exp(), example, threshold))
        if counts["mentions"]:
            known, missing = counts["known"], counts["mentions"] - counts["known"]
            result[name] = {
                "mentions": counts["mentions"],
                "in_index": known,
                "accuracy_in_index": _share(counts["known right"], known),
                "candidate_recall": _share(counts["known found"], known),
                "nil_accuracy": _share(counts["missing right"], missing),
                "accuracy_nil_or_in_index": _share(
                    counts["known right"] + counts["nil right"], known + counts["nil"]
                ),
                "accuracy": _share(counts["known right"] + counts["missing right"], counts["mentions"]),
            }
    measured = [result[name]["accuracy_in_index"] for name in MEASURED if name in result]
    result["mean_accuracy_in_index"] = _share(sum(measured), len(measured))
    return result


def _counts(chances: torch.Tensor, example: Example, threshold: float) -> dict[str, int]:
    """What one decision adds to the counts of its set."""
    best = int(chances.argmax()) if len(chances) else 0
    linked = bool(len(chances)) and float(chances[best]) >= threshold
    mentions = example.mentions
    if example.known:
        return {
            "mentions": mentions,
            "known": mentions,
            "known right": mentions * (linked and example.answer == best),
            "known found": mentions * (example.answer < len(chances)),
        }
    return {
        "mentions": mentions,
        "missing right": mentions * (not linked),
        "nil": mentions * example.nil,
        "nil right": mentions * (example.nil and not linked),
    }


def _share(part: float, whole: float) -> float:
    return round(part / max(whole, 1), 4)


def weights(
    network: Network, words: dict[str, float], heat: float, threshold: float, told: dict[str, Any]
) -> Weights:
    """The network as the ranker's file holds it."""

    def matrix(layer: torch.nn.Linear) -> list[list[float]]:
        return [[round(value, 5) for value in row] for row in layer.weight.T.tolist()]

    def vector(values: torch.Tensor) -> list[float]:
        return [round(value, 5) for value in values.flatten().tolist()]

    return Weights(
        format=FORMAT,
        candidate_features=CANDIDATE_FEATURES,
        group_features=GROUP_FEATURES,
        mean=vector(network.mean),
        scale=vector(network.scale),
        hidden=matrix(network.hidden),
        group_hidden=matrix(network.group_hidden),
        hidden_bias=vector(network.hidden.bias),
        out=vector(network.out.weight),
        nil_hidden=matrix(network.nil_hidden),
        nil_hidden_bias=vector(network.nil_hidden.bias),
        nil_out=vector(network.nil_out.weight),
        nil_bias=round(network.nil_out.bias.item(), 5),
        temperature=heat,
        threshold=threshold,
        words=words,
        figures=told,
    )


def cross_validate(made: Sequence[Example]) -> tuple[list[torch.Tensor], list[Example]]:
    """Log probabilities of every example from a network fitted without its fold."""
    told: list[torch.Tensor] = []
    order: list[Example] = []
    for fold in range(FOLDS):
        held = [example for example in made if example.fold == fold and not example.bereft]
        network = fit([example for example in made if example.fold != fold])
        told += predict(network, held)
        order += held
    return told, order


def _write_texts(sets: dict[str, list[GoldDocument]], path: Path) -> int:
    """Write the texts as `kgbuild extract` reads them."""
    documents = (gold.document for found in sets.values() for gold in found)
    lines = [msgspec.json.encode({"id": document.id, "text": document.text}) for document in documents]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return 0


def main(arguments: Iterable[str] | None = None) -> int:
    """Fit the ranker and write its file."""
    parser = argparse.ArgumentParser(prog="python -m kgbuild.link.fit", description=main.__doc__)
    parser.add_argument("data", type=Path, help="the folder of data sets")
    parser.add_argument("--index", type=Path, help="the index of all items")
    parser.add_argument("--out", type=Path, required=True, help="the ranker's file")
    parser.add_argument("--texts", action="store_true", help="write the texts of the sets to --out, and end")
    parser.add_argument("--tags", type=Path, help="output of `kgbuild extract` over the texts of the sets")
    parser.add_argument("--threshold", type=float, default=0.35)
    options = parser.parse_args(None if arguments is None else list(arguments))
    try:
        sets = read_sets(options.data, tags=options.tags)
        if options.texts:
            return _write_texts(sets, options.out)
        index = LmdbIndex(options.index)
    except KgbuildError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    words = word_weights(gold for documents in sets.values() for gold in documents)
    made = examples(sets, index, Features(words))
    told, order = cross_validate(made)
    heat = temperature(told, order)
    told = [torch.log_softmax(one / heat, 0) for one in told]
    measured = figures(told, order, options.threshold) | {
        "index": index.version,
        "protocol": f"{FOLDS}-fold cross-validation over documents; the weights are fitted on all",
        "decisions": len(made),
        "expected_calibration_error": round(calibration_error(told, order), 4),
    }
    held = weights(fit(made), words, heat, options.threshold, measured)
    content = msgspec.json.format(msgspec.json.encode(held), indent=0)
    Ranker(held, "")
    options.out.write_bytes(content + b"\n")
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(measured), indent=1).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

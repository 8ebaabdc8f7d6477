"""The table of data sets: which module scores which, and which options each of them takes."""

from __future__ import annotations

from dataclasses import dataclass, fields

from kgbuild.errors import UsageError
from kgbuild.evaluate import conll04, fewrel, knowledgenet, ner, redocred, text2kgbench
from kgbuild.evaluate.report import Options, Outcome, Scorer, Task


@dataclass(frozen=True, slots=True)
class Entry:
    """A data set's scorer, and the names of the options that have a meaning for it."""

    score: Scorer
    options: frozenset[str] = frozenset()


SCORERS: dict[str, Entry] = {
    "knowledgenet": Entry(knowledgenet.score),
    "redocred": Entry(redocred.score, frozenset({"gold_mentions"})),
    "fewrel": Entry(fewrel.score, frozenset({"gold_mentions", "unseen", "seed", "properties"})),
    "conll04": Entry(conll04.score, frozenset({"gold_mentions"})),
    "ner": Entry(ner.score),
    "text2kgbench": Entry(text2kgbench.score),
}
"""By the names in `kgbuild.cli.learn.DataSet`."""


def evaluate(dataset: str, task: Task) -> Outcome:
    """Score a model on a data set; UsageError for an option that has no meaning there."""
    entry = SCORERS[dataset]
    unset = Options()
    for each in fields(Options):
        name = each.name
        if name not in entry.options and getattr(task.options, name) != getattr(unset, name):
            takers = ", ".join(other for other, taker in SCORERS.items() if name in taker.options)
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{dataset} takes no {option}: leave it out (it is for {takers})")
    return entry.score(task)

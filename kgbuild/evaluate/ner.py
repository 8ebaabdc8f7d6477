"""Named entities alone: exact span and type, micro-averaged, as conlleval and seqeval score.

A mention is right when its span and its label are those of a gold one (Tjong Kim Sang and De
Meulder, CoNLL 2003). Types are kgbuild's six, which a data set's own map to; the table is
`kgbuild.train.datasets.entity_types`.

What is not scored: pronouns; predictions of a label to which no type in the data maps (dates, where
a data set tags none); gold mentions of a type that kgbuild has no label for (genres, substances), and
predictions that overlap one.

Read are column files, whose tokens stand (a predicted span is the tokens that it touches), and, by
the ends of their names, spaCy's `.spacy` and kgbuild's own `.jsonl`, from raw text. `ece` is over the
mentions, for there are no relations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kgbuild.errors import DatasetError
from kgbuild.evaluate.exact import Span, averages_over_types, counts_by, on_tokens
from kgbuild.evaluate.report import Outcome, Report, Task, error
from kgbuild.extract.labels import is_pronoun, refers
from kgbuild.records import Document, Label, Sentence
from kgbuild.train.datasets.annotations import lines_of, read_annotations
from kgbuild.train.datasets.columns import read_columns
from kgbuild.train.datasets.docbin import read_docbin
from kgbuild.train.examples import AnnotatedMention, Example, Tagging

Typed = tuple[int, int, Label]
"""Start, end and label of a mention."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One text: predicted mentions that count, with their scores, and the gold ones."""

    example: Example
    predicted: dict[Typed, float]
    gold: frozenset[Typed]


def score(task: Task) -> Outcome:
    """Score a file, or all column files in a folder; DatasetError where no mention has a label of the six."""
    examples, in_columns = read_gold(task.path)
    labels = {mention.label for example in examples for mention in example.mentions} - {None}
    if not labels:
        raise DatasetError(f"{task.path} has no annotated mentions; there is nothing to score")
    read = _of_columns if in_columns else _of_text
    readings = [judgeable(example, read(example, task), labels) for example in examples]
    parts = counts_by(
        ((each.predicted, each.gold) for each in readings),
        lambda item: item[2].value,
        [label.value for label in Label if label in labels],
    )
    judged = ((sure, item in each.gold) for each in readings for item, sure in each.predicted.items())
    report = Report(parts, error(judged), by="type", further=averages_over_types(parts, "macro_"))
    return Outcome(report, conlleval(readings) if in_columns else annotated(readings))


def read_gold(path: Path) -> tuple[list[Example], bool]:
    """The examples, and whether they come from column files."""
    name = path.name.removesuffix(".gz")
    if not name.endswith((".spacy", ".jsonl")):
        return list(read_columns(path)), True
    examples = list(read_docbin(path) if name.endswith(".spacy") else read_annotations(path))
    partial = next((example for example in examples if example.tagging is not Tagging.FULL), None)
    if partial is not None:
        raise DatasetError(
            f"{path}: {partial.id} has not all its mentions annotated; only full tagging can be scored"
        )
    return [_without_pronouns(example) for example in examples], False


def _without_pronouns(example: Example) -> Example:
    """The names, dates and numbers alone: users may annotate pronouns, which are not tagged."""
    names = [each for each in example.mentions if not is_pronoun(example.text[each.start : each.end])]
    return replace(example, mentions=tuple(names), facts=())


def _of_columns(example: Example, task: Task) -> dict[Typed, float]:
    """Mentions in a sentence of tokens joined by spaces, widened to whole tokens."""
    document = Document(example.id, "", example.text)
    mentions = task.extractor.extract(document, [Sentence(example.id, 0, 0, example.text)]).mentions
    offsets = split_offsets(example.text)
    return {
        (offsets[first][0], offsets[end - 1][1], mentions[number].label): mentions[number].score
        for number, (first, end) in on_tokens(mentions, offsets).items()
    }


def _of_text(example: Example, task: Task) -> dict[Typed, float]:
    """Mentions in a text as it stands."""
    document = Document(example.id, "", example.text)
    return {
        (each.start, each.end, each.label): each.score
        for each in task.extractor.extract(document, task.segmenter.segment(document)).mentions
        if not refers(each.text)
    }


def judgeable(example: Example, predicted: dict[Typed, float], labels: set[Label | None]) -> Reading:
    """What counts of the predictions: labels that the data has, outside gold mentions without one."""
    unlabelled = [(each.start, each.end) for each in example.mentions if each.label is None]
    return Reading(
        example,
        {
            (start, end, label): sure
            for (start, end, label), sure in predicted.items()
            if label in labels and not any(a < end and start < b for a, b in unlabelled)
        },
        frozenset((each.start, each.end, each.label) for each in example.mentions if each.label),
    )


def split_offsets(text: str) -> list[Span]:
    """Code points of tokens that are joined by single spaces.

    >>> split_offsets("In Rome .")
    [(0, 2), (3, 7), (8, 9)]
    """
    offsets, start = [], 0
    for token in text.split(" "):
        offsets.append((start, start + len(token)))
        start += len(token) + 1
    return offsets


def conlleval(readings: Iterable[Reading]) -> str:
    """Column files with token, gold tag and predicted tag: what conlleval reads."""
    sentences = []
    for each in readings:
        offsets = split_offsets(each.example.text)
        rows = zip(offsets, iob2(each.gold, offsets), iob2(each.predicted, offsets), strict=True)
        sentences.append(
            "".join(f"{each.example.text[a:b]} {gold} {found}\n" for (a, b), gold, found in rows)
        )
    return "\n".join(sentences)


def iob2(mentions: Iterable[Typed], offsets: Sequence[Span]) -> list[str]:
    """Tags of tokens, of which mentions hold whole ones.

    >>> iob2([(3, 10, Label.LOCATION)], [(0, 2), (3, 6), (7, 10)])
    ['O', 'B-location', 'I-location']
    """
    tags = ["O"] * len(offsets)
    for start, end, label in mentions:
        for number, (a, b) in enumerate(offsets):
            if start <= a and b <= end:
                tags[number] = f"{'B' if a == start else 'I'}-{label}"
    return tags


def annotated(readings: Iterable[Reading]) -> str:
    """The predictions in kgbuild's own form of annotations, one text a line."""
    return lines_of(
        Example(
            each.example.id,
            each.example.text,
            tuple(AnnotatedMention(*item) for item in sorted(each.predicted)),
        )
        for each in readings
    )

"""CoNLL04, by the strict measure: entities, and relations between entities with their types.

An entity is right when its tokens and its type are those of a gold one. A relation is right when its
type is, and both its entities are, with their types (the strict setting of Bekoulis et al., ESWA
2018, in which SpERT, Eberts and Ulges, ECAI 2020, reports; Taillé et al., EMNLP 2020, section 3, on
why no other is to be compared with it). `f1` and `entity_f1` are micro averages, as most of the
field reports; the macro averages over types, which SpERT gives too, stand beside them.

Tokens are the data's, so a predicted span stands for the tokens that it touches, each token in one
span. Pronouns are no
entities of CoNLL04, and what the model reads of them is left out. Its dates, numbers and other names
are the one type `Other`. The label set is that of `conll04.ttl`, with any model.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kgbuild.errors import DatasetError
from kgbuild.evaluate.counts import total
from kgbuild.evaluate.exact import averages_over_types, counts_by, on_tokens
from kgbuild.evaluate.report import Outcome, Report, Task, error
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.records import Document, Extraction, Label, Mention, Sentence
from kgbuild.train.datasets import conll04
from kgbuild.train.datasets.conll04 import RELATIONS, TYPES, AnnotatedSentence
from kgbuild.train.datasets.redocred import token_offsets

Entity = tuple[int, int, str]
"""First token, the one after the last, and CoNLL04's type."""
Relation = tuple[str, Entity, Entity]
"""CoNLL04's type, head and tail."""

_TYPE_OF = dict.fromkeys(Label, "Other") | {label: name for name, label in TYPES.items()}
_RELATION_OF = {each.property: (name, each.reversed) for name, each in RELATIONS.items()}


@dataclass(frozen=True, slots=True)
class Reading:
    """One sentence: predicted entities and relations with their scores, and the gold ones."""

    sentence: AnnotatedSentence
    entities: dict[Entity, float]
    relations: dict[Relation, float]
    gold_entities: frozenset[Entity]
    gold_relations: frozenset[Relation]


def score(task: Task) -> Outcome:
    """Score sentences from their tokens, or between the gold entities where those are given.

    DatasetError where nothing is annotated of what is to be read.
    """
    extractor = NeuralExtractor(
        task.extractor.model, conll04.conll04_ontology(), threshold=task.extractor.threshold
    )
    given = task.options.gold_mentions
    readings = list(read_documents(conll04_file(task.path), extractor, gold_mentions=given))
    if not any(each.gold_relations or (each.gold_entities and not given) for each in readings):
        missing = "relations" if given else "entities and no relations"
        raise DatasetError(f"{task.path} has no {missing}; there is nothing to score")
    return Outcome(report(readings, entities=not given), predictions(readings))


def read_documents(
    path: Path,
    extractor: NeuralExtractor,
    *,
    first: int = 0,
    last: int | None = None,
    gold_mentions: bool = False,
) -> Iterator[Reading]:
    """Read the sentences `first` to `last`; other properties than CoNLL04's do not count."""
    for sentence in list(conll04.read_sentences(path))[first:last]:
        yield read_sentence(sentence, extractor, gold_mentions=gold_mentions)


def conll04_file(path: Path) -> Path:
    """The path itself, or the development file of a folder in which the data set lies."""
    if not path.is_dir():
        return path
    found = sorted(path.glob("dev.json*")) or sorted(path.glob("*dev*.json*"))
    if not found:
        raise DatasetError(f"{path} holds no dev.json; give one file of CoNLL04")
    return found[0]


def read_sentence(
    sentence: AnnotatedSentence, extractor: NeuralExtractor, *, gold_mentions: bool = False
) -> Reading:
    """What the model reads in one sentence, beside what is gold in it."""
    text, [offsets] = token_offsets([sentence.tokens])
    document = Document(sentence.id, "", text)
    parts = [Sentence(sentence.id, 0, 0, text)]
    if gold_mentions:
        extraction = extractor.relate(document, parts, _mentions(sentence, text, offsets))
    else:
        extraction = extractor.extract(document, parts)
    entities = [(each.first, each.end, each.type) for each in sentence.entities]
    return Reading(
        sentence,
        *_predicted(extraction, offsets),
        gold_entities=frozenset(entities),
        gold_relations=frozenset(
            (each.type, entities[each.head], entities[each.tail]) for each in sentence.relations
        ),
    )


def _mentions(sentence: AnnotatedSentence, text: str, offsets: Sequence[tuple[int, int]]) -> list[Mention]:
    spans = {
        (offsets[each.first][0], offsets[each.end - 1][1]): TYPES[each.type] for each in sentence.entities
    }
    return [Mention(*span, text[slice(*span)], label, 1.0) for span, label in spans.items()]


def _predicted(
    extraction: Extraction, offsets: Sequence[tuple[int, int]]
) -> tuple[dict[Entity, float], dict[Relation, float]]:
    """Entities and relations in CoNLL04's terms, each with its best score."""
    mentions = extraction.mentions
    owner = {
        number: (*span, _TYPE_OF[mentions[number].label])
        for number, span in on_tokens(mentions, offsets).items()
    }
    entities = {entity: mentions[number].score for number, entity in owner.items()}
    relations: dict[Relation, float] = {}
    for each in extraction.relations:
        if each.subject in owner and each.object in owner and each.property in _RELATION_OF:
            name, is_reversed = _RELATION_OF[each.property]
            head, tail = (each.object, each.subject) if is_reversed else (each.subject, each.object)
            key = (name, owner[head], owner[tail])
            relations[key] = max(relations.get(key, 0.0), each.score)
    return entities, relations


def report(readings: Sequence[Reading], *, entities: bool = True) -> Report:
    """The strict scores; figures of entities are left out where those were given."""
    relations = counts_by(
        ((each.relations, each.gold_relations) for each in readings), lambda item: item[0], RELATIONS
    )
    types = counts_by(((each.entities, each.gold_entities) for each in readings), lambda item: item[2], TYPES)
    further: dict[str, object] = dict(averages_over_types(relations, "macro_"))
    if entities:
        further |= {f"entity_{name}": figure for name, figure in total(types.values()).report().items()}
        further |= averages_over_types(types, "entity_macro_")
        further["by_type"] = {name: counts.report() for name, counts in types.items()}
    return Report(relations, error(judged(readings)), further=further)


def judged(readings: Iterable[Reading]) -> list[tuple[float, bool]]:
    """(score, whether it is right) of each predicted relation: what calibration is fitted to."""
    return [
        (sure, relation in each.gold_relations)
        for each in readings
        for relation, sure in each.relations.items()
    ]


def predictions(readings: Iterable[Reading]) -> str:
    """One JSON list in both forms of the data set: BILOU tags, and entities as spans."""
    return json.dumps([_row(each) for each in readings], ensure_ascii=False) + "\n"


def _row(reading: Reading) -> dict[str, object]:
    entities = sorted(reading.entities)
    position = {entity: number for number, entity in enumerate(entities)}
    return {
        "tokens": reading.sentence.tokens,
        "tags": bilou(entities, len(reading.sentence.tokens)),
        "entities": [{"type": kind, "start": first, "end": end} for first, end, kind in entities],
        "relations": [
            {"type": name, "head": position[head], "tail": position[tail]}
            for name, head, tail in sorted(reading.relations)
        ],
        "orig_id": reading.sentence.orig_id,
    }


def bilou(entities: Iterable[Entity], count: int) -> list[str]:
    """Tags of `count` tokens.

    >>> bilou([(0, 1, "Loc"), (2, 5, "Peop")], 6)
    ['U-Loc', 'O', 'B-Peop', 'I-Peop', 'L-Peop', 'O']
    """
    tags = ["O"] * count
    for first, end, kind in entities:
        tags[first:end] = [f"I-{kind}"] * (end - first)
        tags[end - 1] = f"L-{kind}"
        tags[first] = f"{'U' if end - first == 1 else 'B'}-{kind}"
    return tags

"""Text2KGBench (Mihindukulasooriya et al., ISWC 2023): sentences with triples of one ontology each.

A row is a sentence with `triples`, or (Wikidata-TekGen's training files) with one triple in
`sub_label`, `rel_label`, `obj_label`; its id begins with the id of its ontology. Ontologies are JSON
files `*_ontology.json`, in a folder `ontologies` beside the sentences or above them.

Gold strings are names of a knowledge base, so many do not stand in the sentence; a triple trains
only where both its ends are found there, a date in any of its usual forms.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kgbuild.errors import DatasetError
from kgbuild.ontology import Ontology, OntologyClass, Property, ValueKind
from kgbuild.records import Label
from kgbuild.train.datasets.entity_types import ENTITY_TYPES
from kgbuild.train.datasets.files import files, read_json, read_lines
from kgbuild.train.datasets.gold_strings import find
from kgbuild.train.examples import AnnotatedMention, Example, Fact, Scope, Tagging

DBPEDIA = "http://dbpedia.org/ontology/"
_DATES = frozenset({"date", "year"})
_DATE_LABEL = re.compile(r"\b(?:date|inception|(?:start|end) time|point in time)\b")


class ConceptRow(msgspec.Struct, frozen=True):
    """A class of an ontology: a QID, or a name of DBpedia's."""

    qid: str
    label: str


class RelationRow(msgspec.Struct, frozen=True):
    """A property of an ontology, of Wikidata (a PID) or of DBpedia (a name)."""

    pid: str
    label: str
    domain: str = ""
    range: str = ""

    @property
    def id(self) -> str:
        """The id of the property in an ontology of ours."""
        return self.pid if re.fullmatch(r"P\d+", self.pid) else DBPEDIA + self.pid


class OntologyRow(msgspec.Struct, frozen=True):
    """An ontology's file."""

    id: str
    title: str
    concepts: tuple[ConceptRow, ...]
    relations: tuple[RelationRow, ...]


class TripleRow(msgspec.Struct, frozen=True):
    """Names of a subject, a relation and an object."""

    sub: str
    rel: str
    obj: str


class _Row(msgspec.Struct, frozen=True):
    """A line in either form."""

    id: str
    sent: str
    triples: tuple[TripleRow, ...] = ()
    sub_label: str = ""
    rel_label: str = ""
    obj_label: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its gold triples and its ontology."""

    id: str
    text: str
    triples: tuple[TripleRow, ...]
    ontology: OntologyRow


def read_sentences(path: Path) -> Iterator[Sentence]:
    """The sentences of one file, or of all files of a folder, each with its ontology.

    Of a test suite's folder, its one folder of sentences is read.
    """
    ontologies = read_ontologies(path)
    for file in files(_folder(path), "*.jsonl*"):
        for number, row in read_lines(file, _Row):
            ontology = next((each for each in ontologies if row.id.startswith(each.id + "_")), None)
            if ontology is None:
                raise DatasetError(f"{file}:{number}: no ontology has the id that {row.id!r} begins with")
            triples = row.triples or (TripleRow(row.sub_label, row.rel_label, row.obj_label),)
            if not all(each.sub and each.rel and each.obj for each in triples):
                raise DatasetError(
                    f"{file}:{number}: {row.id} has a triple without subject, relation or object"
                )
            yield Sentence(row.id, row.sent, triples, ontology)


def _folder(path: Path) -> Path:
    """Where the sentences lie: a file, a folder of files, or the one such folder of a suite."""
    if not path.is_dir() or any(path.glob("*.jsonl*")):
        return path
    found = sorted({file.parent for file in path.glob("*/*.jsonl*")})
    if len(found) > 1:
        names = ", ".join(each.name for each in found)
        raise DatasetError(f"{path} holds several folders of sentences ({names}); give one of them")
    return found[0] if found else path


def read_ontologies(path: Path) -> list[OntologyRow]:
    """The ontologies that lie nearest to a file or folder of sentences."""
    start = path if path.is_dir() else path.parent
    for folder in (start, start / "ontologies", start.parent / "ontologies", start.parent):
        found = sorted(folder.glob("*_ontology.json*"))
        if found:
            return [read_json(file, OntologyRow) for file in found]
    raise DatasetError(
        f"there are no *_ontology.json files for {path}; put them into {start / 'ontologies'} or beside it"
    )


def ontology_of(row: OntologyRow, known: Ontology) -> Ontology:
    """An ontology for the extractor.

    What `known` tells of a Wikidata property (description, kind of value) and of a class (types of
    its instances) is used; a class that nothing tells of restricts nothing.
    """
    names = {concept.qid: concept.label.strip() for concept in row.concepts}
    restricted: dict[str, tuple[list[str], list[str]]] = {}
    for relation in row.relations:
        domain, range_ = restricted.setdefault(relation.id, ([], []))
        domain.append(relation.domain)
        range_.append(relation.range)
    properties = {}
    for relation in row.relations:
        told = known.properties.get(relation.id)
        domain, range_ = restricted[relation.id]
        properties[relation.id] = Property(
            id=relation.id,
            iri=told.iri if told else relation.id,
            label=_words(relation.label),
            description=told.description if told else _description(relation, names),
            aliases=told.aliases if told else (),
            kind=_kind(relation, told),
            domain=_restriction(domain),
            range=_restriction(range_),
            inverse=None,
            symmetric=False,
            functional=False,
            equivalents=(),
        )
    ids = {*names, *(name for each in properties.values() for name in (*each.domain, *each.range))}
    classes = {name: _class(name, names.get(name, name), known) for name in sorted(ids)}
    return Ontology(properties, classes, row.id)


def _restriction(names: list[str]) -> tuple[str, ...]:
    """Class ids, any of which will do; one that is left open leaves all open."""
    return tuple(dict.fromkeys(names)) if all(names) else ()


def _words(label: str) -> str:
    """A label as words: DBpedia writes `numberOfStudents`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label.strip().replace("_", " "))
    return spaced if spaced == label.strip() else spaced.lower()


def _description(relation: RelationRow, names: Mapping[str, str]) -> str:
    """What the classes tell of a property that has no description of its own."""
    domain, range_ = (_words(names.get(each, each) or "item") for each in (relation.domain, relation.range))
    return f"{range_} that is the {_words(relation.label)} of the {domain}"


def _kind(relation: RelationRow, told: Property | None) -> ValueKind:
    if told and told.kind is not ValueKind.TEXT:
        return told.kind
    if relation.range.lower() in _DATES or (not relation.range and _DATE_LABEL.search(relation.label)):
        return ValueKind.TIME
    return ValueKind.QUANTITY if relation.range == "number" else ValueKind.ITEM


def _class(name: str, label: str, known: Ontology) -> OntologyClass:
    if name in known.classes:
        labels = sorted(known.labels_of(name))
        return OntologyClass(name, name, label, (), labels[0], tuple(labels[1:]))
    found = ENTITY_TYPES.get(name.lower())
    return OntologyClass(name, name, label, (), found if found and not found.is_value else None)


def read_text2kgbench(path: Path, known: Ontology) -> Iterator[Example]:
    """An example for each triple whose ends stand in the sentence: its ontology's other properties
    are false of the pair, unless the data states them of it too.

    Common nouns that are objects elsewhere in the data are mentions wherever they stand.
    """
    made: dict[str, Ontology] = {}
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    for row in read_sentences(path):
        made.setdefault(row.ontology.id, ontology_of(row.ontology, known))
        ids = {relation.label.strip(): relation.id for relation in row.ontology.relations}
        for triple in row.triples:
            if triple.rel.strip() in ids:
                key = (row.ontology.id, row.text, triple.sub, triple.obj)
                groups.setdefault(key, []).append(ids[triple.rel.strip()])
    nouns = _common_nouns((object_, text) for _, text, _, object_ in groups)
    for number, ((ontology_id, text, subject, object_), stated) in enumerate(groups.items()):
        ontology = made[ontology_id]
        ends = (find(subject, text), find(object_, text))
        if ends[0] and ends[1] and (ends[0][1] <= ends[1][0] or ends[1][1] <= ends[0][0]):
            labels = (ontology.domain_labels(stated[0]), ontology.range_labels(stated[0]))
            yield Example(
                id=f"{ontology_id}:{number}",
                text=text,
                mentions=(
                    AnnotatedMention(*ends[0], _label(text[slice(*ends[0])], labels[0])),
                    AnnotatedMention(*ends[1], _label(text[slice(*ends[1])], labels[1])),
                    *_further(text, nouns, [ends[0], ends[1]]),
                ),
                facts=tuple(Fact(0, name, 1) for name in dict.fromkeys(stated)),
                annotated=frozenset(ontology.properties),
                scope=Scope.STATED,
                tagging=Tagging.PARTIAL,
            )


def _common_nouns(objects: Iterable[tuple[str, str]]) -> re.Pattern[str]:
    """Matches the objects that stand in their sentences in lower case, those that occur twice or more."""
    spans = ((find(name, text), text) for name, text in objects)
    counts = Counter(text[slice(*span)] for span, text in spans if span and text[slice(*span)].islower())
    often = sorted((noun for noun, count in counts.items() if count > 1), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, often))})(?![\w-])" if often else r"(?!)")


def _further(
    text: str, nouns: re.Pattern[str], taken: Sequence[tuple[int, int]]
) -> Iterator[AnnotatedMention]:
    for match in nouns.finditer(text):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            yield AnnotatedMention(*match.span(), Label.OTHER)


def _label(surface: str, allowed: frozenset[Label]) -> Label | None:
    """The type to tag, None where only the tagger can tell: the one that is allowed; of several OTHER
    for what is not all in capitals (`jazz`, `1727 Mette`), a group where that is not allowed.
    """
    if len(allowed) == 1:
        return next(iter(allowed))
    if all(word[:1].isupper() for word in surface.split()):
        return None
    return next((each for each in (Label.OTHER, Label.ORGANISATION) if each in allowed), None)

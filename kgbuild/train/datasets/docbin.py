"""spaCy's DocBin files (`.spacy`): entities of documents, and relations where they are stored.

- `doc.ents` are the mentions; `kb_id_` names the entity of each, so that equal ones corefer.
- `doc._.rel` holds relations as in spaCy's relation extraction project: a dictionary from (first
  token of the subject, first token of the object) to a dictionary from property id to 1.0 or 0.0.
  Every property that a document names there, true or false of some pair, is annotated in all of it.
  DocBin keeps them with `store_user_data=True`; the extension need not be registered here.
- A token whose entity is missing (`ent_iob` 0) makes the tagging partial; where all are missing and
  there are no entities, nothing is tagged.
"""

from __future__ import annotations

import zlib
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgbuild.errors import DatasetError
from kgbuild.train.datasets.annotations import check_properties
from kgbuild.train.datasets.entity_types import label_of
from kgbuild.train.datasets.files import files, read_bytes
from kgbuild.train.examples import AnnotatedMention, Example, Fact, Tagging

if TYPE_CHECKING:
    from spacy.tokens import Doc

RELATIONS = ("._.", "rel", None, None)
"""Where spaCy keeps `doc._.rel` in a document's user data."""
TRUE = 0.5
"""A relation with at least this value holds."""


def read_docbin(path: Path, properties: Container[str] | None = None) -> Iterator[Example]:
    """An example for each document of a file, or of the `*.spacy` files in a folder.

    `properties` are the ids that the ontology lets be read; None accepts any. Raises DatasetError with the
    file and the number of the document.
    """
    for file in files(path, "*.spacy*"):
        for number, document in enumerate(_documents(file)):
            try:
                yield _example(document, f"{file.name}:{number}", properties)
            except ValueError as error:
                raise DatasetError(f"{file}: document {number} (from 0): {error}") from error


def _documents(file: Path) -> list[Doc]:
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    try:
        return list(DocBin().from_bytes(read_bytes(file)).get_docs(Vocab()))
    except (ValueError, KeyError, TypeError, IndexError, zlib.error) as error:
        raise DatasetError(f"{file} is no DocBin of spaCy; write one with DocBin.to_disk") from error


def _example(document: Doc, id: str, properties: Container[str] | None) -> Example:
    """One document as an example; ValueError says what is wrong with it."""
    names = {
        name: number for number, name in enumerate(sorted({each.kb_id_ for each in document.ents} - {""}))
    }
    mentions = tuple(
        AnnotatedMention(each.start_char, each.end_char, label_of(each.label_), names.get(each.kb_id_, -1))
        for each in document.ents
    )
    kept: Mapping[Any, Any] = document.user_data
    relations: Mapping[Any, Mapping[str, float]] = kept.get(RELATIONS) or {}
    if not isinstance(relations, Mapping) or not all(isinstance(row, Mapping) for row in relations.values()):
        raise ValueError("doc._.rel must be a dictionary from pairs of tokens to dictionaries")
    annotated = frozenset(name for row in relations.values() for name in row)
    check_properties(annotated, properties)
    return Example(
        id=id,
        text=document.text,
        mentions=mentions,
        facts=_facts(document, relations),
        annotated=annotated,
        tagging=_tagging(document),
    )


def _facts(document: Doc, relations: Mapping[Any, Mapping[str, float]]) -> tuple[Fact, ...]:
    at = {each.start: number for number, each in enumerate(document.ents)}
    facts = []
    for pair, row in relations.items():
        for name, value in row.items():
            if value < TRUE:
                continue
            try:
                subject, object_ = (at[token] for token in pair)
            except (KeyError, ValueError, TypeError) as error:
                raise ValueError(
                    f"{name} is between the tokens {pair}; give the first tokens of two entities"
                ) from error
            facts.append(Fact(subject, name, object_))
    return tuple(facts)


def _tagging(document: Doc) -> Tagging:
    missing = [token.ent_iob == 0 for token in document]
    if not any(missing):
        return Tagging.FULL
    return Tagging.PARTIAL if document.ents else Tagging.NONE

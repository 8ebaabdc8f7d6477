"""Files of mentions with their right entities enter; documents with gold links leave.

Formats: ELEVANT's JSONL (Bast et al., EMNLP 2023), NIF in Turtle, KnowledgeNet's folds, Wiki80, and
contexts of `wikidata-disambig`. A mention whose label nobody has decided has the score 0.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kgbuild.errors import DatasetError
from kgbuild.link.nif import TURTLE, read_nif
from kgbuild.link.surface import is_common_noun, is_name
from kgbuild.records import Document, Extraction, Label, Mention

Span = tuple[int, int, str | None, Label | None]
"""Start, end, entity or None for NIL, label or None where the file does not say."""

ENDINGS = (".jsonl", ".json", *TURTLE)
"""Endings of files of mentions, before .gz where they are packed."""

_WD = "http://www.wikidata.org/entity/"
_PERSON, _ORGANISATION, _LOCATION = Label.PERSON, Label.ORGANISATION, Label.LOCATION
_SPACY = {
    "PERSON": _PERSON,
    "ORG": _ORGANISATION,
    "GPE": _LOCATION,
    "LOC": _LOCATION,
    "FAC": _LOCATION,
    "NORP": _LOCATION,
    "WORK_OF_ART": Label.OTHER,
    "EVENT": Label.OTHER,
    "PRODUCT": Label.OTHER,
    "LAW": Label.OTHER,
    "LANGUAGE": Label.OTHER,
}
"""Wiki80's types (a tagger's output) as labels; it gives none to many mentions."""

_ENDS = {
    "EMPLOYEE_OR_MEMBER_OF": (_PERSON, _ORGANISATION),
    "PLACE_OF_RESIDENCE": (_PERSON, _LOCATION),
    "SPOUSE": (_PERSON, _PERSON),
    "PLACE_OF_BIRTH": (_PERSON, _LOCATION),
    "EDUCATED_AT": (_PERSON, _ORGANISATION),
    "HEADQUARTERS": (_ORGANISATION, _LOCATION),
    "CHILD_OF": (_PERSON, _PERSON),
    "FOUNDED_BY": (_ORGANISATION, _PERSON),
    "CEO": (_ORGANISATION, _PERSON),
    "NATIONALITY": (_PERSON, _LOCATION),
    "POLITICAL_AFFILIATION": (_PERSON, _ORGANISATION),
    "SUBSIDIARY_OF": (_ORGANISATION, _ORGANISATION),
}
"""What the ends of KnowledgeNet's relations are."""


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """A document, its mentions, and for each its entity, or None for NIL.

    `others` are positions of mentions that the gold does not have: an extractor's, which are context
    and are not judged. `optional` are spans that may be linked or not. The gold tells of the
    characters `start`:`end` of the text alone (all where `end` is None); `row` is the record as read.
    """

    document: Document
    extraction: Extraction
    entities: tuple[str | None, ...]
    others: frozenset[int] = frozenset()
    optional: tuple[tuple[int, int], ...] = ()
    start: int = 0
    end: int | None = None
    row: dict[str, Any] | None = field(default=None, repr=False, compare=False)

    @property
    def judged(self) -> Iterator[int]:
        """Positions of the gold's own mentions."""
        return (place for place in range(len(self.entities)) if place not in self.others)

    def named(self, place: int) -> bool:
        """Whether a mention is a name (no pronoun, no common noun)."""
        return is_name(self.extraction.mentions[place].text)

    def referring(self, place: int) -> bool:
        """Whether a mention can only be linked through another: a pronoun or a definite noun."""
        text = self.extraction.mentions[place].text
        return not is_name(text) and not is_common_noun(text)


def read_gold(path: Path) -> Iterator[GoldDocument]:
    """Read a file, or those in a folder, of any of the formats, told apart by what each record holds.

    Raises `DatasetError` with the file and the record.
    """
    for file in _files(path):
        yield from _read(file)


def _files(path: Path) -> list[Path]:
    """The path itself, or the files in a folder whose names end as those of the formats do, sorted."""
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.name.removesuffix(".gz").endswith(ENDINGS))
    if not found:
        raise DatasetError(f"{path} holds no file of mentions, such as gold.jsonl or gold.ttl; name the file")
    return found


def _read(path: Path) -> Iterator[GoldDocument]:
    name = path.name.split(".")[0]
    if path.name.removesuffix(".gz").endswith(TURTLE):
        for found in read_nif(path):
            yield _document(found.iri, found.text, [(*span, None) for span in found.spans])
        return
    for number, row in records(path):
        try:
            if not isinstance(row, dict):
                raise TypeError("is no object")
            if "labels" in row:
                yield _elevant(f"{name}/{number}", row)
            elif "passages" in row:
                yield from _knowledgenet(name, row)
            elif "token" in row:
                yield _wiki80(f"{name}/{number}", row)
            elif "string" in row:
                yield _context(f"{name}/{number}", row)
            else:
                raise ValueError(
                    f"is of no form that is known, for it has {', '.join(row) or 'nothing'}; "
                    "give ELEVANT's text and labels (docs/linking.md)"
                )
        except KeyError as error:
            raise DatasetError(f"{path}, record {number} has no {error}; add it") from error
        except (TypeError, ValueError, IndexError) as error:
            raise DatasetError(f"{path}, record {number} {error}") from error


def records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Records of a JSON list or of JSON lines, gzipped or not, numbered from 1."""
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DatasetError(f"cannot read {path}: {error}") from error
    if text.lstrip().startswith("["):
        try:
            yield from enumerate(json.loads(text), start=1)
        except json.JSONDecodeError as error:
            raise DatasetError(f"{path}: {error}") from error
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except json.JSONDecodeError as error:
                raise DatasetError(f"{path}, line {number}: {error}") from error


def _document(id: str, text: str, spans: list[Span], **told: Any) -> GoldDocument:
    """A gold document; spans in order, without doubles."""
    inside = [span for span in spans if 0 <= span[0] < span[1] <= len(text)]
    inside.sort(key=lambda span: span[3] is not None)
    distinct = {(start, end): (entity, label) for start, end, entity, label in inside}
    ordered = sorted(distinct.items(), key=lambda item: item[0])
    mentions = tuple(
        Mention(start, end, text[start:end], label or Label.OTHER, 1.0 if label else 0.0)
        for (start, end), (_, label) in ordered
    )
    document = Document(id, f"urn:gold:{id}", text)
    entities = tuple(entity for _, (entity, _) in ordered)
    return GoldDocument(document, Extraction(id, 0, len(text), mentions), entities, **told)


def _elevant(id: str, row: dict[str, Any]) -> GoldDocument:
    """ELEVANT: spans in code points; NIL is an id that is no QID; dates and numbers are optional."""
    spans: list[Span] = []
    optional: list[tuple[int, int]] = []
    for label in row["labels"]:
        entity = label["entity_id"]
        start, end = label["span"]
        value = entity in ("DATETIME", "QUANTITY") or label.get("type") == "QUANTITY"
        if label.get("optional") or value:
            optional.append((start, end))
        else:
            spans.append((start, end, entity if entity[:1] == "Q" and entity[1:].isdigit() else None, None))
    start, end = row.get("evaluation_span") or (0, None)
    return _document(id, row["text"], spans, optional=tuple(optional), start=start, end=end, row=row)


def _knowledgenet(name: str, row: dict[str, Any]) -> Iterator[GoldDocument]:
    """KnowledgeNet: mentions with an IRI; those without are values or unknown, and left out."""
    for passage in row["passages"]:
        spans: list[Span] = []
        for fact in passage["facts"]:
            ends = _ENDS.get(fact["property"], (None, None))
            for (start, end, _, iri), label in zip((fact["subject"], fact["object"]), ends, strict=True):
                if iri:
                    spans.append(
                        (start - passage["start"], end - passage["start"], iri.removeprefix(_WD), label)
                    )
        if spans:
            yield _document(f"{name}/{row['document']}/{passage['start']}", passage["text"], spans)


def _wiki80(id: str, row: dict[str, Any]) -> GoldDocument:
    """Wiki80: token positions, `[start, end)`."""
    starts, text = [], ""
    for token in row["token"]:
        starts.append(len(text))
        text += token.strip() + " "
    spans: list[Span] = []
    for side in (row["h"], row["t"]):
        first, last = side["pos"]
        end = starts[last - 1] + len(row["token"][last - 1].strip())
        spans.append((starts[first], end, side["id"], _SPACY.get(side["type"])))
    return _document(id, text, spans)


def _context(id: str, row: dict[str, Any]) -> GoldDocument:
    """A context with one mention: the first place where its string occurs."""
    text, string = row["text"], row["string"]
    start = text.lower().find(string.lower())
    spans: list[Span] = [(start, start + len(string), row["correct_id"], None)]
    return _document(id, text, spans if start >= 0 else [])

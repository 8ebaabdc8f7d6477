"""What is said of things, in any order, enters; entities, each with all that is said of it, leave.

Statements are sorted by subject on disk, so that memory does not grow with them. A thing's prior is
told from how often others name it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import groupby
from math import log1p
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from kgbuild.errors import KnowledgeBaseError
from kgbuild.link.format import LONGEST_KEY, PRIOR_STEPS, Id, StoredEntity, short
from kgbuild.link.kb.kgtk import iso_date, unquoted
from kgbuild.link.kb.sorting import Sorter
from kgbuild.link.kb.stream import LineStream
from kgbuild.link.kb.tables import DATES, FACTS, MOST_FACTS, MOST_OF_ONE
from kgbuild.link.kb.wikidata import ANY_LANGUAGE, MOST_LINKS
from kgbuild.link.kb.write import BATCH, Told
from kgbuild.link.kinds import CLASS, root_named

MOST_NAMED = 100_000
"""How often something must be named by others to have a prior of 1."""

NO_LABEL = "without a label"
_ORDER = {pid: place for place, pid in enumerate((*DATES, *FACTS))}
_LOCAL = re.compile(r"[^/#]+$")
_ITEM = re.compile(r"https?://www\.wikidata\.org/(?:entity|wiki|prop/direct)/([QP][1-9][0-9]*)$")


class Role(StrEnum):
    """What a statement says of its subject."""

    LABEL = "l"
    ALIAS = "a"
    DESCRIPTION = "d"
    TYPE = "t"
    SAME = "s"
    ITEM_FACT = "f"
    TEXT_FACT = "v"
    NAMED_BY = "n"


class Said(NamedTuple):
    """One statement; `qualifier` is a text's language or a fact's property."""

    subject: str
    role: Role
    qualifier: str
    value: str


def id_of(iri: str) -> str:
    """The id of what an IRI names: a QID or PID for Wikidata's own, else the IRI.

    >>> id_of("http://www.wikidata.org/entity/Q64"), id_of("http://dbpedia.org/resource/Berlin")
    ('Q64', 'http://dbpedia.org/resource/Berlin')
    """
    match = _ITEM.match(iri)
    return match[1] if match else iri


def grouped(
    said: Iterable[Said], languages: Sequence[str], work: Path, counts: Counter[str]
) -> Iterator[StoredEntity]:
    """Everything with a label in one of the languages, or in none; `counts` takes what is left out."""
    sorter = Sorter(work, "said")
    records: list[bytes] = []
    for each in said:
        if 0 < len(each.subject.encode()) <= LONGEST_KEY:
            records.append("\0".join(each).encode("utf-8", "surrogatepass"))
        else:
            counts["ids that are empty or too long"] += 1
        if each.role is Role.ITEM_FACT and len(each.value) <= LONGEST_KEY:
            records.append(f"{each.value}\0{Role.NAMED_BY.value}\0\0".encode("utf-8", "surrogatepass"))
        if len(records) >= BATCH:
            sorter.add(records)
            records = []
    sorter.add(records)
    rows = (
        record.decode("utf-8", "surrogatepass").split("\0", 3) for some in sorter.sorted() for record in some
    )
    for subject, of_it in groupby(rows, itemgetter(0)):
        told = [Said(subject, Role(row[1]), row[2], row[3]) for row in of_it]
        entity = entity_of(told, languages)
        if entity is None:
            counts[NO_LABEL] += any(each.role is not Role.NAMED_BY for each in told)
        else:
            yield entity
    sorter.remove()


def text_lines(path: str, told: Told) -> Iterator[str]:
    """The lines of a UTF-8 file, packed or not; `KnowledgeBaseError` where it cannot be read."""
    stream, position = LineStream(path), 0
    for block in stream.blocks():
        told("reading", block.read - position, stream.size)
        position = block.read
        try:
            yield from block.data.decode("utf-8-sig" if block.start == 0 else "utf-8").split("\n")[
                : _count(block.data)
            ]
        except UnicodeDecodeError as error:
            raise KnowledgeBaseError(
                f"{path} is not UTF-8 at byte {block.start + error.start:,}; it must be UTF-8"
            ) from error


def kgtk(heading: str, lines: Iterable[str], path: str) -> Iterator[Said]:
    """What the edges of a KGTK table say, given its heading and the lines after it."""
    columns = heading.split("\t")
    subject, pid, value = (columns.index(name) for name in ("node1", "label", "node2"))
    roles = {"label": Role.LABEL, "alias": Role.ALIAS, "description": Role.DESCRIPTION, "P31": Role.TYPE}
    for number, line in enumerate(lines, start=2):
        cells = line.rstrip("\r").split("\t")
        if len(cells) < len(columns):
            raise KnowledgeBaseError(
                f"{path}, line {number}: {len(cells)} cells, not {len(columns)}: {line!r}"
            )
        told, predicate = cells[value], cells[pid]
        if predicate in roles:
            text, _, language = told.rpartition("@") if told.startswith("'") else (told, "", "")
            text = unquoted(told) if roles[predicate] is not Role.TYPE else told
            yield Said(cells[subject], roles[predicate], language if text != told else "", text)
        elif told.startswith("^"):
            if predicate in DATES and (date := iso_date(told)):
                yield Said(cells[subject], Role.TEXT_FACT, predicate, date)
        elif re.fullmatch(r"Q[0-9]+", told):
            yield Said(cells[subject], Role.ITEM_FACT, predicate, told)


def entity_of(said: list[Said], languages: Sequence[str]) -> StoredEntity | None:
    """The entity of which all this is said, or None where it has no label in the languages or in none."""
    subject = said[0].subject if said else ""
    of: dict[Role, list[Said]] = {role: [] for role in Role}
    for each in dict.fromkeys(said) if len(said) < BATCH else said:
        of[each.role].append(each)
    named = sum(each.role is Role.NAMED_BY for each in said)
    labels = _chosen(of[Role.LABEL], languages)
    if not labels:
        return None
    names = dict.fromkeys((*labels, *_chosen(of[Role.ALIAS], languages)))
    del names[labels[0]]
    types = [each.value for each in of[Role.TYPE]]
    roots = [root for name in types if (local := _LOCAL.search(name)) and (root := root_named(local[0]))]
    facts, links = _facts((*of[Role.TEXT_FACT], *of[Role.ITEM_FACT]))
    descriptions = _chosen(of[Role.DESCRIPTION], languages)
    told = min(1.0, log1p(named) / log1p(MOST_NAMED))
    return StoredEntity(
        id=short(subject),
        label=labels[0],
        aliases=list(names),
        same=[each.value for each in of[Role.SAME] if each.value != subject],
        description=descriptions[0] if descriptions else "",
        types=[short(name) for name in dict.fromkeys((*types, *(root for root in roots if root != CLASS)))],
        facts=facts,
        prior=round(told * PRIOR_STEPS),
        links=links,
    )


def _facts(said: Sequence[Said]) -> tuple[list[Id | list[str]], list[Id]]:
    """Facts as they are stored, the most telling first, and further neighbours."""
    facts: list[Id | list[str]] = []
    links: dict[Id, None] = {}
    counts: Counter[str] = Counter()
    for _, role, predicate, value in sorted(said, key=lambda each: _ORDER.get(each.qualifier, len(_ORDER))):
        counts[predicate] += 1
        named = short(value)
        if counts[predicate] <= MOST_OF_ONE and len(facts) < 2 * MOST_FACTS:
            in_words = role is Role.TEXT_FACT
            facts += (
                short(predicate, "P"),
                value if in_words else [named] if isinstance(named, str) else named,
            )
        elif role is Role.ITEM_FACT:
            links[named] = None
    return facts, list(links)[:MOST_LINKS]


def _chosen(said: Sequence[Said], languages: Sequence[str]) -> list[str]:
    """The texts in the languages, in their order, then those of any language or none."""
    order = (*languages, ANY_LANGUAGE, "")
    return [
        each.value for language in order for each in said if each.qualifier == language and each.value.strip()
    ]


def _count(data: bytes) -> int:
    """How many lines a block holds."""
    return data.count(b"\n") + (not data.endswith(b"\n"))

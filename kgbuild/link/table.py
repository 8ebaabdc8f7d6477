"""A knowledge base in memory: the user's own entities, from a small tab-separated file."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from rapidfuzz import fuzz, process

from kgbuild.errors import KnowledgeBaseError
from kgbuild.link.format import pack, stored
from kgbuild.link.kinds import WORDS, root_named
from kgbuild.link.names import normalise, variants
from kgbuild.records import Candidate, Entity

COLUMNS = ("id", "label", "aliases", "description", "types")
_NAME = re.compile(r"Q[0-9]+|[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
"""An item's id or an absolute IRI (RFC 3987, what it may not hold left out)."""


class TableIndex:
    """A `CandidateIndex` over entities in memory; meant for thousands, not millions.

    >>> index = TableIndex([Entity("https://example.org/acme", "Acme Corporation", ("Acme",))])
    >>> [candidate.label for candidate in index.candidates("ACME")]
    ['Acme Corporation']
    """

    def __init__(self, entities: Iterable[Entity]) -> None:
        ordered = sorted(entities, key=lambda entity: (-entity.prior, entity.id))
        self._entities = {entity.id: entity for entity in ordered}
        self._names: dict[str, dict[str, None]] = {}
        self._words: dict[str, dict[str, None]] = {}
        state = hashlib.sha256()
        for entity in ordered:
            state.update(pack(stored(entity)))
            for normal in map(normalise, (entity.label, *entity.aliases)):
                if normal:
                    self._names.setdefault(normal, {})[entity.id] = None
                    for word in normal.split():
                        self._words.setdefault(word, {})[entity.id] = None
        self.version = f"table/{state.hexdigest()[:16]}"

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> TableIndex:
        """Read a UTF-8 table with a heading of `COLUMNS`; `id` and `label` must be there.

        Aliases and types are separated by `|`; a type is a class id, or one of the words person,
        organisation, location, work, event, product. Raises `KnowledgeBaseError` naming the line.
        """
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise KnowledgeBaseError(f"cannot read the table {path}: {error}; it must be UTF-8") from error
        return cls(read_rows(text.splitlines(), os.fspath(path)))

    def __len__(self) -> int:
        """How many entities it holds."""
        return len(self._entities)

    def candidates(self, surface: str, limit: int = 30) -> tuple[Candidate, ...]:
        """Entities that a surface form may name: same name first, then near ones, popular first."""
        found = (self._entities[qid] for qid in islice(dict.fromkeys(self._near(surface)), limit))
        return tuple(Candidate(entity.id, entity.label, entity.prior) for entity in found)

    def exact(self, name: str, limit: int = 30) -> tuple[str, ...]:
        """Ids of the entities that bear just this name, most popular first."""
        return tuple(islice(self._names.get(normalise(name), ()), limit))

    def entity(self, id: str) -> Entity | None:
        """What the table tells of one entity, or None where it has none."""
        return self._entities.get(id)

    def entities(self) -> Iterator[Entity]:
        """Every entity, most popular first."""
        return iter(self._entities.values())

    def _near(self, surface: str) -> Iterator[str]:
        """Ids, nearest names first; some come more than once."""
        normal = normalise(surface)
        if not normal:
            return
        for form in (normal, *variants(surface)):
            yield from self._names.get(form, ())
        held = [self._words.get(word, {}) for word in normal.split()]
        yield from (qid for qid in held[0] if all(qid in others for others in held[1:]))
        for name, _, _ in process.extract(normal, list(self._names), scorer=fuzz.ratio, score_cutoff=82.0):
            yield from self._names[name]


def read_rows(lines: Iterable[str], path: str) -> Iterator[Entity]:
    """The entities of a table's lines, the first of which is the heading; `TableIndex.read` says more."""
    rest = iter(lines)
    first = next(rest, "")
    heading = first.rstrip("\r").split("\t") if first else []
    unknown = [name for name in heading if name not in COLUMNS]
    if unknown or not {"id", "label"} <= set(heading):
        raise KnowledgeBaseError(
            f"{path}, line 1: the heading must be some of {', '.join(COLUMNS)}, separated by tabs, "
            f"with id and label among them, and is {first or 'missing'!r}"
        )
    seen: set[str] = set()
    for number, line in enumerate(rest, start=2):
        if not line.strip():
            continue
        cells = line.rstrip("\r").split("\t")
        if any(cells[len(heading) :]):
            raise KnowledgeBaseError(
                f"{path}, line {number}: {len(cells)} cells, and the heading has {len(heading)}: {line!r}"
            )
        row = dict(zip(heading, cells, strict=False))
        qid, label = row.get("id", "").strip(), row.get("label", "").strip()
        if not qid or not label or qid in seen:
            raise KnowledgeBaseError(
                f"{path}, line {number}: an id that is new and a label are needed: {line!r}"
            )
        if not _NAME.fullmatch(qid):
            raise KnowledgeBaseError(
                f"{path}, line {number}: the id {qid!r} is neither an item's (Q42) nor an absolute IRI "
                "(https://example.org/acme)"
            )
        seen.add(qid)
        yield Entity(
            id=qid,
            label=label,
            aliases=_listed(row.get("aliases", "")),
            description=row.get("description", "").strip(),
            types=tuple(_type(name, f"{path}, line {number}") for name in _listed(row.get("types", ""))),
        )


def _type(name: str, where: str) -> str:
    """A class by its id or IRI, or by a word that `kinds` knows."""
    if (root := root_named(name)) is not None:
        return root
    if not _NAME.fullmatch(name):
        raise KnowledgeBaseError(
            f"{where}: the type {name!r} is neither an item's id, nor an absolute IRI, nor one of "
            f"{', '.join(sorted(WORDS))}"
        )
    return name


def _listed(cell: str) -> tuple[str, ...]:
    """The parts of a cell.

    >>> _listed("a| b |")
    ('a', 'b')
    """
    return tuple(part.strip() for part in cell.split("|") if part.strip())

"""A knowledge base on disk: a memory-mapped, read-only index of names, shared by processes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from weakref import WeakValueDictionary

import lmdb
import msgspec
from rapidfuzz import fuzz, process

from kgbuild.errors import KnowledgeBaseError
from kgbuild.link.format import (
    DATA_FILE,
    FORMAT,
    MOST_SHARERS,
    TABLES,
    Id,
    Meta,
    StoredEntity,
    key,
    long,
    number_key,
    prior_of,
    unpack,
    unpack_class,
    unpack_id,
    unpack_named,
    unpack_numbers,
)
from kgbuild.link.kb.compose import compose
from kgbuild.link.kinds import ROOTS
from kgbuild.link.names import normalise, variants
from kgbuild.records import Candidate, Entity

MEND = "build it again, or reinstall kgbuild where it is the sample in the package"

_environments: WeakValueDictionary[tuple[int, int], lmdb.Environment] = WeakValueDictionary()
"""Open files by device and inode: LMDB refuses to open one twice in a process.

A forked child goes on with its parent's: without locks an environment is a map of the file and
nothing else.
"""

CACHED_ENTITIES = 20_000
CACHED_LABELS = 100_000
CACHED_STARTS = 1024
FUZZY_POOL = 32
"""Entities, the most popular ones with words spelled like a name's, whose names are compared with it."""

NEAR_SPELLINGS = 4
LONGEST_MISSPELLED = 6

FUZZY_CUTOFF = 82.0
"""Least similarity (rapidfuzz's ratio, 0 to 100) of a name that is taken for a misspelling."""

NEAR_WORDS = 20_000
"""Words of the same first letters that are compared with one that the index does not have."""


class LmdbIndex:
    """A `CandidateIndex` over a folder that `build_index` wrote.

    Raises `KnowledgeBaseError` where the folder is missing, damaged, or of another format. Safe to
    pickle and to use after a fork: each process maps the same pages.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._environment = _open_environment(self.path)
        self.meta = _read_meta(self._environment, self.path)
        self._tables = {name: self._environment.open_db(name.encode()) for name in TABLES}
        self.version = f"{self.meta.source or 'index'}/{self.meta.format}/{self.meta.digest[:16]}"
        self._entity = lru_cache(CACHED_ENTITIES)(self._read_entity)
        self._words = lru_cache(CACHED_STARTS)(self._read_words)
        self._label = lru_cache(CACHED_LABELS)(self._read_label)
        self._roots = lru_cache(CACHED_LABELS)(self._read_roots)

    def __len__(self) -> int:
        """How many entities it holds."""
        return self.meta.entities

    def __reduce__(self) -> tuple[type[LmdbIndex], tuple[Path]]:
        return LmdbIndex, (self.path,)

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of what it holds."""
        return self.meta.digest

    def candidates(self, surface: str, limit: int = 30) -> tuple[Candidate, ...]:
        """Entities that a surface form may name: same name first, then near ones, popular first.

        The order of nearness: the same normal form; another way to write it (`names.variants`);
        names that hold all its words; names that are spelled almost like it. The score is the
        entity's prior.
        """
        numbers: dict[int, None] = {}
        for number in self._near(surface):  # no further than needed: an exact match is found at once
            numbers[number] = None
            if len(numbers) >= limit:
                break
        found = (self._entity(number) for number in numbers)
        return tuple(Candidate(entity.id, entity.label, entity.prior) for entity in found)

    def exact(self, name: str) -> tuple[str, ...]:
        """Ids of the entities that bear just this name, however it is written, most popular first."""
        normal = normalise(name)
        if not normal:
            return ()
        entities, names = self._tables["entities"], self._tables["names"]
        with self._environment.begin(buffers=True) as transaction:
            message = transaction.get(key(normal), db=names)
            numbers = () if message is None else unpack_numbers(message)
            found = [transaction.get(number_key(word >> 1), db=entities) for word in numbers]
            return tuple([long(unpack_id(each).id) for each in found if each is not None])

    def entity(self, id: str) -> Entity | None:
        """What the index tells of one entity, or None where it has none."""
        message = self._get("numbers", key(id))
        return None if message is None else self._entity(int.from_bytes(message, "big"))

    def neighbours(self, id: str) -> frozenset[str]:
        """Ids of what the entity's facts and classes name, and of its other neighbours.

        Only those are known that the index was given as ids: an index of a dump has them.
        """
        held = self.stored(id)
        if held is None:
            return frozenset()
        values = (value for value in held.facts[1::2] if not isinstance(value, str))
        named = (value[0] if isinstance(value, list) else value for value in values)
        return frozenset(map(long, (*named, *held.types, *held.links)))

    def same(self, id: str) -> tuple[str, ...]:
        """Ids of the same thing elsewhere (`owl:sameAs`)."""
        held = self.stored(id)
        return () if held is None else tuple(held.same)

    def stored(self, id: str) -> StoredEntity | None:
        """An entity as it is stored, or None where the index has none of this id."""
        message = self._get("numbers", key(id))
        return None if message is None else self._read_stored(int.from_bytes(message, "big"))

    def entities(self) -> Iterator[Entity]:
        """Every entity, most popular first but for those that an update added, which come last."""
        last = b""
        while numbers := self._numbers_after(last):
            last = numbers[-1]
            yield from (self._read_entity(int.from_bytes(number, "big")) for number in numbers)

    def _numbers_after(self, last: bytes) -> list[bytes]:
        """The next numbers of entities; no transaction is open while an entity is looked at."""
        with self._begin() as transaction, transaction.cursor(self._tables["entities"]) as cursor:
            found = cursor.set_range(last + b"\0") if last else cursor.first()
            return list(map(bytes, islice(cursor.iternext(values=False), CACHED_STARTS))) if found else []

    def verify(self) -> None:
        """Read everything and raise `KnowledgeBaseError` where it is not what was written."""
        try:
            digest = content_digest(self._environment)
        except lmdb.Error as error:
            raise _damaged(self.path) from error
        if digest != self.meta.digest:
            raise _damaged(self.path)

    def _near(self, surface: str) -> Iterator[int]:
        """Numbers of entities, nearest names first; some come more than once."""
        normal = normalise(surface)
        if not normal:
            return
        yield from self._named(normal)
        others = variants(surface)
        for other in others:
            yield from self._named(other)
        shortest = min((normal, *others), key=len)
        holding = self._holding(shortest.split())
        yield from holding
        if not holding:
            yield from self._misspelled(normal)
            yield from self._partly(normal.split())

    def _named(self, normal: str) -> Iterator[int]:
        """Entities with exactly this normal form among their names."""
        message = self._get("names", key(normal))
        return (word >> 1 for word in unpack_numbers(message)) if message is not None else iter(())

    def _holding(self, words: Iterable[str]) -> list[int]:
        """Entities whose names hold all of these words, not always in one name."""
        return _in_all([self._sharing(word) for word in words])

    def _partly(self, words: list[str]) -> Iterator[int]:
        """Entities named by the words without the first, or the last, one or two."""
        for cut in (1, 2):
            if len(words) > cut + 1:
                yield from self._named(" ".join(words[cut:]))
                yield from self._named(" ".join(words[:-cut]))

    def _sharing(self, word: str) -> list[int]:
        """The most popular entities that have a word in a name."""
        message = self._get("tokens", key(word))
        return [] if message is None else unpack_numbers(message[: 4 * MOST_SHARERS]).tolist()

    def _misspelled(self, normal: str) -> list[int]:
        """Entities with a name spelled almost like this, most alike first."""
        near = [self._near_words(word) for word in normal.split()[:LONGEST_MISSPELLED]]
        lists = [sorted({number for word in words for number in self._sharing(word)}) for words in near]
        pool = _in_all(lists)[:FUZZY_POOL]
        alike = ((self._likeness(normal, number), number) for number in pool)
        return [number for score, number in sorted(alike, key=self._nearest_first) if score > 0.0]

    def _nearest_first(self, alike: tuple[float, int]) -> tuple[float, float, str]:
        """What a likeness and a number are ordered by; numbers alone order an updated index wrongly."""
        entity = self._entity(alike[1])
        return -alike[0], -entity.prior, entity.id

    def _near_words(self, word: str) -> list[str]:
        """Words of the index, of the same first two letters, spelled like this word."""
        if len(word) < 4:
            return [word]
        known = self._words(word[:2])
        alike = process.extract(
            word, known, scorer=fuzz.ratio, limit=NEAR_SPELLINGS, score_cutoff=FUZZY_CUTOFF
        )
        return [near for near, _, _ in alike]

    def _read_words(self, start: str) -> tuple[str, ...]:
        """Words of the index that begin so."""
        first = start.encode("utf-8", "surrogatepass")
        known: list[str] = []
        with self._begin() as transaction, transaction.cursor(self._tables["tokens"]) as cursor:
            if cursor.set_range(first):
                for held in map(bytes, islice(cursor.iternext(values=False), NEAR_WORDS)):
                    if not held.startswith(first):
                        break
                    known.append(held.decode("utf-8", "replace"))
        return tuple(known)

    def _likeness(self, normal: str, number: int) -> float:
        """Similarity of the entity's nearest name, or 0 below the cutoff."""
        entity = self._entity(number)
        names = (normalise(name) for name in (entity.label, *entity.aliases))
        return max(fuzz.ratio(normal, name, score_cutoff=FUZZY_CUTOFF) for name in names)

    def _read_entity(self, number: int) -> Entity:
        """An entity with its facts in words, and the general classes that its own lie under."""
        held = self._read_stored(number)
        facts: list[tuple[str, str]] = []
        for pid, value in zip(held.facts[::2], held.facts[1::2], strict=True):
            told = value if isinstance(value, str) else self._label(long(_one(value)))
            if told:
                facts.append((long(_one(pid), "P"), told))
        types = tuple(map(long, held.types))
        roots = dict.fromkeys(root for name in types for root in self._roots(name))
        description = held.description
        if self.meta.composed:
            kinds = list(filter(None, map(self._label, types)))
            description = "; ".join(filter(None, (description, compose(kinds, facts))))
        return Entity(
            id=long(held.id),
            label=held.label,
            aliases=tuple(held.aliases),
            description=description,
            types=tuple(dict.fromkeys((*types, *sorted(roots, key=_ROOT_ORDER.__getitem__)))),
            facts=tuple(facts),
            prior=prior_of(held),
        )

    def _read_stored(self, number: int) -> StoredEntity:
        message = self._get("entities", number_key(number))
        if message is None:
            raise _damaged(self.path)
        try:
            return unpack(message)
        except msgspec.MsgspecError as error:
            raise _damaged(self.path) from error

    def _read_label(self, id: str) -> str:
        """The label of an entity, or of something that facts name and the index leaves out, or ""."""
        number = self._get("numbers", key(id))
        if number is None:
            label = self._get("labels", key(id))
            return label.decode("utf-8", "surrogatepass") if label else ""
        message = self._get("entities", number)
        return unpack_named(message).label if message else ""

    def _read_roots(self, id: str) -> tuple[str, ...]:
        """The general classes that a class lies under, as the table of classes has them."""
        message = self._get("classes", key(id))
        if message is None:
            return ()
        bits = unpack_class(message).roots
        return tuple(root for place, root in enumerate(ROOTS) if bits >> place & 1)

    def _get(self, table: str, name: bytes) -> bytes | None:
        with self._begin() as transaction:
            message = transaction.get(name, db=self._tables[table])
        return None if message is None else bytes(message)

    def _begin(self) -> lmdb.Transaction:
        return self._environment.begin()


def _in_all(lists: list[list[int]]) -> list[int]:
    """Numbers that are in every list, in rising order.

    >>> _in_all([[1, 3, 5], [3, 4, 5]])
    [3, 5]
    """
    if not lists or not all(lists):
        return []
    shortest, *longer = sorted(lists, key=len)
    sets = [set(numbers) for numbers in longer]
    return [number for number in shortest if all(number in held for held in sets)]


_ROOT_ORDER = {root: place for place, root in enumerate(ROOTS)}


def _one(value: Id | list[str]) -> Id:
    """An id that may be stored as a list of one."""
    return value[0] if isinstance(value, list) else value


def content_digest(environment: lmdb.Environment) -> str:
    """SHA-256 (hex) of the tables' own, each over its keys and values in order."""
    digests = []
    with environment.begin() as transaction:
        for name in TABLES[1:]:
            state = hashlib.sha256()
            with transaction.cursor(environment.open_db(name.encode(), txn=transaction)) as cursor:
                for held, value in cursor:
                    state.update(held)
                    state.update(value)
            digests.append(state.digest())
    return hashlib.sha256(b"".join(digests)).hexdigest()


def _damaged(path: Path) -> KnowledgeBaseError:
    return KnowledgeBaseError(f"the index {path} is damaged; {MEND}")


def _open_environment(path: Path) -> lmdb.Environment:
    """Map an index' file, once in a process."""
    file = path / DATA_FILE
    try:
        status = file.stat()
    except OSError as error:
        raise KnowledgeBaseError(f"there is no index in {path} ({error.strerror}); {MEND}") from error
    identity = (status.st_dev, status.st_ino)
    environment = _environments.get(identity)
    if environment is not None:
        return environment
    try:
        environment = lmdb.open(
            str(path), readonly=True, lock=False, create=False, max_dbs=len(TABLES), max_readers=1
        )
        pages = environment.info()["last_pgno"] + 1
        whole = pages * environment.stat()["psize"] <= status.st_size
    except lmdb.Error as error:
        raise _damaged(path) from error
    if not whole:
        environment.close()
        raise KnowledgeBaseError(
            f"the index {path} is cut short ({status.st_size} of {pages * 4096} bytes); {MEND}"
        )
    _environments[identity] = environment
    return environment


def _read_meta(environment: lmdb.Environment, path: Path) -> Meta:
    """What the index says of itself, where it is of the format that this code reads."""
    try:
        database = environment.open_db(b"meta", create=False)
        with environment.begin() as transaction:
            message = transaction.get(b"meta", db=database)
        told = msgspec.json.decode(message or b"")
        if isinstance(told, dict) and told.get("format") != FORMAT:
            raise KnowledgeBaseError(
                f"the index {path} has format {told.get('format')!r}, and this kgbuild reads {FORMAT}; {MEND}"
            )
        return msgspec.convert(told, Meta)
    except (lmdb.Error, msgspec.MsgspecError) as error:
        raise _damaged(path) from error

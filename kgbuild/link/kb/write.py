"""Entities as an index stores them enter; an index file leaves, in memory that does not grow with it.

Entities are sorted on disk by falling prior, which numbers them. What then is looked up by (names,
words, ids) is sorted on disk again, so that LMDB only ever appends.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain, count, groupby
from pathlib import Path
from struct import pack as pack_struct
from struct import unpack as unpack_struct

import lmdb
import msgspec

from kgbuild.errors import KnowledgeBaseError
from kgbuild.link.format import (
    ID_BITS,
    LABEL_BIT,
    MOST_SHARERS,
    TABLES,
    Meta,
    Named,
    StoredEntity,
    id_number,
    key,
    long,
    number_key,
    pack,
    pack_numbers,
    prior_of,
    unpack_named,
)
from kgbuild.link.kb.sorting import Sorter
from kgbuild.link.names import normalise

Rows = list[tuple[bytes, bytes]]
Told = Callable[[str, int, int | None], None]
"""Called with what is being done, how much more of it was done, and how much there is, if known.

"reading" is counted in bytes of the source, everything else in entries."""

MAP_SIZE = 2**40
"""Bytes of address space, not of disk, that an index may grow into while it is written."""

COMMIT = 48 * 2**20
BATCH = 8192
PAGE = 4096
STRETCH, RARE = 65_536, 16
"""Entities after which rare words are forgotten, and the count below which a word is rare."""

_WORD = 4
_SAME = 2**31


def sortable(entity: StoredEntity) -> bytes:
    """An entity as a record that sorts by falling prior, then by id: prior, id, zero byte, message."""
    return _rank(prior_of(entity)) + key(long(entity.id)) + b"\0" + pack(entity)


@lru_cache(4096)
def _rank(prior: float) -> bytes:
    """Eight bytes that sort as the priors (at least 0) do, falling."""
    (bits,) = unpack_struct(">Q", pack_struct(">d", max(prior, 0.0)))
    return pack_struct(">Q", 2**64 - 1 - bits)


def names_of(entity: StoredEntity | Named) -> dict[str, int]:
    """The normal forms of an entity's names, with `LABEL_BIT` for its label; empty ones left out.

    >>> names_of(StoredEntity("a", "Paris", ["PARIS", "City of Light", " "]))
    {'paris': 1, 'city of light': 0}
    """
    forms: dict[str, int] = {}
    fold = normalise.__wrapped__  # a build would only turn its cache over
    for name in entity.aliases:
        forms[fold(name)] = 0
    label = fold(entity.label)
    forms.pop(label, None)
    held = {label: LABEL_BIT, **forms}
    held.pop("", None)
    return held


class IndexWriter:
    """Fills the file of an index, table by table; `finish` makes it one that opens.

    `folder` is where it lies, `work` where runs are kept meanwhile. The rows of a table must come in
    the order of their keys.
    """

    def __init__(self, folder: Path, work: Path) -> None:
        self.work = work
        folder.mkdir(parents=True, exist_ok=True)
        self._environment = lmdb.open(
            str(folder), map_size=MAP_SIZE, max_dbs=len(TABLES), sync=False, lock=False, readahead=False
        )
        self._tables = {name: self._environment.open_db(name.encode()) for name in TABLES}
        self._digests = {name: hashlib.sha256() for name in TABLES[1:]}
        self.rows = dict.fromkeys(TABLES, 0)

    def entities(self, records: Iterable[list[bytes]], told: Told) -> tuple[Sorter, Sorter, Sorter]:
        """Number and write entities, given as `sortable` records in order.

        Returns what is to be written next: names, tokens and ids, to be sorted.
        """
        sorters = tuple(Sorter(self.work, name) for name in ("names", "tokens", "numbers"))
        common = _Common()
        self.put("entities", self._numbered(records, sorters, common, told))
        self.put("ids", self._parts_of_ids())
        names, tokens, numbers = sorters
        return names, tokens, numbers

    def _parts_of_ids(self) -> Iterator[Rows]:
        """Rows of the table of ids, from the file that the entities' numbering left."""
        path = self.work / "ids"
        with path.open("rb") as file:
            for part in count():
                values = file.read(_WORD << ID_BITS)
                if not values:
                    break
                yield [(number_key(part), values)]
        path.unlink()

    def _numbered(
        self, lists: Iterable[list[bytes]], sorters: tuple[Sorter, ...], common: _Common, told: Told
    ) -> Iterator[Rows]:
        """Rows of the table of entities; everything to be looked up by goes to the sorters."""
        names, tokens, numbers = sorters
        number = 0
        (self.work / "ids").write_bytes(b"")
        for records in lists:
            rows: Rows = []
            ids: list[int] = []
            by_name: list[bytes] = []
            by_token: list[bytes] = []
            by_id: list[bytes] = []
            for record in records:
                end = record.index(0, 8)
                message = record[end + 1 :]
                entity = unpack_named(message)
                ids.append(id_number(entity.id))
                place = number.to_bytes(_WORD, "big")
                rows.append((place, message))
                by_id.append(record[8 : end + 1] + place)
                words: set[str] = set()
                for form, bit in names_of(entity).items():
                    word = (number << 1 | bit).to_bytes(_WORD, "big")
                    by_name.append(key(form) + b"\0" + word)
                    words.update(form.split())
                end_of_token = b"\0" + place
                by_token += [key(word) + end_of_token for word in words - common.words]
                common.count(words)
                if entity.same:
                    other = b"\0" + (number | _SAME).to_bytes(_WORD, "big")
                    by_id += [key(same) + other for same in entity.same]
                number += 1
            names.add(by_name)
            tokens.add(by_token)
            numbers.add(by_id)
            with (self.work / "ids").open("ab") as file:
                file.write(pack_numbers(ids))
            told("entities", len(rows), None)
            yield rows

    def look_up(self, table: str, sorter: Sorter, told: Told) -> None:
        """Write what a sorter holds, `key + zero byte + word` each, as lists of words by key."""
        row = {"names": _all, "tokens": _most, "numbers": _first}[table]
        self.put(table, _lists(sorter.sorted(), row, lambda rows: told(table, rows, None)))
        sorter.remove()

    def put(self, table: str, lists: Iterable[Rows]) -> None:
        """Append rows to a table, committing now and then."""
        database, digest = self._tables[table], self._digests.get(table)
        transaction, size = self._environment.begin(write=True), 0
        try:
            for rows in lists:
                if not rows:
                    continue
                flat = b"".join(chain.from_iterable(rows))
                if digest is not None:
                    digest.update(flat)
                with transaction.cursor(database) as cursor:
                    cursor.putmulti(rows, append=True)
                self.rows[table] += len(rows)
                size += len(flat) + 8 * len(rows)
                if size >= COMMIT:
                    transaction.commit()
                    transaction, size = self._environment.begin(write=True), 0
            transaction.commit()
        except BaseException:
            transaction.abort()
            raise

    def digest(self) -> str:
        """SHA-256 (hex) of the tables' digests."""
        return hashlib.sha256(b"".join(state.digest() for state in self._digests.values())).hexdigest()

    def finish(self, meta: Meta) -> None:
        """Write what the index says of itself, without which it does not open, and flush it to disk."""
        used = (self._environment.info()["last_pgno"] + 64) * self._environment.stat()["psize"]
        self._environment.set_mapsize(used)
        self.put("meta", [[(b"meta", msgspec.json.encode(meta))]])
        self._environment.sync(True)
        self.close()

    def close(self) -> None:
        """Close the file, finished or not."""
        self._environment.close()


class _Common:
    """Words that so many entities share that their lists are full.

    Words are counted as Manku and Motwani (VLDB 2002) do: those that are rare in a stretch of
    entities are forgotten, so that memory is bounded and a count is never too high.
    """

    def __init__(self) -> None:
        self.words: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._left = STRETCH

    def count(self, words: set[str]) -> None:
        """Take the words of one more entity."""
        self._counts.update(words)
        self._left -= 1
        if not self._left:
            self.words.update(word for word, count in self._counts.items() if count >= MOST_SHARERS)
            self._counts = Counter({word: count for word, count in self._counts.items() if count >= RARE})
            self._left = STRETCH


def _lists(
    lists: Iterable[list[bytes]], row: Callable[[list[bytes]], bytes], told: Callable[[int], None]
) -> Iterator[Rows]:
    """Rows of keys and lists of words from sorted records; a list may go on in the next records."""
    kept = b""
    held: list[bytes] = []
    for records in lists:
        rows: Rows = []
        for name, group in groupby(records, _key):
            if name != kept:
                if held:
                    rows.append((kept, row(held)))
                kept, held = name, []
            held += group
        told(len(rows))
        yield rows
    if held:
        yield [(kept, row(held))]


def _key(record: bytes) -> bytes:
    return record[:-5]


def _all(records: list[bytes]) -> bytes:
    """The words of records, little-endian."""
    return records[0][:-5:-1] if len(records) == 1 else b"".join([record[:-5:-1] for record in records])


def _most(records: list[bytes]) -> bytes:
    return _all(records[:MOST_SHARERS])


def _first(records: list[bytes]) -> bytes:
    """The number of an id, big-endian; an entity's own id comes before what others call the same.

    Raises `KnowledgeBaseError` where two entities have it.
    """
    first, *others = (int.from_bytes(record[-_WORD:], "big") for record in records)
    if others and others[0] < _SAME:
        told = _key(records[0]).decode("utf-8", "replace")
        raise KnowledgeBaseError(f"{told} is given twice; merge the two before building an index")
    return (first & ~_SAME).to_bytes(_WORD, "big")

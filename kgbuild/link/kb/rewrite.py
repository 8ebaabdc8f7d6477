"""A copy of an index' file, in which entities are added, changed and removed."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Collection, Iterable
from itertools import groupby
from pathlib import Path

import lmdb
import msgspec

from kgbuild.errors import KnowledgeBaseError
from kgbuild.link.environment import content_digest
from kgbuild.link.format import (
    DATA_FILE,
    ID_BITS,
    MOST_SHARERS,
    TABLES,
    Meta,
    StoredEntity,
    id_number,
    key,
    long,
    number_key,
    pack_numbers,
    prior_of,
    unpack,
    unpack_numbers,
)
from kgbuild.link.kb.write import MAP_SIZE, Rows, Told, names_of

UNCHANGED, CHANGED, ADDED, REMOVED = "unchanged", "changed", "added", "removed"
UNKNOWN = "of the ids in neither the index nor the source"
COMMIT_EVERY = 20_000
"""Changes after which what has changed is written, so that memory is bounded."""


class Rewrite:
    """A copy of an index' file that can be written to."""

    def __init__(self, target: Path, final: Path) -> None:
        shutil.rmtree(final, ignore_errors=True)
        final.mkdir(parents=True)
        shutil.copyfile(target / DATA_FILE, final / DATA_FILE)
        self._environment = lmdb.open(
            str(final), map_size=MAP_SIZE, max_dbs=len(TABLES), sync=False, lock=False, readahead=False
        )
        self._tables = {name: self._environment.open_db(name.encode()) for name in TABLES}
        self._transaction = self._environment.begin(write=True)
        self._changes = 0
        self._ids: dict[int, int] = {}

    def __enter__(self) -> Rewrite:
        return self

    def __exit__(self, *_: object) -> None:
        self._transaction.abort()
        self._environment.close()

    def apply(
        self, records: Iterable[list[bytes]], ids: Collection[bytes] | None, counts: Counter[str], told: Told
    ) -> None:
        """Take over what records say; what they leave out is removed."""
        following = self._following()
        seen = bytearray(following)
        for some in records:
            for record in some:
                end = record.index(0, 8)
                name, message = record[8:end], record[end + 1 :]
                if ids is not None and name not in ids:
                    continue
                place = self._get("numbers", name)
                if place is None:
                    self._add(following, message)
                    following += 1
                    counts[ADDED] += 1
                    continue
                number = int.from_bytes(place, "big")
                if number < len(seen):
                    seen[number] = 1
                held = self._get("entities", place)
                if held == message:
                    counts[UNCHANGED] += 1
                    continue
                self._replace(number, unpack(held or b""), message)
                counts[CHANGED] += 1
            told("comparing", len(some), None)
        if unknown := sum(self._get("numbers", name) is None for name in ids or ()):
            counts[UNKNOWN] = unknown
        for number in self._gone(seen, ids):
            self._remove(number)
            counts[REMOVED] += 1

    def replace_table(self, table: str, lists: Iterable[Rows]) -> None:
        """Put rows, in order, in the place of a table's."""
        self._transaction.drop(self._tables[table], delete=False)
        for rows in lists:
            with self._transaction.cursor(self._tables[table]) as cursor:
                cursor.putmulti(rows, append=True)

    def finish(self, before: Meta, source: str) -> Meta:
        """Say of the index what it now is, and flush it to disk."""
        self._commit()
        rows = {name: self._transaction.stat(self._tables[name])["entries"] for name in TABLES}
        if not rows["entities"]:
            raise KnowledgeBaseError("nothing is left of the index; check that the source is the right one")
        self._transaction.commit()
        meta = msgspec.structs.replace(
            before,
            source=source,
            entities=rows["entities"],
            names=rows["names"],
            tokens=rows["tokens"],
            digest=content_digest(self._environment),
        )
        used = (self._environment.info()["last_pgno"] + 64) * self._environment.stat()["psize"]
        self._environment.set_mapsize(used)
        self._transaction = self._environment.begin(write=True)
        self._transaction.put(b"meta", msgspec.json.encode(meta), db=self._tables["meta"])
        self._commit()
        self._environment.sync(True)
        return meta

    def _gone(self, seen: bytearray, ids: Collection[bytes] | None) -> list[int]:
        """Numbers of entities that were there and were not seen; of all, or of those with the ids."""
        if ids is None:
            with self._transaction.cursor(self._tables["entities"]) as cursor:
                numbers = (int.from_bytes(place, "big") for place in cursor.iternext(values=False))
                return [number for number in numbers if number < len(seen) and not seen[number]]
        places = (self._get("numbers", name) for name in ids)
        held = (int.from_bytes(place, "big") for place in places if place is not None)
        return sorted(number for number in held if number < len(seen) and not seen[number])

    def _add(self, number: int, message: bytes) -> None:
        entity = unpack(message)
        self._put("entities", number_key(number), message)
        self._put("numbers", key(long(entity.id)), number_key(number))
        for same in entity.same:
            self._put("numbers", key(same), number_key(number), overwrite=False)
        self._ids[number] = id_number(entity.id)
        self._enter(number, entity, names_of(entity))
        self._changed()

    def _write_ids(self) -> None:
        """Write the ids of added entities; those of removed ones stay, for no list leads to them."""
        for part, ids in groupby(sorted(self._ids.items()), lambda item: item[0] >> ID_BITS):
            held = unpack_numbers(self._get("ids", number_key(part)) or b"")
            for number, qid in ids:
                place = number - (part << ID_BITS)
                held.extend([0] * (place + 1 - len(held)))
                held[place] = qid
            self._put("ids", number_key(part), pack_numbers(held.tolist()))
        self._ids = {}

    def _replace(self, number: int, old: StoredEntity, message: bytes) -> None:
        """Write an entity anew; the lists of those of its names that changed, or all where its prior did."""
        new = unpack(message)
        before, after = names_of(old), names_of(new)
        kept = before.items() & after.items() if old.prior == new.prior else set()
        self._withdraw(
            number, dict(before.items() - kept), _words(before) - (_words(after) if kept else set())
        )
        self._put("entities", number_key(number), message)
        for same in set(old.same) - set(new.same):
            self._delete("numbers", key(same))
        for same in new.same:
            self._put("numbers", key(same), number_key(number), overwrite=False)
        self._enter(number, new, dict(after.items() - kept), known=_words(before) if kept else set())
        self._changed()

    def _remove(self, number: int) -> None:
        place = number_key(number)
        entity = unpack(self._get("entities", place) or b"")
        names = names_of(entity)
        self._withdraw(number, names, _words(names))
        self._delete("entities", place)
        for name in (long(entity.id), *entity.same):
            if self._get("numbers", key(name)) == place:
                self._delete("numbers", key(name))
        self._changed()

    def _enter(
        self, number: int, entity: StoredEntity, names: dict[str, int], *, known: Collection[str] = ()
    ) -> None:
        """Put an entity into lists of names, and of words that are not known, at its prior's place."""
        rank = (-prior_of(entity), long(entity.id))
        for name, bit in names.items():
            self._insert("names", key(name), number << 1 | bit, rank, shift=1)
        for word in _words(names) - set(known):
            self._insert("tokens", key(word), number, rank)

    def _insert(self, table: str, name: bytes, word: int, rank: tuple[float, str], *, shift: int = 0) -> None:
        held = unpack_numbers(self._get(table, name) or b"")
        low, high = 0, len(held)
        while low < high:
            middle = (low + high) // 2
            if self._rank(held[middle] >> shift) < rank:
                low = middle + 1
            else:
                high = middle
        held.insert(low, word)
        self._put(table, name, pack_numbers(held.tolist()[: None if shift else MOST_SHARERS]))

    def _withdraw(self, number: int, names: dict[str, int], words: Collection[str]) -> None:
        """Take an entity out of the lists of names and words."""
        for name, bit in names.items():
            self._take_out("names", key(name), number << 1 | bit)
        for word in words:
            self._take_out("tokens", key(word), number)

    def _take_out(self, table: str, name: bytes, word: int) -> None:
        held = unpack_numbers(self._get(table, name) or b"")
        rest = [each for each in held if each != word]
        if rest:
            self._put(table, name, pack_numbers(rest))
        else:
            self._delete(table, name)

    def _rank(self, number: int) -> tuple[float, str]:
        """What entities are ordered by."""
        entity = unpack(self._get("entities", number_key(number)) or b"")
        return -prior_of(entity), long(entity.id)

    def _following(self) -> int:
        """The number after the last."""
        with self._transaction.cursor(self._tables["entities"]) as cursor:
            return int.from_bytes(cursor.key(), "big") + 1 if cursor.last() else 0

    def _get(self, table: str, name: bytes) -> bytes | None:
        held: bytes | None = self._transaction.get(name, db=self._tables[table])
        return held

    def _put(self, table: str, name: bytes, value: bytes, *, overwrite: bool = True) -> None:
        self._transaction.put(name, value, db=self._tables[table], overwrite=overwrite)

    def _delete(self, table: str, name: bytes) -> None:
        self._transaction.delete(name, db=self._tables[table])

    def _changed(self) -> None:
        self._changes += 1
        if self._changes % COMMIT_EVERY == 0:
            self._commit()

    def _commit(self) -> None:
        self._write_ids()
        self._transaction.commit()
        self._transaction = self._environment.begin(write=True)


def _words(names: Iterable[str]) -> set[str]:
    """The words of names.

    >>> sorted(_words({"new york": 1, "york": 0}))
    ['new', 'york']
    """
    return {word for name in names for word in name.split()}

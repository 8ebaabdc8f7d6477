"""What an index folder holds: names of its tables, keys, and the messages in them.

Entities are numbered from 0 in the order of falling prior (then of their ids), so that a list of
numbers in rising order is a list of entities, most popular first. (An update gives a new entity the
next number, and puts it at its prior's place in every list.)

| table | key | value |
|---|---|---|
| entities | number, 4 bytes, big-endian | `StoredEntity` as msgpack |
| numbers | id, also one that `owl:sameAs` gives | number, 4 bytes, big-endian |
| names | normal form of a name | words of 4 bytes, little-endian: number << 1, plus 1 for a label |
| tokens | word of a normal form | numbers, 4 bytes each, little-endian, the most popular `MOST_SHARERS` |
| classes | id of a class | `StoredClass` as msgpack |
| ids | part of the entities, 4 bytes, big-endian | their ids as numbers, 4 bytes each, little-endian |
| labels | id of what facts name but the index leaves out | its label, UTF-8 |
| meta | "meta" | `Meta` as JSON |
"""

from __future__ import annotations

import array
import hashlib
import sys
from collections.abc import Mapping
from typing import Any

import msgspec

from kgbuild.records import Entity

FORMAT = 3
DATA_FILE = "data.mdb"
VECTORS = "vectors-"
"""What the names of files beside it begin with that hold vectors of entities."""

TABLES = ("meta", "entities", "numbers", "names", "tokens", "classes", "labels", "ids")
LONGEST_KEY = 240
"""Bytes; LMDB takes 511, and a name that is longer is cut and told apart by its hash."""

MOST_SHARERS = 4096
"""Entities that the list of a word holds; beyond them lie the least popular."""

LABEL_BIT = 1
ID_BITS = 24
"""A part of the table of ids has those of 2**24 entities; 0 stands for what is no QID below 2**32."""

PRIOR_STEPS = 10_000

Id = int | str
"""An id as it is stored: the number of a QID or PID, or any other id as it is."""


class Meta(msgspec.Struct, frozen=True):
    """What an index says of itself; `digest` is the SHA-256 of all its entries in order.

    `composed` says that descriptions are told from types and facts when an entity is read, and
    `options` how the index was built, for those who bring it up to date.
    """

    format: int
    source: str
    entities: int
    names: int
    tokens: int
    digest: str
    composed: bool = False
    options: Mapping[str, Any] = {}


class StoredEntity(msgspec.Struct, array_like=True, gc=False):
    """An entity as a message.

    `facts` is flat: property, value, property, value, ...; a value is a text, the number of a QID,
    or any other id as a list of one. `prior` is a whole number of `PRIOR_STEPS` where it is one.
    `links` are neighbours that no fact names; `same` are ids of the same thing elsewhere.
    """

    id: Id
    label: str
    aliases: list[str] = []
    same: list[str] = []
    description: str = ""
    types: list[Id] = []
    facts: list[Id | list[str]] = []
    prior: int | float = 0
    links: list[Id] = []


class Named(msgspec.Struct, array_like=True, gc=False):
    """The beginning of a `StoredEntity`, for those who need no more."""

    id: Id
    label: str
    aliases: list[str]
    same: list[str]


class Identified(msgspec.Struct, array_like=True, gc=False):
    """No more of a `StoredEntity` than its id."""

    id: Id


class StoredClass(msgspec.Struct, array_like=True, gc=False):
    """The classes right above a class, and which of `kinds.ROOTS` hold of its items, as bits."""

    above: list[Id]
    roots: int


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(StoredEntity)
pack = _encoder.encode
unpack = _decoder.decode
unpack_named = msgspec.msgpack.Decoder(Named).decode
unpack_id = msgspec.msgpack.Decoder(Identified).decode
unpack_class = msgspec.msgpack.Decoder(StoredClass).decode


def short(id: str, letter: str = "Q") -> Id:
    """An id as it is stored: a QID (or PID) as its number.

    >>> short("Q64"), short("Q064"), short("https://example.org/acme"), short("P31", "P")
    (64, 'Q064', 'https://example.org/acme', 31)
    """
    digits = id[1:]
    if id[:1] == letter and digits.isascii() and digits.isdigit() and digits[0] != "0" and len(digits) < 16:
        return int(digits)
    return id


def long(id: Id, letter: str = "Q") -> str:
    """The inverse of `short`.

    >>> long(64), long("https://example.org/acme")
    ('Q64', 'https://example.org/acme')
    """
    return f"{letter}{id}" if isinstance(id, int) else id


def stored(entity: Entity, links: tuple[str, ...] = ()) -> StoredEntity:
    """An entity whose facts are told in words, as it is stored."""
    steps = round(entity.prior * PRIOR_STEPS)
    facts: list[Id | list[str]] = []
    for pid, value in entity.facts:
        facts += (short(pid, "P"), value)
    return StoredEntity(
        id=short(entity.id),
        label=entity.label,
        aliases=list(entity.aliases),
        description=entity.description,
        types=[short(name) for name in entity.types],
        facts=facts,
        prior=steps if steps / PRIOR_STEPS == entity.prior else entity.prior,
        links=[short(name) for name in links],
        same=list(entity.same),
    )


def prior_of(entity: StoredEntity) -> float:
    """A stored prior as a number in [0, 1]."""
    return entity.prior / PRIOR_STEPS if isinstance(entity.prior, int) else entity.prior


def key(text: str) -> bytes:
    """A name or id as a key: its UTF-8, cut and told apart by a hash where that is too long.

    A key has no zero byte, so that keys followed by one sort as the keys do.

    >>> key("berlin"), len(key("x" * 1_000_000)) <= LONGEST_KEY
    (b'berlin', True)
    """
    encoded = text.encode("utf-8", "surrogatepass")
    if b"\0" in encoded:
        encoded = encoded.replace(b"\0", b"\1")
    if len(encoded) <= LONGEST_KEY:
        return encoded
    return encoded[: LONGEST_KEY - 33] + b"\1" + hashlib.sha256(encoded).hexdigest()[:32].encode()


def id_number(id: Id) -> int:
    """An id as the table of ids has it.

    >>> id_number(64), id_number("https://example.org/acme")
    (64, 0)
    """
    return id if isinstance(id, int) and 0 < id < 2**32 else 0


def number_key(number: int) -> bytes:
    """An entity's number as a key that sorts as numbers do."""
    return number.to_bytes(4, "big")


def pack_numbers(numbers: list[int]) -> bytes:
    """Numbers below 2**32 as little-endian words."""
    words = array.array("I", numbers)
    if sys.byteorder == "big":
        words.byteswap()
    return words.tobytes()


def unpack_numbers(message: bytes | memoryview) -> array.array[int]:
    """The inverse of `pack_numbers`.

    >>> unpack_numbers(pack_numbers([3, 70000])).tolist()
    [3, 70000]
    """
    words = array.array("I")
    words.frombytes(message)
    if sys.byteorder == "big":
        words.byteswap()
    return words

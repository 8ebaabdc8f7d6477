"""What an index folder holds: names of its tables, keys, and the messages in them.

Entities are numbered from 0 in the order of falling prior (then of their ids), so that a list of
numbers in rising order is a list of entities, most popular first.
"""

from __future__ import annotations

import array
import hashlib
import sys

import msgspec

from kgbuild.records import Entity

FORMAT = 1
DATA_FILE = "data.mdb"
TABLES = ("meta", "entities", "numbers", "names", "tokens")
LONGEST_KEY = 240
"""Bytes; LMDB takes 511, and a name that is longer is cut and told apart by its hash."""

LABEL_BIT = 1


class Meta(msgspec.Struct, frozen=True):
    """What an index says of itself; `digest` is the SHA-256 of all its entries in order."""

    format: int
    source: str
    entities: int
    names: int
    tokens: int
    digest: str


class StoredEntity(msgspec.Struct, array_like=True, frozen=True):
    """An entity as a message; the fields of `Entity` in its order."""

    id: str
    label: str
    aliases: tuple[str, ...]
    description: str
    types: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    prior: float


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(StoredEntity)


def pack_entity(entity: Entity) -> bytes:
    """An entity as bytes."""
    return _encoder.encode(
        StoredEntity(
            entity.id,
            entity.label,
            entity.aliases,
            entity.description,
            entity.types,
            entity.facts,
            entity.prior,
        )
    )


def unpack_entity(message: bytes | memoryview) -> Entity:
    """The entity that `pack_entity` packed.

    >>> unpack_entity(pack_entity(Entity("Q1", "universe", prior=0.5))).label
    'universe'
    """
    stored = _decoder.decode(message)
    return Entity(
        stored.id,
        stored.label,
        stored.aliases,
        stored.description,
        stored.types,
        stored.facts,
        stored.prior,
    )


def key(text: str) -> bytes:
    """A name or id as a key: its UTF-8, cut and told apart by a hash where that is too long.

    >>> key("berlin"), len(key("x" * 1_000_000)) <= LONGEST_KEY
    (b'berlin', True)
    """
    encoded = text.encode("utf-8", "surrogatepass")
    if len(encoded) <= LONGEST_KEY:
        return encoded
    return encoded[: LONGEST_KEY - 33] + b"\0" + hashlib.sha256(encoded).hexdigest()[:32].encode()


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

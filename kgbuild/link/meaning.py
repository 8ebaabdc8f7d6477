"""How well an entity fits what is said around a mention: a bi-encoder.

A mention is what its reader made of it in its context (`Mention.vector`), an entity the gist of what the
knowledge base tells of it; both are projected to one space, where their cosine is taken (after Wu et al.,
EMNLP 2020, whose encoders are here the extractor's own, as it is).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from kgbuild.link.vectors import FLOAT, Vectors
from kgbuild.records import Entity

Array = NDArray[np.float32]

FEATURES = ("context_match", "context_lead", "context_share")
"""The cosine, how much it is above the next best of the name's candidates (or below the best), and its
share of a softmax over them; all 0 where the mention has no vector."""

SHARPNESS = 10.0
"""What cosines are multiplied by before the softmax."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """The reader's side: `digest` names the weights that mentions are encoded with; `gist` maps a text to
    a vector (hidden,)."""

    digest: str
    gist: Callable[[str], Array]


class Projections(msgspec.Struct, frozen=True):
    """Two linear maps to `size` dimensions, rows of inputs and a last row of biases, as float16.

    `encoder` is the digest of the weights that they were fitted for.
    """

    encoder: str
    size: int
    mention: bytes
    entity: bytes


def packed(matrix: Array) -> bytes:
    """A matrix as `Projections` has it."""
    return matrix.astype(FLOAT).tobytes()


def told_of(entity: Entity) -> str:
    """The text whose gist an entity's is."""
    return f"{entity.label}: {entity.description}"


def digest_of(projections: Projections) -> str:
    """SHA-256 (hex) of an encoder's digest and what its vectors of entities are projected by."""
    return hashlib.sha256(projections.encoder.encode() + b"\0" + projections.entity).hexdigest()


class Meaning:
    """Projected vectors of mentions and entities, of length 1; those of entities are `kept`, or computed."""

    def __init__(self, projections: Projections, encoder: Encoder, kept: Vectors | None = None) -> None:
        self._encoder = encoder
        self._kept = kept
        self._mention = _matrix(projections.mention, projections.size)
        self._entity = _matrix(projections.entity, projections.size)

    def of_entity(self, entity: Entity) -> Array:
        """(size,), in the precision in which it is kept."""
        text = told_of(entity)
        found = self._kept.get(text) if self._kept is not None else None
        if found is not None:
            return found
        vector = _projected(self._encoder.gist(text), self._entity).astype(FLOAT).astype(np.float32)
        if self._kept is not None:
            self._kept.put(text, vector)
        return vector

    def of_mentions(self, vectors: Sequence[bytes]) -> Array | None:
        """(size,) of mentions of one entity, or None where none has a vector."""
        mean = mean_vector(vectors, len(self._mention) - 1)
        return None if mean is None else _projected(mean, self._mention)


def mean_vector(vectors: Sequence[bytes], width: int) -> Array | None:
    """The mean of mentions' vectors of this width, or None where there are none."""
    held = [np.frombuffer(vector, FLOAT) for vector in vectors if len(vector) == 2 * width]
    if not held:
        return None
    mean: Array = np.mean(held, axis=0, dtype=np.float32)
    return mean


def features(context: Array | None, entities: Sequence[Array | None]) -> list[tuple[float, float, float]]:
    """`FEATURES` of each candidate.

    >>> here = np.array([1.0, 0.0], np.float32)
    >>> [row[:2] for row in features(here, [here, -here])]
    [(1.0, 2.0), (-1.0, -2.0)]
    """
    held = [vector for vector in entities if vector is not None]
    if context is None or not held or len(held) < len(entities):
        return [(0.0, 0.0, 0.0)] * len(entities)
    return match_features(np.stack(held) @ context)


def match_features(matches: Array) -> list[tuple[float, float, float]]:
    """`FEATURES` from the cosines of all candidates of a name."""
    order = np.sort(matches)[::-1]
    chances = np.exp(SHARPNESS * (matches - order[0]))
    chances /= chances.sum()
    second = float(order[1]) if len(order) > 1 else float(order[0])
    best = float(order[0])
    return [
        (match, match - (second if match >= best else best), chance)
        for match, chance in zip(matches.tolist(), chances.tolist(), strict=True)
    ]


def _matrix(values: bytes, size: int) -> Array:
    return np.frombuffer(values, FLOAT).astype(np.float32).reshape(-1, size)


def _projected(vector: Array, matrix: Array) -> Array:
    made = vector @ matrix[:-1] + matrix[-1]
    unit: Array = (made / max(float(np.linalg.norm(made)), 1e-6)).astype(np.float32)
    return unit

"""Feature matrices enter; calibrated probabilities of each candidate, and of none, leave.

Two scorers are asked, and the mean of their probabilities is taken (decision 043). A small network scores a
candidate from its features and its group's, and "not in the knowledge base" from the group's alone; boosted
trees do the same, "none" being a candidate without features. Each makes probabilities by a softmax, at a
temperature fitted on held-out documents (Guo et al., ICML 2017).
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from kgbuild.errors import ModelError
from kgbuild.link.features import CANDIDATE_FEATURES, GROUP_FEATURES, Array, Case, Features
from kgbuild.link.meaning import Encoder, Meaning, Projections, digest_of
from kgbuild.link.trees import Forest, Trees
from kgbuild.link.vectors import Vectors

logger = logging.getLogger(__name__)

FORMAT = 3

NONE = -100.0
"""What trees take for each feature of "none of the candidates": less than any feature is."""


class Weights(msgspec.Struct, frozen=True):
    """What a ranker's file holds; matrices are lists of rows, (inputs, outputs)."""

    format: int
    candidate_features: tuple[str, ...]
    group_features: tuple[str, ...]
    mean: list[float]
    scale: list[float]
    hidden: list[list[float]]
    group_hidden: list[list[float]]
    hidden_bias: list[float]
    out: list[float]
    nil_hidden: list[list[float]]
    nil_hidden_bias: list[float]
    nil_out: list[float]
    nil_bias: float
    temperature: float
    trees: Trees
    trees_temperature: float
    threshold: float
    words: dict[str, float]
    projections: Projections | None = None
    figures: dict[str, Any] = {}


class Ranker:
    """Probabilities of candidates. `threshold` is the least probability of a link that is made."""

    def __init__(
        self, weights: Weights, version: str, encoder: Encoder | None = None, vectors: Path | None = None
    ) -> None:
        held = weights.projections
        compared = None
        if held and encoder and held.encoder == encoder.digest:
            compared = Meaning(held, encoder, Vectors(vectors, digest_of(held)) if vectors else None)
        if encoder and not compared:
            logger.info("contexts are not compared: the ranker was not fitted for the model that reads")
        self.version = f"{version}+contexts" if compared else version
        self.threshold = weights.threshold
        self.figures = weights.figures
        self.features = Features(weights.words, compared)
        self._mean, self._scale = _array(weights.mean), _array(weights.scale)
        self._hidden, self._hidden_bias = _array(weights.hidden), _array(weights.hidden_bias)
        self._group_hidden, self._out = _array(weights.group_hidden), _array(weights.out)
        self._nil_hidden, self._nil_hidden_bias = _array(weights.nil_hidden), _array(weights.nil_hidden_bias)
        self._nil_out, self._nil_bias = _array(weights.nil_out), weights.nil_bias
        self._temperature = weights.temperature
        self._forest = Forest(weights.trees, len(CANDIDATE_FEATURES) + len(GROUP_FEATURES))
        self._forest_temperature = weights.trees_temperature

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str] | None = None,
        encoder: Encoder | None = None,
        vectors: Path | None = None,
    ) -> Ranker:
        """Read a ranker's file, or the one in the package; `ModelError` where it does not fit.

        With the encoder of what reads the texts, contexts are compared with entities, whose vectors are kept
        in the folder `vectors`, where there is one.
        """
        source = (
            Path(path) if path is not None else Path(str(files("kgbuild") / "data" / "kb" / "ranker.json"))
        )
        try:
            content = source.read_bytes()
            weights = msgspec.json.decode(content, type=Weights)
        except (OSError, msgspec.MsgspecError) as error:
            raise ModelError(
                f"cannot read the ranker {source}: {error}; fit one with `python -m kgbuild.train.ranker`"
            ) from error
        if (weights.format, weights.candidate_features, weights.group_features) != (
            FORMAT,
            CANDIDATE_FEATURES,
            GROUP_FEATURES,
        ):
            raise ModelError(
                f"the ranker {source} was fitted for other features than this kgbuild has; "
                "fit it again with `python -m kgbuild.train.ranker`"
            )
        return cls(weights, hashlib.sha256(content).hexdigest()[:12], encoder, vectors)

    def probabilities(self, cases: Sequence[Case]) -> list[Array]:
        """For each case, the probabilities of its candidates and, last, of none of them."""
        if not cases:
            return []
        rows, counts = tree_rows(cases)
        cuts = np.cumsum(counts)[:-1]
        both = zip(
            np.split(self._network_scores(cases) / self._temperature, cuts),
            np.split(self._forest.scores(rows) / self._forest_temperature, cuts),
            strict=True,
        )
        return [_array((_softmax(one) + _softmax(other)) / 2) for one, other in both]

    def _network_scores(self, cases: Sequence[Case]) -> Array:
        """Scores of the candidates of each case and, after them, of none: in the rows of `tree_rows`."""
        cut = len(CANDIDATE_FEATURES)
        counts = [len(case.candidates) for case in cases]
        rows = (np.concatenate([case.candidates for case in cases]) - self._mean[:cut]) / self._scale[:cut]
        groups = (np.stack([case.group for case in cases]) - self._mean[cut:]) / self._scale[cut:]
        shared = np.repeat(groups @ self._group_hidden + self._hidden_bias, counts, axis=0)
        scores = np.tanh(rows @ self._hidden + shared) @ self._out
        nil = np.tanh(groups @ self._nil_hidden + self._nil_hidden_bias) @ self._nil_out + self._nil_bias
        return np.insert(scores, np.cumsum(counts), nil)


def tree_rows(cases: Sequence[Case]) -> tuple[Array, list[int]]:
    """(rows, features) that trees see, and how many rows each case has.

    A case has a row for each candidate, of its features and the group's, and one for none of them.
    """
    wide = len(CANDIDATE_FEATURES)
    counts = [len(case.candidates) + 1 for case in cases]
    rows = np.full((sum(counts), wide + len(GROUP_FEATURES)), NONE, dtype=np.float32)
    held = np.ones(len(rows), dtype=bool)
    held[np.cumsum(counts) - 1] = False
    rows[held, :wide] = np.concatenate([case.candidates for case in cases])
    rows[:, wide:] = np.repeat(np.stack([case.group for case in cases]), counts, axis=0)
    return rows, counts


def _array(values: object) -> Array:
    return np.array(values, dtype=np.float32)


def _softmax(scores: Array) -> Array:
    """Probabilities from scores.

    >>> _softmax(np.array([0.0, 0.0])).tolist()
    [0.5, 0.5]
    """
    shifted = np.exp(scores - scores.max())
    return shifted / shifted.sum()  # type: ignore[no-any-return]

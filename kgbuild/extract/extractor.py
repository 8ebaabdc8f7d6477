"""The neural extractor behind the `Extractor` seam.

A document's windows form their own batches, so that a score does not depend on which other
documents are read; the encoder runs once a window, and a pair is scored in each window that holds
both its mentions (the best score counts).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kgbuild.errors import ConfigurationError
from kgbuild.extract.calibration import PropertyCalibration
from kgbuild.extract.coreference import antecedents, pronoun_labels
from kgbuild.extract.decode import clusters
from kgbuild.extract.encode import Tokens, windows
from kgbuild.extract.labels import PRONOUN
from kgbuild.extract.licence import Licence
from kgbuild.extract.mentions import Found, apart, located, pronouns, tagged_mentions
from kgbuild.extract.model import Model, has_fast_bfloat16, load_model
from kgbuild.extract.network import Pairs, Spans, Window
from kgbuild.extract.strings import matches
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.ontology import Ontology
from kgbuild.records import Attribute, Document, Extraction, Mention, Relation, Sentence

logger = logging.getLogger(__name__)

WINDOWS_AT_ONCE = 8
PAIRS_AT_ONCE = 4096
Floats = NDArray[np.float32]


class NeuralExtractor:
    """Reads documents with one model and one ontology."""

    def __init__(self, model: Model, ontology: Ontology, *, threshold: float | None = None) -> None:
        self.model = model
        self.ontology = ontology
        self.threshold = threshold
        texts = PropertyTexts.of(
            ontology,
            model.text_encoder,
            length=model.config.property_length,
            withheld=model.config.withheld,
        )
        self.names = texts.names
        config = model.config
        self._calibration = PropertyCalibration.of(
            texts.names, config.calibration, config.groups, threshold=threshold
        )
        self._licence = Licence(ontology, texts.names)
        with torch.inference_mode():
            self._properties = texts.vectors(model.network, model.config.trained)
        self.version = f"{config.name}-{model.digest}" + ("" if threshold is None else f"@{threshold:g}")

    @classmethod
    def load(
        cls,
        directory: Path | None = None,
        *,
        ontology: Ontology,
        precision: str = "auto",
        threshold: float | None = None,
    ) -> NeuralExtractor:
        """The shipped model, or that of a directory; `precision` is auto, bfloat16 or float32."""
        if precision not in ("auto", "bfloat16", "float32"):
            raise ConfigurationError(f"precision is {precision!r}; it must be auto, bfloat16 or float32")
        model = load_model(directory or Path(str(resources.files("kgbuild") / "data" / "model")))
        narrow = precision == "bfloat16" or (precision == "auto" and has_fast_bfloat16())
        if narrow:
            model.network.encoder.bfloat16()
        logger.info("model %s, computing in %s", model.digest, "bfloat16" if narrow else "float32")
        return cls(model, ontology, threshold=threshold)

    def extract(self, document: Document, sentences: Sequence[Sentence]) -> Extraction:
        """Mentions, relations, attributes and clusters of one document."""
        return self.extract_around(document, sentences, ())

    def extract_around(
        self, document: Document, sentences: Sequence[Sentence], known: Sequence[Mention]
    ) -> Extraction:
        """As `extract`, with known mentions, which do not overlap, in place of those that overlap them."""
        with torch.inference_mode():
            tokens, ranges, encoded = self._windows(document, sentences)
            tags = self._tags(ranges, encoded, len(tokens.ids))
            tagged = apart(tagged_mentions(document.text, sentences, tokens, tags), known)
            found = located([*tagged, *pronouns(document.text, tagged)], tokens)
            return self._extraction(document, found, *self._read(found, ranges, encoded))

    def relate(
        self, document: Document, sentences: Sequence[Sentence], mentions: Sequence[Mention]
    ) -> Extraction:
        """Relations, attributes and clusters of given mentions, which stay as they are."""
        with torch.inference_mode():
            tokens, ranges, encoded = self._windows(document, sentences)
            found = located(mentions, tokens)
            return self._extraction(document, found, *self._read(found, ranges, encoded))

    def _windows(
        self, document: Document, sentences: Sequence[Sentence]
    ) -> tuple[Tokens, list[tuple[int, int]], list[tuple[Tensor, Tensor]]]:
        """A document's tokens, their windows, and (hidden, mask) of each."""
        tokens = self.model.text_encoder.tokens(document.text)
        config = self.model.config
        ranges = windows(
            tokens, [each.start for each in sentences], length=config.window, stride=config.stride
        )
        encoded = [
            state
            for at in range(0, len(ranges), WINDOWS_AT_ONCE)
            for state in self._encode(tokens, ranges[at : at + WINDOWS_AT_ONCE])
        ]
        return tokens, ranges, encoded

    def _encode(self, tokens: Tokens, ranges: Sequence[tuple[int, int]]) -> list[tuple[Tensor, Tensor]]:
        """(hidden, mask) of each window, each (1, tokens, ...)."""
        longest = max(end - begin for begin, end in ranges) + 2
        ids = torch.zeros(len(ranges), longest, dtype=torch.long)
        shapes, mask = torch.zeros_like(ids), torch.zeros_like(ids)
        for row, (begin, end) in enumerate(ranges):
            size = end - begin + 2
            ids[row, 0], ids[row, size - 1] = self.model.text_encoder.begin, self.model.text_encoder.end
            ids[row, 1 : size - 1] = torch.from_numpy(tokens.ids[begin:end])
            shapes[row, 1 : size - 1] = torch.from_numpy(tokens.shapes[begin:end])
            mask[row, :size] = 1
        hidden = self.model.network.encode(Window(ids, mask, shapes))
        sizes = [end - begin + 2 for begin, end in ranges]
        return [(hidden[row : row + 1, :size], mask[row : row + 1, :size]) for row, size in enumerate(sizes)]

    def _tags(
        self, ranges: Sequence[tuple[int, int]], encoded: Sequence[tuple[Tensor, Tensor]], count: int
    ) -> Floats:
        """Tag probabilities of each piece, from the window in which it has most context."""
        result = np.zeros((count, self.model.network.tagger.out_features), np.float32)
        room = np.full(count, -1)
        for (begin, end), (hidden, _) in zip(ranges, encoded, strict=True):
            scores = self.model.network.tags(hidden)[0, 1:-1].softmax(-1).numpy()
            inside = np.arange(end - begin)
            context = np.minimum(inside, inside[::-1])
            better = context > room[begin:end]
            result[begin:end][better] = scores[better]
            room[begin:end][better] = context[better]
        return result

    def _read(
        self, found: Found, ranges: Sequence[tuple[int, int]], encoded: Sequence[tuple[Tensor, Tensor]]
    ) -> tuple[dict[tuple[int, int, int], float], list[int]]:
        """Probabilities by (subject, property, object) above the threshold; antecedents (-1 none)."""
        scores: dict[tuple[int, int, int], float] = {}
        surfaces = [mention.text for mention in found.mentions]
        links = [-1] * len(surfaces)
        room = np.full(len(surfaces), -1)
        for (begin, end), (hidden, mask) in zip(ranges, encoded, strict=True):
            inside = np.flatnonzero((found.first >= begin) & (found.last < end))
            if not len(inside):
                continue
            spans = Spans(
                torch.from_numpy(found.first[inside] - begin + 1)[None],
                torch.from_numpy(found.last[inside] - begin + 1)[None],
                torch.from_numpy(found.label[inside])[None],
                torch.ones(1, len(inside), dtype=torch.bool),
            )
            vectors = self.model.network.mentions(hidden, spans)
            candidates = self._licence.pairs(found.kinds[inside])
            for at in range(0, len(candidates), PAIRS_AT_ONCE):
                rows = candidates[at : at + PAIRS_AT_ONCE]
                probabilities = self._probabilities(
                    found.kinds[inside][rows], rows, (hidden, mask, vectors), spans
                )
                for pair, column in np.argwhere(probabilities >= self._calibration.threshold):
                    key = (int(inside[rows[pair, 0]]), int(column), int(inside[rows[pair, 1]]))
                    scores[key] = max(scores.get(key, 0.0), float(probabilities[pair, column]))
            matched = matches([surfaces[number] for number in inside])
            coreference = self.model.network.coreference(vectors, spans, torch.from_numpy(matched)[None])[0]
            chosen = antecedents(coreference.numpy(), found.kinds[inside], matched)
            for row, number in enumerate(inside):
                context = min(found.first[number] - begin, end - found.last[number])
                if context > room[number]:
                    room[number] = context
                    links[number] = int(inside[chosen[row]]) if chosen[row] >= 0 else -1
        return scores, links

    def _probabilities(
        self,
        kinds: NDArray[np.int64],
        rows: NDArray[np.int64],
        state: tuple[Tensor, Tensor, Tensor],
        spans: Spans,
    ) -> Floats:
        """Probabilities of every property for mention pairs of one window, (pairs, properties).

        `kinds` and `rows` are (pairs, 2); `state` is hidden, mask and mention vectors. What the
        ontology's domains and ranges forbid is -1.
        """
        hidden, mask, vectors = state
        chosen = torch.from_numpy(np.ascontiguousarray(rows.T))
        pairs = Pairs(chosen[:1], chosen[1:], torch.ones(1, len(rows), dtype=torch.bool))
        pair_vectors = self.model.network.pairs(hidden, mask, vectors, spans, pairs)
        logits = self.model.network.relations(pair_vectors, self._properties)[0]
        calibration = self._calibration
        probabilities: Floats = torch.sigmoid(
            logits * torch.from_numpy(calibration.scale) + torch.from_numpy(calibration.shift)
        ).numpy()
        probabilities[~self._licence.properties(kinds[:, 0], kinds[:, 1])] = -1.0
        return probabilities

    def _extraction(
        self,
        document: Document,
        found: Found,
        scores: dict[tuple[int, int, int], float],
        links: Sequence[int],
    ) -> Extraction:
        groups = clusters(len(found.mentions), links)
        labels = pronoun_labels([mention.label for mention in found.mentions], found.label == PRONOUN, groups)
        mentions = tuple(
            Mention(each.start, each.end, each.text, label, each.score)
            for each, label in zip(found.mentions, labels, strict=True)
        )
        relations: list[Relation] = []
        attributes: list[Attribute] = []
        for (subject, column, object_), score in sorted(scores.items()):
            value = mentions[object_]
            if value.label.is_value:
                attributes.append(
                    Attribute(subject, self.names[column], value.start, value.end, value.text, score)
                )
            else:
                relations.append(Relation(subject, self.names[column], object_, score))
        return Extraction(
            document.id, 0, len(document.text), mentions, tuple(relations), tuple(attributes), groups
        )

"""The neural extractor behind the `Extractor` seam.

A document's windows form their own batches, so that a score does not depend on which other
documents are read; the encoder runs once a window, and a pair is scored in each window that holds
both its mentions (the best score counts). Windows with about as many pairs are scored together.
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
from kgbuild.extract import grouping
from kgbuild.extract.calibration import PropertyCalibration
from kgbuild.extract.coreference import References, Referents, pronoun_labels
from kgbuild.extract.decode import clusters
from kgbuild.extract.encode import Tokens, windows
from kgbuild.extract.grouping import Encoded
from kgbuild.extract.labels import PRONOUN
from kgbuild.extract.licence import Licence
from kgbuild.extract.mentions import Found, agreed, apart, located, pronouns, tagged_mentions
from kgbuild.extract.model import Model, has_fast_bfloat16, load_model
from kgbuild.extract.network import Spans, Window
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.ontology import Ontology
from kgbuild.records import Attribute, Document, Extraction, Mention, Relation, Sentence

logger = logging.getLogger(__name__)

ENCODED_AT_ONCE = 512  # tokens: more gain nothing on a CPU, and are padded more
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


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
        threads: int = 1,
        threshold: float | None = None,
    ) -> NeuralExtractor:
        """The shipped model, or that of a directory; `precision` is auto, bfloat16 or float32.

        `threads` are those of the whole process's torch. Windows are small, so a second thread gains
        little on an idle machine, and on a busy one each waits for the other.
        """
        if precision not in ("auto", "bfloat16", "float32"):
            raise ConfigurationError(f"precision is {precision!r}; it must be auto, bfloat16 or float32")
        torch.set_num_threads(threads)
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
            tokens, encoded = self._windows(document, sentences)
            tags = self._tags(encoded, len(tokens.ids))
            tagged = apart(agreed(tagged_mentions(document.text, sentences, tokens, tags)), known)
            found = located([*tagged, *pronouns(document.text, tagged)], tokens)
            return self._extraction(document, found, *self._read(found, encoded))

    def relate(
        self, document: Document, sentences: Sequence[Sentence], mentions: Sequence[Mention]
    ) -> Extraction:
        """Relations, attributes and clusters of given mentions, which stay as they are."""
        with torch.inference_mode():
            tokens, encoded = self._windows(document, sentences)
            found = located(mentions, tokens)
            return self._extraction(document, found, *self._read(found, encoded))

    def _windows(self, document: Document, sentences: Sequence[Sentence]) -> tuple[Tokens, list[Encoded]]:
        """A document's tokens and its windows."""
        tokens = self.model.text_encoder.tokens(document.text)
        config = self.model.config
        ranges = windows(
            tokens, [each.start for each in sentences], length=config.window, stride=config.stride
        )
        by_length = sorted(ranges, key=lambda each: (each[1] - each[0], each))
        at_once = max(1, ENCODED_AT_ONCE // config.window)
        encoded = [
            window
            for at in range(0, len(ranges), at_once)
            for window in self._encode(tokens, by_length[at : at + at_once])
        ]
        return tokens, sorted(encoded, key=lambda window: window.begin)

    def _encode(self, tokens: Tokens, ranges: Sequence[tuple[int, int]]) -> list[Encoded]:
        """Windows with their hidden states, which are kept as narrow as the encoder makes them."""
        longest = max(end - begin for begin, end in ranges) + 2
        ids = torch.zeros(len(ranges), longest, dtype=torch.long)
        shapes, mask = torch.zeros_like(ids), torch.zeros_like(ids)
        for row, (begin, end) in enumerate(ranges):
            size = end - begin + 2
            ids[row, 0], ids[row, size - 1] = self.model.text_encoder.begin, self.model.text_encoder.end
            ids[row, 1 : size - 1] = torch.from_numpy(tokens.ids[begin:end])
            shapes[row, 1 : size - 1] = torch.from_numpy(tokens.shapes[begin:end])
            mask[row, :size] = 1
        hidden = self.model.network.encode(Window(ids, mask, shapes)).to(self.model.network.encoder.dtype)
        return [
            Encoded(begin, end, hidden[row, : end - begin + 2]) for row, (begin, end) in enumerate(ranges)
        ]

    def _tags(self, encoded: Sequence[Encoded], count: int) -> Floats:
        """Tag probabilities of each piece, from the window in which it has most context."""
        result = np.zeros((count, self.model.network.tagger.out_features), np.float32)
        room = np.full(count, -1)
        for window in encoded:
            scores = self.model.network.tags(window.hidden[1:-1].float()).softmax(-1).numpy()
            inside = np.arange(window.end - window.begin)
            context = np.minimum(inside, inside[::-1])
            better = context > room[window.begin : window.end]
            result[window.begin : window.end][better] = scores[better]
            room[window.begin : window.end][better] = context[better]
        return result

    def _read(
        self, found: Found, encoded: Sequence[Encoded]
    ) -> tuple[dict[tuple[int, int, int], float], References]:
        """Probabilities by (subject, property, object) above the threshold, and the references."""
        scenes = [
            grouping.Scene(window, inside, self._licence.pairs(found.kinds[inside]))
            for window in encoded
            if len(inside := grouping.inside(found, window))
        ]
        network = self.model.network
        scores: dict[tuple[int, int, int], float] = {}
        parts: dict[int, References] = {}
        for group in grouping.groups(scenes):
            members = [scenes[place] for place in group]
            hidden, mask = grouping.stacked(members)
            spans, matched = grouping.spans(members, found), grouping.matched(members, found)
            vectors = network.mentions(hidden, spans)
            coreference = network.coreference(vectors, spans, matched)
            vectors = network.related(vectors, spans, matched, coreference)
            self._relate(members, found, (hidden, mask, vectors), spans, scores)
            parts |= zip(group, _references(members, found, coreference, matched), strict=True)
        return scores, _joined(found, [(scene, parts[place]) for place, scene in enumerate(scenes)])

    def _relate(
        self,
        scenes: Sequence[grouping.Scene],
        found: Found,
        state: tuple[Tensor, Tensor, Tensor],
        spans: Spans,
        scores: dict[tuple[int, int, int], float],
    ) -> None:
        """Add what holds between the mentions of some windows; `state` is hidden, mask, mention vectors."""
        hidden, mask, vectors = state
        scale, shift = (torch.from_numpy(each) for each in (self._calibration.scale, self._calibration.shift))
        for part, pairs in grouping.pairs(scenes):
            pair_vectors = self.model.network.pairs(hidden, mask, vectors, spans, pairs)
            logits = self.model.network.relations(pair_vectors, self._properties)
            probabilities = torch.sigmoid(logits * scale + shift).numpy()
            for row, scene in enumerate(scenes):
                ends = scene.inside[scene.pairs[part]]
                above = probabilities[row, : len(ends)] >= self._calibration.threshold
                above &= self._licence.properties(found.kinds[ends[:, 0]], found.kinds[ends[:, 1]])
                for pair, column in np.argwhere(above):
                    key = (int(ends[pair, 0]), int(column), int(ends[pair, 1]))
                    scores[key] = max(scores.get(key, 0.0), float(probabilities[row, pair, column]))

    def _extraction(
        self,
        document: Document,
        found: Found,
        scores: dict[tuple[int, int, int], float],
        references: References,
    ) -> Extraction:
        groups = clusters(len(found.mentions), references.antecedent.tolist())
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
            document.id,
            0,
            len(document.text),
            mentions,
            tuple(relations),
            tuple(attributes),
            groups,
            tuple(references.certainty.tolist()),
        )


def _references(
    scenes: Sequence[grouping.Scene], found: Found, scores: Tensor, matched: Tensor
) -> list[References]:
    """The references of each window's mentions, as places in the window."""
    return [
        References.of(
            scores[row, : len(scene.inside), : len(scene.inside)].numpy(),
            matched[row, : len(scene.inside), : len(scene.inside)].numpy(),
            Referents(found.kinds[scene.inside], found.label[scene.inside] == PRONOUN),
        )
        for row, scene in enumerate(scenes)
    ]


def _joined(found: Found, parts: Sequence[tuple[grouping.Scene, References]]) -> References:
    """The references of a document: each mention's from the window in which it has most context."""
    count = len(found.mentions)
    antecedent, certainty, room = np.full(count, -1), np.ones(count), np.full(count, -1)
    for scene, part in parts:
        window, inside = scene.window, scene.inside
        context = np.minimum(found.first[inside] - window.begin, window.end - found.last[inside])
        better = context > room[inside]
        antecedent[inside[better]] = np.where(part.antecedent >= 0, inside[part.antecedent], -1)[better]
        certainty[inside[better]] = part.certainty[better]
        room[inside] = np.maximum(room[inside], context)
    return References(antecedent, certainty)

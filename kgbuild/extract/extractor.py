"""The neural extractor behind the `Extractor` seam.

A document's windows are read one by one, so that a score does not depend on which other
documents are read; a pair is scored in each window that holds both its mentions (the best score counts).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kgbuild.errors import ConfigurationError
from kgbuild.extract.across import ReferenceView, joined
from kgbuild.extract.calibration import CalibratedGroup, PropertyCalibration
from kgbuild.extract.contexts import with_contexts
from kgbuild.extract.coreference import References, clusters, resolved
from kgbuild.extract.encoding import Reading, Scene, scene, spans
from kgbuild.extract.filtering import Pruning
from kgbuild.extract.labels import PRONOUN
from kgbuild.extract.licence import Licence, kind
from kgbuild.extract.mentions import Found, agreed, apart, located, references, tagged_mentions
from kgbuild.extract.model import Model, load_model
from kgbuild.extract.offices import are_held, offices
from kgbuild.extract.precision import has_fast_bfloat16
from kgbuild.extract.quantities import one_fact_each
from kgbuild.extract.referents import Referents
from kgbuild.extract.scoring import Facts, PairScorer
from kgbuild.extract.shipped import shipped
from kgbuild.extract.speech import NOBODY
from kgbuild.extract.strings import matches
from kgbuild.extract.synonyms import Learned
from kgbuild.extract.tagging import TagChain, WordTags
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.ontology import Ontology
from kgbuild.records import Attribute, Document, Extraction, Label, Mention, Relation, Sentence

logger = logging.getLogger(__name__)

GIST = 400
"""Characters of a text whose gist is told."""


@dataclass(frozen=True, slots=True)
class View:
    """What is read in a window: vectors of its `mentions` (mentions, width), facts, and what tells of
    references."""

    scene: Scene
    mentions: Tensor
    facts: Facts
    reference: ReferenceView


@dataclass(frozen=True, slots=True)
class PairView:
    """What a filter of pairs is fitted to: vectors of a window's `mentions` (mentions, width), their `first`
    tokens (mentions,), which pairs are `allowed` and how many `facts` are emitted of each, both (subjects,
    objects)."""

    mentions: Tensor
    first: Tensor
    allowed: Tensor
    facts: Tensor


class NeuralExtractor:
    """Reads documents with one model and one ontology."""

    def __init__(self, model: Model, ontology: Ontology, *, threshold: float | None = None) -> None:
        self.model = model
        self.ontology = ontology
        self.threshold = threshold
        config, learned = model.config, Learned.of(ontology, model)
        self._texts = texts = PropertyTexts.of(
            learned.ontology, model, withheld=config.withheld, known_as=learned.names
        )
        self.names, self.known_as = texts.names, texts.known_as
        calibration = self.calibrated(threshold)
        with torch.inference_mode():
            properties = texts.known_by(model)
        self.licence = Licence(learned.ontology, texts.names)
        self.reads_offices = any(are_held(learned.ontology, name) for name in texts.names)
        pruning = _pruning(model, learned.ontology, texts) if threshold is None else None
        self.scorer = PairScorer(model.network, properties, self.licence, calibration, pruning=pruning)
        self.chain = TagChain(config.tags)
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
        model = load_model(directory or shipped())
        narrow = precision == "bfloat16" or (precision == "auto" and has_fast_bfloat16())
        if narrow:
            model.network.encoder.bfloat16()
        logger.info("model %s, computing in %s", model.digest, "bfloat16" if narrow else "float32")
        return cls(model, ontology, threshold=threshold)

    def calibrated(self, threshold: float | None) -> PropertyCalibration:
        """The calibration of each of the properties; `threshold` overrides those that the model learned."""
        config, texts = self.model.config, self._texts
        groups, pronouns = config.groups, config.pronouns
        if config.unlearned:
            apart = texts.unlearned(self.model)
            groups = (CalibratedGroup(apart, config.unlearned), *groups)  # one of its own counts more
            pronouns = None if pronouns is None else (*pronouns, *apart)
        return PropertyCalibration.of(
            texts.known_as, config.calibration, groups, pronouns=pronouns, threshold=threshold
        )

    def extract(self, document: Document, sentences: Sequence[Sentence]) -> Extraction:
        """Mentions, relations, attributes and clusters of one document."""
        return self.extract_around(document, sentences, ())

    def extract_around(
        self, document: Document, sentences: Sequence[Sentence], known: Sequence[Mention]
    ) -> Extraction:
        """As `extract`, with known mentions, which do not overlap, in place of those that overlap them."""
        with torch.inference_mode():
            found, reading = self._found(document, sentences, known)
            referents = Referents.of(document.text, found, sentences)
            return self._extraction(document, found, *self._read(found, referents, reading), reading)

    def relate(
        self, document: Document, sentences: Sequence[Sentence], mentions: Sequence[Mention]
    ) -> Extraction:
        """Relations, attributes and clusters of given mentions, which stay as they are."""
        with torch.inference_mode():
            reading = self._reading(document, sentences)
            found = located(mentions, reading.tokens)
            referents = Referents.of(document.text, found, sentences)
            return self._extraction(document, found, *self._read(found, referents, reading), reading)

    def word_tags(self, document: Document, sentences: Sequence[Sentence]) -> WordTags:
        """The words of a document with the probabilities of their tags, as the tag chain is given them."""
        with torch.inference_mode():
            return self._tagged(self._reading(document, sentences), sentences)

    def pair_views(self, document: Document, sentences: Sequence[Sentence]) -> list[PairView]:
        """The windows of a document as a filter of pairs sees them, with what is emitted."""
        with torch.no_grad():
            found, reading = self._found(document, sentences)
            found = found.at(np.flatnonzero(~found.office))
            referents = Referents.of(document.text, found, sentences)
            return [self._pair_view(at, found) for at in self._views(found, referents, reading)]

    def reference_views(
        self, document: Document, sentences: Sequence[Sentence]
    ) -> tuple[tuple[Mention, ...], list[ReferenceView]]:
        """A document's mentions, and its windows as what resolves pronouns sees them."""
        with torch.inference_mode():
            found, reading = self._found(document, sentences)
            referents = Referents.of(document.text, found, sentences)
            return found.mentions, [at.reference for at in self._views(found, referents, reading)]

    def gist(self, text: str) -> NDArray[np.float32]:
        """What a short text is about, (hidden,): the mean of the encoder's embeddings of its word pieces."""
        pieces = self.model.text_encoder.tokens(text[:GIST], cased=False).ids
        with torch.inference_mode():
            found = self.model.network.encoder.get_input_embeddings()(torch.from_numpy(pieces)).float()
            mean: NDArray[np.float32] = (
                found.mean(0).numpy() if len(pieces) else np.zeros(found.shape[1], np.float32)
            )
        return mean

    def _tagged(self, reading: Reading, sentences: Sequence[Sentence]) -> WordTags:
        tags = self.model.network.tags(reading.hidden.float()).softmax(-1).numpy()
        return WordTags.of(reading.tokens, tags, [each.start for each in sentences])

    def _reading(self, document: Document, sentences: Sequence[Sentence]) -> Reading:
        tokens = self.model.text_encoder.tokens(document.text)
        return Reading.of(self.model, tokens, [each.start for each in sentences])

    def _found(
        self, document: Document, sentences: Sequence[Sentence], known: Sequence[Mention] = ()
    ) -> tuple[Found, Reading]:
        """A document's mentions, with the known ones, and what was read to find them."""
        reading = self._reading(document, sentences)
        words = self._tagged(reading, sentences)
        tagged = apart(agreed(tagged_mentions(document.text, words, self.chain)), known)
        held = offices(document.text, tagged) if self.reads_offices else ()
        return located([*tagged, *references(document.text, tagged)], reading.tokens, held), reading

    def _read(
        self, found: Found, referents: Referents, reading: Reading
    ) -> tuple[dict[tuple[int, int, int], float], References]:
        """Probabilities by (subject, column, object) above the threshold, and the references."""
        scores: dict[tuple[int, int, int], float] = {}
        parts: list[ReferenceView] = []
        for at in self._views(found, referents, reading):
            inside, facts = at.scene.inside, at.facts
            ends = inside[facts.subject].tolist(), facts.column.tolist(), inside[facts.object].tolist()
            for key, score in zip(zip(*ends, strict=True), facts.score.tolist(), strict=True):
                scores[key] = max(scores.get(key, 0.0), score)
            parts.append(at.reference)
        return scores, joined(found, referents, parts)

    def _views(self, found: Found, referents: Referents, reading: Reading) -> Iterator[View]:
        """What is read in each window that holds mentions."""
        network = self.model.network
        for here in (scene(found, window) for window in reading.windows):
            inside = here.inside
            if not len(inside):
                continue
            hidden, held = reading.states(here.window), spans(here, found)
            vectors = network.mentions(hidden[None].float(), held)
            written = [found.mentions[each].text for each in inside]
            matched = torch.from_numpy(matches(written))[None]
            coreference = network.coreference(vectors, held, matched)
            vectors = network.related(vectors, held, matched, coreference)[0]
            named = np.flatnonzero(~found.office[inside])
            among, referring = np.ix_(named, named), inside[named]
            yield View(
                here,
                vectors,
                self.scorer.facts(hidden, vectors, here.first, here.last, found.kinds[inside]),
                ReferenceView(
                    here.window,
                    referring,
                    coreference[0].numpy()[among],
                    matched[0].numpy()[among],
                    referents.within(referring),
                ),
            )

    def _pair_view(self, at: View, found: Found) -> PairView:
        first = at.scene.first
        allowed = self.scorer.allowed(at.mentions, first, found.kinds[at.scene.inside])
        facts = np.zeros(allowed.shape, np.int64)
        np.add.at(facts, (at.facts.subject, at.facts.object), 1)
        return PairView(at.mentions, *map(torch.from_numpy, (first, allowed, facts)))

    def _extraction(
        self,
        document: Document,
        found: Found,
        scores: dict[tuple[int, int, int], float],
        references: References,
        reading: Reading,
    ) -> Extraction:
        groups = clusters(references.antecedent.tolist())
        told = resolved([mention.label for mention in found.mentions], found.label == PRONOUN, groups)
        numbers = {at for at, each in enumerate(found.mentions) if each.label is Label.NUMBER}
        stated = dict(one_fact_each(self._holding(found, told, scores), numbers, groups))
        found, facts, references = _held(_named(found, told), stated, references)
        mentions = with_contexts(found, reading.hidden).mentions
        relations: list[Relation] = []
        attributes: list[Attribute] = []
        for (subject, column, object_), score in facts.items():
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
            clusters(references.antecedent.tolist()),
            tuple(references.certainty.tolist()),
        )

    def _holding(
        self, found: Found, told: Mapping[int, Label], scores: Mapping[tuple[int, int, int], float]
    ) -> list[tuple[tuple[int, int, int], float]]:
        """The facts, in order, that may hold of what the pronouns stand for too."""
        if not scores:
            return []
        kinds = found.kinds.copy()
        for number, label in told.items():
            kinds[number] = kind([label])
        facts = sorted(scores.items())
        subject, column, object_ = np.array([ends for ends, _ in facts]).T
        holds = self.licence.holds(kinds[subject], column, kinds[object_])
        return [fact for fact, kept in zip(facts, holds.tolist(), strict=True) if kept]


def _pruning(model: Model, ontology: Ontology, texts: PropertyTexts) -> Pruning | None:
    """The pairs that the model's filter keeps, where it has one."""
    if model.filter is None:
        return None
    known = zip(texts.names, texts.known_as, strict=True)
    fitted = frozenset(model.config.filtered)
    return Pruning(model.filter, ontology, [name for name, known_as in known if known_as not in fitted])


def _named(found: Found, told: Mapping[int, Label]) -> Found:
    """The mentions with the labels of what the pronouns among them stand for."""
    mentions = list(found.mentions)
    for place, label in told.items():
        mentions[place] = replace(mentions[place], label=label)
    return replace(found, mentions=tuple(mentions))


def _held(
    found: Found, facts: dict[tuple[int, int, int], float], references: References
) -> tuple[Found, dict[tuple[int, int, int], float], References]:
    """What was read, without the offices that nobody is said to hold."""
    kept = ~found.office
    kept[[object_ for _, _, object_ in facts]] = True
    if kept.all():
        return found, facts, references
    places = np.flatnonzero(kept)
    moved = np.append(np.where(kept, kept.cumsum() - 1, NOBODY), NOBODY)
    at = moved.tolist()
    return (
        found.at(places),
        {(at[subject], column, at[object_]): score for (subject, column, object_), score in facts.items()},
        References(moved[references.antecedent[places]], references.certainty[places]),
    )

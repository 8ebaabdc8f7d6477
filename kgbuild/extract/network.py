"""The joint network: one encoder, heads for tags, mention pairs, properties and coreference.

Tags are a linear layer over word pieces (BIO). A mention pair is its two mentions, what the pair
attends to in the window (a learned form of the localised context of ATLOP, Zhou et al., AAAI 2021)
and the maximum over the words between them. A property is the mean of the encoder's output over
its label, description and aliases, plus, where it was trained, what was learned of it alone; a pair scores
against it by a dot product, so the ontology given at run time is the label set. Properties of which nothing
was learned may be compared with pairs as they stand instead (`kgbuild.extract.likeness`). Coreference ranks
antecedents against "none" (Lee et al., EMNLP 2017). Before they are paired, mentions may exchange messages
(`kgbuild.extract.structure`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import PretrainedConfig, PreTrainedModel

from kgbuild.extract.attention import attended
from kgbuild.extract.encode import Shape
from kgbuild.extract.labels import PRONOUN, TAGS, UNKNOWN
from kgbuild.extract.likeness import Likeness, TextStates, mean_ends
from kgbuild.extract.ranges import gathered, range_maximum
from kgbuild.extract.structure import Structure, edges

DISTANCES = 10
STRING_MATCHES = 6
KINDS = 4


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Sizes of the heads; the encoder's own are in its configuration."""

    width: int = 256
    attention: int = 192
    attention_heads: int = 6
    between: int = 128
    coreference: int = 128
    dropout: float = 0.1
    memory: int = 0
    """How many properties the network was trained on: each has a vector of its own beside its text's."""
    structure: int = 0
    """Rounds of messages between a window's mentions before they are paired."""
    likeness: int = 0
    """Width in which mentions are compared with the classes of a property's ends, beside contexts with its
    text; 0 tells all properties by learned vectors."""

    @property
    def compared(self) -> int:
        """Width of the vectors of pairs and, but for their bias, of properties."""
        return self.width + (2 * self.likeness + self.attention + 1 if self.likeness else 0)


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as token ids and mask, both (texts, tokens); one that is missing has no token."""

    ids: Tensor
    mask: Tensor

    def at(self, rows: Tensor) -> Texts:
        """Some of them, cut to the longest."""
        mask = self.mask[rows]
        longest = max(1, int(mask.sum(1).max()))
        return Texts(self.ids[rows, :longest], mask[:, :longest])


@dataclass(frozen=True, slots=True)
class Described:
    """Properties as texts: each one's own, and of its domain and range the places (properties,) of the
    names of their classes among `ends`."""

    text: Texts
    ends: Texts
    domain: Tensor
    range: Tensor

    def at(self, rows: Tensor) -> Described:
        """Those of some properties."""
        both = torch.stack([self.domain[rows], self.range[rows]])
        used, (domain, range_) = both.unique(return_inverse=True)  # type: ignore[no-untyped-call]
        return Described(self.text.at(rows), self.ends.at(used), domain, range_)


@dataclass(frozen=True, slots=True)
class Window:
    """A batch of windows: `ids`, `mask`, `shapes` all (batch, tokens); no mask where nothing is padded."""

    ids: Tensor
    mask: Tensor | None
    shapes: Tensor


@dataclass(frozen=True, slots=True)
class Spans:
    """Mentions as first and last token of their window: all (batch, mentions).

    `label` is a label number of `kgbuild.extract.labels`, PRONOUN and UNKNOWN included.
    """

    first: Tensor
    last: Tensor
    label: Tensor
    mask: Tensor


@dataclass(frozen=True, slots=True)
class Mentions:
    """Mentions as the network reads them in one pass, before they have exchanged messages.

    `matches` (batch, mentions, mentions) are string match codes, `vectors` (batch, mentions, width), and
    `antecedents` (batch, mentions, mentions) the logits of coreference.
    """

    spans: Spans
    matches: Tensor
    vectors: Tensor
    antecedents: Tensor


@dataclass(frozen=True, slots=True)
class Pairs:
    """Ordered mention pairs as positions in the spans: all (batch, pairs)."""

    subject: Tensor
    object: Tensor
    mask: Tensor


def distance_bucket(distance: Tensor) -> Tensor:
    """Signed token distances in `DISTANCES` buckets: five sizes on either side."""
    size = torch.bucketize(distance.abs(), torch.tensor([4, 12, 32, 96], device=distance.device))
    return size + 5 * (distance < 0)


class JointNetwork(nn.Module):
    """Scores windows; knows nothing of text, records or thresholds."""

    def __init__(self, encoder: PreTrainedModel, config: NetworkConfig) -> None:
        super().__init__()
        hidden = encoder.config.hidden_size
        width = config.width
        self.config = config
        self.encoder = encoder
        self.shape_embedding = nn.Embedding(len(Shape), hidden)
        nn.init.zeros_(self.shape_embedding.weight)
        self.dropout = nn.Dropout(config.dropout)
        self.tagger = nn.Linear(hidden, len(TAGS))
        self.span = nn.Linear(2 * hidden, width)
        self.label_embedding = nn.Embedding(UNKNOWN + 1, width)
        self.query = nn.Linear(2 * width, config.attention)
        self.key = nn.Linear(hidden, config.attention)
        self.context = nn.Linear(hidden, config.attention)
        self.between = nn.Linear(hidden, config.between)
        self.subject = nn.Linear(width, width)
        self.object = nn.Linear(width, width, bias=False)
        self.around = nn.Linear(config.attention + config.between, width, bias=False)
        self.distance_embedding = nn.Embedding(DISTANCES, width)
        self.pair = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, width),
            nn.GELU(),
            nn.Linear(width, width),
            nn.LayerNorm(width),
        )
        self.property = nn.Linear(hidden, width + 1)
        self.memory = nn.Parameter(torch.zeros(config.memory, config.compared + 1))
        self.likeness = Likeness(hidden, config.attention, config.likeness) if config.likeness else None
        self.structure = Structure(config.structure, width, distances=DISTANCES, matches=STRING_MATCHES)
        self.anaphor = nn.Linear(width, config.coreference)
        self.antecedent = nn.Linear(width, config.coreference)
        self.match_embedding = nn.Embedding(STRING_MATCHES * KINDS, 1)
        self.recency_embedding = nn.Embedding(DISTANCES * KINDS, 1)
        nn.init.zeros_(self.match_embedding.weight)
        nn.init.zeros_(self.recency_embedding.weight)

    @property
    def encoder_config(self) -> PretrainedConfig:
        """The backbone's own configuration."""
        config: PretrainedConfig = self.encoder.config
        return config

    def encode(self, window: Window) -> Tensor:
        """Token representations in float32, (batch, tokens, hidden)."""
        words = self.encoder.get_input_embeddings()(window.ids)
        embedded = words + self.shape_embedding(window.shapes).to(words.dtype)
        output = self.encoder(inputs_embeds=embedded, attention_mask=window.mask)
        hidden: Tensor = self.dropout(output.last_hidden_state.float())
        return hidden

    def tags(self, hidden: Tensor) -> Tensor:
        """Tag logits, (batch, tokens, tags)."""
        scores: Tensor = self.tagger(hidden)
        return scores

    def mentions(self, hidden: Tensor, spans: Spans) -> Tensor:
        """Mention vectors, (batch, mentions, width)."""
        rows = torch.arange(hidden.shape[0], device=hidden.device)[:, None]
        places = rows * hidden.shape[1] + torch.stack([spans.first, spans.last])
        pooled = gathered(hidden.flatten(0, 1), *places.flatten(1), mode="max")
        vector = self.span(torch.cat([pooled.view(*spans.first.shape, -1), hidden[rows, spans.first]], -1))
        labelled: Tensor = self.dropout(torch.tanh(vector + self.label_embedding(spans.label)))
        return labelled

    def read_mentions(self, hidden: Tensor, spans: Spans, matches: Tensor) -> Mentions:
        """Mentions with their antecedents; `hidden` is what `encode` returned."""
        vectors = self.mentions(hidden, spans)
        return Mentions(spans, matches, vectors, self.coreference(vectors, spans, matches))

    def pair_vectors(self, hidden: Tensor, mask: Tensor | None, mentions: Mentions, pairs: Pairs) -> Tensor:
        """Vectors of pairs of mentions that have exchanged messages, (batch, pairs, compared)."""
        spans = mentions.spans
        related = self.related(mentions.vectors, spans, mentions.matches, mentions.antecedents)
        return self.pairs(hidden, mask, related, spans, pairs)

    def related(self, mentions: Tensor, spans: Spans, matches: Tensor, coreference: Tensor) -> Tensor:
        """Mention vectors after they have exchanged messages, (batch, mentions, width): those to pair.

        `coreference` are the antecedent logits of the mentions, `matches` as they were for them.
        """
        if not len(self.structure):
            return mentions
        distance = distance_bucket(spans.first[:, :, None] - spans.first[:, None, :])
        joined = edges(spans.first, spans.mask, coreference, distance=distance, match=matches)
        vectors: Tensor = self.structure(mentions, joined)
        return vectors

    def pairs(
        self, hidden: Tensor, mask: Tensor | None, mentions: Tensor, spans: Spans, pairs: Pairs
    ) -> Tensor:
        """Pair vectors, (batch, pairs, compared); `mask` is the window's."""
        rows = torch.arange(hidden.shape[0], device=hidden.device)[:, None]
        context = self.contexts(hidden, mask, mentions, pairs)
        first = torch.minimum(spans.last[rows, pairs.subject], spans.last[rows, pairs.object]) + 1
        last = torch.maximum(spans.first[rows, pairs.subject], spans.first[rows, pairs.object]) - 1
        between = range_maximum(self.between(hidden), first, last)
        distance = spans.first[rows, pairs.object] - spans.first[rows, pairs.subject]
        subject, object_ = self.subject(mentions), self.object(mentions)
        joined = subject[rows, pairs.subject] + object_[rows, pairs.object]
        joined = joined + self.around(torch.cat([context, between], -1))
        vector: Tensor = self.pair(joined + self.distance_embedding(distance_bucket(distance)))
        if self.likeness is None:
            return vector
        ends = self.likeness.mentions(mean_ends(hidden, spans.first, spans.last))
        alike = self.likeness.of_pairs(ends[rows, pairs.subject], ends[rows, pairs.object], context)
        return torch.cat([vector, alike.to(vector.dtype)], -1)

    def contexts(self, hidden: Tensor, mask: Tensor | None, mentions: Tensor, pairs: Pairs) -> Tensor:
        """What pairs attend to in their window, (batch, pairs, attention); arguments as in `pairs`."""
        heads = self.config.attention_heads

        def split(values: Tensor) -> Tensor:
            return values.view(*values.shape[:2], heads, -1).transpose(1, 2)

        queries = self._queries(mentions, pairs)
        found = attended(split(queries), split(self.key(hidden)), split(self.context(hidden)), mask)
        return found.transpose(1, 2).flatten(2)

    def _queries(self, mentions: Tensor, pairs: Pairs) -> Tensor:
        """What each pair looks for, (batch, pairs, attention): a linear map of its two mentions.

        The map is applied to each mention once in either part, since there are far fewer than pairs.
        """
        rows = torch.arange(mentions.shape[0], device=mentions.device)[:, None]
        of_subject, of_object = torch.split(self.query.weight, self.config.width, dim=1)
        subject = functional.linear(mentions, of_subject, self.query.bias)
        return subject[rows, pairs.subject] + functional.linear(mentions, of_object)[rows, pairs.object]

    def properties(self, texts: Described) -> Tensor:
        """Property vectors from their texts, (properties, compared + 1), both ways of telling side by side.

        The last column is the bias of the learned vector; see `apart`.
        """
        if self.likeness is None:
            return self.learned(texts)
        states = self.texts(texts)
        vectors, alike = self.property(states.text), self.likeness.of_properties(states)
        return torch.cat([vectors[:, :-1], alike.to(vectors.dtype), vectors[:, -1:]], -1)

    def learned(self, texts: Described) -> Tensor:
        """The same by what was learned alone: the names of classes are not read."""
        vectors = self.property(self._pooled(texts.text))
        room = self.config.compared - self.config.width
        return torch.cat([vectors[:, :-1], vectors.new_zeros(len(vectors), room), vectors[:, -1:]], -1)

    def texts(self, texts: Described) -> TextStates:
        """What the encoder makes of properties' texts."""
        text, named = self._pooled(texts.text), self._pooled(texts.ends)
        ends = (named[places] for places in (texts.domain, texts.range))
        domain, range_ = (torch.where(each.any(-1, keepdim=True), each, text) for each in ends)
        return TextStates(text, self.context(text), domain, range_)

    def apart(self, properties: Tensor) -> tuple[Tensor, Tensor]:
        """The vectors (properties, compared + 1) of `properties` by what was learned, and by likeness.

        The same twice where the network has no likeness.
        """
        if self.likeness is None:
            return properties, properties
        alike = torch.zeros(properties.shape[1], dtype=torch.bool, device=properties.device)
        alike[self.config.width : -1] = True
        return properties.masked_fill(alike, 0.0), properties.masked_fill(~alike, 0.0)

    def known(self, told: Tensor, own: Tensor) -> Tensor:
        """Properties as pairs are scored against them, (properties, compared + 1).

        By their texts (`told`, as `properties` returns them) with what was learned of each alone (`own`), or,
        where that is nothing, by likeness. Arguments (properties, compared + 1).
        """
        learned, alike = self.apart(told)
        return torch.where(own.any(1, keepdim=True), learned + own, alike)

    def _pooled(self, texts: Texts) -> Tensor:
        """The mean state of each text's tokens in float32, (texts, hidden); zeros where it is missing."""
        given = texts.mask.any(1, keepdim=True)
        read = torch.where(given, texts.mask, 1)  # attention to nothing is no number
        embedded = self.encoder.get_input_embeddings()(texts.ids)
        hidden = self.encoder(inputs_embeds=embedded, attention_mask=read).last_hidden_state.float()
        weights = texts.mask[..., None].float()
        mean: Tensor = (hidden * weights).sum(1) / weights.sum(1).clamp(min=1.0)
        return mean

    def relations(self, pairs: Tensor, properties: Tensor) -> Tensor:
        """Logits of every property for every pair, (batch, pairs, properties)."""
        logits: Tensor = pairs @ properties[:, :-1].T + properties[:, -1]
        return logits

    def coreference(self, mentions: Tensor, spans: Spans, matches: Tensor) -> Tensor:
        """Antecedent logits: [b, j, i] scores mention i as antecedent of j, against "none" at 0.

        `matches` (batch, mentions, mentions) is a string match code below `STRING_MATCHES`.
        """
        pronoun = (spans.label == PRONOUN).long()
        kind = 2 * pronoun[:, :, None] + pronoun[:, None, :]
        distance = distance_bucket(spans.first[:, :, None] - spans.first[:, None, :])
        scale = self.config.coreference**-0.5
        scores = self.anaphor(mentions) @ self.antecedent(mentions).transpose(1, 2) * scale
        scores = scores + self.match_embedding(matches * KINDS + kind)[..., 0]
        found: Tensor = scores + self.recency_embedding(distance * KINDS + kind)[..., 0]
        return found

"""Which property's name a name in words is most like, by the encoder of a model."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import torch
from torch import Tensor
from torch.nn.functional import normalize

from kgbuild.extract.model import Model
from kgbuild.ontology import Ontology

_AT_ONCE = 64
_LONGEST = 32
"""Tokens of a name that are read, the two that frame it included."""


class SimilarNames:
    """The names of an ontology's properties as vectors; they are made when they are first asked for."""

    def __init__(self, model: Model, ontology: Ontology) -> None:
        self._model = model
        self._named = [
            (name, pid)
            for pid, each in sorted(ontology.properties.items())
            for name in dict.fromkeys((each.label, *each.aliases))
        ]

    def __call__(self, name: str) -> tuple[str, float] | None:
        """The property with the name most like this one, and the cosine of the two; None where none is."""
        if not self._named:
            return None
        score, place = (self._vectors @ self._encoded([name])[0]).max(0)
        return self._named[int(place)][1], float(score)

    @cached_property
    def _vectors(self) -> Tensor:
        """The vectors of all names, (names, hidden)."""
        names = [name for name, _ in self._named]
        return torch.cat([self._encoded(names[at : at + _AT_ONCE]) for at in range(0, len(names), _AT_ONCE)])

    @torch.inference_mode()
    def _encoded(self, names: Sequence[str]) -> Tensor:
        """Means of the encoder's last layer, of length one, (names, hidden)."""
        text, encoder = self._model.text_encoder, self._model.network.encoder
        framed = [
            [text.begin, *text.tokens(name, cased=False).ids[: _LONGEST - 2].tolist(), text.end]
            for name in names
        ]
        ids = torch.zeros(len(framed), max(map(len, framed)), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, pieces in enumerate(framed):
            ids[row, : len(pieces)] = torch.tensor(pieces)
            mask[row, : len(pieces)] = 1
        embedded = encoder.get_input_embeddings()(ids)
        hidden = encoder(inputs_embeds=embedded, attention_mask=mask).last_hidden_state.float()
        return normalize((hidden * mask[..., None]).sum(1), dim=1)

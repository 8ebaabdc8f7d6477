"""The ontology's properties as texts for the encoder, and as vectors for the pair scorer."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from kgbuild.extract.encode import TextEncoder
from kgbuild.extract.labels import property_text
from kgbuild.extract.network import JointNetwork
from kgbuild.ontology import Ontology


@dataclass(frozen=True, slots=True)
class PropertyTexts:
    """Token ids and mask of each property's text, (properties, tokens), in the order of `names`."""

    names: tuple[str, ...]
    ids: Tensor
    mask: Tensor

    @classmethod
    def of(cls, ontology: Ontology, encoder: TextEncoder, *, length: int) -> PropertyTexts:
        """Every property of an ontology, its text cut to `length` tokens."""
        names = tuple(sorted(ontology.properties))
        ids = torch.zeros(len(names), length, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, name in enumerate(names):
            defined = ontology.properties[name]
            pieces = encoder.tokens(property_text(defined.label, defined.description), cased=False).ids
            framed = [encoder.begin, *pieces[: length - 2].tolist(), encoder.end]
            ids[row, : len(framed)] = torch.tensor(framed)
            mask[row, : len(framed)] = 1
        return cls(names, ids, mask)

    def rows(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Ids and mask of some properties, cut to the longest among them."""
        mask = self.mask[rows]
        longest = int(mask.sum(1).max())
        return self.ids[rows, :longest], mask[:, :longest]

    @torch.no_grad()
    def vectors(self, network: JointNetwork) -> Tensor:
        """Property vectors, (properties, width + 1), in float32."""
        return network.properties(self.ids, self.mask).float()

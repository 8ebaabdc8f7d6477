"""The ontology's properties as texts for the encoder, and as vectors for the pair scorer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from kgbuild.extract.labels import property_text
from kgbuild.extract.model import Model
from kgbuild.extract.network import JointNetwork
from kgbuild.ontology import Ontology, ValueKind


def readable(ontology: Ontology) -> tuple[str, ...]:
    """Ids of the properties whose values are mentions, sorted."""
    return tuple(
        sorted(name for name, each in ontology.properties.items() if each.kind is not ValueKind.TEXT)
    )


@dataclass(frozen=True, slots=True)
class PropertyTexts:
    """Token ids and mask of each property's text, (properties, tokens), in the order of `names`."""

    names: tuple[str, ...]
    ids: Tensor
    mask: Tensor

    @classmethod
    def of(cls, ontology: Ontology, model: Model, *, withheld: Sequence[str] = ()) -> PropertyTexts:
        """The properties of an ontology that mentions can be values of, as a model reads them.

        Free text is no mention, so properties of that kind are not read; nor are the withheld ones.
        """
        names = tuple(name for name in readable(ontology) if name not in withheld)
        encoder, length = model.text_encoder, model.config.property_length
        ids = torch.zeros(len(names), length, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, name in enumerate(names):
            defined = ontology.properties[name]
            aliases = defined.aliases if model.config.aliases else ()
            text = property_text(defined.label, defined.description, aliases)
            pieces = encoder.tokens(text, cased=False).ids
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
    def vectors(self, network: JointNetwork, trained: Sequence[str] = ()) -> Tensor:
        """Property vectors, (properties, width + 1), in float32; `trained` names the memory's rows."""
        vectors = network.properties(self.ids, self.mask).float()
        row = {name: number for number, name in enumerate(trained)}
        known = [(column, row[name]) for column, name in enumerate(self.names) if name in row]
        if known:
            columns, rows = map(list, zip(*known, strict=True))
            vectors[columns] += network.memory[rows].float()
        return vectors

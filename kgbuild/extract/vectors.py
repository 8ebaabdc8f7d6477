"""The ontology's properties as texts for the encoder, and as vectors for the pair scorer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from kgbuild.errors import ConfigurationError
from kgbuild.extract.labels import property_text
from kgbuild.extract.model import Model
from kgbuild.extract.network import JointNetwork
from kgbuild.ontology import Ontology, Property, ValueKind

MOST_CLASSES = 3
"""Classes of a domain or range that a property's text names."""


def readable(ontology: Ontology) -> tuple[str, ...]:
    """Ids of the properties whose values are mentions, sorted."""
    return tuple(
        sorted(name for name, each in ontology.properties.items() if each.kind is not ValueKind.TEXT)
    )


def _ends(defined: Property, ontology: Ontology) -> str:
    """The classes between which a property holds, by their labels; nothing where no end is restricted."""
    domain, range_ = (
        " or ".join(ontology.classes[name].label for name in names[:MOST_CLASSES] if name in ontology.classes)
        for names in (defined.domain, defined.range)
    )
    if not domain and not range_:
        return ""
    return f"of {domain or 'something'}: {range_ or defined.kind.value}"


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
        Raises ConfigurationError where none is left.
        """
        names = tuple(name for name in readable(ontology) if name not in withheld)
        if not names:
            raise ConfigurationError(
                "the ontology has no property that the model reads (free text it does not, nor what it "
                "withholds); declare one whose values are entities, dates or quantities, or let patterns "
                "alone read (extractor.neural = false)"
            )
        encoder, length = model.text_encoder, model.config.property_length
        ids = torch.zeros(len(names), length, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, name in enumerate(names):
            defined = ontology.properties[name]
            aliases = defined.aliases if model.config.aliases else ()
            ends = _ends(defined, ontology) if model.config.ends else ""
            text = property_text(defined.label, defined.description, aliases, ends)
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
    def vectors(self, network: JointNetwork) -> Tensor:
        """Property vectors by their texts alone, (properties, width + 1), in float32."""
        return network.properties(self.ids, self.mask).float()

    @torch.no_grad()
    def known_by(self, model: Model) -> Tensor:
        """Property vectors as a model reads by them, (properties, width + 1), in float32.

        To those of their texts is added what was learned of each alone.
        """
        return self.vectors(model.network) + self._learned(model)

    @torch.no_grad()
    def rivals(self, model: Model) -> Tensor:
        """Property vectors of which one must be chosen, (properties, width + 1), in float32.

        Those that are known by their texts alone are brought to one scale (`kgbuild.extract.background`).
        """
        told, learned = self.vectors(model.network), self._learned(model)
        if model.background is None:
            return told + learned
        return torch.where(learned.any(1, keepdim=True), told + learned, model.background.scaled(told))

    def _learned(self, model: Model) -> Tensor:
        """What was learned of each property alone, (properties, width + 1); zeros where nothing was."""
        memory = model.network.memory
        row = {name: number for number, name in enumerate(model.config.trained)}
        rows = [row.get(name, -1) for name in self.names]
        return torch.cat([memory, memory.new_zeros(1, memory.shape[1])])[rows].float()

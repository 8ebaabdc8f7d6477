"""The ontology's properties as texts for the encoder, and as vectors for the pair scorer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import torch
from torch import Tensor

from kgbuild.errors import ConfigurationError
from kgbuild.extract.encode import TextEncoder
from kgbuild.extract.labels import property_text
from kgbuild.extract.model import Model
from kgbuild.extract.network import Described, JointNetwork, Texts
from kgbuild.ontology import Ontology, ValueKind

MOST_CLASSES = 3
"""Classes of a domain or range that a property's text names."""
END_LENGTH = 12
"""Word pieces of the classes of an end that are read by themselves."""


def readable(ontology: Ontology) -> tuple[str, ...]:
    """Ids of the properties whose values are mentions, sorted."""
    return tuple(
        sorted(name for name, each in ontology.properties.items() if each.kind is not ValueKind.TEXT)
    )


def _classes(names: Sequence[str], ontology: Ontology) -> str:
    """The labels of some classes; nothing where the ontology has none of them."""
    return " or ".join(
        ontology.classes[name].label for name in names[:MOST_CLASSES] if name in ontology.classes
    )


class _Told(NamedTuple):
    """A property's text and the names of what its ends are, empty where one is not restricted."""

    text: str
    domain: str
    range: str


def _told(ontology: Ontology, name: str, *, aliases: bool, ends: bool) -> _Told:
    """What is told of a property; its text has its aliases, and the classes of its ends, where asked for."""
    defined = ontology.properties[name]
    domain, range_ = (_classes(each, ontology) for each in (defined.domain, defined.range))
    values = defined.kind.value
    between = f"of {domain or 'something'}: {range_ or values}" if ends and (domain or range_) else ""
    also = defined.aliases if aliases else ()
    text = property_text(defined.label, defined.description, also, between)
    return _Told(text, domain, range_ or ("" if defined.kind is ValueKind.ITEM else values))


@dataclass(frozen=True, slots=True)
class PropertyTexts:
    """An ontology's properties, in the order of `names`, as an encoder is told of them; `known_as` are the
    names under which a model may have learned them."""

    names: tuple[str, ...]
    known_as: tuple[str, ...]
    described: Described

    @classmethod
    def of(
        cls,
        ontology: Ontology,
        model: Model,
        *,
        withheld: Sequence[str] = (),
        known_as: Mapping[str, str] = MappingProxyType({}),
    ) -> PropertyTexts:
        """The properties of an ontology that mentions can be values of, as a model reads them.

        Free text is no mention, so properties of that kind are not read; nor are the withheld ones.
        `known_as` are the names under which the model learned some, where they are others
        (`kgbuild.extract.synonyms`).
        Raises ConfigurationError where none is left.
        """
        names = tuple(name for name in readable(ontology) if name not in withheld)
        if not names:
            raise ConfigurationError(
                "the ontology has no property that the model reads (free text it does not, nor what it "
                "withholds); declare one whose values are entities, dates or quantities, or let patterns "
                "alone read (extractor.neural = false)"
            )
        encoder, config = model.text_encoder, model.config
        told = [_told(ontology, name, aliases=config.aliases, ends=config.ends) for name in names]
        ends = sorted({end for each in told for end in (each.domain, each.range)})
        place = {end: number for number, end in enumerate(ends)}
        described = Described(
            _encoded(encoder, [each.text for each in told], config.property_length),
            _encoded(encoder, ends, END_LENGTH),
            torch.tensor([place[each.domain] for each in told]),
            torch.tensor([place[each.range] for each in told]),
        )
        return cls(names, tuple(known_as.get(name, name) for name in names), described)

    @torch.no_grad()
    def vectors(self, network: JointNetwork) -> Tensor:
        """Property vectors by their texts alone, (properties, compared + 1), in float32."""
        return network.properties(self.described).float()

    @torch.no_grad()
    def known_by(self, model: Model) -> Tensor:
        """Property vectors as a model reads by them, (properties, compared + 1), in float32.

        To those of their texts is added what was learned of each alone; where that is nothing, they are
        told by likeness.
        """
        own = self._learned(model)
        if bool(own.any(1).all()):
            return model.network.learned(self.described).float() + own
        return model.network.known(self.vectors(model.network), own)

    @torch.no_grad()
    def rivals(self, model: Model) -> Tensor:
        """Property vectors of which one must be chosen, (properties, compared + 1), in float32.

        Those of which nothing was learned are brought to one scale (`kgbuild.extract.background`).
        """
        known = self.known_by(model)
        if model.background is None:
            return known
        return torch.where(self._learned(model).any(1, keepdim=True), known, model.background.scaled(known))

    def unlearned(self, model: Model) -> tuple[str, ...]:
        """The properties of which a model learned nothing: they are known by their texts alone."""
        learned = model.learned
        return tuple(each for each in self.known_as if each not in learned)

    def _learned(self, model: Model) -> Tensor:
        """What was learned of each property alone, (properties, compared + 1); zeros where nothing was."""
        memory = model.network.memory
        row = {name: number for number, name in enumerate(model.config.trained)}
        rows = [row.get(name, -1) for name in self.known_as]
        return torch.cat([memory, memory.new_zeros(1, memory.shape[1])])[rows].float()


def _encoded(encoder: TextEncoder, texts: Sequence[str], length: int) -> Texts:
    """Texts as at most so many token ids; nothing of one that is empty."""
    ids = torch.zeros(len(texts), length, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, text in enumerate(texts):
        if text:
            pieces = encoder.tokens(text, cased=False).ids
            framed = [encoder.begin, *pieces[: length - 2].tolist(), encoder.end]
            ids[row, : len(framed)] = torch.tensor(framed)
            mask[row, : len(framed)] = 1
    return Texts(ids, mask)

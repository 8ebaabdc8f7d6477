"""What a target schema has: properties, classes, and which kinds of mentions may stand where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from kgbuild.axioms import Rule
from kgbuild.iris import SCHEMA, WDT, P
from kgbuild.records import Label

_ENTITY_LABELS = frozenset(label for label in Label if not label.is_value)


class ValueKind(StrEnum):
    """What the values of a property are."""

    ITEM = "item"
    TIME = "time"
    QUANTITY = "quantity"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Property:
    """A property of the target schema.

    `domain` and `range` are class ids, any one of which will do; empty means no restriction.
    `functional` says that one value is the best at a time; `equivalents` are IRIs in other schemas.
    `measures` is the QUDT quantity kind of its values ("Length"), None where any will do.
    """

    id: str
    iri: str
    label: str
    description: str
    aliases: tuple[str, ...]
    kind: ValueKind
    domain: tuple[str, ...]
    range: tuple[str, ...]
    inverse: str | None
    symmetric: bool
    functional: bool
    equivalents: tuple[str, ...]
    measures: str | None = None

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The IRIs that it goes by: its own, Wikidata's of its statements, and those in other schemas.

        Schema.org's begin with http, as the vocabulary itself writes them.
        """
        iris = (*self.equivalents, self.iri, WDT + self.id, P + self.id)
        return tuple(iri.replace("https://schema.org/", SCHEMA) for iri in iris)


@dataclass(frozen=True, slots=True)
class OntologyClass:
    """A class; its instances are tagged `label_of`, and `other_labels` as well.

    A class with no label of its own has its parents' labels.
    """

    id: str
    iri: str
    label: str
    parents: tuple[str, ...]
    label_of: Label | None
    other_labels: tuple[Label, ...] = ()


@dataclass(frozen=True)
class Ontology:
    """Properties and classes by id, and a digest of the content that does not depend on its order.

    `rules` are what its axioms infer.
    """

    properties: Mapping[str, Property]
    classes: Mapping[str, OntologyClass]
    version: str
    rules: tuple[Rule, ...] = ()

    def is_a(self, class_id: str, ancestor: str) -> bool:
        """Whether a class is another one or below it; an unknown class is only itself."""
        return class_id == ancestor or ancestor in self._ancestors.get(class_id, frozenset())

    def domain_labels(self, property_id: str) -> frozenset[Label]:
        """Types of mentions that may be the subject of a property; KeyError for an unknown one."""
        return self._labels(self.properties[property_id].domain)

    def range_labels(self, property_id: str) -> frozenset[Label]:
        """Types of mentions that may be the object of a property; any may be quoted as text."""
        definition = self.properties[property_id]
        match definition.kind:
            case ValueKind.TIME:
                return frozenset({Label.TIME})
            case ValueKind.QUANTITY:
                return frozenset({Label.NUMBER})
            case ValueKind.TEXT:
                return frozenset(Label)
            case ValueKind.ITEM:
                return self._labels(definition.range)

    def labels_of(self, class_id: str) -> frozenset[Label]:
        """Types that mentions of a class' instances have: those it declares, or else its parents'."""
        found: set[Label] = set()
        seen: set[str] = set()
        waiting = [class_id]
        while waiting:
            name = waiting.pop()
            definition = self.classes.get(name)
            if definition is None or name in seen:
                continue
            seen.add(name)
            if definition.label_of is None:
                waiting.extend(definition.parents)
            else:
                found |= {definition.label_of, *definition.other_labels}
        return frozenset(found) or _ENTITY_LABELS

    def _labels(self, class_ids: tuple[str, ...]) -> frozenset[Label]:
        found: frozenset[Label] = frozenset()
        for class_id in class_ids:
            found |= self.labels_of(class_id)
        return found or _ENTITY_LABELS

    @cached_property
    def _ancestors(self) -> dict[str, frozenset[str]]:
        return {class_id: frozenset(_above(class_id, self.classes)) for class_id in self.classes}


def _above(class_id: str, classes: Mapping[str, OntologyClass]) -> set[str]:
    """All ancestors of a class, itself left out; cycles are harmless."""
    found: set[str] = set()
    waiting = [class_id]
    while waiting:
        definition = classes.get(waiting.pop())
        for parent in definition.parents if definition else ():
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found

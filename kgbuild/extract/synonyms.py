"""An ontology's properties by the names under which a model learned them.

An ontology in DBpedia's words or those of schema.org has properties that the model learned as Wikidata's.
What it says to be equivalent, or the package's ontology, is read as what was learned: with the text and
between the types of mentions that trained.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from kgbuild.extract.model import Model
from kgbuild.extract.vectors import readable
from kgbuild.ontology import Ontology, load_ontology, same_as

_shipped = cache(load_ontology)


@dataclass(frozen=True, slots=True)
class Learned:
    """An ontology whose properties a model reads as it learned them; `names` are those under which it did, by
    the properties' ids, where they are others."""

    ontology: Ontology
    names: dict[str, str]

    @classmethod
    def of(cls, ontology: Ontology, model: Model) -> Learned:
        """What a model learned of an ontology's properties."""
        learned = model.learned
        strange = frozenset(readable(ontology)) - learned
        believed = learned.difference(model.config.withheld)
        if not strange or not believed:
            return cls(ontology, {})
        shipped = _shipped()
        same = same_as(ontology, shipped)
        names = {name: same[name] for name in sorted(strange) if same.get(name) in believed}
        told = {
            name: replace(shipped.properties[known], id=name, iri=ontology.properties[name].iri)
            for name, known in names.items()
        }
        merged = replace(
            ontology,
            properties={**ontology.properties, **told},
            classes={**shipped.classes, **ontology.classes} if told else ontology.classes,
        )
        return cls(merged, names)

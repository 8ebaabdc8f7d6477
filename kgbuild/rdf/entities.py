"""Entities: what knowledge bases and documents tell of them, and what follows from all of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kgbuild.iris import KGB, RDF, RDFS, SCHEMA, SKOS, WDT, WIKIBASE, Iris, entity_iri
from kgbuild.rdf.terms import INSTANCE_OF, TYPE, Pairs, Term, node, text
from kgbuild.records import Entity

ENTITY_PREDICATES = frozenset(
    [WIKIBASE + name for name in ("directClaim", "claim", "statementProperty", "statementValue")]
    + [WIKIBASE + name for name in ("qualifier", "qualifierValue", "propertyType")]
    + [RDF + "type", RDFS + "label", SKOS + "altLabel", SCHEMA + "description", WDT + "P31"]
)
"""What kgbuild says of entities and properties; anything else said of them is somebody else's."""


@dataclass(frozen=True, slots=True)
class Description:
    """What one knowledge base or document tells of an entity; shared by all that tell the same."""

    iri: str
    entity: str
    language: str
    label: str
    aliases: tuple[str, ...]
    description: str
    types: tuple[str, ...]


def describe(entity: Entity, language: str, iris: Iris) -> Description:
    """The description that an entity's record makes, its texts being in `language`.

    IriError where its id, or that of a type, is neither Wikidata's nor an absolute IRI.
    """
    iri = node(entity_iri(entity.id)).value
    aliases = tuple(sorted({*entity.aliases} - {entity.label, ""}))
    types = tuple(sorted(node(entity_iri(each)).value for each in {*entity.types}))
    tag = text("x", language).language or ""
    content = (entity.label, entity.description, str(len(aliases)), *aliases, *types)
    return Description(
        iris.description(iri, tag, *content), iri, tag, entity.label, aliases, entity.description, types
    )


def description_pairs(description: Description) -> Pairs:
    """What the node of a description says."""
    language = description.language
    pairs: Pairs = [
        (TYPE, node(KGB + "Description")),
        (node(KGB + "describes"), node(description.entity)),
        (node(KGB + "label"), text(description.label, language)),
    ]
    pairs += [(node(KGB + "alias"), text(alias, language)) for alias in description.aliases]
    if description.description:
        pairs.append((node(KGB + "description"), text(description.description, language)))
    pairs += [(node(KGB + "instanceOf"), node(iri)) for iri in description.types]
    return pairs


def read_description(iri: str, pairs: Iterable[tuple[ox.NamedNode, Term]]) -> Description:
    """The inverse of `description_pairs`."""
    found: dict[str, list[Term]] = {}
    for predicate, term in pairs:
        found.setdefault(predicate.value, []).append(term)

    def values(name: str) -> tuple[str, ...]:
        return tuple(sorted(term.value for term in found.get(KGB + name, ())))

    label = found[KGB + "label"][0]
    return Description(
        iri=iri,
        entity=values("describes")[0],
        language=(label.language or "") if isinstance(label, ox.Literal) else "",
        label=label.value,
        aliases=values("alias"),
        description="".join(values("description")),
        types=values("instanceOf"),
    )


def entity_pairs(descriptions: Sequence[Description]) -> Pairs:
    """An entity from all that is told of it: the fullest description names it, all give aliases.

    The fullest has the longest description text, then the most aliases; the rest decides ties, so
    that the order of `descriptions` does not matter. Types come as Wikidata's "instance of".
    """
    if not descriptions:
        return []
    chosen = min(
        descriptions, key=lambda each: (-len(each.description), -len(each.aliases), each.label, each.iri)
    )
    label = text(chosen.label, chosen.language)
    names = {
        text(name, each.language) for each in descriptions for name in (each.label, *each.aliases) if name
    }
    pairs: Pairs = [(TYPE, node(WIKIBASE + "Item"))]
    if chosen.label:
        pairs.append((node(RDFS + "label"), label))
    if chosen.description:
        pairs.append((node(SCHEMA + "description"), text(chosen.description, chosen.language)))
    pairs += [(node(SKOS + "altLabel"), name) for name in names - {label}]
    types = {iri for each in descriptions for iri in each.types}
    return pairs + [(INSTANCE_OF, node(iri)) for iri in types]

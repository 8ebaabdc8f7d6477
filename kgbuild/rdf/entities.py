"""Entities: what knowledge bases and documents tell of them, and what follows from all of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyoxigraph as ox

from kgbuild.iris import KGB, OWL, RDF, RDFS, SCHEMA, SKOS, WDT, WIKIBASE, Iris, entity_iri
from kgbuild.rdf.terms import INSTANCE_OF, TYPE, Pairs, Term, node, text
from kgbuild.records import Entity

ENTITY_PREDICATES = frozenset(
    [WIKIBASE + name for name in ("directClaim", "claim", "statementProperty", "statementValue")]
    + [WIKIBASE + name for name in ("qualifier", "qualifierValue", "propertyType")]
    + [RDF + "type", RDFS + "label", SKOS + "altLabel", SCHEMA + "description", WDT + "P31"]
)
"""What kgbuild says of entities and properties; anything else said of them is somebody else's."""


_DESCRIPTION, _DESCRIBES, _LABEL, _ALIAS, _TOLD, _INSTANCE, _SAME = (
    node(KGB + name)
    for name in ("Description", "describes", "label", "alias", "description", "instanceOf", "same")
)
_SAME_AS = node(OWL + "sameAs")
_ITEM, _NAME, _OTHER_NAME = node(WIKIBASE + "Item"), node(RDFS + "label"), node(SKOS + "altLabel")
_ABOUT = node(SCHEMA + "description")


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
    same: tuple[str, ...] = ()


def describe(entity: Entity, language: str, iris: Iris) -> Description:
    """The description that an entity's record makes, its texts being in `language`.

    IriError where its id, or that of a type or of the same thing elsewhere, is neither Wikidata's nor
    an absolute IRI.
    """
    iri = node(entity_iri(entity.id)).value
    aliases = tuple(sorted({*entity.aliases} - {entity.label, ""}))
    types, same = (
        tuple(sorted({node(entity_iri(each)).value for each in some} - {iri}))
        for some in (entity.types, entity.same)
    )
    tag = _tag(language)
    content = (entity.label, entity.description, str(len(aliases)), *aliases, *types)
    content += (str(len(types)), *same) if same else ()
    return Description(
        iris.description(iri, tag, *content), iri, tag, entity.label, aliases, entity.description, types, same
    )


@lru_cache(maxsize=256)
def _tag(language: str) -> str:
    """A language as literals have it; empty where it is no BCP 47 tag."""
    return text("x", language).language or ""


def description_pairs(description: Description) -> Pairs:
    """What the node of a description says."""
    language = description.language
    pairs: Pairs = [
        (TYPE, _DESCRIPTION),
        (_DESCRIBES, node(description.entity)),
        (_LABEL, text(description.label, language)),
    ]
    pairs += [(_ALIAS, text(alias, language)) for alias in description.aliases]
    if description.description:
        pairs.append((_TOLD, text(description.description, language)))
    pairs += [(_INSTANCE, node(iri)) for iri in description.types]
    pairs += [(_SAME, node(iri)) for iri in description.same]
    return pairs


def read_description(iri: str, pairs: Iterable[tuple[ox.NamedNode, Term]]) -> Description:
    """The inverse of `description_pairs`."""
    found: dict[ox.NamedNode, list[Term]] = {}
    for predicate, term in pairs:
        found.setdefault(predicate, []).append(term)

    def values(name: ox.NamedNode) -> tuple[str, ...]:
        return tuple(sorted(term.value for term in found.get(name, ())))

    label = found[_LABEL][0]
    return Description(
        iri=iri,
        entity=values(_DESCRIBES)[0],
        language=(label.language or "") if isinstance(label, ox.Literal) else "",
        label=label.value,
        aliases=values(_ALIAS),
        description="".join(values(_TOLD)),
        types=values(_INSTANCE),
        same=values(_SAME),
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
    pairs: Pairs = [(TYPE, _ITEM)]
    if chosen.label:
        pairs.append((_NAME, label))
    if chosen.description:
        pairs.append((_ABOUT, text(chosen.description, chosen.language)))
    pairs += [(_OTHER_NAME, name) for name in names - {label}]
    types = {iri for each in descriptions for iri in each.types}
    return pairs + [(INSTANCE_OF, node(iri)) for iri in types] + same_pairs(descriptions)


def same_pairs(descriptions: Iterable[Description]) -> Pairs:
    """What is the same as an entity elsewhere, from what is told of it.

    These triples are kgbuild's as long as a description tells them; other `owl:sameAs` are not.
    """
    return [(_SAME_AS, node(iri)) for iri in {iri for each in descriptions for iri in each.same}]

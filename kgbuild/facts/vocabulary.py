"""Statements in the words of another vocabulary than the one they were read in.

In go an ontology and the namespace of a vocabulary to which its properties are mapped by
`owl:equivalentProperty`; out come the ontology with that vocabulary's properties beside its own, and
the statements of a document with their properties renamed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from kgbuild.axioms import renamed_rules
from kgbuild.ontology import Ontology, Property
from kgbuild.records import Rejection, Statement

NAMESPACES = {"schema.org": "http://schema.org/", "dbpedia": "http://dbpedia.org/ontology/"}
"""The vocabularies that the shipped ontology is mapped to."""


def with_vocabulary(ontology: Ontology, namespace: str) -> Ontology:
    """The ontology with the properties of a namespace that its own are equivalent to.

    Where several are equivalent to one, that one takes what any of them allows, and has one value at a
    time only if each of them has.

    >>> from kgbuild.ontology import load_ontology
    >>> both = with_vocabulary(load_ontology(), "http://schema.org/")
    >>> both.properties["http://schema.org/birthPlace"].label
    'place of birth'
    """
    own: defaultdict[str, list[Property]] = defaultdict(list)
    names = renamed(ontology, namespace)
    for pid, iri in names.items():
        own[iri].append(ontology.properties[pid])
    added = {iri: _merged(iri, found, names) for iri, found in own.items() if iri not in ontology.properties}
    return replace(
        ontology,
        properties={**ontology.properties, **added},
        version=f"{ontology.version}+{namespace}",
        rules=tuple(sorted({*ontology.rules, *renamed_rules(ontology.rules, names)})),
    )


def renamed(ontology: Ontology, namespace: str) -> dict[str, str]:
    """The IRI in a namespace of each property that has an equivalent there, by the property's id."""
    return {
        pid: found[0]
        for pid, each in sorted(ontology.properties.items())
        if (found := sorted(iri for iri in each.equivalents if iri.startswith(namespace)))
    }


def rename(
    statements: Iterable[Statement], names: Mapping[str, str], document_id: str, stage: str
) -> tuple[list[Statement], list[Rejection]]:
    """Statements with their properties renamed, and rejections of those that have no other name.

    Qualifiers without another name keep their own: a statement without its time would say too much.
    """
    kept, refused = [], []
    for each in statements:
        if each.property in names:
            qualifiers = tuple((names.get(pid, pid), value) for pid, value in each.qualifiers)
            kept.append(replace(each, property=names[each.property], qualifiers=qualifiers))
        else:
            detail = f"{each.property} has no equivalent; state it in the ontology by owl:equivalentProperty"
            refused.append(Rejection(stage, document_id, "not in the vocabulary", detail))
    return kept, refused


def _merged(iri: str, found: list[Property], names: Mapping[str, str]) -> Property:
    """One property of a vocabulary from those that are equivalent to it."""
    first = found[0]
    inverse = names.get(first.inverse) if first.inverse and len(found) == 1 else None
    unlimited = any(not each.domain for each in found), any(not each.range for each in found)
    return replace(
        first,
        id=iri,
        iri=iri,
        aliases=tuple(
            sorted({name for each in found for name in (each.label, *each.aliases)} - {first.label})
        ),
        domain=() if unlimited[0] else tuple(sorted({name for each in found for name in each.domain})),
        range=() if unlimited[1] else tuple(sorted({name for each in found for name in each.range})),
        inverse=inverse,
        symmetric=all(each.symmetric for each in found),
        functional=all(each.functional for each in found),
        equivalents=tuple(each.iri for each in found),
    )

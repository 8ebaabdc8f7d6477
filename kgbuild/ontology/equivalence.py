"""Properties of two ontologies that are the same, as either says by `owl:equivalentProperty`."""

from __future__ import annotations

from collections import defaultdict

from kgbuild.ontology.schema import Ontology


def same_as(ontology: Ontology, other: Ontology) -> dict[str, str]:
    """The property of another ontology that each of an ontology's is the same as, both by id.

    Theirs are the same values (`kind`), and an IRI that both go by. Where several would do, none does: what
    the ontology calls a parent is no father.
    """
    going_by: defaultdict[str, set[str]] = defaultdict(set)
    for name, each in other.properties.items():
        for iri in each.identifiers:
            going_by[iri].add(name)
    found = {}
    for name, each in ontology.properties.items():
        same = {known for iri in each.identifiers for known in going_by.get(iri, ())}
        if len(same) == 1 and other.properties[known := same.pop()].kind is each.kind:
            found[name] = known
    return found

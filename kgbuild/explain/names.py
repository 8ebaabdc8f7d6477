"""From what a person calls a thing to its IRI, and back to a label."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from kgbuild.errors import UsageError
from kgbuild.graph.identity import SAME
from kgbuild.graph.rows import rows
from kgbuild.iris import KGB, RDFS, SKOS, WIKIBASE, Iris, entity_id, entity_iri
from kgbuild.protocols import Store
from kgbuild.rdf import node
from kgbuild.stores.update import values

IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|^`\\]+")
"""What is an IRI, and no label or literal."""


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a name: `id` is a QID, PID or IRI, empty for a literal; `label` is for people."""

    id: str
    label: str


def called(store: Store, term: str, iris: Iris) -> list[str]:
    """The IRIs that a person may mean, in order; after an IRI those that owl:sameAs says are the same."""
    if re.fullmatch(r"[QP][1-9]\d*", term) or IRI.fullmatch(term):
        try:
            asked = node(entity_iri(term))
        except ValueError as error:
            raise UsageError(f"{term!r} is not an IRI; give a QID, an IRI or the exact label") from error
        query = f"""SELECT ?x {{ {values("?x", [asked.value])} FILTER(
          EXISTS {{ GRAPH <{iris.graph("entities")}> {{ ?x ?p ?o }} }} ||
          EXISTS {{ GRAPH <{iris.graph("statements")}> {{ ?x ?p ?o }} }} ||
          EXISTS {{ GRAPH <{iris.graph("inferred")}> {{ ?x a <{KGB}Inference> }} }}) }}"""
        found = [iri for (iri,) in rows(store, query)]
        same = f"""SELECT DISTINCT ?x {{ GRAPH <{iris.graph("entities")}> {{ ?x <{SAME}>+ {asked} }} }}
          ORDER BY STR(?x)"""
        return list(dict.fromkeys([*found, *(iri for (iri,) in rows(store, same))]))
    wanted = ox.Literal(term.lower())
    query = f"""SELECT DISTINCT ?x ?is_label {{ GRAPH <{iris.graph("entities")}> {{
      {{ ?x <{RDFS}label> ?name BIND(1 AS ?is_label) }}
      UNION {{ ?x <{SKOS}altLabel> ?name BIND(0 AS ?is_label) }}
      ?x a <{WIKIBASE}Item> FILTER(LCASE(STR(?name)) = {wanted}) }} }} ORDER BY DESC(?is_label) STR(?x)"""
    named = list(rows(store, query))
    labelled = [iri for iri, is_label in named if is_label == "1"]
    return list(dict.fromkeys(labelled or [iri for iri, _ in named]))


def labels(store: Store, terms: Iterable[str]) -> dict[str, str]:
    """A label for each of these that is an IRI; its id where it has none."""
    listed = sorted(term for term in set(terms) if IRI.fullmatch(term))
    query = f"""SELECT ?x ?label {{ {values("?x", listed)} ?x <{RDFS}label> ?label }}
      ORDER BY DESC(LANG(?label)) DESC(STR(?label))"""
    found = {iri: entity_id(iri) for iri in listed}
    found.update((iri, label) for iri, label in rows(store, query))
    return found

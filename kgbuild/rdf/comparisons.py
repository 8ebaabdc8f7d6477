"""Comparisons with a knowledge base as triples, for a file of their own: they are in no graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from kgbuild.iris import KGB, RDF, Iris, entity_iri
from kgbuild.rdf.properties import property_forms
from kgbuild.rdf.terms import node, text
from kgbuild.rdf.values import simple_value
from kgbuild.records import Value


def comparison_triples(
    statement: str,
    said: tuple[str, str, Value],
    verdict: str,
    told: Sequence[Value | str],
    iris: Iris,
) -> Iterator[ox.Triple]:
    """One compared statement: what it says (subject, property, value), the verdict, and what is told instead.

    A reified statement (RDF 1.1 Schema, section 5.3), so that any RDF tool can read it.
    """
    about = node(statement)
    subject, property_id, value = said
    yield ox.Triple(about, node(RDF + "subject"), node(entity_iri(subject)))
    yield ox.Triple(about, node(RDF + "predicate"), property_forms(property_id, iris).direct)
    yield ox.Triple(about, node(RDF + "object"), simple_value(value))
    yield ox.Triple(about, node(KGB + "verdict"), node(KGB + verdict.capitalize()))
    for each in told:
        term = text(each) if isinstance(each, str) else simple_value(each)
        yield ox.Triple(about, node(KGB + "knownValue"), term)

"""Nodes and literals in the form that every store keeps."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

import pyoxigraph as ox

from kgbuild.errors import IriError
from kgbuild.iris import PROV, RDF, WDT, WIKIBASE, XSD

Term = ox.NamedNode | ox.Literal
Pairs = list[tuple[ox.NamedNode, Term]]

_SURROGATE = re.compile("[\ud800-\udfff]")


@lru_cache(maxsize=4096)
def node(iri: str) -> ox.NamedNode:
    """An IRI as a term; IriError where it is none, for a mended one would name another thing."""
    try:
        return ox.NamedNode(iri)
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise IriError(
            f"{iri!r} is no absolute IRI ({reason}); write what it may not hold in percent-encoding"
        ) from error


TYPE = node(RDF + "type")
INSTANCE_OF = node(WDT + "P31")
BEST_RANK = node(WIKIBASE + "BestRank")
_DECIMAL = node(XSD + "decimal")
DERIVED = node(PROV + "wasDerivedFrom")


def text(content: str, language: str | None = None) -> ox.Literal:
    """A string, with its language where that is a BCP 47 tag; a lone surrogate becomes U+FFFD.

    >>> print(text("Köln", "de-DE"))
    "Köln"@de-de
    """
    try:
        return ox.Literal(content, language=language.lower() if language else None)
    except ValueError:
        clean = _SURROGATE.sub("\ufffd", content)
        return text(clean) if clean == content else text(clean, language)


def rounded(number: float) -> float:
    """A score as the graph keeps it: what is computed from it must not depend on where it was read."""
    return float(f"{number:.6f}")


def score(number: float) -> ox.Literal:
    """A score or confidence, rounded to six decimals.

    >>> print(score(0.5))
    "0.5"^^<http://www.w3.org/2001/XMLSchema#decimal>
    """
    return ox.Literal(f"{number:.6f}".rstrip("0").rstrip("."), datatype=_DECIMAL)


def decimal(amount: Decimal) -> ox.Literal:
    """A number in the form that every store keeps.

    >>> print(decimal(Decimal("1.50E+3")))
    "1500"^^<http://www.w3.org/2001/XMLSchema#decimal>
    """
    return ox.Literal(format((amount or Decimal(0)).normalize(), "f"), datatype=_DECIMAL)

"""A document's graph as NIF 2.0, in the form that GERBIL and its data sets use.

Specification: NIF 2.0 Core (Hellmann et al., ISWC 2013) with ITS 2.0's `itsrdf:taIdentRef`. The store
keeps offsets as `xsd:integer` and names a context by its document; NIF asks for
`xsd:nonNegativeInteger`, and for a context named by its span (RFC 5147).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kgbuild.iris import ITSRDF, NIF, XSD, Iris
from kgbuild.rdf.terms import TYPE, Pairs, Term, node

_KEPT = frozenset({NIF + "anchorOf", ITSRDF + "taIdentRef", ITSRDF + "taConfidence"})
_NUMBERS = frozenset({NIF + "beginIndex", NIF + "endIndex"})


def nif_quads(uri: str, quads: Iterable[ox.Quad], iris: Iris) -> Iterator[ox.Quad]:
    """The context of a document and its phrases, from the quads of its graph."""
    document = node(uri)
    phrases: defaultdict[ox.NamedNode, Pairs] = defaultdict(list)
    context = document
    for quad in quads:
        if not isinstance(quad.subject, ox.NamedNode) or not isinstance(quad.object, Term):
            continue  # not kgbuild's
        if quad.subject == document and quad.predicate.value == NIF + "isString":
            length = len(quad.object.value)
            context = node(iris.mention(uri, 0, length))
            yield from _quads(context, _context(document, quad.object, length))
        elif quad.predicate.value in _KEPT | _NUMBERS:
            phrases[quad.subject].append((quad.predicate, _kept(quad.predicate, quad.object)))
    for subject, pairs in phrases.items():
        kinds = [(TYPE, node(NIF + name)) for name in ("Phrase", "RFC5147String")]
        yield from _quads(subject, [*kinds, *pairs, (node(NIF + "referenceContext"), context)])


def _context(document: ox.NamedNode, content: Term, length: int) -> Pairs:
    return [
        (TYPE, node(NIF + "Context")),
        (TYPE, node(NIF + "RFC5147String")),
        (node(NIF + "isString"), content),
        (node(NIF + "beginIndex"), _number(0)),
        (node(NIF + "endIndex"), _number(length)),
        (node(NIF + "sourceUrl"), document),
    ]


def _quads(subject: ox.NamedNode, pairs: Pairs) -> Iterator[ox.Quad]:
    return (ox.Quad(subject, predicate, term) for predicate, term in pairs)


def _kept(predicate: ox.NamedNode, term: Term) -> Term:
    return _number(int(term.value)) if predicate.value in _NUMBERS else term


def _number(value: int) -> ox.Literal:
    return ox.Literal(str(value), datatype=node(XSD + "nonNegativeInteger"))

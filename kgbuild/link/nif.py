"""NIF documents in Turtle enter and leave: texts, and phrases of them with what they name.

Specification: NIF 2.0 Core (Hellmann et al., ISWC 2013), as GERBIL's data sets use it.
"""

from __future__ import annotations

import gzip
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kgbuild.errors import DatasetError
from kgbuild.iris import ITSRDF, NIF, RDF, WD, XSD, entity_id, entity_iri

TURTLE = (".ttl", ".nt", ".nif")
"""Endings of NIF files."""

_NIL = ("notinwiki", "notinkb", "nil", "emerging", "unknownentity")
"""Parts of IRIs by which data sets say that no knowledge base has an entity."""

Span = tuple[int, int, str | None]


@dataclass(frozen=True, slots=True)
class NifDocument:
    """A text, and the phrases of it that are entities: start, end, and QID, IRI, or None for NIL."""

    iri: str
    text: str
    spans: tuple[Span, ...]


def read_nif(path: Path) -> Iterator[NifDocument]:
    """The contexts of a Turtle file, gzipped or not, in the order of their IRIs.

    `DatasetError` where it is not Turtle, or a context has no text.
    """
    try:
        content = path.read_bytes()
        data = gzip.decompress(content) if path.suffix == ".gz" else content
        told: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for quad in ox.parse(io.BytesIO(data), ox.RdfFormat.TURTLE):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal):
                told[quad.subject.value][quad.predicate.value].append(quad.object.value)
    except (OSError, EOFError, SyntaxError) as error:
        raise DatasetError(f"cannot read {path} as Turtle: {error}") from error
    phrases: dict[str, list[Span]] = defaultdict(list)
    for iri, held in told.items():
        for context in held[NIF + "referenceContext"]:
            if _is_phrase(iri, context, held):
                phrases[context].append(_span(iri, held, path))
    for iri in sorted(told):
        if NIF + "Context" in told[iri][RDF + "type"]:
            texts = told[iri][NIF + "isString"]
            if len(texts) != 1:
                raise DatasetError(f"{path}: the context {iri} must have one nif:isString, not {len(texts)}")
            yield NifDocument(iri, texts[0], tuple(sorted(phrases[iri], key=lambda span: span[:2])))


def write_nif(documents: Iterable[NifDocument]) -> bytes:
    """The same as Turtle; a phrase of no entity has none."""
    triples: list[ox.Triple] = []
    for document in documents:
        context = ox.NamedNode(document.iri)
        triples += _triples(context, {"isString": document.text}, ["Context", "RFC5147String"])
        base = document.iri.split("#", maxsplit=1)[0]
        for start, end, entity in document.spans:
            phrase = ox.NamedNode(f"{base}#char={start},{end}&nif=phrase")
            triples.append(ox.Triple(phrase, ox.NamedNode(NIF + "referenceContext"), context))
            anchor = document.text[start:end]
            told: dict[str, str | int] = {"anchorOf": anchor, "beginIndex": start, "endIndex": end}
            triples += _triples(phrase, told, ["Phrase", "RFC5147String"])
            if entity:
                named = ox.NamedNode(entity_iri(entity))
                triples.append(ox.Triple(phrase, ox.NamedNode(ITSRDF + "taIdentRef"), named))
    prefixes = {"nif": NIF, "itsrdf": ITSRDF, "xsd": XSD, "wd": WD}
    written = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=prefixes)
    return written or b""


def _is_phrase(iri: str, context: str, held: dict[str, list[str]]) -> bool:
    """Whether something is a mention: not the context itself, and no word or sentence of it."""
    if iri == context or not held[NIF + "beginIndex"]:
        return False
    linked = bool(held[ITSRDF + "taIdentRef"])
    kinds = {kind.removeprefix(NIF) for kind in held[RDF + "type"]}
    return linked or "Phrase" in kinds or not kinds & {"Sentence", "Word", "Paragraph", "Title"}


def _span(iri: str, held: dict[str, list[str]], path: Path) -> Span:
    """Offsets, and the entity: Wikidata's where several are named."""
    try:
        start, end = (int(held[NIF + name][0]) for name in ("beginIndex", "endIndex"))
    except (IndexError, ValueError) as error:
        raise DatasetError(
            f"{path}: {iri} must have a nif:beginIndex and a nif:endIndex, both whole numbers"
        ) from error
    named = [
        entity_id(
            each.replace("https://www.wikidata.org/", "http://www.wikidata.org/").replace(
                "wikidata.org/wiki/", "wikidata.org/entity/"
            )
        )
        for each in held[ITSRDF + "taIdentRef"]
    ]
    real = sorted((each for each in named if not _is_nil(each)), key=lambda each: (":" in each, each))
    return start, end, real[0] if real else None


def _is_nil(name: str) -> bool:
    lower = name.lower()
    return any(f"/{word}" in lower or f"#{word}" in lower for word in _NIL)


def _triples(node: ox.NamedNode, told: Mapping[str, str | int], kinds: list[str]) -> Iterator[ox.Triple]:
    for kind in kinds:
        yield ox.Triple(node, ox.NamedNode(RDF + "type"), ox.NamedNode(NIF + kind))
    for name, value in told.items():
        literal = (
            ox.Literal(str(value), datatype=ox.NamedNode(XSD + "nonNegativeInteger"))
            if isinstance(value, int)
            else ox.Literal(value)
        )
        yield ox.Triple(node, ox.NamedNode(NIF + name), literal)

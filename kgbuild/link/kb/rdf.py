"""N-Triples or Turtle (DBpedia's labels and types, a vocabulary, an export) enters; what it says leaves."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kgbuild.errors import KnowledgeBaseError
from kgbuild.link.kb.stream import Block, LineStream
from kgbuild.link.kb.triples import Role, Said, id_of
from kgbuild.link.kb.write import Told

_RDFS, _SKOS = "http://www.w3.org/2000/01/rdf-schema#", "http://www.w3.org/2004/02/skos/core#"
_DBPEDIA, _DIRECT = "http://dbpedia.org/ontology/", "http://www.wikidata.org/prop/direct/"
_SCHEMA = ("http://schema.org/", "https://schema.org/")
ROLES = {
    f"{_RDFS}label": Role.LABEL,
    f"{_SKOS}prefLabel": Role.LABEL,
    "http://xmlns.com/foaf/0.1/name": Role.ALIAS,
    f"{_SKOS}altLabel": Role.ALIAS,
    f"{_DBPEDIA}alias": Role.ALIAS,
    **{f"{base}name": Role.LABEL for base in _SCHEMA},
    **{f"{base}alternateName": Role.ALIAS for base in _SCHEMA},
    **{f"{base}description": Role.DESCRIPTION for base in _SCHEMA},
    f"{_SKOS}definition": Role.DESCRIPTION,
    f"{_RDFS}comment": Role.DESCRIPTION,
    "http://purl.org/dc/terms/description": Role.DESCRIPTION,
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type": Role.TYPE,
    f"{_DIRECT}P31": Role.TYPE,
    "http://www.w3.org/2002/07/owl#sameAs": Role.SAME,
    f"{_SKOS}exactMatch": Role.SAME,
}
"""What a property says of its subject; what no property here says is a fact."""

_PIDS = {
    "birthPlace": "P19",
    "deathPlace": "P20",
    "birthDate": "P569",
    "deathDate": "P570",
    "country": "P17",
    "nationality": "P27",
    "occupation": "P106",
    "director": "P57",
    "author": "P50",
    "starring": "P161",
    "genre": "P136",
    "location": "P131",
    "isPartOf": "P131",
    "foundingDate": "P571",
    "releaseDate": "P577",
    "spouse": "P26",
    "almaMater": "P69",
    "employer": "P108",
    "party": "P102",
    "headquarter": "P159",
    "musicComposer": "P86",
    "artist": "P175",
}
"""DBpedia's properties that Wikidata has too."""

_LABELS = frozenset(iri for iri, role in ROLES.items() if role in (Role.LABEL, Role.ALIAS, Role.DESCRIPTION))
_DATE = re.compile(r"-?[0-9]{4,}(?:-[0-9][0-9]){0,2}")
NOT_RDF = "lines that are not N-Triples"


def read(path: str, counts: Counter[str], told: Told) -> Iterator[Said]:
    """What a file says; a line that is not N-Triples is counted, a fault in Turtle ends it.

    Raises `KnowledgeBaseError` where the file cannot be read, with the line of the fault.
    """
    stream = LineStream(path)
    blocks = _told(stream, told)
    lines = path.removesuffix(".gz").removesuffix(".bz2").removesuffix(".zst").endswith(".nt")
    for triple in _lines(blocks, counts) if lines else _turtle(path, blocks):
        said = say(triple)
        if said is not None:
            yield said


def say(triple: ox.Triple | ox.Quad) -> Said | None:
    """What a triple says, or None where it is about a blank node or says nothing that is kept.

    >>> berlin = ox.NamedNode("http://dbpedia.org/resource/Berlin")
    >>> say(ox.Triple(berlin, ox.NamedNode(_RDFS + "label"), ox.Literal("Berlin", language="de")))[1:]
    (<Role.LABEL: 'l'>, 'de', 'Berlin')
    """
    subject, value = triple.subject, triple.object
    if not isinstance(subject, ox.NamedNode):
        return None
    about, predicate = id_of(subject.value), triple.predicate.value
    role = ROLES.get(predicate)
    if isinstance(value, ox.Literal):
        if predicate in _LABELS:
            assert role is not None
            return Said(about, role, value.language or "", value.value)
        pid = pid_of(predicate)
        date = _DATE.match(value.value)
        return Said(about, Role.TEXT_FACT, pid, date[0]) if date and pid in _PIDS.values() else None
    if not isinstance(value, ox.NamedNode) or predicate in _LABELS:
        return None
    if role is None:
        return Said(about, Role.ITEM_FACT, pid_of(predicate), id_of(value.value))
    return Said(about, role, "", id_of(value.value))


def pid_of(property: str) -> str:
    """Wikidata's id of a property, where it is known, else its IRI.

    >>> pid_of("http://dbpedia.org/ontology/birthPlace"), pid_of("https://example.org/knows")
    ('P19', 'https://example.org/knows')
    """
    return _PIDS.get(property.removeprefix(_DBPEDIA), id_of(property))


def _lines(blocks: Iterable[Block], counts: Counter[str]) -> Iterator[ox.Triple]:
    """The triples of lines, a block at a time; a block with a bad line is read line by line."""
    for block in blocks:
        try:
            yield from list(_parse(block.data))
        except (SyntaxError, UnicodeDecodeError):
            for line in block.data.splitlines(keepends=True):
                try:
                    yield from list(_parse(line))
                except (SyntaxError, UnicodeDecodeError):
                    counts[NOT_RDF] += 1


def _parse(data: bytes) -> Iterator[ox.Triple]:
    return (quad.triple for quad in ox.parse(data, format=ox.RdfFormat.N_TRIPLES))


def _turtle(path: str, blocks: Iterator[Block]) -> Iterator[ox.Triple]:
    """The triples of a Turtle file."""
    try:
        for quad in ox.parse(io.BufferedReader(_Blocks(blocks)), format=ox.RdfFormat.TURTLE):
            yield quad.triple
    except SyntaxError as error:
        raise KnowledgeBaseError(
            f"{path}, line {error.lineno}: {error.msg}; mend the Turtle there"
        ) from error


class _Blocks(io.RawIOBase):
    """Blocks as a file."""

    def __init__(self, blocks: Iterator[Block]) -> None:
        self._blocks, self._rest = blocks, memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill what fits of the next block."""
        if not self._rest:
            block = next(self._blocks, None)
            self._rest = memoryview(block.data if block else b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _told(stream: LineStream, told: Told) -> Iterator[Block]:
    position = 0
    for block in stream.blocks():
        told("reading", block.read - position, stream.size)
        position = block.read
        yield block

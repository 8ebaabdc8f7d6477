"""Namespaces and deterministic identifiers.

Wikidata's own terms keep their IRIs; everything that kgbuild mints lives under the configured
base IRI and is a function of content alone, so that two runs, machines and orders agree.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import quote

from kgbuild.records import ItemValue, QuantityValue, Rejection, TextValue, TimeValue, Value

WD = "http://www.wikidata.org/entity/"
WDT = "http://www.wikidata.org/prop/direct/"
P = "http://www.wikidata.org/prop/"
PS = "http://www.wikidata.org/prop/statement/"
PSV = "http://www.wikidata.org/prop/statement/value/"
PQ = "http://www.wikidata.org/prop/qualifier/"
PQV = "http://www.wikidata.org/prop/qualifier/value/"
PR = "http://www.wikidata.org/prop/reference/"
WIKIBASE = "http://wikiba.se/ontology#"
SCHEMA = "http://schema.org/"
SH = "http://www.w3.org/ns/shacl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
QUDT = "http://qudt.org/schema/qudt/"
QUANTITY_KIND = "http://qudt.org/vocab/quantitykind/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
PROV = "http://www.w3.org/ns/prov#"
DCTERMS = "http://purl.org/dc/terms/"
OA = "http://www.w3.org/ns/oa#"
NIF = "http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#"
ITSRDF = "http://www.w3.org/2005/11/its/rdf#"
VOID = "http://rdfs.org/ns/void#"
DCAT = "http://www.w3.org/ns/dcat#"
KGB = "https://w3id.org/kgbuild/ns#"

PREFIXES: dict[str, str] = {
    "wd": WD,
    "wdt": WDT,
    "p": P,
    "ps": PS,
    "psv": PSV,
    "pq": PQ,
    "pqv": PQV,
    "pr": PR,
    "wikibase": WIKIBASE,
    "schema": SCHEMA,
    "sh": SH,
    "skos": SKOS,
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "prov": PROV,
    "dcterms": DCTERMS,
    "oa": OA,
    "nif": NIF,
    "itsrdf": ITSRDF,
    "void": VOID,
    "dcat": DCAT,
    "kgb": KGB,
}
"""What queries and exports may abbreviate; the Wikidata query service's names for its terms."""

DEFAULT_BASE = "https://kg.example.org/"
GRAPHS = ("statements", "entities", "truthy", "inferred", "runs")


def digest(*parts: str) -> str:
    """The first 32 hex digits of the SHA-256 of the parts, each preceded by its length.

    >>> digest("a", "bc") != digest("ab", "c")
    True
    >>> len(digest("a"))
    32
    """
    whole = "".join([f"{len(part)}:{part}" for part in parts])
    if whole.isascii():  # as most are: a character is a byte
        return hashlib.sha256(whole.encode()).hexdigest()[:32]
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return hashlib.sha256(b"".join([b"%d:%b" % (len(part), part) for part in encoded])).hexdigest()[:32]


def value_key(value: Value) -> tuple[str, ...]:
    """A value as strings that are equal exactly when the values are.

    >>> value_key(ItemValue("Q64"))
    ('item', 'Q64')
    >>> value_key(TimeValue(1912, 6, 23, 11))
    ('time', '1912', '6', '23', '11')
    """
    match value:
        case ItemValue(entity):
            return ("item", entity)
        case TimeValue(year, month, day, precision):
            return ("time", str(year), str(month or ""), str(day or ""), str(precision))
        case QuantityValue(amount, unit):
            return ("quantity", format(amount.normalize(), "f"), unit or "")
        case TextValue(text, language):
            return ("text", text, language or "")


def entity_iri(id: str) -> str:
    """The IRI of an entity id: Wikidata's for a QID or PID, the id itself where it is an IRI.

    >>> entity_iri("Q42")
    'http://www.wikidata.org/entity/Q42'
    """
    return WD + id if id[:1] in ("Q", "P") and id[1:].isdigit() else id


def entity_id(iri: str) -> str:
    """The inverse of `entity_iri`.

    >>> entity_id("http://www.wikidata.org/entity/Q42")
    'Q42'
    """
    return iri.removeprefix(WD)


@dataclass(frozen=True, slots=True)
class Iris:
    """Identifiers under one base IRI, which ends in a slash or hash.

    >>> Iris("https://kg.example.org/").graph("truthy")
    'https://kg.example.org/graph/truthy'
    """

    base: str = DEFAULT_BASE

    def graph(self, name: str) -> str:
        """The IRI of one of the shared graphs in `GRAPHS`."""
        if name not in GRAPHS:
            raise ValueError(f"no graph is called {name!r}; the shared graphs are {', '.join(GRAPHS)}")
        return f"{self.base}graph/{name}"

    def document(self, corpus: str, id: str) -> str:
        """The IRI of a document, and of its graph, from its corpus' name and its id there.

        >>> Iris().document("news", "a b/ü.txt")
        'https://kg.example.org/document/news/a%20b/%C3%BC.txt'
        """
        name = quote(corpus, safe="", errors="surrogatepass")
        return f"{self.base}document/{name}/{quote(id, safe='/', errors='surrogatepass')}"

    def claim(self, subject: str, property: str, value: Value) -> str:
        """The claim key: hash of subject, property and value."""
        return digest(subject, property, *value_key(value))

    def statement(
        self, subject: str, property: str, value: Value, qualifiers: tuple[tuple[str, Value], ...] = ()
    ) -> str:
        """The IRI of a statement: hash of the claim key and its qualifiers, in any order."""
        return self.qualified(self.claim(subject, property, value), qualifiers)

    def qualified(self, claim: str, qualifiers: tuple[tuple[str, Value], ...] = ()) -> str:
        """The IRI of a statement of a claim, given its key, with these qualifiers, in any order."""
        keys = sorted(digest(name, *value_key(qualifier)) for name, qualifier in qualifiers)
        return f"{self.base}statement/{digest(claim, *keys)}"

    def value(self, value: Value) -> str:
        """The IRI of a value node."""
        return f"{self.base}value/{digest(*value_key(value))}"

    def evidence(self, document_uri: str, statement: str, start: int, end: int) -> str:
        """The IRI of the node that says where a document supports a statement."""
        return f"{self.base}evidence/{digest(document_uri, statement, str(start), str(end))}"

    def mention(self, document_uri: str, start: int, end: int) -> str:
        """The IRI of a stretch of a document's text (the character scheme of RFC 5147)."""
        return f"{document_uri}{'&' if '#' in document_uri else '#'}char={start},{end}"

    def reference(self, document_uri: str) -> str:
        """The IRI of the reference that statements have to a document which supports them."""
        return f"{self.base}reference/{digest(document_uri)}"

    def description(self, entity: str, language: str, *content: str) -> str:
        """The IRI of what one knowledge base, or document, tells of an entity: hash of all of it."""
        return f"{self.base}description/{digest(entity, language, *content)}"

    def rejection(self, document_uri: str, rejection: Rejection) -> str:
        """The IRI of the node that says what was not taken of a document."""
        key = digest(document_uri, rejection.stage, rejection.reason, rejection.detail)
        return f"{self.base}rejection/{key}"

    def local_entity(self, document_uri: str, cluster: str) -> str:
        """The IRI, for ever, of an entity that no knowledge base has: document and cluster."""
        return f"{self.base}entity/{digest(document_uri, cluster)}"

    def quarantined(self, document_uri: str, statement: str) -> str:
        """The IRI of the node that keeps a statement which a document says and shapes forbid."""
        return f"{self.base}quarantine/{digest(document_uri, statement)}"

    def report(self, about: str) -> str:
        """The IRI of the validation report on a document, or on a whole store."""
        return f"{self.base}report/{digest(about)}"

    def inference(self, subject: str, predicate: str, object: str) -> str:
        """The IRI of the node that says how a triple, given in N-Triples, was inferred."""
        return f"{self.base}inference/{digest(subject, predicate, object)}"

    @property
    def dataset(self) -> str:
        """The IRI of the data set that all documents make together; its parts' begin with it."""
        return f"{self.base}dataset"

    def run(self, id: str) -> str:
        """The IRI of a run."""
        return f"{self.base}run/{id}"

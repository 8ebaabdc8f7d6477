"""Documents: revision, text, mentions, evidence and rejections, in a graph of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import pyoxigraph as ox

from kgbuild.iris import DCTERMS, ITSRDF, KGB, NIF, OA, PR, PROV, WIKIBASE, XSD, Iris, entity_iri
from kgbuild.rdf.reports import quarantine_quads, selector_quads
from kgbuild.rdf.statements import Said
from kgbuild.rdf.terms import TYPE, Pairs, node, score, text
from kgbuild.records import Candidate, DocumentFacts, EntityMention, Evidence, Rejection

_DOCUMENT, _CONTEXT, _STRING, _PHRASE, _IN, _BEGIN, _END, _ANCHOR = (
    node(name)
    for name in (
        KGB + "Document",
        *(NIF + each for each in ("Context", "isString", "Phrase", "referenceContext")),
        *(NIF + each for each in ("beginIndex", "endIndex", "anchorOf")),
    )
)
_USES, _EVIDENCE, _SUPPORTS, _SCORE, _EXTRACTOR, _LABEL, _CANDIDATES, _READ, _TOLD = (
    node(KGB + name)
    for name in (
        "usesDescription",
        "Evidence",
        "supports",
        "score",
        "extractor",
        "mentionLabel",
        "candidates",
        "readScore",
        "knowledge",
    )
)
_SOURCE, _SELECTOR = node(OA + "hasSource"), node(OA + "hasSelector")
_ENTITY, _SURENESS = node(ITSRDF + "taIdentRef"), node(ITSRDF + "taConfidence")


def document_quads(
    facts: DocumentFacts, statements: Mapping[str, Said], descriptions: Iterable[str], iris: Iris
) -> list[ox.Quad]:
    """The graph of one document: its revision, text, mentions, evidence and rejections.

    `statements` are those of the document by IRI, `descriptions` are the IRIs of what the document
    tells of entities. ValueError, which names the document, where a span does not hold what it quotes.
    """
    document = facts.document
    uri = document.uri
    graph = node(uri)
    quads = [ox.Quad(graph, predicate, term, graph) for predicate, term in _document_pairs(facts)]
    quads += [ox.Quad(graph, _USES, node(iri), graph) for iri in descriptions]
    for mention in _one_each(facts.mentions):
        _check_span(document.text, mention.mention.text, mention.mention.start, uri)
        subject = ox.NamedNode(iris.mention(uri, mention.mention.start, mention.mention.end))
        quads += [
            ox.Quad(subject, predicate, term, graph) for predicate, term in _mention_pairs(mention, graph)
        ]
    quoted: dict[tuple[int, int], str] = {}
    for about, (_, statement) in statements.items():
        for evidence in statement.evidence:
            _check_span(document.text, evidence.quote, evidence.start, uri)
            quads += _evidence_quads(about, evidence, graph, iris)
            quoted[evidence.start, evidence.end] = evidence.quote
    for (start, end), quote in quoted.items():
        selector = ox.NamedNode(iris.mention(uri, start, end))
        quads += selector_quads(selector, start, end, quote, graph=graph)
    if facts.statements:
        reference = node(iris.reference(uri))
        quads.append(ox.Quad(reference, TYPE, node(WIKIBASE + "Reference"), graph))
        quads.append(ox.Quad(reference, node(PR + "P854"), graph, graph))
        quads.append(ox.Quad(reference, node(PROV + "hadPrimarySource"), graph, graph))
    for rejection, count in Counter(facts.rejections).items():
        quads += _rejection_quads(rejection, count, uri, iris)
    quads += quarantine_quads(uri, facts.quarantined, iris)
    return quads


def rejected_document_quads(uri: str, rejection: Rejection, iris: Iris) -> list[ox.Quad]:
    """The graph of a document that could not be read at all: why."""
    graph = node(uri)
    return [
        ox.Quad(graph, TYPE, node(KGB + "RejectedDocument"), graph),
        ox.Quad(graph, node(DCTERMS + "identifier"), text(rejection.document_id), graph),
        *_rejection_quads(rejection, 1, uri, iris),
    ]


def _document_pairs(facts: DocumentFacts) -> Pairs:
    document, revision = facts.document, facts.revision
    pairs: Pairs = [
        (TYPE, _DOCUMENT),
        (TYPE, _CONTEXT),
        (_STRING, text(document.text)),
        (node(DCTERMS + "identifier"), text(document.id)),
        (node(DCTERMS + "format"), text(document.mime)),
        (node(KGB + "contentHash"), text(revision.content_hash)),
        (node(KGB + "readerVersion"), text(revision.reader)),
        (node(KGB + "extractorVersion"), text(revision.extractor)),
        (node(KGB + "linkerVersion"), text(revision.linker)),
        (node(KGB + "ontologyVersion"), text(revision.ontology)),
    ]
    if document.title:
        pairs.append((node(DCTERMS + "title"), text(document.title)))
    if document.language:
        pairs.append((node(DCTERMS + "language"), text(document.language)))
    if facts.sketch:
        pairs.append((node(KGB + "sketch"), text(facts.sketch)))
    if document.published:
        issued = ox.Literal(document.published.isoformat(), datatype=node(XSD + "date"))
        pairs.append((node(DCTERMS + "issued"), issued))
    return pairs


def weighed(candidates: Sequence[Candidate]) -> str:
    """Candidates as text, one a line: id, probability, label, and what the ranker saw of each.

    >>> weighed([Candidate("Q90", "Paris", 0.9312, (("prior", 0.7), ("label_match", 1.0)))])
    'Q90 0.931 Paris (prior 0.7, label_match 1)'
    """
    lines = []
    for each in candidates:
        seen = ", ".join(f"{name} {value:.3g}" for name, value in each.features)
        line = f"{each.entity} {each.score:.3f} {' '.join(each.label.split())}"
        lines.append(line + (f" ({seen})" if seen else ""))
    return "\n".join(lines)


def _mention_pairs(mention: EntityMention, graph: ox.NamedNode) -> Pairs:
    span = mention.mention
    kept = [(_CANDIDATES, text(weighed(mention.candidates)))] if mention.candidates else []
    return [
        *kept,
        (TYPE, _PHRASE),
        (_IN, graph),
        (_BEGIN, ox.Literal(span.start)),
        (_END, ox.Literal(span.end)),
        (_ANCHOR, text(span.text)),
        (_LABEL, text(span.label)),
        (_SCORE, score(span.score)),
        (_ENTITY, node(entity_iri(mention.entity))),
        (_SURENESS, score(mention.score)),
    ]


def _evidence_quads(statement: str, evidence: Evidence, graph: ox.NamedNode, iris: Iris) -> list[ox.Quad]:
    uri = graph.value
    subject = ox.NamedNode(iris.evidence(uri, statement, evidence.start, evidence.end))
    selector = ox.NamedNode(iris.mention(uri, evidence.start, evidence.end))
    quads = [
        ox.Quad(subject, TYPE, _EVIDENCE, graph),
        ox.Quad(subject, _SUPPORTS, node(statement), graph),
        ox.Quad(subject, _SCORE, score(evidence.score), graph),
        ox.Quad(subject, _EXTRACTOR, text(evidence.extractor), graph),
        ox.Quad(subject, _SOURCE, graph, graph),
        ox.Quad(subject, _SELECTOR, selector, graph),
    ]
    if evidence.weighed:
        quads.append(ox.Quad(subject, _READ, score(evidence.weighed.read), graph))
        quads.append(ox.Quad(subject, _TOLD, text(evidence.weighed.told), graph))
    return quads


def _rejection_quads(rejection: Rejection, count: int, uri: str, iris: Iris) -> list[ox.Quad]:
    graph = node(uri)
    subject = node(iris.rejection(uri, rejection))
    pairs: Pairs = [
        (TYPE, node(KGB + "Rejection")),
        (node(KGB + "document"), graph),
        (node(KGB + "stage"), text(rejection.stage)),
        (node(KGB + "reason"), text(rejection.reason)),
        (node(KGB + "count"), ox.Literal(count)),
    ]
    if rejection.detail:
        pairs.append((node(KGB + "detail"), text(rejection.detail)))
    return [ox.Quad(subject, predicate, term, graph) for predicate, term in pairs]


def _one_each(mentions: Iterable[EntityMention]) -> list[EntityMention]:
    """One mention for each span: the surest, so that offsets and scores belong together."""
    chosen: dict[tuple[int, int], EntityMention] = {}
    for mention in sorted(mentions, key=lambda each: (-each.score, each.entity, each.mention.label)):
        chosen.setdefault((mention.mention.start, mention.mention.end), mention)
    return list(chosen.values())


def _check_span(content: str, quote: str, start: int, uri: str) -> None:
    if content[start : start + len(quote)] != quote:
        raise ValueError(f"{uri}: the text at {start} is not the quoted {quote[:60]!r}")

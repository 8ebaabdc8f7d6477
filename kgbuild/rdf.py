"""Records to quads: the only place where RDF is written.

In go records of `kgbuild.records`, out come pyoxigraph terms and quads in the layout of the
graph: one graph for each document, and the shared graphs `statements`, `entities`, `truthy` and
`runs`. There are no blank nodes: every IRI is a function of content.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

import pyoxigraph as ox

from kgbuild.iris import (
    DCTERMS,
    ITSRDF,
    KGB,
    NIF,
    OA,
    PQ,
    PQV,
    PR,
    PROV,
    PS,
    PSV,
    RDF,
    RDFS,
    SCHEMA,
    SKOS,
    WD,
    WDT,
    WIKIBASE,
    XSD,
    Iris,
    P,
    digest,
    entity_iri,
)
from kgbuild.ontology import Ontology, Property, ValueKind
from kgbuild.records import (
    BuildReport,
    DocumentFacts,
    Entity,
    EntityMention,
    Evidence,
    ItemValue,
    QuantityValue,
    Rejection,
    Statement,
    TextValue,
    TimeValue,
    Value,
)

Term = ox.NamedNode | ox.Literal
Pairs = list[tuple[ox.NamedNode, Term]]

_GREGORIAN = ox.NamedNode(WD + "Q1985727")
_NO_UNIT = ox.NamedNode(WD + "Q199")
_PROPERTY_TYPES = {
    ValueKind.ITEM: "WikibaseItem",
    ValueKind.TIME: "Time",
    ValueKind.QUANTITY: "Quantity",
    ValueKind.TEXT: "String",
}


@lru_cache(maxsize=4096)
def node(iri: str) -> ox.NamedNode:
    """An IRI as a term; ValueError where it is none."""
    try:
        return ox.NamedNode(iri)
    except ValueError as error:
        raise ValueError(f"{iri!r} is no absolute IRI: {error}") from error


TYPE = node(RDF + "type")
INSTANCE_OF = node(WDT + "P31")


def text(content: str, language: str | None = None) -> ox.Literal:
    """A string, with its language where that is a BCP 47 tag.

    >>> print(text("Köln", "de-DE"))
    "Köln"@de-de
    """
    if language:
        try:
            return ox.Literal(content, language=language.lower())
        except ValueError:
            return ox.Literal(content)
    return ox.Literal(content)


def score(number: float) -> ox.Literal:
    """A score or confidence, rounded to six decimals.

    >>> print(score(0.5))
    "0.5"^^<http://www.w3.org/2001/XMLSchema#decimal>
    """
    return decimal(Decimal(f"{number:.6f}"))


def decimal(amount: Decimal) -> ox.Literal:
    """A number in the form that every store keeps.

    >>> print(decimal(Decimal("1.50E+3")))
    "1500"^^<http://www.w3.org/2001/XMLSchema#decimal>
    """
    return ox.Literal(format((amount or Decimal(0)).normalize(), "f"), datatype=node(XSD + "decimal"))


def year(number: int) -> str:
    """An astronomical year as XML Schema 1.1 writes it.

    >>> year(-43), year(12), year(2026)
    ('-0043', '0012', '2026')
    """
    return f"{'-' if number < 0 else ''}{abs(number):04d}"


def honest_date(value: TimeValue) -> ox.Literal | None:
    """A date with no more than was said: gYear, gYearMonth or date; none where XML Schema has none.

    >>> print(honest_date(TimeValue(1912, 6, None, 10)))
    "1912-06"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>
    """
    lexical = year(value.year)
    match value:
        case TimeValue(_, int(month), int(day), precision) if precision >= 11:
            return ox.Literal(f"{lexical}-{month:02d}-{day:02d}", datatype=node(XSD + "date"))
        case TimeValue(_, int(month), _, precision) if precision >= 10:
            return ox.Literal(f"{lexical}-{month:02d}", datatype=node(XSD + "gYearMonth"))
        case TimeValue(_, _, _, precision) if precision >= 9:
            return ox.Literal(lexical, datatype=node(XSD + "gYear"))
    return None


def simple_value(value: Value) -> Term:
    """A value as `ps:` and `wdt:` have it; dates are padded to a dateTime as Wikidata's are.

    >>> print(simple_value(TimeValue(1912, 6, None, 10)))
    "1912-06-01T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>
    """
    match value:
        case ItemValue(entity):
            return node(entity_iri(entity))
        case TimeValue(number, month, day):
            lexical = f"{year(number)}-{month or 1:02d}-{day or 1:02d}T00:00:00Z"
            return ox.Literal(lexical, datatype=node(XSD + "dateTime"))
        case QuantityValue(amount):
            return decimal(amount)
        case TextValue(content, language):
            return text(content, language)


def value_pairs(value: Value) -> Pairs:
    """What a value node says; nothing for the values that need no node."""
    match value:
        case TimeValue(precision=precision):
            pairs: Pairs = [
                (TYPE, node(WIKIBASE + "TimeValue")),
                (node(WIKIBASE + "timeValue"), simple_value(value)),
                (node(WIKIBASE + "timePrecision"), ox.Literal(precision)),
                (node(WIKIBASE + "timeTimezone"), ox.Literal(0)),
                (node(WIKIBASE + "timeCalendarModel"), _GREGORIAN),
            ]
            date = honest_date(value)
            return [*pairs, (node(KGB + "date"), date)] if date else pairs
        case QuantityValue(amount, unit):
            return [
                (TYPE, node(WIKIBASE + "QuantityValue")),
                (node(WIKIBASE + "quantityAmount"), decimal(amount)),
                (node(WIKIBASE + "quantityUnit"), node(entity_iri(unit)) if unit else _NO_UNIT),
            ]
    return []


@dataclass(frozen=True, slots=True)
class PropertyForms:
    """The predicates of one property: Wikidata's own for a PID, our own for any other IRI."""

    property: ox.NamedNode
    direct: ox.NamedNode
    claim: ox.NamedNode
    statement: ox.NamedNode
    statement_value: ox.NamedNode
    qualifier: ox.NamedNode
    qualifier_value: ox.NamedNode


@lru_cache(maxsize=4096)
def property_forms(id: str, iris: Iris) -> PropertyForms:
    """The forms of a property id, which is a PID or an absolute IRI.

    >>> print(property_forms("P19", Iris()).direct)
    <http://www.wikidata.org/prop/direct/P19>
    >>> print(property_forms("https://schema.org/author", Iris("https://me.org/")).claim)
    <https://me.org/prop/author-ec93785a>
    """
    if re.fullmatch(r"P[1-9]\d*", id):
        return PropertyForms(
            *(node(prefix + id) for prefix in (WD, WDT, P, PS, PSV, PQ, PQV)),
        )
    name = re.sub(r"[^A-Za-z0-9]+", "-", re.split(r"[/#:]", id)[-1]).strip("-")
    slug = f"{name}-{digest(id)[:8]}".lstrip("-")
    paths = ("", "statement/", "statement/value/", "qualifier/", "qualifier/value/")
    return PropertyForms(node(id), node(id), *(node(f"{iris.base}prop/{path}{slug}") for path in paths))


ENTITY_PREDICATES = frozenset(
    [WIKIBASE + name for name in ("directClaim", "claim", "statementProperty", "statementValue")]
    + [WIKIBASE + name for name in ("qualifier", "qualifierValue", "propertyType")]
    + [RDF + "type", RDFS + "label", SKOS + "altLabel", SCHEMA + "description", WDT + "P31"]
)
"""What kgbuild says of entities and properties; anything else said of them is somebody else's."""


def property_pairs(id: str, ontology: Ontology, iris: Iris) -> Pairs:
    """The declaration of a property, as Wikidata's dumps have it."""
    forms = property_forms(id, iris)
    pairs: Pairs = [
        (TYPE, node(WIKIBASE + "Property")),
        (node(WIKIBASE + "directClaim"), forms.direct),
        (node(WIKIBASE + "claim"), forms.claim),
        (node(WIKIBASE + "statementProperty"), forms.statement),
        (node(WIKIBASE + "statementValue"), forms.statement_value),
        (node(WIKIBASE + "qualifier"), forms.qualifier),
        (node(WIKIBASE + "qualifierValue"), forms.qualifier_value),
    ]
    definition: Property | None = ontology.properties.get(id)
    if definition is None:
        return pairs
    pairs.append((node(WIKIBASE + "propertyType"), node(WIKIBASE + _PROPERTY_TYPES[definition.kind])))
    pairs.append((node(RDFS + "label"), text(definition.label, "en")))
    if definition.description:
        pairs.append((node(SCHEMA + "description"), text(definition.description, "en")))
    pairs += [(node(SKOS + "altLabel"), text(alias, "en")) for alias in definition.aliases]
    return pairs


@dataclass(frozen=True, slots=True)
class Description:
    """What one knowledge base or document tells of an entity; shared by all that tell the same."""

    iri: str
    entity: str
    language: str
    label: str
    aliases: tuple[str, ...]
    description: str
    types: tuple[str, ...]


def describe(entity: Entity, language: str, iris: Iris) -> Description:
    """The description that an entity's record makes, its texts being in `language`."""
    iri = entity_iri(entity.id)
    aliases = tuple(sorted({*entity.aliases} - {entity.label, ""}))
    types = tuple(sorted(map(entity_iri, {*entity.types})))
    tag = text("x", language).language or ""
    content = (entity.label, entity.description, str(len(aliases)), *aliases, *types)
    return Description(
        iris.description(iri, tag, *content), iri, tag, entity.label, aliases, entity.description, types
    )


def description_pairs(description: Description) -> Pairs:
    """What the node of a description says."""
    language = description.language
    pairs: Pairs = [
        (TYPE, node(KGB + "Description")),
        (node(KGB + "describes"), node(description.entity)),
        (node(KGB + "label"), text(description.label, language)),
    ]
    pairs += [(node(KGB + "alias"), text(alias, language)) for alias in description.aliases]
    if description.description:
        pairs.append((node(KGB + "description"), text(description.description, language)))
    pairs += [(node(KGB + "instanceOf"), node(iri)) for iri in description.types]
    return pairs


def read_description(iri: str, pairs: Iterable[tuple[ox.NamedNode, Term]]) -> Description:
    """The inverse of `description_pairs`."""
    found: dict[str, list[Term]] = {}
    for predicate, term in pairs:
        found.setdefault(predicate.value, []).append(term)

    def values(name: str) -> tuple[str, ...]:
        return tuple(sorted(term.value for term in found.get(KGB + name, ())))

    label = found[KGB + "label"][0]
    return Description(
        iri=iri,
        entity=values("describes")[0],
        language=(label.language or "") if isinstance(label, ox.Literal) else "",
        label=label.value,
        aliases=values("alias"),
        description="".join(values("description")),
        types=values("instanceOf"),
    )


def entity_pairs(descriptions: Sequence[Description]) -> Pairs:
    """An entity from all that is told of it: the fullest description names it, all give aliases.

    The fullest has the longest description text, then the most aliases; the rest decides ties, so
    that the order of `descriptions` does not matter. Types come as Wikidata's "instance of".
    """
    if not descriptions:
        return []
    chosen = min(
        descriptions, key=lambda each: (-len(each.description), -len(each.aliases), each.label, each.iri)
    )
    label = text(chosen.label, chosen.language)
    names = {
        text(name, each.language) for each in descriptions for name in (each.label, *each.aliases) if name
    }
    pairs: Pairs = [(TYPE, node(WIKIBASE + "Item"))]
    if chosen.label:
        pairs.append((node(RDFS + "label"), label))
    if chosen.description:
        pairs.append((node(SCHEMA + "description"), text(chosen.description, chosen.language)))
    pairs += [(node(SKOS + "altLabel"), name) for name in names - {label}]
    types = {iri for each in descriptions for iri in each.types}
    return pairs + [(INSTANCE_OF, node(iri)) for iri in types]


def statement_iri(statement: Statement, iris: Iris) -> str:
    """The IRI of a statement."""
    return iris.statement(statement.subject, statement.property, statement.value, statement.qualifiers)


def statements_by_iri(facts: DocumentFacts, iris: Iris) -> dict[str, Statement]:
    """The statements of a document, each once, with one evidence for each span that says it.

    Of several extractors' evidence in one span the surest is kept. ValueError, which names the
    document, for a statement that no sentence says.
    """
    found: dict[str, Statement] = {}
    for statement in facts.statements:
        iri = statement_iri(statement, iris)
        earlier = found[iri].evidence if iri in found else ()
        evidence = _best_each((*earlier, *statement.evidence))
        if not evidence:
            raise ValueError(f"{facts.document.uri}: no evidence for {statement}")
        found[iri] = replace(statement, evidence=evidence)
    return found


def statement_quads(statement: Statement, iris: Iris) -> Iterator[ox.Quad]:
    """What a statement says, whoever supports it; confidence, rank and references come from `support_pairs`."""
    graph = node(iris.graph("statements"))
    forms = property_forms(statement.property, iris)
    subject = node(statement_iri(statement, iris))
    yield ox.Quad(node(entity_iri(statement.subject)), forms.claim, subject, graph)
    yield ox.Quad(subject, TYPE, node(WIKIBASE + "Statement"), graph)
    claim = iris.claim(statement.subject, statement.property, statement.value)
    yield ox.Quad(subject, node(KGB + "claim"), ox.Literal(claim), graph)
    values = [(forms.statement, forms.statement_value, statement.value)]
    for id, value in statement.qualifiers:
        qualifier = property_forms(id, iris)
        values.append((qualifier.qualifier, qualifier.qualifier_value, value))
    for simple, full, value in values:
        yield ox.Quad(subject, simple, simple_value(value), graph)
        pairs = value_pairs(value)
        if pairs:
            value_node = node(iris.value(value))
            yield ox.Quad(subject, full, value_node, graph)
            yield from (ox.Quad(value_node, predicate, term, graph) for predicate, term in pairs)


RANK = node(WIKIBASE + "rank")
BEST_RANK = node(WIKIBASE + "BestRank")
CONFIDENCE = node(KGB + "confidence")
DERIVED = node(PROV + "wasDerivedFrom")


def support_pairs(
    confidence: float, *, references: Iterable[ox.NamedNode], preferred: bool, best: bool
) -> Pairs:
    """What the documents make of a statement: confidence, rank and a reference to each of them."""
    rank = "PreferredRank" if preferred else "NormalRank"
    pairs: Pairs = [(CONFIDENCE, score(confidence)), (RANK, node(WIKIBASE + rank))]
    if best:
        pairs.append((TYPE, BEST_RANK))
    return pairs + [(DERIVED, reference) for reference in references]


def document_quads(facts: DocumentFacts, descriptions: Iterable[str], iris: Iris) -> list[ox.Quad]:
    """The graph of one document: its revision, text, mentions, evidence and rejections.

    `descriptions` are the IRIs of what the document tells of entities. ValueError, which names the
    document, where a span does not hold what it quotes.
    """
    document = facts.document
    uri = document.uri
    graph = node(uri)
    quads = [ox.Quad(graph, predicate, term, graph) for predicate, term in _document_pairs(facts)]
    quads += [ox.Quad(graph, node(KGB + "usesDescription"), node(iri), graph) for iri in descriptions]
    for mention in _one_each(facts.mentions):
        _check_span(document.text, mention.mention.text, mention.mention.start, uri)
        subject = node(iris.mention(uri, mention.mention.start, mention.mention.end))
        quads += [
            ox.Quad(subject, predicate, term, graph) for predicate, term in _mention_pairs(mention, uri)
        ]
    for about, statement in statements_by_iri(facts, iris).items():
        for evidence in statement.evidence:
            _check_span(document.text, evidence.quote, evidence.start, uri)
            quads += _evidence_quads(about, evidence, uri, iris)
    if facts.statements:
        reference = node(iris.reference(uri))
        quads.append(ox.Quad(reference, TYPE, node(WIKIBASE + "Reference"), graph))
        quads.append(ox.Quad(reference, node(PR + "P854"), graph, graph))
        quads.append(ox.Quad(reference, node(PROV + "hadPrimarySource"), graph, graph))
    for rejection, count in Counter(facts.rejections).items():
        quads += _rejection_quads(rejection, count, uri, iris)
    return list(dict.fromkeys(quads))


def rejected_document_quads(uri: str, rejection: Rejection, iris: Iris) -> list[ox.Quad]:
    """The graph of a document that could not be read at all: why."""
    graph = node(uri)
    return [
        ox.Quad(graph, TYPE, node(KGB + "RejectedDocument"), graph),
        ox.Quad(graph, node(DCTERMS + "identifier"), text(rejection.document_id), graph),
        *_rejection_quads(rejection, 1, uri, iris),
    ]


def run_quads(
    report: BuildReport, *, started: str, ended: str, versions: Iterable[tuple[str, str]], iris: Iris
) -> list[ox.Quad]:
    """One run as a PROV-O activity; times are xsd:dateTime strings, seconds are by stage."""
    graph = node(iris.graph("runs"))
    run = node(iris.run(report.run))
    pairs: Pairs = [
        (TYPE, node(PROV + "Activity")),
        (node(PROV + "startedAtTime"), ox.Literal(started, datatype=node(XSD + "dateTime"))),
        (node(PROV + "endedAtTime"), ox.Literal(ended, datatype=node(XSD + "dateTime"))),
    ]
    counts = ("documents", "unchanged", "characters", "mentions", "links", "statements")
    pairs += [(node(KGB + name), ox.Literal(int(getattr(report, name)))) for name in counts]
    pairs.append((node(KGB + "rejections"), ox.Literal(len(report.rejections))))
    quads = [ox.Quad(run, predicate, term, graph) for predicate, term in pairs]
    for name, version in versions:
        agent = node(f"{iris.base}software/{digest(name, version)}")
        quads.append(ox.Quad(run, node(PROV + "wasAssociatedWith"), agent, graph))
        quads.append(ox.Quad(agent, TYPE, node(PROV + "SoftwareAgent"), graph))
        quads.append(ox.Quad(agent, node(RDFS + "label"), text(name), graph))
        quads.append(ox.Quad(agent, node(KGB + "version"), text(version), graph))
    for stage, seconds in report.seconds.items():
        timing = node(f"{run.value}/{digest(stage)}")
        quads.append(ox.Quad(run, node(KGB + "timing"), timing, graph))
        quads.append(ox.Quad(timing, node(KGB + "stage"), text(stage), graph))
        quads.append(ox.Quad(timing, node(KGB + "seconds"), decimal(Decimal(f"{seconds:.3f}")), graph))
    return quads


def _document_pairs(facts: DocumentFacts) -> Pairs:
    document, revision = facts.document, facts.revision
    pairs: Pairs = [
        (TYPE, node(KGB + "Document")),
        (TYPE, node(NIF + "Context")),
        (node(NIF + "isString"), text(document.text)),
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
    if document.published:
        issued = ox.Literal(document.published.isoformat(), datatype=node(XSD + "date"))
        pairs.append((node(DCTERMS + "issued"), issued))
    return pairs


def _mention_pairs(mention: EntityMention, uri: str) -> Pairs:
    span = mention.mention
    return [
        (TYPE, node(NIF + "Phrase")),
        (node(NIF + "referenceContext"), node(uri)),
        (node(NIF + "beginIndex"), ox.Literal(span.start)),
        (node(NIF + "endIndex"), ox.Literal(span.end)),
        (node(NIF + "anchorOf"), text(span.text)),
        (node(KGB + "mentionLabel"), text(span.label)),
        (node(KGB + "score"), score(span.score)),
        (node(ITSRDF + "taIdentRef"), node(entity_iri(mention.entity))),
        (node(ITSRDF + "taConfidence"), score(mention.score)),
    ]


def _evidence_quads(statement: str, evidence: Evidence, uri: str, iris: Iris) -> list[ox.Quad]:
    graph = node(uri)
    subject = ox.NamedNode(iris.evidence(uri, statement, evidence.start, evidence.end))
    selector = node(iris.mention(uri, evidence.start, evidence.end))
    return [
        ox.Quad(subject, TYPE, node(KGB + "Evidence"), graph),
        ox.Quad(subject, node(KGB + "supports"), node(statement), graph),
        ox.Quad(subject, node(KGB + "score"), score(evidence.score), graph),
        ox.Quad(subject, node(KGB + "extractor"), text(evidence.extractor), graph),
        ox.Quad(subject, node(OA + "hasSource"), graph, graph),
        ox.Quad(subject, node(OA + "hasSelector"), selector, graph),
        ox.Quad(selector, TYPE, node(OA + "TextPositionSelector"), graph),
        ox.Quad(selector, TYPE, node(OA + "TextQuoteSelector"), graph),
        ox.Quad(selector, node(OA + "start"), ox.Literal(evidence.start), graph),
        ox.Quad(selector, node(OA + "end"), ox.Literal(evidence.end), graph),
        ox.Quad(selector, node(OA + "exact"), text(evidence.quote), graph),
    ]


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


def _best_each(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """One evidence for each span: the surest, whichever extractor read it."""
    chosen: dict[tuple[int, int], Evidence] = {}
    for each in sorted(evidence, key=lambda each: (-each.score, each.extractor)):
        chosen.setdefault((each.start, each.end), each)
    return tuple(chosen.values())


def _check_span(content: str, quote: str, start: int, uri: str) -> None:
    if content[start : start + len(quote)] != quote:
        raise ValueError(f"{uri}: the text at {start} is not the quoted {quote[:60]!r}")

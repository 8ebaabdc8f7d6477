"""Why the graph says what it says: statements with each sentence that supports them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import pyoxigraph as ox

from kgbuild.errors import UsageError
from kgbuild.graph.proofs import Premise, Proof, proofs
from kgbuild.graph.rows import rows
from kgbuild.iris import (
    DCTERMS,
    ITSRDF,
    KGB,
    NIF,
    OA,
    RDFS,
    SCHEMA,
    SKOS,
    WD,
    WDT,
    WIKIBASE,
    Iris,
    entity_id,
    entity_iri,
)
from kgbuild.ontology import Ontology
from kgbuild.protocols import Store
from kgbuild.rdf import Fact, node
from kgbuild.stores.update import values

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|^`\\]+")
_UNITLESS = WD + "Q199"


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a name: `id` is a QID, PID or IRI, empty for a literal; `label` is for people."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that says a statement, with its place in the document and the extractor's score."""

    document: str
    title: str
    start: int
    end: int
    quote: str
    score: float
    extractor: str


@dataclass(frozen=True, slots=True)
class ExplainedStatement:
    """A statement, how sure the documents make it, and the sentences that say it, surest first."""

    iri: str
    subject: Named
    property: Named
    value: Named
    confidence: float
    rank: str
    evidence: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class ExplainedPremise:
    """What a rule needs: the statements that say it, or how it was inferred itself.

    It has neither where only the knowledge base tells it.
    """

    subject: Named
    property: Named
    value: Named
    statements: tuple[ExplainedStatement, ...]
    inference: ExplainedInference | None


@dataclass(frozen=True, slots=True)
class ExplainedInference:
    """What follows by a rule, which is the kind of an axiom, from its premises."""

    iri: str
    subject: Named
    property: Named
    value: Named
    rule: str
    premises: tuple[ExplainedPremise, ...]


@dataclass(frozen=True, slots=True)
class ExplainedLink:
    """A name in a document, how sure the linker was of what it names, and the candidates, one a line."""

    document: str
    start: int
    name: str
    score: float
    candidates: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """An entity or statement: its name, description, mentions, statements, and what is inferred of it."""

    name: Named
    description: str
    mentions: int
    statements: tuple[ExplainedStatement, ...]
    inferences: tuple[ExplainedInference, ...] = ()
    links: tuple[ExplainedLink, ...] = ()


def explain(
    store: Store, term: str, *, iris: Iris, ontology: Ontology | None = None
) -> tuple[Explanation, ...]:
    """Explain a QID, an IRI of an entity, statement or inference, or every entity that has a label.

    The statements in which an entity is the subject come first, then those in which it is the value.
    The ontology names properties that no document states but rules infer. UsageError where the store
    has nothing of that name.
    """
    found = tuple(_explain(store, iri, iris, ontology) for iri in _named(store, term.strip(), iris))
    if not found:
        raise UsageError(f"the store has nothing called {term!r}; give a QID, an IRI or the exact label")
    return found


def explain_statements(
    store: Store, statements: Iterable[str], *, iris: Iris
) -> dict[str, ExplainedStatement]:
    """These statements by IRI, each with the sentences that say it; those that are not there left out."""
    listed = sorted(set(statements))
    found = _statements(store, values("?statement", listed), iris) if listed else ()
    return {each.iri: each for each in found}


def _explain(store: Store, iri: str, iris: Iris, ontology: Ontology | None) -> Explanation:
    is_statement = iri.startswith(f"{iris.base}statement/")
    patterns = (
        [f"VALUES ?statement {{ {node(iri)} }}"]
        if is_statement
        else [
            f"VALUES ?subject {{ {node(iri)} }} ?subject ?claim ?statement .",
            f"VALUES ?value {{ {node(iri)} }} ?statement ?simple ?value .",
        ]
    )
    statements = [each for pattern in patterns for each in _statements(store, pattern, iris)]
    listed = tuple({each.iri: each for each in statements}.values())
    description = f"SELECT ?text {{ {node(iri)} <{SCHEMA}description> ?text }}"
    mentions = f"""SELECT (COUNT(?m) AS ?n) {{ GRAPH ?document {{
      ?m <{ITSRDF}taIdentRef> {node(iri)} ; <{NIF}referenceContext> ?document }} }}"""
    return Explanation(
        name=Named(entity_id(iri), _labels(store, [iri])[iri]),
        description=next((found for (found,) in rows(store, description)), ""),
        mentions=next(int(number) for (number,) in rows(store, mentions)),
        statements=listed,
        inferences=_inferences(store, proofs(store, iri, iris), iris, ontology),
        links=tuple(_links(store, iri)),
    )


def _links(store: Store, iri: str) -> Iterator[ExplainedLink]:
    """The names that were linked to an entity and whose candidates are kept."""
    query = f"""SELECT ?document ?start ?name ?score ?candidates {{ GRAPH ?document {{
      ?mention <{ITSRDF}taIdentRef> {node(iri)} ; <{KGB}candidates> ?candidates ; <{NIF}anchorOf> ?name ;
        <{NIF}beginIndex> ?start ; <{ITSRDF}taConfidence> ?score }} }}
      ORDER BY DESC(?score) ?document ?start"""
    for document, start, name, score, candidates in rows(store, query):
        yield ExplainedLink(document, int(start), name, float(score), candidates)


def _inferences(
    store: Store, found: Sequence[Proof], iris: Iris, ontology: Ontology | None
) -> tuple[ExplainedInference, ...]:
    """Proofs in words, with the statements that they come down to."""
    premises = list(chain.from_iterable(map(_premises, found)))
    statements = explain_statements(store, [iri for each in premises for iri in each.statements], iris=iris)
    facts = {*(each.fact for each in premises), *(each.fact for each in found)}
    direct = _properties(store, {fact.predicate.value for fact in facts}, iris)
    known = ontology.properties if ontology else {}
    labels = {entity_iri(pid): definition.label for pid, definition in known.items()}
    terms = {end.value for fact in facts for end in (fact.subject, fact.object)} | set(direct.values())
    labels |= {iri: label for iri, label in _labels(store, terms).items() if label != entity_id(iri)}

    def named(iri: str) -> Named:
        return Named(entity_id(iri) if _IRI.fullmatch(iri) else "", labels.get(iri, entity_id(iri)))

    def ends(fact: Fact) -> tuple[Named, Named, Named]:
        return named(fact.subject.value), named(direct[fact.predicate.value]), named(fact.object.value)

    def inference(proof: Proof) -> ExplainedInference:
        return ExplainedInference(
            proof.iri, *ends(proof.fact), proof.rule, tuple(map(premise, proof.premises))
        )

    def premise(each: Premise) -> ExplainedPremise:
        said = tuple(statements[iri] for iri in each.statements)
        return ExplainedPremise(*ends(each.fact), said, inference(each.proof) if each.proof else None)

    return tuple(map(inference, found))


def _premises(proof: Proof) -> Iterator[Premise]:
    """The premises of a proof, and those of their own proofs."""
    for each in proof.premises:
        yield each
        if each.proof:
            yield from _premises(each.proof)


def _properties(store: Store, predicates: Iterable[str], iris: Iris) -> dict[str, str]:
    """The property of each direct predicate: as declared, or by Wikidata's naming."""
    found = {iri: WD + iri.removeprefix(WDT) if iri.startswith(WDT) else iri for iri in predicates}
    query = f"""SELECT ?direct ?property {{ {values("?direct", sorted(found))}
      GRAPH <{iris.graph("entities")}> {{ ?property <{WIKIBASE}directClaim> ?direct }} }}"""
    return found | {row[0]: row[1] for row in rows(store, query)}


def _named(store: Store, term: str, iris: Iris) -> list[str]:
    """The IRIs that a person may mean, in order."""
    if re.fullmatch(r"[QP][1-9]\d*", term) or _IRI.fullmatch(term):
        try:
            asked = node(entity_iri(term))
        except ValueError as error:
            raise UsageError(f"{term!r} is not an IRI; give a QID, an IRI or the exact label") from error
        query = f"""SELECT ?x {{ {values("?x", [asked.value])} FILTER(
          EXISTS {{ GRAPH <{iris.graph("entities")}> {{ ?x ?p ?o }} }} ||
          EXISTS {{ GRAPH <{iris.graph("statements")}> {{ ?x ?p ?o }} }} ||
          EXISTS {{ GRAPH <{iris.graph("inferred")}> {{ ?x a <{KGB}Inference> }} }}) }}"""
        return [iri for (iri,) in rows(store, query)]
    wanted = ox.Literal(term.lower())
    query = f"""SELECT DISTINCT ?x ?is_label {{ GRAPH <{iris.graph("entities")}> {{
      {{ ?x <{RDFS}label> ?name BIND(1 AS ?is_label) }}
      UNION {{ ?x <{SKOS}altLabel> ?name BIND(0 AS ?is_label) }}
      ?x a <{WIKIBASE}Item> FILTER(LCASE(STR(?name)) = {wanted}) }} }} ORDER BY DESC(?is_label) STR(?x)"""
    found = list(rows(store, query))
    labelled = [iri for iri, is_label in found if is_label == "1"]
    return list(dict.fromkeys(labelled or [iri for iri, _ in found]))


def _statements(store: Store, pattern: str, iris: Iris) -> Iterator[ExplainedStatement]:
    """The statements that a pattern finds, surest first."""
    claims, told = f"<{iris.graph('statements')}>", f"<{iris.graph('entities')}>"
    query = f"""SELECT DISTINCT ?statement ?subject ?property ?value ?confidence ?rank
        ?precision ?date ?unit {{
      GRAPH {claims} {{ {pattern} ?statement <{KGB}confidence> ?confidence ; <{WIKIBASE}rank> ?rank .
        ?subject ?claim ?statement }}
      GRAPH {told} {{ ?property <{WIKIBASE}claim> ?claim ; <{WIKIBASE}statementProperty> ?simple ;
        <{WIKIBASE}statementValue> ?full }}
      GRAPH {claims} {{ ?statement ?simple ?value }}
      OPTIONAL {{ GRAPH {claims} {{ ?statement ?full ?node }}
        OPTIONAL {{ GRAPH {claims} {{ ?node <{WIKIBASE}timePrecision> ?precision }} }}
        OPTIONAL {{ GRAPH {claims} {{ ?node <{KGB}date> ?date }} }}
        OPTIONAL {{ GRAPH {claims} {{ ?node <{WIKIBASE}quantityUnit> ?unit }} }} }} }}"""
    found = sorted(rows(store, query), key=lambda row: (-float(row[4]), row[0]))
    labels = _labels(store, {iri for row in found for iri in (row[1], row[2], row[3], row[8])})
    sentences = _sentences(store, [row[0] for row in found])
    for statement, subject, property_iri, value, confidence, rank, precision, date, unit in found:
        if precision:
            shown = Named("", date or _vague(value, int(precision)))
        elif unit:
            shown = Named("", value if unit == _UNITLESS else f"{value} {labels[unit]}")
        else:
            shown = Named(entity_id(value) if value in labels else "", labels.get(value, value))
        yield ExplainedStatement(
            iri=statement,
            subject=Named(entity_id(subject), labels[subject]),
            property=Named(entity_id(property_iri), labels[property_iri]),
            value=shown,
            confidence=float(confidence),
            rank=rank.removeprefix(WIKIBASE).removesuffix("Rank").lower(),
            evidence=tuple(sentences[statement]),
        )


def _sentences(store: Store, statements: Iterable[str]) -> defaultdict[str, list[Sentence]]:
    """The evidence for statements, surest first."""
    query = f"""SELECT ?statement ?document ?title ?start ?end ?quote ?score ?extractor {{
      {values("?statement", statements)}
      GRAPH ?document {{ ?evidence <{KGB}supports> ?statement ; <{OA}hasSource> ?document ;
        <{KGB}score> ?score ; <{KGB}extractor> ?extractor ; <{OA}hasSelector> ?selector .
        ?selector <{OA}start> ?start ; <{OA}end> ?end ; <{OA}exact> ?quote .
        OPTIONAL {{ ?document <{DCTERMS}title> ?title }} }} }}"""
    found: defaultdict[str, list[Sentence]] = defaultdict(list)
    for statement, document, title, start, end, quote, score, extractor in rows(store, query):
        found[statement].append(
            Sentence(document, title, int(start), int(end), quote, float(score), extractor)
        )
    for each in found.values():
        each.sort(key=lambda sentence: (-sentence.score, sentence.document, sentence.start))
    return found


def _labels(store: Store, terms: Iterable[str]) -> dict[str, str]:
    """A label for each of these that is an IRI; its id where it has none."""
    listed = sorted(term for term in set(terms) if _IRI.fullmatch(term))
    query = f"""SELECT ?x ?label {{ {values("?x", listed)} ?x <{RDFS}label> ?label }}
      ORDER BY DESC(LANG(?label)) DESC(STR(?label))"""
    labels = {iri: entity_id(iri) for iri in listed}
    labels.update((iri, label) for iri, label in rows(store, query))
    return labels


def _vague(moment: str, precision: int) -> str:
    """A date of which not even the year is known, by Wikidata's precision.

    >>> _vague("1910-01-01T00:00:00Z", 8), _vague("1900-01-01T00:00:00Z", 7)
    ('1910s', '19th century')
    """
    year = int(re.match(r"-?\d+", moment)[0])  # type: ignore[index]
    if precision >= 8:
        return f"{year // 10 * 10}s"
    number = -(-year // 100) if year > 0 else -(year // 100)
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")
    return f"{number}{ending} century{'' if year > 0 else ' BCE'}"

"""Why the graph says what it says: statements with each sentence that supports them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kgbuild.errors import UsageError
from kgbuild.explain.inferences import ExplainedInference, ExplainedPremise, in_words
from kgbuild.explain.names import Named, called, labels
from kgbuild.explain.statements import ExplainedStatement, Sentence, explain_statements, matching
from kgbuild.graph.proofs import proofs
from kgbuild.graph.rows import rows
from kgbuild.iris import ITSRDF, KGB, NIF, SCHEMA, Iris, entity_id
from kgbuild.ontology import Ontology
from kgbuild.protocols import Store
from kgbuild.rdf import node

__all__ = [
    "ExplainedInference",
    "ExplainedLink",
    "ExplainedPremise",
    "ExplainedStatement",
    "Explanation",
    "Named",
    "Sentence",
    "explain",
    "explain_statements",
]


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

    With an item come the local entities that are it by owl:sameAs, each with its own statements.
    The statements in which an entity is the subject come first, then those in which it is the value.
    The ontology names properties that no document states but rules infer. UsageError where the store
    has nothing of that name.
    """
    found = tuple(_explain(store, iri, iris, ontology) for iri in called(store, term.strip(), iris))
    if not found:
        raise UsageError(f"the store has nothing called {term!r}; give a QID, an IRI or the exact label")
    return found


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
    statements = [each for pattern in patterns for each in matching(store, pattern, iris)]
    listed = tuple({each.iri: each for each in statements}.values())
    description = f"SELECT ?text {{ {node(iri)} <{SCHEMA}description> ?text }}"
    mentions = f"""SELECT (COUNT(?m) AS ?n) {{ GRAPH ?document {{
      ?m <{ITSRDF}taIdentRef> {node(iri)} ; <{NIF}referenceContext> ?document }} }}"""
    return Explanation(
        name=Named(entity_id(iri), labels(store, [iri])[iri]),
        description=next((found for (found,) in rows(store, description)), ""),
        mentions=next(int(number) for (number,) in rows(store, mentions)),
        statements=listed,
        inferences=in_words(store, proofs(store, iri, iris), iris, ontology),
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

"""Records to quads: the only place where RDF is written.

In go records of `kgbuild.records`, out come pyoxigraph terms and quads in the layout of the
graph: one graph for each document, and the shared graphs `statements`, `entities`, `truthy` and
`runs`. There are no blank nodes: every IRI is a function of content.
"""

from kgbuild.rdf.comparisons import comparison_triples
from kgbuild.rdf.dataset import About
from kgbuild.rdf.documents import document_quads, rejected_document_quads
from kgbuild.rdf.entities import (
    ENTITY_PREDICATES,
    Description,
    describe,
    description_pairs,
    entity_pairs,
    read_description,
    same_pairs,
)
from kgbuild.rdf.inferences import (
    CONFIDENCE,
    DEPTH,
    PREMISE,
    RULES_VERSION,
    Fact,
    Inference,
    inference_iri,
    inference_quads,
    rules_version_quad,
)
from kgbuild.rdf.properties import PropertyForms, property_forms, property_pairs
from kgbuild.rdf.reports import quarantine_quads, read_term, report_quads
from kgbuild.rdf.runs import Part, run_quads
from kgbuild.rdf.statements import Said, statement_iri, statement_quads, statements_by_iri, support_pairs
from kgbuild.rdf.terms import (
    BEST_RANK,
    DERIVED,
    INSTANCE_OF,
    TYPE,
    Pairs,
    Term,
    decimal,
    node,
    rounded,
    score,
    text,
)
from kgbuild.rdf.values import honest_date, read_moment, simple_value, value_pairs, year

__all__ = [
    "BEST_RANK",
    "CONFIDENCE",
    "DEPTH",
    "DERIVED",
    "ENTITY_PREDICATES",
    "INSTANCE_OF",
    "PREMISE",
    "RULES_VERSION",
    "TYPE",
    "About",
    "Description",
    "Fact",
    "Inference",
    "Pairs",
    "Part",
    "PropertyForms",
    "Said",
    "Term",
    "comparison_triples",
    "decimal",
    "describe",
    "description_pairs",
    "document_quads",
    "entity_pairs",
    "honest_date",
    "inference_iri",
    "inference_quads",
    "node",
    "property_forms",
    "property_pairs",
    "quarantine_quads",
    "read_description",
    "read_moment",
    "read_term",
    "rejected_document_quads",
    "report_quads",
    "rounded",
    "rules_version_quad",
    "run_quads",
    "same_pairs",
    "score",
    "simple_value",
    "statement_iri",
    "statement_quads",
    "statements_by_iri",
    "support_pairs",
    "text",
    "value_pairs",
    "year",
]

"""The graph `runs`: what each run did, and the data set that they made together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pyoxigraph as ox

from kgbuild.graph.rows import graph_quads, rows
from kgbuild.iris import DCTERMS, KGB, WDT, WIKIBASE, Iris
from kgbuild.protocols import Store
from kgbuild.rdf import node, run_quads
from kgbuild.rdf.dataset import About, Extent, dataset_quads
from kgbuild.rdf.runs import Part, retraction_quads
from kgbuild.records import BuildReport


def record_run(
    store: Store,
    report: BuildReport,
    *,
    started: datetime,
    ended: datetime,
    parts: Iterable[Part],
    iris: Iris,
) -> None:
    """Write what a run did; `parts` are the software that ran and the things that it used."""
    quads = run_quads(report, started=_lexical(started), ended=_lexical(ended), parts=parts, iris=iris)
    store.change((), set(quads))


def record_retraction(
    store: Store, id: str, documents: Iterable[str], *, started: datetime, iris: Iris
) -> None:
    """Write that documents were taken back, in a run that began at `started`."""
    ended = _lexical(datetime.now(UTC))
    quads = retraction_quads(id, documents, started=_lexical(started), ended=ended, iris=iris)
    store.change((), set(quads))


def describe_dataset(store: Store, about: About, *, iris: Iris) -> None:
    """Write the description of the data set in place of the earlier one, where anything changed."""
    graph = node(iris.graph("runs"))
    query = f"""SELECT ?s ?p ?o {{ GRAPH {graph} {{ ?s ?p ?o }}
      FILTER(STRSTARTS(STR(?s), "{iris.dataset}")) }}"""
    present = graph_quads(store, query, graph)
    extent = measure(store, iris=iris)
    told = [each.object for each in present if each.predicate.value == DCTERMS + "modified"]
    dates = [each.value for each in told if isinstance(each, ox.Literal)]
    if dates and present == set(dataset_quads(about, extent, modified=dates[0], iris=iris)):
        return
    quads = set(dataset_quads(about, extent, modified=_lexical(datetime.now(UTC)), iris=iris))
    store.change(present - quads, quads - present)


def measure(store: Store, *, iris: Iris) -> Extent:
    """How much an export of the store holds: all but the runs."""
    told, truthy = f"<{iris.graph('entities')}>", f"<{iris.graph('truthy')}>"
    instance = f"<{WDT}P31>"
    languages = f"SELECT DISTINCT ?l {{ GRAPH ?d {{ ?d a <{KGB}Document> ; <{DCTERMS}language> ?l }} }}"
    return Extent(
        triples=_count(store, f"GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != <{iris.graph('runs')}>)"),
        entities=_count(store, f"GRAPH {told} {{ ?s a <{WIKIBASE}Item> }}"),
        documents=_count(store, f"GRAPH ?d {{ ?d a <{KGB}Document> }}"),
        classes=_counts(store, f"GRAPH {told} {{ ?s {instance} ?x }}"),
        properties=_counts(store, f"GRAPH {truthy} {{ ?s ?x ?o }}")
        | _counts(store, f"GRAPH {told} {{ ?s {instance} ?o }} BIND({instance} AS ?x)"),
        languages=tuple(sorted(language for (language,) in rows(store, languages))),
    )


def _count(store: Store, pattern: str) -> int:
    return next(int(number) for (number,) in rows(store, f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"))


def _counts(store: Store, pattern: str) -> dict[str, int]:
    """How often each ?x is in a pattern, the most frequent first."""
    query = f"SELECT ?x (COUNT(*) AS ?n) {{ {pattern} }} GROUP BY ?x"
    found = sorted(((iri, int(number)) for iri, number in rows(store, query)), key=_by_count)
    return dict(found)


def _by_count(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]


def _lexical(moment: datetime) -> str:
    """A moment as an xsd:dateTime string.

    >>> _lexical(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    '2026-01-02T03:04:05Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

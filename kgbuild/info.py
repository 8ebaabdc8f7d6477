"""What is in a store: counts, documents, rejections with their reasons, versions and runs."""

from __future__ import annotations

from dataclasses import dataclass

from kgbuild.graph.rows import rows
from kgbuild.iris import DCTERMS, KGB, NIF, OA, PROV, RDFS, WIKIBASE, Iris
from kgbuild.protocols import Store


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document in the store; `statements` counts those that it supports."""

    uri: str
    title: str
    mime: str
    statements: int


@dataclass(frozen=True, slots=True)
class KeptRejection:
    """What was not taken, of which document, by which stage and why; `whole` if the document itself."""

    document: str
    stage: str
    reason: str
    detail: str
    count: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Run:
    """One run: when, how many documents it read and found unchanged, and how long it took.

    `rejections` counts the documents and facts that it refused, `statements` those of each document: what
    two of them say is counted twice.
    """

    iri: str
    started: str
    ended: str
    documents: int
    unchanged: int
    rejections: int
    statements: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are of each kind; `local` are the entities that no knowledge base has.

    `mentions` are those of entities, without dates, numbers and pronouns of nobody.
    """

    documents: int
    rejected: int
    statements: int
    entities: int
    local: int
    mentions: int
    evidence: int
    quads: int
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """A store at a glance.

    `properties` are (label, number of statements), most frequent first; `versions` are (part,
    version, number of documents); `runs` come latest first.
    """

    counts: Counts
    documents: tuple[KeptDocument, ...]
    rejections: tuple[KeptRejection, ...]
    properties: tuple[tuple[str, int], ...]
    versions: tuple[tuple[str, str, int], ...]
    runs: tuple[Run, ...]


def summary(store: Store, *, iris: Iris) -> Summary:
    """Read a store's summary."""
    return Summary(
        counts=_counts(store, iris),
        documents=_documents(store),
        rejections=_rejections(store),
        properties=_properties(store, iris),
        versions=_versions(store),
        runs=_runs(store, iris),
    )


def _counts(store: Store, iris: Iris) -> Counts:
    claims, told = f"<{iris.graph('statements')}>", f"<{iris.graph('entities')}>"

    def count(pattern: str) -> int:
        return next(int(number) for (number,) in rows(store, f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"))

    items = f"GRAPH {told} {{ ?x a <{WIKIBASE}Item> }}"
    return Counts(
        documents=count(f"GRAPH ?x {{ ?x a <{KGB}Document> }}"),
        rejected=count(f"GRAPH ?x {{ ?x a <{KGB}RejectedDocument> }}"),
        statements=count(f"GRAPH {claims} {{ ?x a <{WIKIBASE}Statement> }}"),
        entities=count(items),
        local=count(f"{items} FILTER(STRSTARTS(STR(?x), '{iris.base}entity/'))"),
        mentions=count(f"GRAPH ?g {{ ?x a <{NIF}Phrase> ; <{NIF}referenceContext> ?g }}"),
        evidence=count(f"GRAPH ?g {{ ?x a <{KGB}Evidence> ; <{OA}hasSource> ?g }}"),
        quads=count("GRAPH ?g { ?s ?p ?o }"),
        quarantined=count(f"GRAPH ?g {{ ?x a <{KGB}QuarantinedStatement> ; <{OA}hasSource> ?g }}"),
    )


def _documents(store: Store) -> tuple[KeptDocument, ...]:
    query = f"""SELECT ?document (SAMPLE(?name) AS ?title) (SAMPLE(?type) AS ?mime)
        (COUNT(DISTINCT ?statement) AS ?n) {{
      GRAPH ?document {{ ?document a <{KGB}Document> ; <{DCTERMS}format> ?type .
        OPTIONAL {{ ?document <{DCTERMS}title> ?name }}
        OPTIONAL {{ ?evidence <{KGB}supports> ?statement }} }} }} GROUP BY ?document"""
    found = sorted(rows(store, query))
    return tuple(KeptDocument(uri, title, mime, int(number)) for uri, title, mime, number in found)


def _rejections(store: Store) -> tuple[KeptRejection, ...]:
    query = f"""SELECT ?document ?stage ?reason ?detail ?count ?whole {{
      GRAPH ?document {{ ?rejection a <{KGB}Rejection> ; <{KGB}document> ?document ;
        <{KGB}stage> ?stage ; <{KGB}reason> ?reason ;
        <{KGB}count> ?count . OPTIONAL {{ ?rejection <{KGB}detail> ?detail }}
        BIND(EXISTS {{ ?document a <{KGB}RejectedDocument> }} AS ?whole) }} }}"""
    found = (
        KeptRejection(document, stage, reason, detail, int(count), whole == "true")
        for document, stage, reason, detail, count, whole in rows(store, query)
    )
    return tuple(
        sorted(found, key=lambda each: (not each.whole, each.document, each.stage, each.reason, each.detail))
    )


def _properties(store: Store, iris: Iris) -> tuple[tuple[str, int], ...]:
    query = f"""SELECT ?property (SAMPLE(?name) AS ?label) (COUNT(?statement) AS ?n) {{
      GRAPH <{iris.graph("entities")}> {{ ?property <{WIKIBASE}claim> ?claim .
        OPTIONAL {{ ?property <{RDFS}label> ?name }} }}
      GRAPH <{iris.graph("statements")}> {{ ?subject ?claim ?statement }} }} GROUP BY ?property"""
    found = ((label or iri, int(number)) for iri, label, number in rows(store, query))
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))


def _versions(store: Store) -> tuple[tuple[str, str, int], ...]:
    found = []
    for part in ("reader", "extractor", "linker", "ontology"):
        query = f"""SELECT ?version (COUNT(*) AS ?n) {{
          GRAPH ?document {{ ?document <{KGB}{part}Version> ?version }} }}
          GROUP BY ?version ORDER BY ?version"""
        found += [(part, version, int(number)) for version, number in rows(store, query)]
    return tuple(found)


def _runs(store: Store, iris: Iris) -> tuple[Run, ...]:
    query = f"""SELECT ?run ?started ?ended ?documents ?unchanged ?rejections ?statements
        (COALESCE(SUM(?each), 0) AS ?seconds) {{
      GRAPH <{iris.graph("runs")}> {{ ?run a <{PROV}Activity> ; <{PROV}startedAtTime> ?started ;
        <{PROV}endedAtTime> ?ended ; <{KGB}documents> ?documents ; <{KGB}unchanged> ?unchanged ;
        <{KGB}rejections> ?rejections ; <{KGB}statements> ?statements .
        OPTIONAL {{ ?run <{KGB}timing> ?timing . ?timing <{KGB}seconds> ?each }} }} }}
      GROUP BY ?run ?started ?ended ?documents ?unchanged ?rejections ?statements
      ORDER BY DESC(?started) ?run"""
    return tuple(
        Run(run, started, ended, int(read), int(same), int(refused), int(said), float(seconds))
        for run, started, ended, read, same, refused, said, seconds in rows(store, query)
    )

"""Runs as PROV-O activities: what was read and written, by which software, and out of what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import pyoxigraph as ox

from kgbuild.iris import KGB, PROV, RDFS, XSD, Iris, digest
from kgbuild.rdf.terms import TYPE, Pairs, decimal, node, text
from kgbuild.records import BuildReport


@dataclass(frozen=True, slots=True)
class Part:
    """What took part in a run: software with a `version`, or something used with a `digest`.

    `digest` is the SHA-256 (hex) of its content. What has both is written as both.
    """

    name: str
    version: str = ""
    digest: str = ""


def run_quads(
    report: BuildReport, *, started: str, ended: str, parts: Iterable[Part], iris: Iris
) -> list[ox.Quad]:
    """One run as a PROV-O activity; times are xsd:dateTime strings, seconds are by stage."""
    graph = node(iris.graph("runs"))
    run = node(iris.run(report.run))
    pairs = [*_activity(started, ended), (node(PROV + "generated"), node(iris.dataset))]
    counts = ("documents", "unchanged", "characters", "mentions", "links", "statements")
    pairs += [(node(KGB + name), ox.Literal(int(getattr(report, name)))) for name in counts]
    pairs.append((node(KGB + "rejections"), ox.Literal(len(report.rejections))))
    told = {run: pairs}
    for part in parts:
        for relation, subject, about in _part(part, iris):
            pairs.append((node(PROV + relation), subject))
            told[subject] = about
    for stage, seconds in report.seconds.items():
        timing = node(f"{run.value}/{digest(stage)}")
        pairs.append((node(KGB + "timing"), timing))
        spent = decimal(Decimal(f"{seconds:.3f}"))
        told[timing] = [(node(KGB + "stage"), text(stage)), (node(KGB + "seconds"), spent)]
    return [ox.Quad(subject, *pair, graph) for subject, about in told.items() for pair in about]


def retraction_quads(
    id: str, documents: Iterable[str], *, started: str, ended: str, iris: Iris
) -> list[ox.Quad]:
    """Documents taken back as a PROV-O activity that invalidated them."""
    pairs = [*_activity(started, ended), (TYPE, node(KGB + "Retraction"))]
    pairs.append((node(PROV + "generated"), node(iris.dataset)))
    pairs += [(node(PROV + "invalidated"), node(uri)) for uri in documents]
    return [ox.Quad(node(iris.run(id)), *pair, node(iris.graph("runs"))) for pair in pairs]


def _activity(started: str, ended: str) -> Pairs:
    return [
        (TYPE, node(PROV + "Activity")),
        (node(PROV + "startedAtTime"), ox.Literal(started, datatype=node(XSD + "dateTime"))),
        (node(PROV + "endedAtTime"), ox.Literal(ended, datatype=node(XSD + "dateTime"))),
    ]


def _part(part: Part, iris: Iris) -> Iterable[tuple[str, ox.NamedNode, Pairs]]:
    """How a run relates to a part, the part's IRI, and what it is: a function of its content."""
    name = (node(RDFS + "label"), text(part.name))
    if part.version:
        version = (node(KGB + "version"), text(part.version))
        agent = node(f"{iris.base}software/{digest(part.name, part.version)}")
        yield "wasAssociatedWith", agent, [(TYPE, node(PROV + "SoftwareAgent")), name, version]
    if part.digest:
        content = (node(KGB + "contentHash"), text(part.digest))
        used = node(f"{iris.base}used/{digest(part.name, part.digest)}")
        yield "used", used, [(TYPE, node(PROV + "Entity")), name, content]

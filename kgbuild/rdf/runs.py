"""Runs as PROV-O activities."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pyoxigraph as ox

from kgbuild.iris import KGB, PROV, RDFS, XSD, Iris, digest
from kgbuild.rdf.terms import TYPE, Pairs, decimal, node, text
from kgbuild.records import BuildReport


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

"""Recompute what rules infer from the triples that change, and from nothing else.

The inferred graph is the closure of what documents say under the ontology's rules, less the triples
that documents say themselves, as far as it is more likely right than wrong: an inference is as sure
as its premises are together, independent as a probabilistic database takes them (Suciu et al., 2011,
section 2), which is the product of their confidences. Each inference keeps one proof: the surest,
among equals the flattest, then the first in the order of rules and premises, so that it is a function
of the documents alone.

A triple is touched when it changes, or the confidence in it does, or when a rule leads to it from a
touched one, by any premises old or new; no other triple can gain, lose or change a proof (this is the
overestimate of DRed, Gupta et al., SIGMOD 1993). The proofs of touched triples are then found anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from heapq import heappop, heappush
from itertools import islice
from math import prod

import pyoxigraph as ox

from kgbuild.graph.premises import Strength, confidences, held
from kgbuild.graph.rows import solutions
from kgbuild.graph.rules import Application, RuleBook, rule_book
from kgbuild.graph.scope import Change, Scope
from kgbuild.iris import Iris
from kgbuild.ontology import Ontology
from kgbuild.protocols import Store
from kgbuild.rdf import (
    INSTANCE_OF,
    RULES_VERSION,
    Fact,
    Inference,
    inference_quads,
    node,
    rounded,
    rules_version_quad,
)
from kgbuild.stores.oxigraph import OxigraphStore

LEAST = 0.5
"""Confidence from which on an inference is kept."""
_AT_ONCE = 1000
"""Triples of which the consequences are looked for at once when everything is inferred anew."""

Believed = Mapping[ox.Triple, float]
"""Direct triples with the confidence in each."""


def recompute(scope: Scope, believed: tuple[Believed, Believed], told: Change) -> Change:
    """What changes in `inferred`; nothing where no rule names what changes.

    `believed` are the direct triples of touched statements before and after, `told` is what changes
    in the entities' graph.
    """
    if not scope.ontology.rules:
        return Change()
    book = rule_book(scope.ontology.rules, scope.iris)
    before, after = (
        _instances(quads, book) | _facts(triples, book)
        for quads, triples in zip((told.remove, told.add), believed, strict=True)
    )
    changed = {
        fact: after.get(fact) for fact in before.keys() | after.keys() if before.get(fact) != after.get(fact)
    }
    return _inferred(scope, changed, book)


def _inferred(scope: Scope, changed: Mapping[Fact, float | None], book: RuleBook) -> Change:
    """What changes in `inferred` when facts get these confidences, or none where they are said no more."""
    if not changed:
        return Change()
    touched, applications = _touched({*changed}, book, scope.store)
    applications |= book.backwards(touched, scope.store)
    there = held(scope, touched.union(*(each.premises for each in applications)), book)
    said = {**there.said, **changed}
    standing = {fact: each for fact, each in there.inferred.items() if fact not in touched}
    standing |= {fact: Strength(sure, 0) for fact, sure in said.items() if sure is not None}
    change = Change()
    for fact in touched & there.nodes.keys():
        change.remove |= there.nodes[fact]
    for inference in prove(applications, standing):
        if inference.conclusion in touched:
            change.add += inference_quads(inference, scope.iris)
    return change.settled()


def refresh_inferences(store: Store, *, ontology: Ontology, iris: Iris) -> bool:
    """Infer everything anew where the graph was made with other rules; whether it was.

    Not one transaction: what says which rules made the graph goes first and comes back last, so
    that whoever finds it half made begins again.
    """
    scope, rules = Scope(store, ontology, iris), ontology.rules
    graph = node(iris.graph("inferred"))
    wanted = {rules_version_quad(rules, LEAST, iris)} if rules else set()
    found = solutions(store, f"SELECT ?version {{ GRAPH {graph} {{ {graph} {RULES_VERSION} ?version }} }}")
    if {ox.Quad(graph, RULES_VERSION, version, graph) for (version,) in found} == wanted:
        return False
    store.update(f"DROP SILENT GRAPH {graph}")
    book = rule_book(rules, iris)
    facts = _all_facts(scope, book)
    while some := [*islice(facts, _AT_ONCE)]:
        _write(store, _inferred(scope, confidences(scope, some, book), book))
    _write(store, Change(add=[*wanted]))
    return True


def prove(applications: Iterable[Application], standing: Mapping[Fact, Strength]) -> Iterator[Inference]:
    """The surest proof of each conclusion that follows from what stands, surest first.

    What stands needs no proof and gets none. A proof is less sure than its premises, or deeper, so
    that what is proved first of what waits has no better proof (Knuth, A generalization of
    Dijkstra's algorithm, 1977).
    """
    strengths = dict(standing)
    listed = sorted(applications, key=_order)
    missing = [{each for each in application.premises if each not in strengths} for application in listed]
    needing: defaultdict[Fact, list[int]] = defaultdict(list)
    waiting: list[tuple[float, int, int]] = []

    def offer(number: int) -> None:
        premises = [strengths[each] for each in listed[number].premises]
        sure = rounded(prod(each.confidence for each in premises))
        if sure >= LEAST:
            heappush(waiting, (-sure, 1 + max(each.depth for each in premises), number))

    for number, premises in enumerate(missing):
        for each in premises:
            needing[each].append(number)
        if not premises:
            offer(number)
    while waiting:
        doubt, depth, number = heappop(waiting)
        conclusion = listed[number].conclusion
        if conclusion in strengths:
            continue
        strengths[conclusion] = Strength(-doubt, depth)
        yield Inference(conclusion, listed[number].rule, listed[number].premises, depth, -doubt)
        for other in needing[conclusion]:
            missing[other].discard(conclusion)
            if not missing[other]:
                offer(other)


def _order(application: Application) -> tuple[str, ...]:
    kind = application.rule.kind
    return (str(len(application.premises)), kind, str(application.rule), *map(str, application.premises))


def _facts(triples: Believed, book: RuleBook) -> dict[Fact, float]:
    """Those of these direct triples that some rule names."""
    return {
        Fact(each.subject, each.predicate, each.object): sure
        for each, sure in triples.items()
        if each.predicate in book.predicates
        and isinstance(each.subject, ox.NamedNode)
        and isinstance(each.object, ox.NamedNode | ox.Literal)
    }


def _instances(quads: Iterable[ox.Quad], book: RuleBook) -> dict[Fact, float]:
    """What entities are instances of by these quads, where some rule names that."""
    if INSTANCE_OF not in book.predicates:
        return {}
    return {
        Fact(quad.subject, quad.predicate, quad.object): 1.0
        for quad in quads
        if quad.predicate == INSTANCE_OF
        and isinstance(quad.subject, ox.NamedNode)
        and isinstance(quad.object, ox.NamedNode | ox.Literal)
    }


def _touched(facts: set[Fact], book: RuleBook, store: Store) -> tuple[set[Fact], set[Application]]:
    """These triples and all that rules may draw from them, and how."""
    graph = node(book.iris.graph("truthy"))
    overlay = OxigraphStore()
    applications: set[Application] = set()
    touched, frontier = set(facts), set(facts)
    while frontier:
        overlay.change((), {fact.quad(graph) for fact in frontier if book.joins(fact.predicate)})
        found = book.onwards(frontier, (store, overlay))
        applications |= found
        frontier = {each.conclusion for each in found} - touched
        touched |= frontier
    return touched, applications


def _all_facts(scope: Scope, book: RuleBook) -> Iterator[Fact]:
    """What rules may start from: truthy triples, and what entities are instances of."""
    truthy, told = scope.graph("truthy"), scope.graph("entities")
    for predicate in sorted(book.predicates, key=str):
        graph = told if predicate == INSTANCE_OF else truthy
        query = f"SELECT ?s ?o {{ GRAPH {graph} {{ ?s {predicate} ?o }} }} ORDER BY STR(?s) STR(?o)"
        for subject, object_ in list(solutions(scope.store, query)):
            yield Fact(subject, predicate, object_)


def _write(store: Store, change: Change) -> None:
    store.change(change.remove, change.add)

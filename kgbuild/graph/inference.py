"""Recompute what rules infer from the triples that change, and from nothing else.

The inferred graph is the closure of what documents say under the ontology's rules, less the triples
that documents say themselves. Each inference keeps one proof: the flattest, among equals the first
in the order of rules and premises, so that it is a function of the documents alone.

A triple is touched when it changes or when a rule leads to it from a touched one, by any premises
old or new; no other triple can gain, lose or change a proof (this is the overestimate of DRed, Gupta
et al., SIGMOD 1993). The proofs of touched triples are then found anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

import pyoxigraph as ox

from kgbuild.graph.rows import solutions
from kgbuild.graph.rules import Application, RuleBook, rule_book
from kgbuild.graph.scope import Change, Scope
from kgbuild.iris import Iris
from kgbuild.ontology import Ontology
from kgbuild.protocols import Pattern, Store
from kgbuild.rdf import (
    DEPTH,
    INSTANCE_OF,
    PREMISE,
    RULES_VERSION,
    Fact,
    Inference,
    inference_iri,
    inference_quads,
    node,
    rules_version_quad,
)
from kgbuild.stores.oxigraph import OxigraphStore

_AT_ONCE = 1000
"""Triples of which the consequences are looked for at once when everything is inferred anew."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the store holds of some facts: which ones documents say, and inferences by what they infer.

    `nodes` are all quads of an inference, `depths` say how deep its proof is.
    """

    facts: Set[Fact]
    nodes: Mapping[Fact, Set[ox.Quad]]
    depths: Mapping[Fact, int]


def recompute(scope: Scope, remove: Iterable[ox.Quad], add: Iterable[ox.Quad]) -> Change:
    """What changes in `inferred` when these quads go and come; nothing where no rule names them."""
    if not scope.ontology.rules:
        return Change()
    book = rule_book(scope.ontology.rules, scope.iris)
    gone, come = _facts(remove, book), _facts(add, book)
    gone, come = gone - come, come - gone
    if not gone and not come:
        return Change()
    touched, applications = _touched(gone | come, book, scope.store)
    applications |= book.backwards(touched, scope.store)
    named = touched.union(*(each.premises for each in applications))
    said = _said(scope, named)
    asserted = (said.facts - gone) | come
    standing = dict.fromkeys(asserted, 0)
    standing |= {fact: said.depths[fact] for fact in said.depths.keys() - touched - asserted}
    change = Change()
    for fact in touched & said.nodes.keys():
        change.remove |= said.nodes[fact]
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
    wanted = {rules_version_quad(rules, iris)} if rules else set()
    found = solutions(store, f"SELECT ?version {{ GRAPH {graph} {{ {graph} {RULES_VERSION} ?version }} }}")
    if {ox.Quad(graph, RULES_VERSION, version, graph) for (version,) in found} == wanted:
        return False
    store.update(f"DROP SILENT GRAPH {graph}")
    waiting: set[ox.Quad] = set()
    for quad in _all_facts(scope):
        waiting.add(quad)
        if len(waiting) == _AT_ONCE:
            _write(store, recompute(scope, set(), waiting))
            waiting = set()
    _write(store, recompute(scope, set(), waiting))
    _write(store, Change(add=[*wanted]))
    return True


def prove(applications: Iterable[Application], standing: Mapping[Fact, int]) -> Iterator[Inference]:
    """The flattest proof of each conclusion that follows from what stands, given with its depth.

    What documents say (depth 0) needs no proof and gets none.
    """
    depths = dict(standing)
    listed = sorted(applications, key=_order)
    changed = True
    while changed:
        changed = False
        for each in listed:
            if all(premise in depths for premise in each.premises):
                depth = 1 + max(depths[premise] for premise in each.premises)
                if depth < depths.get(each.conclusion, depth + 1):
                    depths[each.conclusion] = depth
                    changed = True
    proved = set()
    for each in listed:
        if each.conclusion in proved or not all(premise in depths for premise in each.premises):
            continue
        depth = 1 + max(depths[premise] for premise in each.premises)
        if depth == depths[each.conclusion]:
            proved.add(each.conclusion)
            yield Inference(each.conclusion, each.rule, each.premises, depth)


def _order(application: Application) -> tuple[str, ...]:
    kind = application.rule.kind
    return (str(len(application.premises)), kind, str(application.rule), *map(str, application.premises))


def _facts(quads: Iterable[ox.Quad], book: RuleBook) -> set[Fact]:
    """The direct triples among these that some rule names."""
    truthy, told = (node(book.iris.graph(name)) for name in ("truthy", "entities"))
    return {
        Fact(quad.subject, quad.predicate, quad.object)
        for quad in quads
        if quad.predicate in book.predicates
        and (quad.graph_name == truthy or (quad.graph_name == told and quad.predicate == INSTANCE_OF))
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


def _said(scope: Scope, facts: Set[Fact]) -> Said:
    """Which of these triples documents say, and the nodes of those that rules gave."""
    entities, truthy, inferred = (scope.graph(name) for name in ("entities", "truthy", "inferred"))
    asserted = scope.match(
        Pattern(*fact, entities if fact.predicate == INSTANCE_OF else truthy) for fact in facts
    )
    found = {Fact(quad.subject, quad.predicate, quad.object) for quad in asserted}
    named = {node(inference_iri(fact, scope.iris)): fact for fact in facts}
    about = {named[inference]: quads for inference, quads in scope.about(named, inferred).items()}
    nodes = {fact: {*quads, fact.quad(inferred)} for fact, quads in about.items()}
    told = [(fact, quad) for fact, quads in about.items() for quad in quads]
    depths = {fact: int(quad.object.value) for fact, quad in told if quad.predicate == DEPTH}
    owners = {quad.object: fact for fact, quad in told if quad.predicate == PREMISE}
    for premise, quads in scope.about(owners, inferred).items():
        nodes[owners[premise]].update(quads)
    return Said(found, nodes, depths)


def _all_facts(scope: Scope) -> Iterator[ox.Quad]:
    """The quads that rules may start from: truthy ones, and what entities are instances of."""
    truthy, told = (node(scope.iris.graph(name)) for name in ("truthy", "entities"))
    book = rule_book(scope.ontology.rules, scope.iris)
    for predicate in sorted(book.predicates, key=str):
        graph = told if predicate == INSTANCE_OF else truthy
        query = f"SELECT ?s ?o {{ GRAPH {graph} {{ ?s {predicate} ?o }} }} ORDER BY STR(?s) STR(?o)"
        for subject, object_ in list(solutions(scope.store, query)):
            yield ox.Quad(subject, predicate, object_, graph)


def _write(store: Store, change: Change) -> None:
    store.change(change.remove, change.add)

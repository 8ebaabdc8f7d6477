"""Recompute the entities of which documents told, or tell, something, and the declared properties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from typing import Any

import pyoxigraph as ox

from kgbuild.graph.scope import Change, Scope
from kgbuild.graph.statements import Recomputed
from kgbuild.graph.versions import Turn
from kgbuild.iris import KGB, entity_iri
from kgbuild.protocols import Pattern
from kgbuild.rdf import (
    BEST_RANK,
    ENTITY_PREDICATES,
    INSTANCE_OF,
    TYPE,
    Description,
    Term,
    description_pairs,
    entity_pairs,
    node,
    property_forms,
    property_pairs,
    read_description,
    same_pairs,
)

_DESCRIBES, _USES = node(KGB + "describes"), node(KGB + "usesDescription")


def recompute(scope: Scope, turns: Sequence[Turn], claims: Recomputed) -> Change:
    """What changes in `entities` when documents turn from one version to another.

    An entity changes when a description of it comes up for the first time or is held by no document
    any longer.
    """
    before = {iri: entity for turn in turns for iri, entity in turn.before.descriptions.items()}
    now = {iri: each for turn in turns for iri, each in turn.now.descriptions.items()}
    known = _known(scope, now.keys() - before.keys())
    dead = before.keys() - now.keys()
    dead -= _kept(scope, dead, but={turn.uri for turn in turns})
    new = {iri: now[iri] for iri in now.keys() - before.keys() - known}
    held, holds = ({each for each in some if each.predicate == INSTANCE_OF} for some in claims.believed)
    changed = {before[iri] for iri in dead} | {each.entity for each in new.values()}
    changed |= {_subject(triple) for triple in held ^ holds}
    told = _told(scope, changed)
    present = _present(scope, changed)
    change = _declared(scope, claims)
    change.remove |= present
    graph = scope.graph("entities")
    for each in told.values():
        change.remove.update(_quads(each.entity, same_pairs([each]), graph))
    for iri in dead:
        change.remove.update(_quads(iri, description_pairs(told.pop(iri)), graph))
    for iri, each in new.items():
        change.add += _quads(iri, description_pairs(each), graph)
    alive: defaultdict[str, list[Description]] = defaultdict(list)
    for each in (told | new).values():
        alive[each.entity].append(each)
    for iri in changed:
        change.add += _quads(iri, entity_pairs(alive[iri]), graph)
    typed: set[Any] = {quad.subject for quad in present if quad.predicate == INSTANCE_OF}
    classes = _instances(scope, typed) - held | {each for each in holds if _subject(each) in changed}
    change.add += [ox.Quad(each.subject, each.predicate, each.object, graph) for each in classes]
    return change


def _declared(scope: Scope, claims: Recomputed) -> Change:
    """The declarations of the properties that are named now, and of those that nothing names any longer."""
    named = claims.used - scope.declared
    scope.declared.difference_update(claims.unused)
    scope.declared.update(named)
    graph = scope.graph("entities")
    change = Change(remove=_present(scope, map(entity_iri, named | claims.unused)))
    for pid in named:
        change.add += _quads(entity_iri(pid), property_pairs(pid, scope.ontology, scope.iris), graph)
    return change


def _subject(triple: ox.Triple) -> str:
    return triple.subject.value if isinstance(triple.subject, ox.NamedNode) else ""


def _quads(iri: str, pairs: Iterable[tuple[ox.NamedNode, Term]], graph: ox.NamedNode) -> list[ox.Quad]:
    subject = node(iri)
    return [ox.Quad(subject, predicate, term, graph) for predicate, term in pairs]


def _known(scope: Scope, descriptions: Iterable[str]) -> set[str]:
    """Which of these descriptions are in the store."""
    graph = scope.graph("entities")
    asked = (Pattern(node(each), _DESCRIBES, None, graph) for each in descriptions)
    return {quad.subject.value for quad in scope.match(asked)}


def _kept(scope: Scope, descriptions: Iterable[str], *, but: Set[str]) -> set[str]:
    """Which of these descriptions some document holds, `but` for those given.

    A document holds it in its own graph: a copy in a graph of somebody else's counts for nothing.
    """
    found = set()
    for each in descriptions:
        held = scope.match([Pattern(None, _USES, node(each))])
        if any(quad.subject == quad.graph_name and quad.subject.value not in but for quad in held):
            found.add(each)
    return found


def _told(scope: Scope, entities: Iterable[str]) -> dict[str, Description]:
    """The descriptions of these entities that the store has, by IRI."""
    graph = scope.graph("entities")
    naming = scope.match(Pattern(None, _DESCRIBES, node(each), graph) for each in entities)
    about = scope.about([quad.subject for quad in naming], graph)
    return {
        each.value: read_description(each.value, [(quad.predicate, quad.object) for quad in quads])
        for each, quads in about.items()
    }


def _present(scope: Scope, subjects: Iterable[str]) -> set[ox.Quad]:
    """What kgbuild says of entities and properties; identity links and the like are not looked at."""
    graph = scope.graph("entities")
    found = scope.match(Pattern(node(each), None, None, graph) for each in subjects)
    return {quad for quad in found if quad.predicate.value in ENTITY_PREDICATES}


def _instances(scope: Scope, entities: Iterable[ox.NamedNode]) -> set[ox.Triple]:
    """The "instance of" triples that statements of best rank make for these entities."""
    graph, forms = scope.graph("statements"), property_forms("P31", scope.iris)
    claims = scope.match(Pattern(each, forms.claim, None, graph) for each in entities)
    subjects = {quad.object: quad.subject for quad in claims}
    found = set()
    for statement, quads in scope.about(subjects, graph).items():
        told = {(quad.predicate, quad.object) for quad in quads}
        if (TYPE, BEST_RANK) in told:
            found |= {
                ox.Triple(subjects[statement], INSTANCE_OF, term)
                for predicate, term in told
                if predicate == forms.statement
            }
    return found
